"""Composed RBF kernels (problem 2.2), their limits and their fixed point.

With a = 2/gamma^2 the composition iterates the map c -> exp(-a (1 - c)). What is carried is the complement
delta = 1 - k, delta -> 1 - exp(-a delta), which keeps its relative precision where k is near 1.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import lambertw

from core.arrays import Array
from core.validation import check_integer

MAX_DEPTH = 50
MIN_GAMMA, MAX_GAMMA = 1e-3, 1e3
_FARTHEST = 1e4  # in gammas: far beyond the 27 at which exp underflows, and its squares have exact rounding errors
_NEWTON_STEPS = 8  # from 2 eps/(1 + 4 eps/3) the fifth changes nothing


def composed_rbf(distance: ArrayLike, gamma: ArrayLike, depth: int) -> Array:
    """exp(-|x - y|^2 / gamma^2) composed to a depth; depth 1 is the kernel itself.

    k^(l+1) = exp(-2 (1 - k^(l)) / gamma^2), problem 2.2.

    Parameters
    ----------
    distance : array_like
        |x - y|, not negative, any shape.
    gamma : array_like
        Length scale, from 1e-3 to 1e3, of a shape that fits the distance's.
    depth : int
        l, from 1 to 50.

    Returns
    -------
    Array
        k^(l), of the shape of both together; relative error below 1e-13 for gamma from 0.1 on, where the value is a
        normal double.

    Raises
    ------
    ValueError
        For a negative distance, or another gamma or depth.
    """
    exponent, rest = _exponent(distance, gamma, depth)
    with np.errstate(under="ignore"):
        return np.asarray(np.minimum(np.exp(-exponent) * (1.0 - rest), 1.0))


def composed_rbf_complement(distance: ArrayLike, gamma: ArrayLike, depth: int) -> Array:
    """1 - k^(l) with full relative precision, also where k^(l) rounds to 1.

    Parameters and errors are those of `composed_rbf`; squares of distances must be normal doubles.
    """
    exponent, rest = _exponent(distance, gamma, depth)
    delta = -np.expm1(-exponent)
    return np.asarray(np.clip(delta + (1.0 - delta) * rest, 0.0, 1.0))


def rbf_map(correlation: ArrayLike, gamma: ArrayLike) -> Array:
    """C -> exp(-2 (1 - c) / gamma^2), one more layer for a kernel value."""
    complement = np.maximum(1.0 - np.asarray(correlation, dtype=np.float64), 0.0)  # what rounding puts above 1 is 1
    return np.asarray(np.exp(-_rate(gamma) * complement))


def rbf_slope(gamma: float) -> float:
    """Slope of the map at its fixed point c = 1, 2/gamma^2: above 1 the point repels."""
    return float(_rate(gamma))


def rbf_fixed_point(gamma: ArrayLike) -> Array:
    """The stable fixed point of c -> exp(-2 (1 - c) / gamma^2).

    It is 1 for gamma^2 >= 2, and below it -(1/a) W_0(-a exp(-a)) with a = 2/gamma^2.

    Parameters
    ----------
    gamma : array_like
        Length scales, from 1e-3 to 1e3.

    Returns
    -------
    Array
        c*, of gamma's shape.

    Raises
    ------
    ValueError
        For another gamma.
    """
    rate, excess = _rate_and_excess(gamma)
    near = 1.0 - _small_complement(excess)
    return np.where(excess < _FAR, near, _far_fixed_point(rate))


def rbf_fixed_point_complement(gamma: ArrayLike) -> Array:
    """1 - c* with full relative precision; near gamma^2 = 2 it is 2 eps - (8/3) eps^2 + ..., eps = 2/gamma^2 - 1.

    Parameters and errors are those of `rbf_fixed_point`.
    """
    rate, excess = _rate_and_excess(gamma)
    return np.where(excess < _FAR, _small_complement(excess), 1.0 - _far_fixed_point(rate))


def rbf_crossing(gamma: float) -> float:
    """The distance at which all depths have one value, sqrt(2 (1 - c*)); 0 for gamma^2 >= 2."""
    return float(np.sqrt(2.0 * rbf_fixed_point_complement(gamma)))


def rbf_near(distance: ArrayLike, gamma: float, depth: int) -> Array:
    """Leading term of 1 - k^(l) at small distances, (r^2/gamma^2) (2/gamma^2)^(l-1)."""
    check_integer("depth", depth, 1, MAX_DEPTH)
    growth = np.sqrt(_rate(gamma)) ** (depth - 1)
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray((np.asarray(distance, dtype=np.float64) / gamma * growth) ** 2)


def rbf_floor(gamma: float, depth: int) -> float:
    """Limit of k^(l) at large distances: 0 for l = 1, exp(-2/gamma^2) for l = 2, and so on."""
    return float(composed_rbf(np.inf, gamma, depth))


_FAR = 0.5  # from a = 1.5 on Lambert's function is away from its branch point, and exact to rounding


def _scale(gamma: ArrayLike) -> Array:
    scale = np.asarray(gamma, dtype=np.float64)
    outside = ~((scale >= MIN_GAMMA) & (scale <= MAX_GAMMA))
    if outside.any():
        raise ValueError(f"gamma must be a number from {MIN_GAMMA:g} to {MAX_GAMMA:g}, got {scale[outside].flat[0]:g}")
    return scale


def _rate(gamma: ArrayLike) -> Array:
    """2/gamma^2."""
    return np.asarray(2.0 / _scale(gamma) ** 2)


def _exponent(distance: ArrayLike, gamma: ArrayLike, depth: int) -> tuple[Array, Array]:
    """E = -log k^(l), and what rounding leaves of it: a relative error of E is up to 700 times as large in k."""
    check_integer("depth", depth, 1, MAX_DEPTH)
    rate, rate_error = _rate_and_error(gamma)
    r = np.asarray(distance, dtype=np.float64)
    if not (r >= 0.0).all():
        raise ValueError(f"distance must not be negative, got {r[~(r >= 0.0)].flat[0]:g}")
    with np.errstate(under="ignore"):
        exponent, rest = _squared_ratio(r, _scale(gamma))
        for _ in range(depth - 1):
            delta = -np.expm1(-exponent)
            # the rounding of the rate is the same in every layer, and adds up
            exponent, rest = rate * delta, rate * ((1.0 - delta) * rest + rate_error * delta)
    return exponent, rest


def _squared_ratio(distance: Array, scale: Array) -> tuple[Array, Array]:
    """(r/gamma)^2, and what rounding leaves of it."""
    r = np.minimum(distance, _FARTHEST * scale)
    ratio = r / scale
    back, error = _product(ratio, scale)
    square, rest = _product(ratio, ratio)
    return square, rest + 2.0 * ratio * ((r - back) - error) / scale


def _product(x: Array, y: Array) -> tuple[Array, Array]:
    """X y and its rounding error (Dekker 1971): the halves have exact products."""
    product = x * y
    x_high, y_high = _high_half(x), _high_half(y)
    x_low, y_low = x - x_high, y - y_high
    return product, ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low


def _high_half(x: Array) -> Array:
    """Veltkamp's splitting."""
    big = (2.0**27 + 1.0) * x
    return big - (big - x)


