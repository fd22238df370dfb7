"""Parameters of the sections of problem 2: cache keys and share links."""

from dataclasses import dataclass
from math import pi

from core.kernels import arc_cosine, polynomial
from core.kernels.datasets import KINDS
from core.kernels.weights import DISTRIBUTIONS
from core.validation import check_choice, check_flag, check_integer, check_number

MAX_ORDER = 10
"""Largest order n on the page; the functions go to 100."""
UPLOAD = "upload"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolynomialParams:
    """Problem 2.1.

    Attributes
    ----------
    degree : int
        d of <x, y>^d.
    depth : int
        l, how often the feature map is applied.
    norm : float
        |x| = |y|; the statements on decay assume 1.
    """

    degree: int = 2
    depth: int = 3
    norm: float = 1.0

    def __post_init__(self) -> None:
        check_integer("degree", self.degree, 1, polynomial.MAX_DEGREE)
        check_integer("depth", self.depth, 1, polynomial.MAX_DEPTH)
        check_number("norm", self.norm, 0.1, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RbfParams:
    """Problem 2.2.

    Attributes
    ----------
    gamma_squared : float
        gamma^2 of exp(-r^2 / gamma^2); 2 is the transition.
    depth : int
        l.
    distance : float
        r of the pair whose kernel value is followed through the layers.
    """

    gamma_squared: float = 1.0
    depth: int = 5
    distance: float = 1.0

    def __post_init__(self) -> None:
        check_number("gamma_squared", self.gamma_squared, 0.01, 100.0)
        check_integer("depth", self.depth, 1, arc_cosine.MAX_DEPTH)
        check_number("distance", self.distance, 0.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AngularParams:
    """Problem 2.3: the kernel and its derivation.

    Attributes
    ----------
    order : int
        n of the rectified power.
    angle : float
        theta in radians, inside (0, pi).
    """

    order: int = 1
    angle: float = 1.2

    def __post_init__(self) -> None:
        check_integer("order", self.order, 0, MAX_ORDER)
        check_number("angle", self.angle, 0.01, pi - 0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class WidthParams:
    """A layer of finitely many rows.

    Attributes
    ----------
    order, angle
        As in `AngularParams`.
    width : int
        h, rows of the layer.
    distribution : str
        A key of `weights.DISTRIBUTIONS`: the law of a weight.
    bias : float
        Standard deviation of a row's bias.
    seed : int
        Seed of the rows.
    """

    order: int = 1
    angle: float = 1.2
    width: int = 1000
    distribution: str = "gaussian"
    bias: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_integer("order", self.order, 0, MAX_ORDER)
        check_number("angle", self.angle, 0.01, pi - 0.01)
        check_integer("width", self.width, 1, 100_000)
        check_choice("distribution", self.distribution, DISTRIBUTIONS)
        check_number("bias", self.bias, 0.0, 10.0)
        check_integer("seed", self.seed, 0, 10**6)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthParams:
    """Arc-cosine kernels composed, and deep nets of finite width.

    Attributes
    ----------
    order, angle
        As in `AngularParams`.
    depth : int
        l.
    width : int
        h, neurons in each layer of the finite nets.
    norm : float
        |x| = |y|.
    seed : int
        Seed of the finite nets.
    """

    order: int = 1
    angle: float = 1.2
    depth: int = 20
    width: int = 300
    norm: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_integer("order", self.order, 0, MAX_ORDER)
        check_number("angle", self.angle, 0.01, pi - 0.01)
        check_integer("depth", self.depth, 1, arc_cosine.MAX_DEPTH)
        check_integer("width", self.width, 1, 100_000)
        check_number("norm", self.norm, 0.1, 10.0)
        check_integer("seed", self.seed, 0, 10**6)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineParams:
    """Gaussian-process regression on one-dimensional data with three kernels.

    Attributes
    ----------
    dataset : str
        A key of `datasets.KINDS`, or "upload" for the user's own points.
    samples, data_noise, data_seed
        As in `datasets.make_samples`; ignored for an upload.
    depth : int
        l, of all three kernels; the polynomial stops at 6.
    degree, gamma_squared, order
        d, gamma^2 and n of the kernels at depth 1.
    noise : float
        Standard deviation of the noise that the regression assumes, in units of the data's spread.
    normalized : bool
        Inputs on a half circle, or else (t, 1) as a layer with a bias sees them.
    draws_seed : int
        Seed of the draws from the prior.
    """

    dataset: str = "sine"
    samples: int = 12
    data_noise: float = 0.1
    data_seed: int = 0
    depth: int = 1
    degree: int = 3
    gamma_squared: float = 1.0
    order: int = 1
    noise: float = 0.1
    normalized: bool = True
    draws_seed: int = 0

    def __post_init__(self) -> None:
        check_choice("dataset", self.dataset, (*KINDS, UPLOAD))
        check_integer("samples", self.samples, 3, 200)
        check_number("data_noise", self.data_noise, 0.0, 2.0)
        check_integer("data_seed", self.data_seed, 0, 10**6)
        check_integer("depth", self.depth, 1, arc_cosine.MAX_DEPTH)
        check_integer("degree", self.degree, 1, polynomial.MAX_DEGREE)
        check_number("gamma_squared", self.gamma_squared, 0.01, 100.0)
        check_integer("order", self.order, 0, MAX_ORDER)
        check_number("noise", self.noise, 1e-4, 10.0)
        check_flag("normalized", self.normalized)
        check_integer("draws_seed", self.draws_seed, 0, 10**6)
