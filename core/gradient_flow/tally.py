"""What a flow changes, added up step by step: measured, and predicted by theory.

Differences of the trajectory are compared, not derivatives: where neurons slide along their kinks, the velocity at the
end of a step is the integrator's error times a large rate, while the step itself is right. The integrals of the
predictions are by Simpson's rule with the middle of the chord, and only those steps count that resolve them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from core.arrays import Array
from core.gradient_flow.systems import Evaluation, FlowSystem, softmin

_MISSED = 0.05  # largest part of the turn of the directions that the mean of the velocities at both ends may miss
_RATE_ERROR = 0.002  # largest relative difference of Simpson's and the trapezoidal rule for the rate of the squares,
_BRACKET_ERROR = 0.01  # and for the brackets of 1.2, which are squares of gradients


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Sums over the steps so far.

    Attributes
    ----------
    corrections : Array
        What the integrator has added to |W_k|^2 to keep what is conserved, all steps, shape (K,).
    squares : Array
        Growth of |W_k|^2 by the flow, without the corrections, on steps that resolve its rate, shape (K,).
    predicted_squares, path : Array
        On the same steps, the integral of d|W_k|^2/dt as predicted (problem 1.1), and of its absolute value; shape ().
    mean_margin : Array
        Growth of the margins' mean, weighted by their shares of the loss, on all steps: sum_i int p_i dnu_i; shape ().
    resolved_mean_margin : Array
        The same on steps that resolve the brackets, shape ().
    brackets : Array
        On those steps, the integral of rho L speed_k (|g_k|^2 - c^2) by t (problem 1.2), shape (K,).
    """

    corrections: Array
    squares: Array
    predicted_squares: Array
    path: Array
    mean_margin: Array
    resolved_mean_margin: Array
    brackets: Array

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and all(
            np.array_equal(getattr(self, one.name), getattr(other, one.name)) for one in fields(self)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays change

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def nothing(depth: int) -> Tally:
    """The tally of no step."""
    layers, number = np.zeros(depth), np.zeros(())
    return Tally(layers, layers, number, number, number, number, layers)


def stack(tallies: Sequence[Tally]) -> Tally:
    """Tallies of J knots as one, each field an array with J first."""
    return Tally(*(np.array([getattr(one, part.name) for one in tallies]) for part in fields(Tally)))


def tally(system: FlowSystem, before: Evaluation, after: Evaluation, step: float, corrections: Array) -> Tally:
    """The tally of one step of size `step` in s."""
    middle = system.evaluate(system.keep(0.5 * (before.state + after.state))[0])
    first, between, last = (system.predictions(at) for at in (before, middle, after))
    simpson = step / 6.0 * (first + 4.0 * between + last)
    trapezoid = step / 2.0 * (first + last)
    path = step / 6.0 * float(abs(first[0]) + 4.0 * abs(between[0]) + abs(last[0]))
    turns = _turns_as_its_ends(system, before, after, step)
    rate = float(turns and abs(simpson[0] - trapezoid[0]) <= _RATE_ERROR * path)
    brackets = float(turns and abs((simpson - trapezoid)[1:].sum()) <= _BRACKET_ERROR * simpson[1:].sum())
    grown = after.norms**2 - before.norms**2 - corrections
    rho = float(middle.norms.prod())
    mean = (_soft_minimum(system, after, rho) - _soft_minimum(system, before, rho)) / rho
    return Tally(
        corrections,
        rate * grown,
        np.asarray(rate * simpson[0]),
        np.asarray(rate * path),
        np.asarray(mean),
        np.asarray(brackets * mean),
        brackets * simpson[1:],
    )


def _soft_minimum(system: FlowSystem, at: Evaluation, rho: float) -> float:
    """-log sum_i exp(-rho nu_i): at fixed rho its differential is rho sum_i p_i dnu_i."""
    flat = at.state[: system.layout.size]
    lengths = np.sqrt(np.add.reduceat(flat * flat, system.layout.starts))
    return -softmin(rho / float(lengths.prod()) * at.signals.margins)[0]


def _turns_as_its_ends(system: FlowSystem, before: Evaluation, after: Evaluation, step: float) -> bool:
    """Whether the directions V_k move over a step as the mean of their velocities at its ends says."""
    layout = system.layout

    def direction(at: Evaluation) -> tuple[Array, Array]:
        flat, velocity = at.state[: layout.size], at.derivative[: layout.size]
        lengths = np.repeat(np.sqrt(np.add.reduceat(flat * flat, layout.starts)), layout.sizes)
        unit = flat / lengths
        radial = np.repeat(np.add.reduceat(unit * velocity, layout.starts), layout.sizes)
        return unit, (velocity - radial * unit) / lengths

    (start, outward), (end, inward) = direction(before), direction(after)
    turn = end - start
    missed = turn - 0.5 * step * (outward + inward)
    # a layer counts by the inverse of its speed, as it does in the brackets
    weights = 1.0 / system.direction_speeds(before.norms)
    sizes = [float(np.add.reduceat(change * change, layout.starts) @ weights) for change in (missed, turn)]
    return sizes[0] <= _MISSED**2 * sizes[1]
