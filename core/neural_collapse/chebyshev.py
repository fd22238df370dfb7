"""The Runge-Kutta-Chebyshev method of second order, for stiff flows whose Jacobian has real eigenvalues.

A gradient flow has the Jacobian -Hessian, which is symmetric. An explicit method with s stages laid out by a Chebyshev
polynomial is stable on about 0.65 s^2 of the negative real axis, so a stiff problem costs the square root of its
stiffness and no linear system is solved. Coefficients, error estimate and step control are those of RKC: B. P.
Sommeijer, L. F. Shampine, J. G. Verwer, Journal of Computational and Applied Mathematics 88 (1998) 315-326.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf, sqrt
from typing import Protocol

import numpy as np

from core.arrays import Array

_DAMPING = 2.0 / 13.0  # RKC: keeps the stability polynomial within 0.95 away from 0
_SAFETY, _SHRINK, _GROW = 0.8, 0.1, 10.0  # RKC
MAX_STAGES = 1000


class StiffFlow(Protocol):
    """What `integrate` needs of y' = f(y)."""

    def derivative(self, state: Array) -> Array:
        """f(y)."""
        ...

    def stiffness(self, state: Array) -> float:
        """An upper bound of the size of the Jacobian's eigenvalues at y."""
        ...

    def magnitude(self, state: Array) -> Array:
        """Size of each component of y, which the error is relative to."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """An accepted step.

    Attributes
    ----------
    time : float
        t at its end.
    state, derivative : Array
        y and f(y) there.
    evaluations : int
        Evaluations of f up to here, rejected steps included.
    """

    time: float
    state: Array
    derivative: Array
    evaluations: int


@lru_cache(maxsize=MAX_STAGES)
def coefficients(stages: int) -> tuple[float, Array]:
    """Coefficients of the recursion over the stages.

    Parameters
    ----------
    stages : int
        s, at least 2.

    Returns
    -------
    tuple
        mu~_1, and the rows (mu_j, nu_j, mu~_j, gamma~_j) for j = 2 to s, shape (s - 1, 4).
    """
    w0 = 1.0 + _DAMPING / stages**2
    values, slopes, bends = (np.zeros(stages + 1) for _ in range(3))  # T_j, T_j' and T_j'' at w0
    values[:2], slopes[1] = (1.0, w0), 1.0
    for j in range(2, stages + 1):
        values[j] = 2.0 * w0 * values[j - 1] - values[j - 2]
        slopes[j] = 2.0 * values[j - 1] + 2.0 * w0 * slopes[j - 1] - slopes[j - 2]
        bends[j] = 4.0 * slopes[j - 1] + 2.0 * w0 * bends[j - 1] - bends[j - 2]
    w1 = slopes[-1] / bends[-1]
    b = np.full(stages + 1, 0.25 / w0**2)  # b_0 = b_1 = b_2
    b[2:] = bends[2:] / slopes[2:] ** 2
    ratio = b[2:] / b[1:-1]
    weights = 2.0 * w1 * ratio
    table = np.column_stack([2.0 * w0 * ratio, -b[2:] / b[:-2], weights, -(1.0 - b[1:-1] * values[1:-1]) * weights])
    table.flags.writeable = False
    return float(b[1] * w1), table


def stages_for(step_stiffness: float) -> int:
    """Fewest stages that are stable for h times the stiffness (RKC's rule)."""
    return max(2, 1 + int(sqrt(1.0 + 1.54 * step_stiffness)))


def step(flow: StiffFlow, state: Array, slope: Array, size: float, stages: int) -> Array:
    """One step of a given size with a given number of stages; s - 1 evaluations besides f(y), which is given."""
    first, table = coefficients(stages)
    before, now = state, state + (first * size) * slope
    for mu, nu, weight, gamma in table.tolist():
        after = flow.derivative(now)
        after *= weight * size
        after += mu * now
        after += nu * before
        after += (1.0 - mu - nu) * state
        after += (gamma * size) * slope
        before, now = now, after
    return now


def integrate(flow: StiffFlow, start: Array, tolerance: float) -> Iterator[Step]:
    """Follow a flow from t = 0, without end.

    Parameters
    ----------
    flow : StiffFlow
        The flow.
    start : Array
        y(0), shape (m,).
    tolerance : float
        Of the estimated error of a step, root mean square over the components, each relative to its magnitude.

    Yields
    ------
    Step
        The start, then one for each accepted step.
    """
    time, state, slope, evaluations = 0.0, start, flow.derivative(start), 1
    yield Step(time, state, slope, evaluations)
    size = _first_size(flow, state, slope, tolerance)
    last_error, last_size = 0.0, 0.0
    while True:
        stages = stages_for(size * flow.stiffness(state))
        if stages > MAX_STAGES:
            size, stages = size * (MAX_STAGES / (stages + 1.0)) ** 2, MAX_STAGES
        after = step(flow, state, slope, size, stages)
        next_slope = flow.derivative(after)
        evaluations += stages
        estimate = 0.8 * (state - after) + 0.4 * size * (slope + next_slope)
        error = _norm(estimate / flow.magnitude(after)) / tolerance
        if not error <= 1.0:
            size *= max(_SHRINK, _SAFETY * error ** (-1.0 / 3.0)) if np.isfinite(error) else _SHRINK
            continue
        time, state, slope = time + size, after, next_slope
        yield Step(time, state, slope, evaluations)
        factor = _growth(error, last_error, size, last_size)
        last_error, last_size = error, size
        size *= factor


def _growth(error: float, last_error: float, size: float, last_size: float) -> float:
    """Factor of the next step: the smaller of the plain rule and the predictive one (Watts, as in RKC)."""
    plain = _SAFETY * error ** (-1.0 / 3.0) if error > 0.0 else inf
    if last_error > 0.0 and error > 0.0:
        plain = min(plain, _SAFETY * (size / last_size) * (last_error / error**2) ** (1.0 / 3.0))
    return min(_GROW, max(_SHRINK, plain))


def _first_size(flow: StiffFlow, state: Array, slope: Array, tolerance: float) -> float:
    """Start with an Euler step whose error is within the tolerance, no longer than the fastest mode."""
    size = 1.0 / flow.stiffness(state)
    bend = _norm(size * (flow.derivative(state + size * slope) - slope) / flow.magnitude(state))
    return size * min(1.0, 0.1 * sqrt(tolerance / bend)) if bend > 0.0 else size


def _norm(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))
