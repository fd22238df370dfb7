"""Problem 2.3 in numbers: the integral's value after each step, differentiation in place of n > 0."""

from collections.abc import Iterable
from math import asinh, atan2, cos, factorial, pi, sin

import numpy as np
from numpy.typing import ArrayLike

from core.arrays import Array
from core.kernels.angular import angular_function, checked_angle
from core.kernels.hard_way import wedge_integral
from core.kernels.quadrature import (
    check_inner,
    gauss_legendre,
    polar_integral,
    psi_integral,
    quadrant_integral,
)
from core.kernels.result.derivation import Antiderivative, Recurrence, Step

_STEP = 1e-3  # of differences, relative to the distance from 0 and pi: they are right to some 1e-12


def derivation_steps(order: int, angle: float) -> tuple[Step, ...]:
    """The value of the integral after each step: four by quadrature, for n = 0 a fifth in closed form.

    Measured residuals are below 1e-13 for theta from 0.02 to pi - 0.02, and below 3e-13 everywhere, up to n = 20.

    Parameters
    ----------
    order : int
        n, from 0 to 20.
    angle : float
        theta in radians, from 1e-6 to pi - 1e-6.

    Returns
    -------
    tuple of Step
        In the statement's order.

    Raises
    ------
    ValueError
        For another order or angle.
    """
    check_inner(order, angle)
    values = {
        "Wedge in (w₁, w₂)": wedge_integral(order, angle),
        "Quadrant in (u, v)": quadrant_integral(order, angle) / sin(angle),
        "Polar in (r, ψ)": polar_integral(order, angle),
        "ψ alone": psi_integral(order, angle),
    }
    if order == 0:
        values["Arctangent formula"] = arctangent_formula(angle)
    exact = float(angular_function(order, angle))
    return tuple(Step(name=name, value=v, residual=abs(v / exact - 1.0)) for name, v in values.items())


def derivation_table(angle: float, orders: Iterable[int] = range(6)) -> dict[int, tuple[Step, ...]]:
    """`derivation_steps` for several orders at one angle, by order."""
    return {order: derivation_steps(order, angle) for order in orders}


def arctangent_formula(angle: float, alpha: float = 0.5 * pi, *, principal: bool = False) -> float:
    """The integral of sin(theta)/(1 - cos(theta) cos(psi)) over 0 < psi < alpha, by the formula of step 4.

    That is a = 1, b = -cos(theta), sqrt(a^2 - b^2) = sin(theta); every other a > |b| is a multiple of one of these.

    Parameters
    ----------
    angle : float
        theta in radians, inside (0, pi).
    alpha : float
        From 0 to pi.
    principal : bool
        True takes the arctangent as printed, with values in (-pi/2, pi/2); False the angle of the point, atan2.
    """
    y, x = sin(alpha) * sin(angle), cos(alpha) - cos(angle)
    return atan2(y if x >= 0.0 else -y, abs(x)) if principal else atan2(y, x)


def antiderivatives(angle: float, ends: Iterable[float]) -> tuple[Antiderivative, ...]:
    """The integral of step 4 at n = 0 from 0 to several ends alpha, by quadrature and by the arctangent formula.

    Parameters
    ----------
    angle : float
        theta in radians, from 1e-6 to pi - 1e-6.
    ends : iterable of float
        alpha, from 0 to pi.
    """
    check_inner(0, angle)
    return tuple(
        Antiderivative(end=a, integral=_antiderivative(angle, a), formula=arctangent_formula(angle, a)) for a in ends
    )


def _antiderivative(angle: float, end: float) -> float:
    """By Gauss-Legendre quadrature in t of psi = theta sinh(t), of panels that see the peak of width theta at 0."""
    edges = np.linspace(0.0, asinh(end / angle), 5)
    t, weight = gauss_legendre(edges[:-1], edges[1:])
    psi = angle * np.sinh(t)
    share = 2.0 * sin(0.5 * angle) ** 2 * np.cos(psi) + 2.0 * np.sin(0.5 * psi) ** 2  # 1 - cos(theta) cos(psi)
    return float((weight * angle * np.cosh(t) * sin(angle) / share).sum())


def recurrences(order: int, angle: float) -> tuple[Recurrence, ...]:
    """From J_n to J_{n+1} for n = 0 ... order: every J and every derivative by quadrature, none by (3.3).

    Parameters are those of `derivation_steps`, the order up to 19. Derivatives are central differences of fourth order.
    """
    check_inner(order + 1, angle)
    values = [psi_integral(n, angle) for n in range(order + 2)]
    return tuple(
        Recurrence(
            order=n,
            below=values[n - 1] if n else 0.0,
            value=values[n],
            slope=_slope(n, angle),
            above=values[n + 1],
            angle=angle,
        )
        for n in range(order + 1)
    )


def _slope(order: int, angle: float) -> float:
    """dJ_n/d theta by differences of quadratures."""
    step = _STEP * min(angle, pi - angle)
    near, far = (psi_integral(order, angle + k * step) - psi_integral(order, angle - k * step) for k in (1, 2))
    return (8.0 * near - far) / (12.0 * step)


def repeated_differentiation(max_order: int, angles: ArrayLike) -> Array:
    """J_0 to J_N from J_0 alone, by ((1/sin) d/dtheta) applied to (pi - theta)/sin(theta) again and again.

    The derivatives are exact: Taylor coefficients about each angle, divided by those of the sine, one set after the
    other. What remains is rounding: a relative error below 1e-14 up to pi/2 at every order, and the smaller the angle
    the safer. Towards pi J_n vanishes as (pi - theta)^(2n+1), and the divisions cancel: for n = 1, 2, 3, 5 the error
    was 8e-16, 6e-14, 2e-12, 5e-9 at pi - 0.3 and 5e-13, 5e-9, 4e-5, 4e3 at pi - 0.02.

    Parameters
    ----------
    max_order : int
        N, from 0 to 20.
    angles : array_like
        Radians, from 1e-6 to pi - 1e-6, shape (T,).

    Returns
    -------
    Array
        Shape (N + 1, T).
    """
    theta = np.atleast_1d(checked_angle(angles))
    for end in (theta.min(), theta.max()):
        check_inner(max_order, float(end))
    cycle = (np.sin(theta), np.cos(theta), -np.sin(theta), -np.cos(theta))
    sine = np.array([cycle[k % 4] / factorial(k) for k in range(max_order + 1)])
    numerator = np.zeros_like(sine)
    numerator[0] = np.arctan2(cycle[0], -cycle[1])  # pi - theta, as step 4 finds it
    numerator[1:2] = -1.0
    series = _divided(numerator, sine)
    values = np.empty_like(sine)
    for n in range(max_order + 1):
        values[n] = (-1.0) ** n * cycle[0] ** (2 * n + 1) * series[0]
        derivative = np.arange(1, len(series))[:, None] * series[1:]
        series = _divided(derivative, sine)
    return values


def _divided(numerator: Array, divisor: Array) -> Array:
    """Taylor coefficients of a quotient, as many as the numerator has, shape (terms, T)."""
    quotient = np.empty_like(numerator)
    for k in range(len(numerator)):
        known = (quotient[:k] * divisor[k:0:-1]).sum(axis=0)
        quotient[k] = (numerator[k] - known) / divisor[0]
    return quotient
