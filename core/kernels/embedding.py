"""Where inputs from a line lie in the plane, and what is done to values before a regression."""

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import ArrayLike

from core.arrays import Array
from core.kernels.datasets import has_range
from core.validation import check_flag, check_integer, check_number


@dataclass(frozen=True, slots=True)
class Embedding:
    """Places inputs from a line in the plane, where kernels of the angle and of the norm can tell them apart.

    Attributes
    ----------
    low, high : float
        Inputs that become t = -1 and t = 1; between and beyond them t is affine.
    normalized : bool
        True puts t on the unit circle at (cos s, sin s), s = (pi/2) t, so that two inputs enclose the angle
        (pi/2)|t - t'|, from 0 to pi. False puts it at (t, 1), as a layer with a bias sees it, with norm sqrt(1 + t^2).
    """

    low: float
    high: float
    normalized: bool = True

    def __post_init__(self) -> None:
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise ValueError(f"low must be below high and both finite, got {self.low!r} and {self.high!r}")
        check_flag("normalized", self.normalized)

    def __call__(self, x: ArrayLike) -> Array:
        """Points of inputs x, shape (m,), as an array (m, 2).

        Raises
        ------
        ValueError
            For inputs that are not finite or, on the circle, outside [low, high], where angles would exceed pi.
        """
        values = finite_array("x", x, 1)
        t = 2.0 * ((values - self.low) / (self.high - self.low)) - 1.0
        if not self.normalized:
            return np.column_stack([t, np.ones_like(t)])
        outside = np.abs(t) > 1.0 + 1e-9  # what rounding may add
        if outside.any():
            raise ValueError(f"x must be from {self.low:g} to {self.high:g} on the circle, got {values[outside][0]:g}")
        s = 0.5 * pi * t
        return np.column_stack([np.cos(s), np.sin(s)])

    def grid(self, points: int) -> Array:
        """Inputs from low to high in equal steps, shape (points,)."""
        check_integer("points", points, 2, 10_000)
        return np.linspace(self.low, self.high, points)


def embedding_for(x: ArrayLike, *, margin: float = 0.1, normalized: bool = True) -> Embedding:
    """The embedding whose [-1, 1] is the range of the data and a margin.

    Parameters
    ----------
    x : array_like
        Inputs, shape (m,).
    margin : float
        How far t = -1 and t = 1 lie beyond the data, in units of their range, from 0 to 10.
    normalized : bool
        As in `Embedding`.

    Returns
    -------
    Embedding
        It changes with the units of x so that the points do not.

    Raises
    ------
    ValueError
        For inputs that are not finite or all equal, or a margin out of range.
    """
    values = finite_array("x", x, 1)
    check_number("margin", margin, 0.0, 10.0)
    if not has_range(values):
        raise ValueError("x must hold at least two different values")
    low, high = float(values.min()), float(values.max())
    return Embedding(low - margin * (high - low), high + margin * (high - low), normalized)


def standardized(y: ArrayLike, size: int) -> tuple[float, float, Array]:
    """Mean and standard deviation of y, and y in their units."""
    values = finite_array("y", y, 1)
    if len(values) != size:
        raise ValueError(f"y must have {size} values, one for each input, got {len(values)}")
    offset, spread = float(values.mean()), float(np.ptp(values)) if has_range(values) else 1.0
    relative = (values - offset) / spread  # first, so that the squares of small units do not underflow
    std = float(relative.std()) if has_range(values) else 1.0
    return offset, spread * std, relative / std


def finite_array(name: str, values: ArrayLike, dimensions: int) -> Array:
    """An array of this many dimensions, finite and not empty, or a ValueError that says so."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions or not array.size or not np.isfinite(array).all():
        raise ValueError(
            f"{name} must be a {dimensions}-dimensional array of finite numbers, not empty, got shape {array.shape}"
        )
    return array
