"""The integrals in the derivation of J_n (problem 2.3), by Gauss-Legendre quadrature of what the statement says.

None of them uses the formula they lead to. With A(psi) = 1 - cos(theta) cos(psi):

    quadrant   int_0^inf int_0^inf (u v)^n exp(-(u^2 + v^2 - 2 u v cos theta) / (2 sin^2 theta)) du dv
    radial     int_0^inf (r^2 cos(psi)/2)^n exp(-r^2 A / (2 sin^2 theta)) m(r) dr,   m the measure's factor
    psi        n! sin^(2n+1) cos^n(psi) / A^(n+1),   from 0 to pi/2
"""

from functools import lru_cache
from math import asinh, cos, factorial, pi, sin, sqrt
from typing import Literal

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike
from scipy.special import gammainccinv

from core.arrays import Array
from core.validation import check_choice, check_integer, check_number

MAX_ORDER = 20
END_DISTANCE = 1e-6  # from 0 and pi, where the shear and the polar form are singular
NODES = 64  # per axis and panel; 48 leave 8e-11 at order 20, 64 leave rounding alone
_TAIL = 1e-18  # share of the radial integral cut off
Measure = Literal["r/2", "r", "1"]
_MEASURES: tuple[Measure, ...] = ("r/2", "r", "1")


def check_inner(order: int, angle: float) -> None:
    """Raise ValueError unless the order is 0 to 20 and the angle lies inside (0, pi)."""
    check_integer("order", order, 0, MAX_ORDER)
    check_number("angle", angle, END_DISTANCE, pi - END_DISTANCE)


def gauss_legendre(low: ArrayLike, high: ArrayLike, count: int = NODES) -> tuple[Array, Array]:
    """Nodes and weights on one interval or on many.

    Parameters
    ----------
    low, high : array_like
        Ends of the intervals; their shapes broadcast to S.
    count : int
        Nodes in each interval.

    Returns
    -------
    nodes, weights : Array
        Both of shape (*S, count).
    """
    x, w = _rule(count)
    start = np.asarray(low, dtype=np.float64)[..., None]
    half = 0.5 * (np.asarray(high, dtype=np.float64)[..., None] - start)
    return start + half * (1.0 + x), half * w


def truncation_radius(order: int) -> float:
    """Radius beyond which r^(2n+1) exp(-r^2/2) has 1e-18 of its integral."""
    return sqrt(2.0 * float(gammainccinv(order + 1, _TAIL)))


def quadrant_integral(order: int, angle: float, *, sheared: bool = True) -> float:
    """The integral over the first quadrant of (u, v), without the factor 1/sin(theta).

    The nodes lie along p = u + v and q = u - v, the axes of the ellipses, since for small angles the integrand is a
    ridge along u = v.

    Parameters
    ----------
    order : int
        n, from 0 to 20.
    angle : float
        theta in radians, inside (0, pi).
    sheared : bool
        False leaves the Gaussian as it was in (w1, w2): exp(-(u^2 + v^2)/2).

    Returns
    -------
    float
        sin(theta) J_n(theta) if sheared.
    """
    check_inner(order, angle)
    theta = angle if sheared else 0.5 * pi
    radius = truncation_radius(order)
    long, short = 2.0 * radius * cos(0.5 * theta), 2.0 * radius * sin(0.5 * theta)
    corner = min(short, long)  # up to here the quadrant's edge cuts q off, beyond it the truncation
    return sum(_diagonal_strip(order, theta, *ends, short) for ends in ((0.0, corner), (corner, long)))


def _diagonal_strip(order: int, theta: float, low: float, high: float, widest: float) -> float:
    """The quadrant integral over low < u + v < high, |u - v| < widest, by symmetry twice that over u > v."""
    p, p_weight = gauss_legendre(low, high)
    q, q_weight = gauss_legendre(np.zeros(NODES), np.minimum(p, widest))
    u, v = 0.5 * (p[:, None] + q), 0.5 * (p[:, None] - q)
    # u^2 + v^2 - 2 u v cos = (u - v)^2 + 2 u v (1 - cos), without cancellation for small angles
    exponent = q * q / (2.0 * sin(theta) ** 2) + u * v / (2.0 * cos(0.5 * theta) ** 2)
    inner = ((u * v) ** order * np.exp(-exponent) * q_weight).sum(axis=1)
    return float(p_weight @ inner)  # twice, and du dv = dp dq / 2


def radial_integral(order: int, angle: float, psi: Array, measure: Measure = "r/2") -> Array:
    """The integral over the radius at each psi, without the factor 1/sin(theta).

    Parameters
    ----------
    order, angle
        As in `quadrant_integral`.
    psi : Array
        Polar angles inside [-pi/2, pi/2], shape (P,).
    measure : {"r/2", "r", "1"}
        Factor of dr. That of u = r cos(psi/2 + pi/4), v = r sin(psi/2 + pi/4) is r/2.

    Returns
    -------
    Array
        Shape (P,).
    """
    check_inner(order, angle)
    check_choice("measure", measure, _MEASURES)
    width = (sin(angle) / np.sqrt(shear(angle, psi)))[:, None]
    r, weight = gauss_legendre(np.zeros(len(psi)), truncation_radius(order) * width[:, 0])
    density = (0.5 * r * r * np.cos(psi)[:, None]) ** order * np.exp(-0.5 * (r / width) ** 2)
    factor = {"r/2": 0.5 * r, "r": r, "1": np.ones_like(r)}[measure]
    return np.asarray((density * factor * weight).sum(axis=1))


def polar_integral(order: int, angle: float, measure: Measure = "r/2") -> float:
    """The integral over radius and -pi/2 < psi < pi/2, with the factor 1/sin(theta): J_n(theta) for r/2.

    Parameters are those of `radial_integral`.
    """
    check_inner(order, angle)
    half, weight = psi_nodes(angle)
    psi, weights = np.concatenate([-half, half]), np.concatenate([weight, weight])
    return float(weights @ radial_integral(order, angle, psi, measure)) / sin(angle)


def psi_integral(order: int, angle: float) -> float:
    """The integral over 0 < psi < pi/2 that is left: J_n(theta). Parameters are those of `quadrant_integral`."""
    check_inner(order, angle)
    psi, weight = psi_nodes(angle)
    return float(weight @ psi_integrand(order, angle, psi))


def psi_integrand(order: int, angle: float, psi: Array) -> Array:
    """The psi integrand above, with powers of a ratio that neither over- nor underflows; shape (P,)."""
    check_inner(order, angle)
    share = shear(angle, psi)
    ratio = sin(angle) ** 2 * np.cos(psi) / share
    return np.asarray(factorial(order) * sin(angle) / share * ratio**order)


def psi_nodes(angle: float, count: int = 2 * NODES) -> tuple[Array, Array]:
    """Nodes and weights on (0, pi/2) for a peak of width theta at 0, by psi = theta sinh(t)."""
    t, weight = gauss_legendre(0.0, asinh(0.5 * pi / angle), count)
    return angle * np.sinh(t), angle * np.cosh(t) * weight


def shear(angle: float, psi: Array) -> Array:
    """A = 1 - cos(theta) cos(psi), as a sum of positive terms for |psi| < pi/2."""
    return np.asarray(2.0 * sin(0.5 * angle) ** 2 * np.cos(psi) + 2.0 * np.sin(0.5 * psi) ** 2)


@lru_cache(maxsize=4)
def _rule(count: int) -> tuple[Array, Array]:
    x, w = leggauss(count)
    return x, w
