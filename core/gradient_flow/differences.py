"""Derivatives that are measured: along a flow by short steps, and of the network by its weights one by one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.arrays import Array
from core.gradient_flow.relu_network import Weights, forward

_HALVINGS = 10
_FIRST = 0.1  # first step times the stiffest rate: there the error of a difference is a percent of it
_STEP = 1e-7  # of a weight, next to |V| = 1: far below the width of a gate


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Numbers with their errors, shapes (M,)."""

    value: Array
    error: Array

    def __mul__(self, factor: float) -> "Measured":
        """The same in another unit."""
        return Measured(self.value * factor, self.error * abs(factor))

    def __getitem__(self, part: slice) -> "Measured":
        """Some of them."""
        return Measured(self.value[part], self.error[part])


def derivative_along(rate: Callable[[Array], Array], state: Array, observe: Callable[[Array], Array]) -> Measured:
    """Rate of change of observables along y' = rate(y), from where the flow was and will be a moment away.

    Central differences over Runge-Kutta steps, extrapolated to steps of length 0 (Ridders 1982). The formula for the
    rate of an observable is not used.

    Parameters
    ----------
    rate : callable
        Right-hand side of the flow.
    state : Array
        Where it is now, shape (N,).
    observe : callable
        Observables of a state, shape (M,).

    Returns
    -------
    Measured
        Rates, shape (M,), and estimates of their errors, rounding included.
    """
    step = _first_step(rate, state)
    rounding = np.finfo(float).eps * np.abs(observe(state))
    table = [_difference(rate, state, observe, step)]
    best, error = table[0], np.full_like(table[0], np.inf)
    for _ in range(_HALVINGS):
        step /= 2.0
        row = [_difference(rate, state, observe, step)]
        for order, before in enumerate(table, start=1):
            row.append(row[-1] + (row[-1] - before) / (4.0**order - 1.0))
            change = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - before)) + rounding / step
            best, error = np.where(change < error, row[-1], best), np.minimum(change, error)
        table = row
    return Measured(best, error)


def _difference(rate: Callable[[Array], Array], state: Array, observe: Callable[[Array], Array], step: float) -> Array:
    ends = observe(_runge_kutta(rate, state, step)), observe(_runge_kutta(rate, state, -step))
    return (ends[0] - ends[1]) / (2.0 * step)


def _runge_kutta(rate: Callable[[Array], Array], state: Array, step: float) -> Array:
    """One step of the classical method of order 4."""
    first = rate(state)
    second = rate(state + 0.5 * step * first)
    third = rate(state + 0.5 * step * second)
    fourth = rate(state + step * third)
    return state + step / 6.0 * (first + 2.0 * second + 2.0 * third + fourth)


def _first_step(rate: Callable[[Array], Array], state: Array) -> float:
    """A step that is short next to the stiffest rate (by a power iteration) and to the flow itself."""
    flow, size = rate(state), float(np.linalg.norm(state))
    speed = float(np.linalg.norm(flow))
    stiffness, towards = speed / size, np.random.default_rng(0).standard_normal(len(state))
    for _ in range(6):
        nudge = 1e-7 * size / np.linalg.norm(towards)
        towards = (rate(state + nudge * towards) - flow) / nudge
        length = float(np.linalg.norm(towards))
        if length == 0.0:
            break
        stiffness, towards = max(stiffness, length), towards / length
    return _FIRST / stiffness if stiffness > 0.0 else 1.0


def weight_derivatives(weights: Weights, point: Array, gate_width: float) -> list[Array]:
    """Derivatives of f at one input by each weight of each layer, by central differences of f alone.

    Parameters
    ----------
    weights : sequence of Array
        K arrays of shape (out, in).
    point : Array
        Shape (d,).
    gate_width : float
        Width of the gates.

    Returns
    -------
    list of Array
        K arrays of shape (out, in).
    """
    derivatives = []
    for k, weight in enumerate(weights):
        nudges = _STEP * np.eye(weight.size).reshape(weight.size, *weight.shape)
        values = [
            forward([*weights[:k], weight + sign * nudges, *weights[k + 1 :]], point[None, :], gate_width)[0][:, 0]
            for sign in (1.0, -1.0)
        ]
        derivatives.append(((values[0] - values[1]) / (2.0 * _STEP)).reshape(weight.shape))
    return derivatives
