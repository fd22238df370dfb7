"""A pair of inputs followed through layers by their features, with no formula of the composed kernel.

What a layer does to a pair is 1 - k = |Phi(x) - Phi(y)|^2 / 2 for features of unit length, taken from the difference of
the features themselves: nothing cancels, so it has full relative precision for nearly equal inputs at any depth. The
next layer sees two inputs at that distance, or at that angle.
"""

from collections.abc import Iterable
from math import asin, exp, lgamma, log, pi, sin, sqrt

import numpy as np

from core.arrays import Array
from core.kernels.quadrature import MAX_ORDER, gauss_legendre
from core.validation import check_integer, check_number

_NEGLIGIBLE = 1e-18
_SETTLED = 2e-15  # rounding of 1 - k near 1


def rbf_pair(distance: float, gamma: float, depth: int) -> Array:
    """1 - k^(l) of two inputs under the RBF kernel composed once, twice ... by explicit features.

    On a line, exp(-(x - y)^2/gamma^2) has the features exp(-x^2/gamma^2) sqrt((2/gamma^2)^j / j!) x^j, j = 0, 1, ...;
    only the distance of the pair counts, so it is put at -r/2 and r/2, where features of even j agree.

    Parameters
    ----------
    distance : float
        r, not negative.
    gamma : float
        Length scale, from 1e-3 to 1e3.
    depth : int
        How many layers, from 1.

    Returns
    -------
    Array
        Shape (depth,).
    """
    check_number("gamma", gamma, 1e-3, 1e3)
    gap = 0.5 * distance * distance
    rows = np.empty(depth)
    for layer in range(depth):
        before, gap = gap, _taylor_gap(gap / gamma**2)
        rows[layer:] = gap
        if abs(gap - before) <= _SETTLED * gap:  # all further layers are the same, but for rounding
            break
    return rows


def rbf_pairs(distances: Iterable[float], gamma: float, depth: int) -> Array:
    """`rbf_pair` for several distances, shape (depth, pairs)."""
    return np.stack([rbf_pair(float(r), gamma, depth) for r in distances], axis=1)


def rbf_limit(distance: float, gamma: float, layers: int) -> float:
    """1 - k of one pair after very many layers; it stops where a layer changes nothing any more."""
    gap = 0.5 * distance * distance
    for _ in range(layers):
        before, gap = gap, _taylor_gap(gap / gamma**2)
        if abs(gap - before) < _SETTLED:
            break
    return gap


def _taylor_gap(rate: float) -> float:
    """Half the squared distance of the features, 2 exp(-rate) sum over odd j of rate^j/j!, from its largest term on."""
    if rate == 0.0:
        return 0.0
    start = 2 * int(0.5 * rate) + 1
    first = exp(start * log(rate) - rate - lgamma(start + 1.0)) if start > 1 else rate * exp(-rate)
    total = term = first
    j = start
    while term > _NEGLIGIBLE * total:
        term *= rate * rate / ((j + 1) * (j + 2))
        total += term
        j += 2
    term, j = first, start
    while j > 1 and term > _NEGLIGIBLE * total:
        term *= j * (j - 1) / (rate * rate)
        total += term
        j -= 2
    return 2.0 * total


def arc_cosine_gap(order: int, angle: float) -> float:
    """1 - rho of two inputs after one layer of rectified powers, by quadrature over the directions of its rows.

    With a row at the angle phi from x the features are cos(phi)_+^n and cos(phi - theta)_+^n; their lengths do not
    count, as the kernel is homogeneous. Half the mean of their squared difference over the mean of their squares:
    rows that see one input alone, and rows that see both, for which the difference is taken without cancellation.

    Parameters
    ----------
    order : int
        n, from 0 to 20.
    angle : float
        theta in radians, from 0 to pi.
    """
    check_integer("order", order, 0, MAX_ORDER)
    check_number("angle", angle, 0.0, pi)
    alone, weight = gauss_legendre(0.0, angle)
    one = float(weight @ np.sin(alone) ** (2 * order))
    phi, weight = gauss_legendre(0.0, 0.5 * (pi - angle))  # from the direction in the middle; even
    x, y = np.cos(phi + 0.5 * angle), np.cos(phi - 0.5 * angle)
    secant, power = np.zeros_like(x), np.ones_like(x)
    for _ in range(order):
        secant, power = secant * y + power, power * x
    both = float(weight @ (2.0 * np.sin(phi) * sin(0.5 * angle) * secant) ** 2)
    phi, weight = gauss_legendre(0.0, 0.5 * pi)
    square = 2.0 * float(weight @ np.cos(phi) ** (2 * order))
    return (one + both) / square


def arc_cosine_pair(order: int, angle: float, depth: int) -> Array:
    """1 - rho^(l) of two inputs by `arc_cosine_gap`, layer by layer, shape (depth,)."""
    rows = np.empty(depth)
    for layer in range(depth):
        rows[layer] = gap = arc_cosine_gap(order, angle)
        angle = 2.0 * asin(sqrt(min(0.5 * gap, 1.0)))
    return rows
