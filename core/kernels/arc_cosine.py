"""Arc-cosine kernels of point sets, and their composition (problem 2.3; Cho & Saul 2009).

Depth is iterated on the angle: theta_(l+1) = arccos(J_n(theta_l)/J_n(0)), taken from the complement 1 - rho, so that
nearly parallel inputs keep their relative distance; for n >= 2 it is what grows.
"""

from functools import lru_cache
from math import log, pi, sin

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from core.arrays import Array
from core.kernels.angular import (
    MAX_ORDER,
    angular_complement,
    angular_function,
    angular_slope,
    checked_angle,
    double_factorial,
    normalized_angular_function,
)
from core.validation import check_integer

MAX_DEPTH = 50
_FEW = 8  # coordinates up to which a pass for each is quicker than a matrix product and its repairs
_CHUNK = 16_384  # pairs at a time
_PAIRS = 1_000_000  # coordinates of repaired pairs held at a time
_WELL_CONDITIONED = 0.6  # of a cosine: the condition of the arccosine is below 1.25 there


def angle_between(x: ArrayLike, y: ArrayLike) -> Array:
    """Angles between the points of two sets, 2 atan2(|x/|x| - y/|y||, |x/|x| + y/|y||) (Kahan).

    The absolute error is 5e-16 at worst, at any angle; the arccosine of a rounded cosine loses 2e-8 near 0 and pi.

    Parameters
    ----------
    x : array_like
        Points, shape (m, d), or one point, shape (d,).
    y : array_like
        Points, shape (k, d), or one point, shape (d,).

    Returns
    -------
    Array
        Radians, shape (m, k), without the axis of a single point.

    Raises
    ------
    ValueError
        For a zero vector, whose angle is not defined, or for shapes that do not fit.
    """
    first, second = _points("x", x), _points("y", y)
    if first.shape[-1] != second.shape[-1]:
        raise ValueError(f"x and y must have the same dimension, got {first.shape[-1]} and {second.shape[-1]}")
    rows, columns = _directions("x", np.atleast_2d(first)), _directions("y", np.atleast_2d(second))
    angles = _few_coordinates(rows, columns) if rows.shape[1] <= _FEW else _many_coordinates(rows, columns)
    return angles.reshape(first.shape[:-1] + second.shape[:-1])


