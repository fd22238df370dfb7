"""The law of the estimate of a layer of h Gaussian rows: skewness, quantiles, and what the normal band covers.

In polar coordinates (the derivation's step 3, with r^2/2 = E exponential and psi uniform on the circle)

    u v = E (cos theta + cos psi),   |psi| < pi - theta, in half of the cases (u and v are negative in the other half),

which gives the whole law of a term X = 2 Theta(u) Theta(v) u^n v^n, and by a Fourier transform that of the mean of h
terms: its quantiles are computed, not drawn.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import factorial, log, log1p, nan, pi, sqrt

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike
from scipy.special import bdtr

from core.arrays import Array, Indices
from core.kernels.random_features import MAX_ORDER, MAX_WIDTH, checked_widths, independent_estimates, layer_std
from core.kernels.result.layers import NORMAL_95
from core.kernels.weights import GAUSSIAN, Layer, gaussian_pair, infinite_width_limit
from core.validation import check_choice, check_integer, check_number

LEVELS = (0.025, 0.5, 0.975)
_ANGLES = 100  # Gauss nodes in psi: exact for the moments of all orders where theta is near pi
_SMALLEST, _LARGEST = 1e-5, 45.0  # of u v, in units of its largest mean; the mass beyond is 3e-20
_FINEST, _NODES = 0.01, 2500  # smallest step in log(u v), and how many nodes there are at most
_CELLS = 2048  # of a grid on which sums are taken
_READ = 7 * _CELLS // 8  # cells from 0 on; the last eighth holds what the interpolation puts below 0
_TILT = 14.0  # masses carry exp(-14 x/top), which leaves 8e-7 of what wraps around, and e^14 of the rounding
_PASSES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Shares of fresh estimates that lie inside the two 95 % bands.

    Attributes
    ----------
    count : int
        Estimates drawn.
    normal : float
        Inside the limit +- 1.96 exact standard deviations.
    quantiles : float
        Inside the exact 2.5 % and 97.5 % quantiles.
    """

    count: int
    normal: float
    quantiles: float


def estimate_skewness(order: int, angle: float, width: int, layer: Layer = GAUSSIAN) -> float:
    """Skewness of the estimate of a layer of Gaussian rows: that of a term over sqrt(h).

    From E X^m = (mn)!/pi int_0^(pi - theta) (cos theta + cos psi)^(mn) dpsi 2^(m-1), relative to the largest cosine,
    so that it is right for nearly opposite inputs too.

    Parameters
    ----------
    order, angle, width : int, float, int
        n from 0 to 50, theta, and h up to 10^6.
    layer : Layer
        Gaussian rows, with or without a bias.

    Returns
    -------
    float
        NaN at theta = pi, where the terms vanish.

    Raises
    ------
    ValueError
        For another order, angle, width or law of the weights.
    """
    theta = _gaussian_angle(order, angle, layer)
    check_integer("width", width, 1, MAX_WIDTH)
    cosines, weights = _shares_of_circle(theta)
    if theta == pi:
        return nan
    first, second, third = (factorial(m * order) * float(cosines ** (m * order) @ weights) for m in (1, 2, 3))
    variance = second - first**2
    return float((third - 3.0 * first * second + 2.0 * first**3) / variance**1.5) / sqrt(width)


