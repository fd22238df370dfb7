"""Layers of finitely many random rows as estimates of the arc-cosine kernel.

A layer of h rows estimates k_n by the mean of h terms X = 2 Theta(u) Theta(v) u^n v^n. For Gaussian rows their moments
are E X^m = 2^(m-1) k_{mn}, so the estimate has the variance (2 k_{2n} - k_n^2)/h. Its whole law is in
`feature_law`.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import factorial, isfinite, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike

from core.arrays import Array, Indices
from core.kernels.angular import angular_function, checked_angle, double_factorial
from core.kernels.weights import (
    GAUSSIAN,
    Layer,
    draw_rows,
    gaussian_pair,
    infinite_width_limit,
    input_pair,
    row_terms,
)
from core.validation import check_integer

MAX_ORDER = 50
"""Largest order n of a layer: its variance needs J of order 2n."""
MAX_WIDTH = 1_000_000
"""Largest number of rows that are drawn or whose law is computed."""
MAX_DRAWS = 4_000_000
"""Rows that a set of replicates may draw; more replicates than that are not drawn."""
MAX_STREAMS = 100
_CHUNK = 16_384  # rows held at a time
_NEAR_PI = 0.05  # of cos(theta/2): below it a short series serves, and J_2n may underflow where its root does not


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RunningEstimate:
    """Estimates of streams of rows as they go on.

    Attributes
    ----------
    widths : Indices
        Rows taken so far, shape (T,), increasing.
    estimates : Array
        Shape (streams, T).
    """

    widths: Indices
    estimates: Array


def random_feature_std(order: int, angle: ArrayLike, width: int) -> Array:
    """Standard deviation of the estimate of a layer of Gaussian rows, sqrt((2 k_{2n} - k_n^2)/h), for unit inputs.

    With k_n = J_n/pi. Nothing cancels: X is positive in at most half of the rows, so 2 k_{2n} >= 2 k_n^2. The root is
    taken of the factors, so that it is right where k_{2n} underflows.

    Parameters
    ----------
    order : int
        n, from 0 to 50.
    angle : array_like
        theta in radians, from 0 to pi, any shape.
    width : int
        h, from 1 to 10^9.

    Returns
    -------
    Array
        Of the angle's shape, relative error below 1e-13 where the value is a normal double.

    Raises
    ------
    ValueError
        For another order or width, or an angle outside [0, pi].
    """
    check_integer("order", order, 0, MAX_ORDER)
    check_integer("width", width, 1, 10**9)
    theta = checked_angle(angle)
    c = np.cos(0.5 * theta)
    far = np.where(c < _NEAR_PI, 0.5 * pi, theta)
    second = angular_function(2 * order, far)
    away = np.sqrt(2.0 / pi * second * (1.0 - angular_function(order, far) ** 2 / (2.0 * pi * second)))
    return np.where(c < _NEAR_PI, _std_near_pi(order, np.minimum(c, _NEAR_PI)), away) / sqrt(width)


def _std_near_pi(order: int, c: Array) -> Array:
    """The same for one row from J_n = C_n c^(2n+1) F_n, c = cos(theta/2)."""
    constant, double_constant = _constant(order), _constant(2 * order)
    double_series = _series_near_pi(2 * order, c * c)
    share = constant / (2.0 * pi * double_constant) * constant * c * _series_near_pi(order, c * c) ** 2 / double_series
    power = 2 * order + 0.5
    root = (2.0 / pi * double_constant) ** (0.5 / power)
    with np.errstate(under="ignore"):
        return np.asarray((root * c) ** power * np.sqrt(double_series * (1.0 - share)))


def _constant(order: int) -> float:
    """C_n = 2^(2n+1) n!^2 / (2n+1)!!."""
    return float(Fraction(2 ** (2 * order + 1) * factorial(order) ** 2, double_factorial(2 * order + 1)))


def _series_near_pi(order: int, z: Array) -> Array:
    """F_n = 2F1(1/2, 1/2; n + 3/2; z): eight terms leave less than 1e-22 for z below 0.0025."""
    total = np.ones_like(z)
    for j in range(7, -1, -1):
        total = 1.0 + z * (j + 0.5) ** 2 / ((order + 1.5 + j) * (j + 1)) * total
    return total


def layer_std(order: int, angle: float, width: int, layer: Layer = GAUSSIAN) -> float:
    """Exact standard deviation of the estimate of a layer, infinite where the terms have no finite variance.

    For heavy tails that is from n = 2 on (below pi/2, or with a bias) and from n = 3 on always.

    Parameters
    ----------
    order, angle, width : int, float, int
        As in `random_feature_std`, a single angle.
    layer : Layer
        Its rows and inputs.

    Raises
    ------
    ValueError
        As for `random_feature_std`.
    """
    if layer.distribution == "gaussian":
        scale, theta = gaussian_pair(angle, layer)
        return scale**order * float(random_feature_std(order, theta, width))
    check_integer("order", order, 0, MAX_ORDER)
    check_integer("width", width, 1, 10**9)
    second = 2.0 * infinite_width_limit(2 * order, angle, layer)
    return sqrt((second - infinite_width_limit(order, angle, layer) ** 2) / width) if isfinite(second) else second


def log_spaced_widths(low: int = 10, high: int = 100_000, count: int = 60) -> Indices:
    """Integers from low to high, evenly spaced on a logarithmic scale as far as integers are; at most count."""
    return np.unique(np.rint(np.geomspace(low, high, count)).astype(np.intp))


def running_estimate(
    order: int,
    angle: float,
    widths: ArrayLike,
    seed: int,
    *,
    streams: int = 5,
    layer: Layer = GAUSSIAN,
    chunk: int = _CHUNK,
) -> RunningEstimate:
    """Estimates of independent streams of rows after each of a list of widths.

    Parameters
    ----------
    order : int
        n, from 0 to 50.
    angle : float
        theta in radians, from 0 to pi.
    widths : array_like of int
        Increasing, from 1 to 10^6, shape (T,).
    seed : int
        Of the rows. A stream does not change if there are more of them, or if it goes on for longer.
    streams : int
        From 1 to 100.
    layer : Layer
        Its rows and inputs.
    chunk : int
        Rows held at a time. The estimates are the same, bit for bit, whatever it is.

    Returns
    -------
    RunningEstimate
        Shape (streams, T).

    Raises
    ------
    ValueError
        For an argument outside its range.
    """
    check_integer("order", order, 0, MAX_ORDER)
    check_integer("streams", streams, 1, MAX_STREAMS)
    check_integer("chunk", chunk, 1, MAX_WIDTH)
    rows = checked_widths(widths)
    pair = input_pair(angle, layer)
    sums = [
        _running_sum(order, pair, layer.distribution, rows, generator, chunk)
        for generator in _generator(seed).spawn(streams)
    ]
    return RunningEstimate(widths=rows, estimates=np.array(sums) / rows)


def _running_sum(
    order: int, pair: Array, distribution: str, widths: Indices, generator: np.random.Generator, chunk: int
) -> Array:
    """Sums of the first terms; one is added after the other, so that no chunk changes their rounding."""
    sums, total, last = np.empty(widths.size), 0.0, int(widths[-1])
    for start in range(0, last, chunk):
        rows = draw_rows(generator, distribution, (min(chunk, last - start), pair.shape[1]))
        terms = row_terms(order, rows, pair)
        terms[0] += total
        running = np.cumsum(terms)
        total = running[-1]
        here = (widths > start) & (widths <= start + chunk)
        sums[here] = running[widths[here] - start - 1]
    return sums


def independent_estimates(
    order: int, angle: float, width: int, count: int, seed: int, *, layer: Layer = GAUSSIAN
) -> Array:
    """Estimates of independent layers of one width.

    Parameters
    ----------
    order, angle, width : int, float, int
        n from 0 to 50, theta, and h up to 10^6.
    count : int
        Layers, from 1 to 10^6. No more are drawn than take 4 x 10^6 rows together: 40 at h = 10^5.
    seed : int
        Of the rows.
    layer : Layer
        Its rows and inputs.

    Returns
    -------
    Array
        Shape (min(count, 4 x 10^6 // width),).

    Raises
    ------
    ValueError
        For an argument outside its range.
    """
    check_integer("order", order, 0, MAX_ORDER)
    check_integer("width", width, 1, MAX_WIDTH)
    check_integer("count", count, 1, 10**6)
    generator, pair = _generator(seed), input_pair(angle, layer)
    sums = np.zeros(min(count, MAX_DRAWS // width))
    block = max(1, _CHUNK // width)
    for first in range(0, sums.size, block):
        part = sums[first : first + block]
        for start in range(0, width, _CHUNK):
            shape = (part.size, min(_CHUNK, width - start), pair.shape[1])
            part += row_terms(order, draw_rows(generator, layer.distribution, shape), pair).sum(axis=1)
    return sums / width


def replicates(order: int, angle: float, width: int, count: int, seed: int, *, layer: Layer = GAUSSIAN) -> Array:
    """Independent estimates less their limit, in exact standard deviations: for a histogram against the normal law.

    Parameters are those of `independent_estimates`; zeros where nothing varies.

    Raises
    ------
    ValueError
        For an argument outside its range, or rows whose terms have no finite variance.
    """
    std = layer_std(order, angle, width, layer)
    if not isfinite(std):
        raise ValueError(f"order must be one with a finite variance for {layer.distribution} rows, got {order}")
    apart = independent_estimates(order, angle, width, count, seed, layer=layer) - infinite_width_limit(
        order, angle, layer
    )
    return apart / std if std > 0.0 else np.zeros_like(apart)


def checked_widths(widths: ArrayLike) -> Indices:
    """Widths as integers.

    Raises
    ------
    ValueError
        Unless they are increasing integers from 1 to 10^6.
    """
    rows = np.asarray(widths)
    if rows.ndim != 1 or rows.size == 0 or rows.dtype.kind not in "iu" or (np.diff(rows) <= 0).any():
        raise ValueError(f"widths must be increasing integers, got {widths!r}")
    for end in (rows[0], rows[-1]):
        check_integer("widths", int(end), 1, MAX_WIDTH)
    return rows.astype(np.intp)


def _generator(seed: int) -> np.random.Generator:
    check_integer("seed", seed, 0, 2**63 - 1)
    return np.random.default_rng(seed)
