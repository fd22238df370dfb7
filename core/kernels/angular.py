"""The angular function J_n of the arc-cosine kernels, accurate at every angle.

With c = cos(theta/2) and phi = pi - theta, from J_n = n! int_0^phi (cos(theta) + cos(psi))^n dpsi (the polar form of
Cho & Saul 2009, with the radius integrated out) by sin(psi/2) = c sqrt(t) and Euler's integral DLMF 15.6.1:

    J_n(theta) = C_n c^(2n+1) F_n(phi),   C_n = 2^(2n+1) n!^2 / (2n+1)!!,   F_n = 2F1(1/2, 1/2; n + 3/2; c^2),

where 1 <= F_n <= pi/2 is even and analytic in phi up to 2 pi. The power carries all that is steep, and it has full
relative precision down to theta = pi; the derivative formula and the recurrence in n have none there.
"""

from fractions import Fraction
from functools import lru_cache
from math import ceil, factorial, log2, pi, prod
from typing import Any

import numpy as np
from numpy.polynomial.chebyshev import cheb2poly, chebinterpolate
from numpy.polynomial.polynomial import polyval
from numpy.typing import ArrayLike

from core.arrays import Array
from core.validation import check_integer

MAX_ORDER = 100
_TERMS = 40  # of F_n in (phi/pi)^2; the poles at phi = 2 pi leave a rest below 1e-15 for every order up to 100
_DEGREE = 19  # of F_n as a Chebyshev sum in y: the rest is below 1e-16
_CHUNK = 16_384  # angles at a time: the passes of Horner's scheme stay in the second-level cache


def angular_function(order: int, angle: ArrayLike) -> Array:
    """J_n(theta), the angular part of the arc-cosine kernel.

    J_n = (-1)^n sin^(2n+1) ((1/sin) d/dtheta)^n ((pi - theta)/sin), problem set (3.3); the kernel is
    k_n(x, y) = |x|^n |y|^n J_n / pi.

    Parameters
    ----------
    order : int
        n, from 0 to 100.
    angle : array_like
        theta in radians, from 0 to pi, any shape.

    Returns
    -------
    Array
        Of the angle's shape, relative error below 1e-13 where the value is a normal double.

    Raises
    ------
    ValueError
        For another order, or an angle outside [0, pi].
    """
    check_integer("order", order, 0, MAX_ORDER)
    constant = Fraction(2 ** (2 * order + 1) * factorial(order) ** 2, double_factorial(2 * order + 1))
    # a power of two taken into the base, so that the power is normal wherever the value is
    shift = ceil(log2(constant) / (2 * order + 1))
    rest = float(constant / 2 ** (shift * (2 * order + 1)))
    return _evaluate(order, angle, 2.0**shift, rest, top=pi * double_factorial(2 * order - 1))


def normalized_angular_function(order: int, angle: ArrayLike) -> Array:
    """J_n(theta) / J_n(0), a correlation: 1 at theta = 0, never above it, and it never overflows.

    Parameters and errors are those of `angular_function`.
    """
    check_integer("order", order, 0, MAX_ORDER)
    return _evaluate(order, angle, 1.0, 1.0 / float(_taylor(order).sum()), top=1.0)


def angular_complement(order: int, angle: ArrayLike) -> Array:
    """1 - J_n(theta)/J_n(0), with full relative precision for nearly parallel inputs too.

    Up to pi/2 by the recurrence of J_n written for the complement, a sum of positive terms:
    D_{n+1} = x D_n + (1-x)(1 - b_n (1+x)) + b_n sin^2 D_{n-1}, x = cos, b_n = n^2/(4n^2 - 1).
    Parameters and errors are those of `angular_function`.
    """
    theta = checked_angle(angle)
    check_integer("order", order, 0, MAX_ORDER)
    acute = np.minimum(theta, 0.5 * pi)
    x, rise, square = np.cos(acute), 2.0 * np.sin(0.5 * acute) ** 2, np.sin(acute) ** 2
    before, now = acute / pi, rise - _sine_minus(acute) / pi
    for n in range(1, order):
        b = n * n / (4.0 * n * n - 1.0)
        before, now = now, x * now + rise * (1.0 - b * (1.0 + x)) + b * square * before
    complement = np.asarray(before if order == 0 else now)
    obtuse = theta > 0.5 * pi
    if obtuse.any():  # after a layer no angle is
        complement = np.where(obtuse, 1.0 - normalized_angular_function(order, theta), complement)
    return np.asarray(np.minimum(complement, 1.0))