def estimate_quantiles(
    order: int,
    angle: float,
    widths: ArrayLike,
    *,
    levels: tuple[float, ...] = LEVELS,
    layer: Layer = GAUSSIAN,
) -> Array:
    """Quantiles of the estimate of a layer of Gaussian rows, from its exact law.

    The law of a term is an integral over psi; the h-fold sum is taken by a Fourier transform on a grid, again on a
    finer one for a quantile that lies low on it. Held against simulations, the levels are met within 0.001. For n = 0
    the sum is binomial, and a quantile is the smallest value whose probability reaches the level.

    Parameters
    ----------
    order : int
        n, from 0 to 50.
    angle : float
        theta in radians, from 0 to pi.
    widths : array_like of int
        Increasing, from 1 to 10^6, shape (T,).
    levels : tuple of float
        Probabilities inside (0, 1), from 0.001 to 0.999.
    layer : Layer
        Gaussian rows, with or without a bias.

    Returns
    -------
    Array
        Shape (levels, T); 0 where no row is active with at least that probability.

    Raises
    ------
    ValueError
        For an argument outside its range, or another law of the weights.
    """
    theta = _gaussian_angle(order, angle, layer)
    rows = checked_widths(widths)
    for level in levels:
        check_number("levels", level, 0.001, 0.999)
    law = _law(order, theta)
    find = _binomial_quantile if order == 0 else _quantile
    sums = np.array([find(law, rows, level) for level in levels]).reshape(len(levels), rows.size)
    return sums * _largest_mean(order, angle, layer) / rows


def normal_band_coverage(order: int, angle: float, widths: ArrayLike, *, layer: Layer = GAUSSIAN) -> Array:
    """Exact probability that the estimate lies within 1.96 exact standard deviations of its limit.

    Parameters and errors are those of `estimate_quantiles`.

    Returns
    -------
    Array
        Shape (T,); 0.95 where the estimate is normal, 1 where it does not vary.
    """
    theta = _gaussian_angle(order, angle, layer)
    rows, law, unit = checked_widths(widths), _law(order, theta), _largest_mean(order, angle, layer)
    std = np.array([layer_std(order, angle, int(h), layer) for h in rows])
    if law.active == 0.0 or not std.all():
        return np.ones(rows.size)
    limit = infinite_width_limit(order, angle, layer)
    low, high = ((limit + side * NORMAL_95 * std) / unit * rows for side in (-1.0, 1.0))
    if order == 0:
        below = bdtr(np.ceil(low) - 1.0, rows, law.active)
        return np.asarray(bdtr(np.minimum(np.floor(high), rows), rows, law.active) - np.where(low > 0.0, below, 0.0))
    grid = _grid(law, rows, 1.25 * high)
    cumulative = _cumulative(law, rows, grid)
    at_low, at_high = (_interpolated(cumulative, ends / grid.steps - grid.starts) for ends in (low, high))
    return np.asarray(at_high - np.where(low > 0.0, at_low, 0.0))


def normal_band_is_right(order: int, angle: float, width: int, *, layer: Layer = GAUSSIAN) -> bool:
    """Whether the band of +-1.96 standard deviations covers 0.95 within 0.01; if not, draw `estimate_quantiles`.

    It counts both sides together: where `estimate_skewness` is not small, most of what it misses lies above.
    """
    return bool(abs(normal_band_coverage(order, angle, [width], layer=layer)[0] - 0.95) <= 0.01)


