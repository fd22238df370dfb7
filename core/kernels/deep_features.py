"""Deep nets of finite width with Gaussian rows, simulated from the angle between two inputs alone.

Given the layer below, the h pairs of preactivations of a layer are independent and bivariate normal, with the Gram
matrix of the two inputs' features as their covariance. So a net needs no h x h matrix: a layer takes 2h normal draws,

    u = g,   v = u cos(theta) + g' sin(theta),   a = Theta(u) u^n,   b = Theta(v) v^n,

and hands the angle between a and b on; the law of the angles is exactly that of the net. Neurons are homogeneous, so
the norms, which explode or vanish for n >= 2, are carried apart in logarithms.
"""

from dataclasses import dataclass
from math import inf, log, nan

import numpy as np

from core.arrays import Array, Indices
from core.kernels.angular import checked_angle
from core.kernels.arc_cosine import MAX_DEPTH
from core.kernels.random_features import MAX_ORDER, MAX_WIDTH
from core.validation import check_integer, check_number

MAX_NETS = 10_000
_BLOCK = 65_536  # neurons of all nets together that are held at a time, if a single layer is not wider


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DeepCorrelations:
    """Two inputs followed through finite nets.

    A net is dead for an input once all its neurons are off: its features are zero then, and in all layers above. From
    there on the angle is NaN.

    Attributes
    ----------
    angles : Array
        Angle between the features of x and y after each layer, shape (nets, depth).
    correlations : Array
        Its cosine, k^(l)(x, y) / sqrt(k^(l)(x, x) k^(l)(y, y)).
    log_norms : Array
        Natural logarithm of k^(l)(x, x), the squared norm of x's features times 2/h, shape (nets, depth); -inf where
        the net is dead for x.
    dead : Indices
        Nets that are dead for x or y in each layer, shape (depth,).
    """

    angles: Array
    correlations: Array
    log_norms: Array
    dead: Indices

    @property
    def complements(self) -> Array:
        """1 - correlation, with full relative precision for nearly parallel features too."""
        return np.asarray(2.0 * np.sin(0.5 * self.angles) ** 2)


def deep_correlations(
    order: int, angle: float, width: int, depth: int, nets: int, seed: int, *, norm: float = 1.0
) -> DeepCorrelations:
    """Measure the kernel of two inputs in each layer of finite random nets.

    Features are sqrt(2/h) Theta(z) z^n, rows are standard Gaussian. In the limit of infinite width the correlation
    obeys rho^(l+1) = J_n(arccos rho^(l)) / J_n(0), and the norm q^(l+1) = (2n-1)!! (q^(l))^n.

    Parameters
    ----------
    order : int
        n, from 0 to 50.
    angle : float
        Angle between the inputs in radians, from 0 to pi.
    width : int
        h, neurons of each layer, from 1 to 10^6.
    depth : int
        Layers, from 1 to 50; depth 1 is one layer.
    nets : int
        Independent nets, from 1 to 10^4.
    seed : int
        Of the weights.
    norm : float
        |x|, from 0.01 to 100. It matters to `log_norms` only.

    Returns
    -------
    DeepCorrelations
        Shape (nets, depth).

    Raises
    ------
    ValueError
        For an argument outside its range.
    """
    check_integer("order", order, 0, MAX_ORDER)
    check_integer("width", width, 1, MAX_WIDTH)
    check_integer("depth", depth, 1, MAX_DEPTH)
    check_integer("nets", nets, 1, MAX_NETS)
    check_integer("seed", seed, 0, 2**63 - 1)
    check_number("norm", norm, 0.01, 100.0)
    start = float(checked_angle(angle))
    generator = np.random.default_rng(seed)
    angles, log_norms = np.empty((nets, depth)), np.empty((nets, depth))
    block = max(1, _BLOCK // width)
    for first in range(0, nets, block):
        part = slice(first, first + block)
        size = angles[part].shape[0]
        theta, log_norm = np.full(size, start), np.full(size, 2.0 * log(norm))
        for layer in range(depth):
            u, other = generator.standard_normal((2, size, width))
            theta, growth = _next_angle(order, theta, u, other)
            alive = log_norm > -inf
            log_norm = np.where(alive, order * np.where(alive, log_norm, 0.0) + growth, -inf)
            angles[part, layer], log_norms[part, layer] = theta, log_norm
    return DeepCorrelations(
        angles=angles, correlations=np.cos(angles), log_norms=log_norms, dead=np.isnan(angles).sum(axis=0)
    )


def _next_angle(order: int, theta: Array, u: Array, other: Array) -> tuple[Array, Array]:
    """Angle between the features of a layer, and the logarithm of (2/h) |a|^2 for unit inputs.

    Both the part of b across a and the part along it are sums without cancellation for nearly parallel inputs: b - a
    is taken from v - u, not from b and a.

    Parameters
    ----------
    order : int
        n.
    theta : Array
        Angles between the inputs, shape (nets,); NaN where the net is dead.
    u, other : Array
        Standard normal draws, shape (nets, h).
    """
    rise = np.sin(theta)[:, None] * other - 2.0 * np.sin(0.5 * theta)[:, None] ** 2 * u
    v = u + rise
    a, b = _rectified_power(order, u), _rectified_power(order, v)
    difference = b - a if order == 0 else np.where((u > 0.0) & (v > 0.0), rise * _secant(order, u, v), b - a)
    square = (a * a).sum(axis=1)
    alive = (square > 0.0) & (b > 0.0).any(axis=1)
    safe = np.where(square > 0.0, square, 1.0)
    across = difference - a * ((a * difference).sum(axis=1) / safe)[:, None]
    angle = np.arctan2(np.linalg.norm(across, axis=1), (a * b).sum(axis=1) / np.sqrt(safe))
    growth = np.where(square > 0.0, np.log(2.0 / u.shape[1] * safe), -inf)
    return np.where(alive, angle, nan), growth


def _rectified_power(order: int, z: Array) -> Array:
    """Theta(z) z^n; 0 for NaN, the preactivations of a dead net."""
    return (z > 0.0).astype(np.float64) if order == 0 else np.asarray(np.where(z > 0.0, z, 0.0) ** order)


def _secant(order: int, u: Array, v: Array) -> Array:
    """(v^n - u^n)/(v - u) = sum u^k v^(n-1-k), by Horner's scheme in v."""
    total, power = np.ones_like(u), np.ones_like(u)
    for _ in range(1, order):
        power = power * u
        total = total * v + power
    return total