def angular_slope(order: int, angle: ArrayLike) -> Array:
    """Slope of the correlation map, d(J_n/J_n(0)) / d cos(theta), for orders from 1.

    It is n^2/(2n-1) J_{n-1}/J_{n-1}(0), since J_n' = -n^2 sin J_{n-1}.
    Parameters and errors are those of `angular_function`.
    """
    check_integer("order", order, 1, MAX_ORDER)
    return order**2 / (2 * order - 1) * normalized_angular_function(order - 1, angle)


def double_factorial(number: int) -> int:
    """The product of an odd number and all odd numbers below it; 1 for -1."""
    return prod(range(number, 0, -2))


def checked_angle(angle: ArrayLike) -> Array:
    """Angles as doubles.

    Raises
    ------
    ValueError
        For an angle that is not in [0, pi].
    """
    theta = np.asarray(angle, dtype=np.float64)
    outside = ~((theta >= 0.0) & (theta <= pi))
    if outside.any():
        raise ValueError(f"angle must be from 0 to pi, got {theta[outside].flat[0]:g}")
    return theta


def _evaluate(order: int, angle: ArrayLike, scale: float, factor: float, *, top: float) -> Array:
    """Factor (scale c)^(2n+1) F_n, chunk by chunk; the value at 0 is exact, and no rounded one above it."""
    theta = checked_angle(angle)
    flat = theta.ravel()
    values = np.empty_like(flat)
    coefficients = _economized(order)
    for start in range(0, flat.size, _CHUNK):
        part = flat[start : start + _CHUNK]
        values[start : start + _CHUNK] = _chunk(order, part, scale, factor, coefficients)
    np.minimum(values, top, out=values)
    values[flat == 0.0] = top
    return values.reshape(theta.shape)


def _chunk(order: int, theta: Array, scale: float, factor: float, coefficients: tuple[float, ...]) -> Array:
    u = (pi - theta) / pi
    y = 2.0 * u * u - 1.0
    series = np.full_like(y, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        series *= y
        series += coefficient
    with np.errstate(under="ignore"):
        series *= factor * (scale * np.cos(0.5 * theta)) ** (2 * order + 1)
    return series


@lru_cache(maxsize=MAX_ORDER + 1)
def _taylor(order: int) -> Array:
    """Coefficients of F_n in powers of (phi/pi)^2, from its differential equation.

    The hypergeometric equation in phi: sin F'' + (2n + 1 + cos) F' - sin F / 4 = 0.
    """
    f = np.zeros(_TERMS)
    f[0] = 1.0
    sine = np.array([(-1.0) ** j / factorial(2 * j + 1) for j in range(_TERMS)])
    cosine = np.array([(-1.0) ** j / factorial(2 * j) for j in range(_TERMS)])
    for m in range(1, _TERMS):
        lower = np.arange(m)
        second = 2 * lower * (2 * lower - 1) * f[lower] @ sine[m - lower]
        first = 2 * lower * f[lower] @ cosine[m - lower]
        zeroth = f[lower] @ sine[m - 1 - lower] / 4.0
        f[m] = (zeroth - second - first) / (2 * m * (2 * m - 1) + (2 * order + 2) * 2 * m)
    return f * pi ** (2 * np.arange(_TERMS))


@lru_cache(maxsize=MAX_ORDER + 1)
def _economized(order: int) -> tuple[float, ...]:
    """The same in powers of y = 2 (phi/pi)^2 - 1, interpolated at Chebyshev points."""
    interpolant = chebinterpolate(_sum_taylor, _DEGREE, (_taylor(order),))
    return tuple(float(coefficient) for coefficient in cheb2poly(interpolant))


def _sum_taylor(y: Any, taylor: Any) -> Any:
    return polyval(0.5 * (y + 1.0), taylor)


def _sine_minus(theta: Array) -> Array:
    """sin(theta) - theta cos(theta), which cancels near 0; its series is sum (-1)^(k+1) 2k theta^(2k+1)/(2k+1)!."""
    square = theta * theta
    series = np.zeros_like(theta)
    for k in range(7, 0, -1):  # the next term is below 1e-17 of the first for theta < 1/2
        series = (-1.0) ** (k + 1) * 2 * k / factorial(2 * k + 1) + square * series
    return np.where(theta < 0.5, theta * square * series, np.sin(theta) - theta * np.cos(theta))
