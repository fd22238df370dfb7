"""Parameters of the sections of problem 3: cache keys and share links."""

from dataclasses import dataclass

from core.neural_collapse.simplex import check_simplex
from core.validation import check_choice, check_flag, check_integer, check_number

DIRECTIONS = {
    "span": "towards the first class mean",
    "complement": "across all class means",
    "oblique": "half towards the first class mean, half across",
}
"""Directions whose noise may have another strength, in words."""
MAX_NUMBERS = 10_000_000
"""Samples times dimension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticParams:
    """Features made to order: a simplex ETF, a departure from it, and Gaussian noise around it.

    Attributes
    ----------
    classes, dimension : int
        C from 2 to 20, and p from C - 1 to 1000.
    samples : int
        N, in the largest class.
    imbalance : float
        Samples of the first class over samples of the last; those between fall geometrically, as in a long tail.
    noise : float
        Standard deviation of the noise within a class, where the class means have the root-mean-square distance 1 from
        their centre.
    anisotropy : float
        Standard deviation of the noise along one direction, in units of `noise`.
    direction : str
        That direction, a key of `DIRECTIONS`. The last two need p >= C.
    departure : float
        From the exact ETF, 0, to means of very different lengths and angles, 1. Two classes have no other means.
    lengths, angles : float
        How much of the departure goes to the lengths of the means, which then rise from class to class, and to their
        directions, which then turn at random; from 0 to 1.
    offset : float
        Length of the global mean.
    seed : int
        Of everything: turning, departure, offset and noise, which do not disturb each other.
    """

    classes: int = 4
    dimension: int = 20
    samples: int = 50
    imbalance: float = 1.0
    noise: float = 0.1
    anisotropy: float = 1.0
    direction: str = "span"
    departure: float = 0.0
    lengths: float = 1.0
    angles: float = 1.0
    offset: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_simplex(self.classes, self.dimension)
        check_integer("samples", self.samples, 1, 100_000)
        check_number("imbalance", self.imbalance, 1.0, 1000.0)
        check_number("noise", self.noise, 0.0, 10.0)
        check_number("anisotropy", self.anisotropy, 0.0, 100.0)
        check_choice("direction", self.direction, DIRECTIONS)
        check_number("departure", self.departure, 0.0, 1.0)
        check_number("lengths", self.lengths, 0.0, 1.0)
        check_number("angles", self.angles, 0.0, 1.0)
        check_number("offset", self.offset, 0.0, 1000.0)
        check_integer("seed", self.seed, 0, 10**6)
        if self.direction != "span" and self.dimension < self.classes:
            raise ValueError(
                f"direction must be span where dimension is classes - 1 = {self.dimension}, "
                f"which leaves nothing across the class means, got {self.direction}"
            )
        numbers = self.samples * self.classes * self.dimension
        if numbers > MAX_NUMBERS:
            raise ValueError(
                f"samples * classes * dimension must be at most {MAX_NUMBERS:,}, got {numbers:,}; take fewer samples"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class FitParams:
    """How the least squares classifier is fitted to features made to order.

    Attributes
    ----------
    sampled : bool
        To samples; otherwise to the population they are drawn from.
    weighted : bool
        Whether all classes weigh the same; otherwise all samples do.
    ridge : float
        lambda in place of the pseudo-inverse, from 0, the pseudo-inverse, to 100.
    """

    sampled: bool = False
    weighted: bool = True
    ridge: float = 0.0

    def __post_init__(self) -> None:
        check_flag("sampled", self.sampled)
        check_flag("weighted", self.weighted)
        check_number("ridge", self.ridge, 0.0, 100.0)
