"""The kernels in arithmetic of fifty digits and more, by recurrences and iterations that the package does not use."""

from functools import lru_cache
from itertools import accumulate, repeat
from math import ceil, log10

import mpmath
import numpy as np

DIGITS = 50
TINY = np.finfo(float).tiny
NO_INTEGERS = (True, 1.0, 1.5, "1", None)


def relative_error(values, expected):
    """Largest relative error of doubles, where what is expected is a normal double; below that they are as small."""
    flat = np.asarray(values, dtype=float).ravel()
    assert len(flat) == len(expected)
    errors = [0.0]
    for value, exact in zip(flat.tolist(), expected, strict=True):
        if abs(exact) < TINY:
            assert abs(value) <= TINY, (value, exact)
        else:
            errors.append(float(abs(mpmath.mpf(value) / exact - 1)))
    return max(errors)


# --- arc-cosine kernels ---


def angular_values(angle, last):
    """J_0 ... J_last by the recurrence J_{n+1} = (2n+1) cos J_n + n^2 sin^2 J_{n-1}.

    Where it forgets the small solution near pi, and where 1 - J_n/J_n(0) cancels near 0, there are digits to lose.
    """
    theta = mpmath.mpf(angle)
    with mpmath.workdps(DIGITS):
        from_pi = mpmath.tan(min(mpmath.pi - theta, 1) / 2)
        near_pi, near_0 = (max(0, -float(mpmath.log10(v))) if v else 0 for v in (from_pi, theta))
    with mpmath.workdps(max(DIGITS, mpmath.mp.dps) + 10 + ceil(2 * near_0 + (2 * last + 4) * near_pi)):
        cosine, sine = mpmath.cos_sin(theta)
        square = sine * sine
        values = [mpmath.pi - theta, sine + (mpmath.pi - theta) * cosine]
        for n in range(1, last):
            values.append((2 * n + 1) * cosine * values[n] + n * n * square * values[n - 1])
        return values[: last + 1]


def correlations(angle, last):
    """J_n/J_n(0) for n = 0 ... last, with J_n(0) = pi (2n-1)!!."""
    with mpmath.workdps(_digits_of(angle)):
        return [j / (mpmath.pi * mpmath.fac2(2 * n - 1)) for n, j in enumerate(angular_values(angle, last))]


def complements(angle, last):
    """1 - J_n/J_n(0) for n = 0 ... last."""
    if angle == 0:
        return [mpmath.mpf(0)] * (last + 1)
    with mpmath.workdps(_digits_of(angle)):
        return [1 - rho for rho in correlations(angle, last)]


@lru_cache
def arc_cosine_layers(angle, order, depth):
    """rho^(l) and 1 - rho^(l) for l = 1 ... depth, iterated on the angle; two lists."""
    theta, rho, delta = mpmath.mpf(angle), [], []
    with mpmath.workdps(_digits_of(angle)):
        for _ in range(depth):
            rho.append(correlations(theta, order)[order])
            delta.append(1 - rho[-1] if theta else theta)
            theta = 2 * mpmath.asin(mpmath.sqrt(delta[-1] / 2))
    return rho, delta


def arc_cosine_map(order):
    """The map rho -> J_n(arccos rho)/J_n(0)."""
    return lambda rho: correlations(mpmath.acos(rho), order)[order]


def _digits_of(angle):
    return max(DIGITS, mpmath.mp.dps) + (ceil(-2 * log10(angle)) if 0 < angle < 1 else 0)


# --- radial kernels ---


@lru_cache
def rbf_exponents(distance, gamma, depth):
    """-log k^(l) for l = 1 ... depth."""
    with mpmath.workdps(DIGITS):
        rate, first = 2 / mpmath.mpf(gamma) ** 2, (mpmath.mpf(distance) / mpmath.mpf(gamma)) ** 2
        return list(accumulate(repeat(None, depth - 1), lambda e, _: -rate * mpmath.expm1(-e), initial=first))


def rbf_fixed_complement(gamma):
    """1 - c* = 1 - exp(-t), where t/(1 - exp(-t)) = a = 2/gamma^2, nearly a straight line in t; 0 for a <= 1."""
    with mpmath.workdps(400):
        rate = 2 / mpmath.mpf(gamma) ** 2
        if rate <= 1:
            return mpmath.mpf(0)
        bracket = (rate - 1, rate)
        t = mpmath.findroot(
            lambda t: -t / mpmath.expm1(-t) - rate, bracket, solver="anderson", tol=mpmath.mpf(10) ** -200
        )
        return -mpmath.expm1(-t)


def angle_of(x, y):
    """From the Gram determinant, with the digits to form it."""
    with mpmath.workdps(1400):
        x, y = (list(map(mpmath.mpf, np.asarray(v, dtype=float).tolist())) for v in (x, y))
        inner, squares = mpmath.fdot(x, y), mpmath.fdot(x, x) * mpmath.fdot(y, y)
        area = mpmath.sqrt(max(squares - inner**2, mpmath.mpf(0)))
    with mpmath.workdps(DIGITS):
        return mpmath.atan2(area, inner)