def coverage(order: int, angle: float, width: int, count: int, seed: int, *, layer: Layer = GAUSSIAN) -> Coverage:
    """Draw fresh estimates of a layer of Gaussian rows, and count those inside either band.

    Parameters and errors are those of `independent_estimates` and `estimate_quantiles`.
    """
    low, high = estimate_quantiles(order, angle, [width], levels=LEVELS[::2], layer=layer)[:, 0]
    estimates = independent_estimates(order, angle, width, count, seed, layer=layer)
    apart = np.abs(estimates - infinite_width_limit(order, angle, layer))
    return Coverage(
        count=estimates.size,
        normal=float((apart <= NORMAL_95 * layer_std(order, angle, width, layer)).mean()),
        quantiles=float(((estimates >= low * (1.0 - 1e-12)) & (estimates <= high * (1.0 + 1e-12))).mean()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Law:
    """The law of a term in units of 2 (1 + cos theta)^n: its positive values and their masses, and P(X > 0)."""

    values: Array
    masses: Array
    active: float

    def moment(self, power: int) -> float:
        """E X^power."""
        return float(self.masses @ self.values**power)


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """A grid for the sum at each of W widths: cell j stands for the value step (start + j).

    Starts below 0 belong to grids from 0 on; the others are windows around the mean.
    """

    steps: Array
    starts: Indices


@lru_cache(maxsize=32)
def _law(order: int, angle: float) -> _Law:
    """Trapezoidal rule in log(u v), which keeps all moments; u v = E c has the density (1/2 pi) int e^(-uv/c)/c dpsi.

    What lies below the smallest node is counted with the rows that are off.
    """
    cosines, weights = _shares_of_circle(angle)
    span = log(_LARGEST / _SMALLEST)
    step = max(_FINEST, span / _NODES) if order <= 3 else span / _NODES
    products = np.exp(np.arange(log(_SMALLEST), log(_LARGEST), step))
    ratio = products[:, None] / cosines
    with np.errstate(under="ignore"):
        masses = step * (ratio * np.exp(-ratio)) @ weights
    return _Law(products**order, masses, float(weights.sum()))


def _shares_of_circle(angle: float) -> tuple[Array, Array]:
    """(cos theta + cos psi)/(1 + cos theta) at Gauss nodes psi in (0, pi - theta), and weights that sum to P(X > 0)."""
    nodes, weights = leggauss(_ANGLES)
    limit = max(pi - angle, 1e-100)  # at pi the weights vanish
    psi = 0.5 * limit * (nodes + 1.0)
    cosines = np.sin(0.5 * (limit + psi)) * np.sin(0.5 * (limit - psi)) / np.sin(0.5 * limit) ** 2
    return cosines, weights * (pi - angle) / (4.0 * pi)


def _gaussian_angle(order: int, angle: float, layer: Layer) -> float:
    check_integer("order", order, 0, MAX_ORDER)
    check_choice("distribution", layer.distribution, ("gaussian",))
    return gaussian_pair(angle, layer)[1]


def _largest_mean(order: int, angle: float, layer: Layer) -> float:
    """2 (s_x s_y (1 + cos theta))^n, the unit of the law."""
    scale, theta = gaussian_pair(angle, layer)
    return 2.0 * float(scale * 2.0 * np.cos(0.5 * theta) ** 2) ** order


def _binomial_quantile(law: _Law, widths: Indices, level: float) -> Array:
    """Smallest number of active rows whose probability reaches the level, by bisection."""
    low, high = np.full(widths.size, -1.0), widths.astype(np.float64)
    while (high - low > 1.0).any():
        middle = np.floor(0.5 * (low + high))
        reached = (middle >= 0.0) & (bdtr(np.maximum(middle, 0.0), widths, law.active) >= level)
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return high


def _quantile(law: _Law, widths: Indices, level: float) -> Array:
    """Quantile of the sum for each width; a grid is coarsened or refined until the quantile lies in its upper part."""
    sums, tops = np.zeros(widths.size), _first_tops(law, widths, level)
    todo = np.flatnonzero(np.exp(widths * log1p(-law.active)) < level)
    for _ in range(_PASSES):
        if todo.size == 0:
            break
        grid = _grid(law, widths[todo], tops[todo])
        cumulative = np.maximum.accumulate(_cumulative(law, widths[todo], grid), axis=1)
        above = np.clip((cumulative < level).sum(axis=1), 1, _CELLS - 1)
        row = np.arange(todo.size)
        before, after = cumulative[row, above - 1], cumulative[row, above]
        cell = grid.starts + above - 1 + (level - before) / np.maximum(after - before, 1e-300)
        sums[todo] = cell * grid.steps
        high, low = cell > _READ - 8, cell < _CELLS // 32
        tops[todo] *= np.where(high, 2.0, np.maximum(4.0 * cell / _CELLS, 1.0 / 128.0))
        todo = todo[(grid.starts < 0) & (high | low)]
    return sums


def _first_tops(law: _Law, widths: Indices, level: float) -> Array:
    """A bound that the sum exceeds with a probability well below 1 - level: no term above x, and five deviations."""
    x, p = law.values, law.masses
    tail = np.cumsum(p[::-1])[::-1]
    last = np.minimum(np.searchsorted(-tail, -(1.0 - level) / 20.0 / widths), x.size - 1)
    mean, square = np.cumsum(p * x), np.cumsum(p * x * x)
    return np.asarray(1.2 * (widths * mean[last] + 5.0 * np.sqrt(widths * square[last]) + x[last]))


def _grid(law: _Law, widths: Indices, tops: Array) -> _Grid:
    """From 0 to the tops; for a sum with a skewness below 1 from 8 deviations below its mean to 16 above."""
    mean, second, third = (law.moment(power) for power in (1, 2, 3))
    variance = second - mean**2
    narrow = third - 3.0 * mean * second + 2.0 * mean**3 < variance**1.5 * np.sqrt(widths)
    std = np.sqrt(widths * variance)
    steps = np.where(narrow, 24.0 * std, tops) / _CELLS
    starts = np.where(narrow, np.maximum((widths * mean - 8.0 * std) / steps, 0.0), _READ - _CELLS)
    return _Grid(steps, starts.astype(np.intp))


def _cumulative(law: _Law, widths: Indices, grid: _Grid) -> Array:
    """Distribution functions of the sums of h terms, shape (W, cells), at the middle of each jump.

    Grids are periodic. On those from 0 on, terms beyond the top are left out (a sum below it has none), and masses are
    tilted by an exponential, so that what wraps around hardly counts (Gruebel & Hermesmeier 1999, Astin Bulletin 29).
    """
    tilt = np.where(grid.starts < 0, _TILT / _CELLS, 0.0)[:, None]
    spread = _spread(law, grid.steps, tilt)
    spread[:, 0] += 1.0 - law.masses.sum()
    power = np.exp(widths[:, None] * np.log(np.fft.rfft(spread)))  # no zeros: at least half of the mass is at 0
    cells = grid.starts[:, None] + np.arange(_CELLS)
    masses = np.take_along_axis(np.fft.irfft(power, _CELLS), cells % _CELLS, axis=1) * np.exp(tilt * cells)
    return np.asarray(np.cumsum(masses, axis=1) - 0.5 * masses)


def _spread(law: _Law, steps: Array, tilt: Array) -> Array:
    """Tilted masses on the periodic grids, shape (W, cells).

    Each is shared out by cubic Lagrange interpolation among four cells, which keeps its first three moments: sharing
    it between two would widen the sum of 10^5 terms beyond its own width.
    """
    position = law.values / steps[:, None]
    inside = (position < _CELLS - 2) | (tilt == 0.0)
    position = np.where(inside, position, 0.0)
    cell = np.floor(position)
    f, masses = position - cell, np.where(inside, law.masses, 0.0) * np.exp(-tilt * cell)
    after, far = 1.0 - f, 2.0 - f
    shares = (
        -f * after * far / 6.0,
        (f + 1.0) * after * far / 2.0,
        (f + 1.0) * f * far / 2.0,
        -(f + 1.0) * f * after / 6.0,
    )
    first = np.arange(steps.size)[:, None] * _CELLS
    total = np.zeros(steps.size * _CELLS)
    for offset, share in enumerate(shares, start=-1):
        index = first + (cell.astype(np.intp) + offset) % _CELLS
        total += np.bincount(index.ravel(), (masses * share * np.exp(-tilt * offset)).ravel(), total.size)
    return total.reshape(steps.size, _CELLS)


def _interpolated(cumulative: Array, position: Array) -> Array:
    """The distribution functions at one position each, in cells from the start."""
    inside = np.clip(position, 0.0, _CELLS - 2.0)
    row, cell = np.arange(position.size), np.floor(inside).astype(np.intp)
    before, after = cumulative[row, cell], cumulative[row, cell + 1]
    return np.asarray(before + (inside - cell) * (after - before))