def _rate_and_error(gamma: ArrayLike) -> tuple[Array, Array]:
    """A = 2/gamma^2, and the relative error that rounding leaves of it."""
    scale = _scale(gamma)
    square, error = _product(scale, scale)
    rate = 2.0 / square
    back, back_error = _product(rate, square)
    return rate, 0.5 * (((2.0 - back) - back_error) - rate * error)


def _rate_and_excess(gamma: ArrayLike) -> tuple[Array, Array]:
    """A = 2/gamma^2, and a - 1 to full relative precision."""
    rate, error = _rate_and_error(gamma)
    return rate, (rate - 1.0) + rate * error


def _far_fixed_point(rate: Array) -> Array:
    with np.errstate(under="ignore"):
        a = np.maximum(rate, 1.0 + _FAR)
        return np.asarray(-lambertw(-a * np.exp(-a)).real / a)


def _small_complement(excess: Array) -> Array:
    """Solve -log(1 - delta)/delta - 1 = eps by Newton's method; 0 where eps <= 0."""
    eps = np.clip(excess, 0.0, _FAR)
    delta = 2.0 * eps / (1.0 + 4.0 / 3.0 * eps)
    for _ in range(_NEWTON_STEPS):
        value, slope = _log_ratio(delta)
        delta = delta - (value - eps) / slope
    return np.asarray(np.where(eps > 0.0, delta, 0.0))


def _log_ratio(delta: Array) -> tuple[Array, Array]:
    """-log(1 - delta)/delta - 1 = sum_j delta^j/(j + 1), and its derivative."""
    j = np.arange(1, 13)  # 0.05^12 is below rounding
    small = np.minimum(delta, 0.05)[..., None]
    series, slope = (small**j / (j + 1)).sum(-1), (j * small ** (j - 1) / (j + 1)).sum(-1)
    large = np.maximum(delta, 0.05)
    closed = -np.log1p(-large) / large - 1.0
    closed_slope = (1.0 / (1.0 - large) - 1.0 - closed) / large
    return np.where(delta < 0.05, series, closed), np.where(delta < 0.05, slope, closed_slope)