def _few_coordinates(rows: Array, columns: Array) -> Array:
    """Kahan's angles of all pairs, coordinate by coordinate on chunks that stay in the cache, shape (m, k)."""
    angles = np.empty((len(rows), len(columns)))
    step = max(_CHUNK // max(len(columns), 1), 1)
    for start in range(0, len(rows), step):
        apart, together = np.zeros((2, len(rows[start : start + step]), len(columns)))
        for left, right in zip(rows[start : start + step].T, columns.T, strict=True):
            apart += np.subtract.outer(left, right) ** 2
            together += np.add.outer(left, right) ** 2
        angles[start : start + step] = 2.0 * np.arctan2(np.sqrt(apart), np.sqrt(together))
    return angles


def _many_coordinates(rows: Array, columns: Array) -> Array:
    """A matrix product, and Kahan's formula for the pairs whose arccosine would lose digits, shape (m, k)."""
    cosines = rows @ columns.T
    angles = np.arccos(np.clip(cosines, -1.0, 1.0))
    first, second = np.nonzero(np.abs(cosines) > _WELL_CONDITIONED)
    step = max(_PAIRS // rows.shape[1], 1)
    for start in range(0, len(first), step):
        left, right = rows[first[start : start + step]], columns[second[start : start + step]]
        apart, together = np.linalg.norm(left - right, axis=1), np.linalg.norm(left + right, axis=1)
        angles[first[start : start + step], second[start : start + step]] = 2.0 * np.arctan2(apart, together)
    return np.asarray(angles)


def arc_cosine_kernel(x: ArrayLike, y: ArrayLike, order: int) -> Array:
    """k_n(x, y) = |x|^n |y|^n J_n(theta) / pi, problem set (3.3): a layer of infinitely many rows.

    Parameters
    ----------
    x, y : array_like
        Point sets, as in `angle_between`.
    order : int
        n, from 0 to 100.

    Returns
    -------
    Array
        Shape (m, k), without the axis of a single point.

    Raises
    ------
    ValueError
        For a zero vector, shapes that do not fit, or another order.
    """
    angular = angular_function(order, angle_between(x, y))
    # norms as mantissa and exponent: their powers leave the range where the kernel does not
    (left, low), (right, high) = np.frexp(_norms(x)), np.frexp(_norms(y))
    with np.errstate(over="ignore", under="ignore"):
        mantissas = np.multiply.outer(left, right) ** order * angular / pi
        return np.asarray(np.ldexp(mantissas, order * np.add.outer(low, high)))


def composed_arc_cosine(angle: ArrayLike, order: int, depth: int) -> Array:
    """Correlation rho^(l) of two inputs under the arc-cosine kernel composed to a depth.

    rho^(l+1) = J_n(arccos rho^(l)) / J_n(0); depth 1 is the normalized kernel itself.

    Parameters
    ----------
    angle : array_like
        Angle between the inputs in radians, from 0 to pi, any shape.
    order : int
        n, from 0 to 100.
    depth : int
        l, from 1 to 50.

    Returns
    -------
    Array
        k^(l)(x, y) / sqrt(k^(l)(x, x) k^(l)(y, y)), of the angle's shape.

    Raises
    ------
    ValueError
        For an angle outside [0, pi], or another order or depth.
    """
    check_integer("depth", depth, 1, MAX_DEPTH)
    theta = angle_after(angle, order, depth - 1)
    correlation = normalized_angular_function(order, theta)
    near = correlation > 0.5
    if near.any():  # there 1 - rho is the more precise
        correlation = np.where(near, 1.0 - angular_complement(order, theta), correlation)
    return correlation


def composed_arc_cosine_complement(angle: ArrayLike, order: int, depth: int) -> Array:
    """1 - rho^(l) with full relative precision, for nearly parallel inputs too.

    Parameters and errors are those of `composed_arc_cosine`.
    """
    check_integer("depth", depth, 1, MAX_DEPTH)
    return angular_complement(order, angle_after(angle, order, depth - 1))


def angle_after(angle: ArrayLike, order: int, layers: int) -> Array:
    """Angle between the features of two inputs after some layers; 0 layers leave it as it is."""
    check_integer("depth", layers + 1, 1, MAX_DEPTH)
    check_integer("order", order, 0, MAX_ORDER)
    theta = checked_angle(angle)
    for _ in range(layers):
        theta = _angle(angular_complement(order, theta))
    return theta


def complements_by_layer(angle: ArrayLike, order: int, depth: int) -> Array:
    """1 - rho^(l) for l = 1 ... depth, shape (depth, *angle.shape).

    Parameters and errors are those of `composed_arc_cosine`.
    """
    check_integer("depth", depth, 1, MAX_DEPTH)
    theta = checked_angle(angle)
    rows = []
    for _ in range(depth):
        rows.append(angular_complement(order, theta))
        theta = _angle(rows[-1])
    return np.stack(rows)


@lru_cache(maxsize=MAX_ORDER + 1)
def arc_cosine_fixed_point(order: int) -> float:
    """The stable fixed point rho* of rho -> J_n(arccos rho)/J_n(0): 0.79 for n = 0, 1 for n = 1, below 0.4 from 2 on.

    Raises
    ------
    ValueError
        For an order outside 0 to 100.
    """
    check_integer("order", order, 0, MAX_ORDER)
    if order == 1:
        return 1.0
    root = brentq(lambda rho: _map(order, rho) - rho, 0.0, 0.97, xtol=1e-15)
    for _ in range(60):  # the map contracts here, by 0.52 at worst: its own rounding is all that stays
        root = _map(order, root)
    return float(root)


def arc_cosine_rate(order: int) -> float:
    """Slope of the map at its stable fixed point, the factor by which a layer brings correlations closer to it."""
    theta = float(np.arccos(arc_cosine_fixed_point(order)))
    return 1.0 / (pi * sin(theta)) if order == 0 else float(angular_slope(order, theta))


def log_squared_norm(log_squared: ArrayLike, order: int, depth: int) -> Array:
    """Log k^(l)(x, x) from log |x|^2: q^(l+1) = (2n-1)!! (q^(l))^n, which explodes or vanishes for n >= 2.

    Parameters
    ----------
    log_squared : array_like
        Natural logarithm of |x|^2, any shape.
    order, depth : int
        As in `composed_arc_cosine`.
    """
    check_integer("depth", depth, 1, MAX_DEPTH)
    check_integer("order", order, 0, MAX_ORDER)
    value = np.asarray(log_squared, dtype=np.float64)
    for _ in range(depth):
        value = log(double_factorial(2 * order - 1)) + order * value
    return value


def _angle(complement: Array) -> Array:
    """Angle of a correlation 1 - delta: 2 arcsin(sqrt(delta/2)), precise for small ones."""
    return np.asarray(2.0 * np.arcsin(np.sqrt(0.5 * complement)))


def _map(order: int, correlation: float) -> float:
    return float(normalized_angular_function(order, np.arccos(correlation)))


def _points(name: str, values: ArrayLike) -> Array:
    points = np.asarray(values, dtype=np.float64)
    if points.ndim not in (1, 2):
        raise ValueError(f"{name} must be a point of shape (d,) or points of shape (m, d), got shape {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError(f"{name} must be finite")
    return points


def _norms(points: ArrayLike) -> Array:
    """Lengths of points that are not zero, with squares in range."""
    values = np.asarray(points, dtype=np.float64)
    largest = np.abs(values).max(axis=-1, keepdims=True)
    return np.asarray(largest[..., 0] * np.linalg.norm(values / largest, axis=-1))


def _directions(name: str, points: Array) -> Array:
    """Unit vectors; the largest coordinate is divided out first, so that squares stay in range."""
    largest = np.abs(points).max(axis=-1, initial=0.0, keepdims=True)
    if (largest == 0.0).any():
        row = int(np.flatnonzero(largest.ravel() == 0.0)[0])
        raise ValueError(f"{name} must hold no zero vectors, whose angle is not defined; row {row} is zero")
    scaled = points / largest
    return np.asarray(scaled / np.linalg.norm(scaled, axis=-1, keepdims=True))
