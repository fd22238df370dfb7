"""Name how a run ended, and say what to do about it.

An ending says what was measured at the end of the run, or what follows from the data; never what a larger budget
could refute.
"""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from core.arrays import Array
from core.gradient_flow.clock import log_time
from core.gradient_flow.rosenbrock import Knot
from core.gradient_flow.separability import bias_advice, contradiction, linearly_separable
from core.gradient_flow.status import FlowStatus
from core.gradient_flow.systems import FlowSystem
from core.notation import number, power_of_ten

_STILL = 1e-10  # relative speed per unit of s, at which 10^9 more steps would change nothing visible
_FLAT = 0.05  # fall of log L over a decade of time
_PATIENCE = 6_000  # evaluations, five times a typical run
_SETTLED = 0.02  # fall of log L
_NEAR_ZERO = 0.1  # largest margin of a network that is still close to zero
_LN10 = float(np.log(10.0))


def is_standing_still(system: FlowSystem, knot: Knot) -> bool:
    """Whether the flow has come to rest, at a minimum of the loss or at a saddle."""
    return bool((np.abs(knot.at.derivative) <= _STILL * system.magnitude(knot.at.state)).all())


def has_settled(knots: Sequence[Knot]) -> bool:
    """Whether the loss has stood still, above 1, for half of a long run: on a plateau, or at its minimum."""
    last = knots[-1]
    if last.evaluations < _PATIENCE or last.at.log_loss < 0.0:
        return False
    return _fall_of_half(knots) < _SETTLED


def is_over(system: FlowSystem, knots: Sequence[Knot]) -> bool:
    """Whether nothing more is to be expected of a run."""
    last = knots[-1]
    return is_standing_still(system, last) or system.has_vanished(last.at.state) or has_settled(knots)


def describe(
    system: FlowSystem, knots: Sequence[Knot], status: FlowStatus | None, budget: int
) -> tuple[FlowStatus, str]:
    """Status and message of a run.

    Parameters
    ----------
    system : FlowSystem
        The flow.
    knots : sequence of Knot
        All of its steps; the last one whole.
    status : FlowStatus or None
        The ending, where it is known already.
    budget : int
        The evaluations it could have spent.

    Returns
    -------
    status : FlowStatus
        The ending.
    message : str
        What was measured, and what to do.
    """
    knot = knots[-1]
    loss = power_of_ten(knot.at.log_loss / _LN10)
    match status:
        case FlowStatus.REACHED_LOSS:
            return status, f"The loss reached {loss}."
        case FlowStatus.REACHED_TIME:
            return status, f"The run reached its time; the loss stands at {loss}."
        case FlowStatus.STOPPED:
            return status, f"Stopped at L = {loss}; what was reached is shown."
    return _known_of_the_data(system, knot, loss) or _measured(system, knots, budget, loss)


def _known_of_the_data(system: FlowSystem, knot: Knot, loss: str) -> tuple[FlowStatus, str] | None:
    """The endings that are facts about data and network, whatever the budget."""
    if not knot.at.signals.margins.any() and not knot.at.derivative.any():
        return FlowStatus.ZERO_NETWORK, (
            "Every gate is closed: the network is identically zero on this data, so no gradient flows. "
            "Take another weight seed or a larger width."
        )
    if (pair := contradiction(system.points, system.labels)) is not None:
        return FlowStatus.CONTRADICTION, _contradiction_message(system.points, *pair)
    if len(knot.at.weights) == 1 and not linearly_separable(system.points, system.labels):
        rest = is_standing_still(system, knot)
        where = f"the loss, which is convex in W, is at its minimum, {loss}" if rest else f"the loss stands at {loss}"
        return FlowStatus.NOT_LINEARLY_SEPARABLE, _linear_message(system, where)
    return None


def _measured(system: FlowSystem, knots: Sequence[Knot], budget: int, loss: str) -> tuple[FlowStatus, str]:
    """The first of the other endings that was measured."""
    knot = knots[-1]
    margins, above = knot.at.signals.margins, knot.at.log_loss >= 0.0
    still, spent = is_standing_still(system, knot), knot.evaluations >= budget
    bias = bias_advice(system.points, system.labels, len(knot.at.weights), system.gate_width)
    if system.has_vanished(knot.at.state):
        return FlowStatus.NORM_VANISHED, (
            "The norm of a layer shrank to less than a thousandth of its start; at 0 its direction V is not defined, "
            f"and the normalized flow ends. Take the plain flow, a larger norm, or another weight seed.{bias}"
        )
    if not spent and not is_over(system, knots):
        return FlowStatus.NO_STEP, (
            f"No step, however small, met the error tolerance at L = {loss}; what was reached is shown. "
            "Take another weight seed or a larger width."
        )
    within = _within(knots, budget)
    if margins.min() > 0.0 and not above and spent:
        return FlowStatus.BUDGET, (
            f"The data are separated, and the loss stands at {loss} {within}. "
            f"Choose a nearer target or a smaller network to end within the budget.{bias}"
        )
    if silent := int(_without_gradient(knot)[knot.at.shares > 0.0].sum()):
        return FlowStatus.NO_GRADIENT, (
            f"{silent} sample{'s get' if silent > 1 else ' gets'} no gradient: every path to "
            f"{'them' if silent > 1 else 'it'} is inactive (dead ReLUs), and only the other samples can move the "
            f"weights{', but the flow is at rest' if still else ''}. The loss stands at {loss} {within}, which does "
            f"not mean that the data are not separable: take another weight seed or a larger width.{bias}"
        )
    if still:
        return FlowStatus.AT_REST, (
            f"The flow is at rest at L = {loss}, {_wrong(margins)}: the gradient is zero to ten digits, as at a local "
            f"minimum or a saddle. Take another weight seed or a larger width.{bias}"
        )
    if margins.min() > 0.0:
        excess = float(np.expm1(knot.at.log_loss))
        return FlowStatus.ABOVE_ONE, (
            f"All samples are on their side, but the loss is above 1, at {loss if excess > 0.01 else ''}"
            f"{'' if excess > 0.01 else f'1 + {number(excess)}'} {within}: only below 1 is separation for good. "
            f"Take another weight seed, larger norms or a larger width.{bias}"
        )
    fall = _fall_of_decade(knots)
    if fall is not None and fall < _FLAT:
        small = _largest_output(knot) < _NEAR_ZERO
        advice = "larger initial norms, fewer layers" if small else "a larger width"
        return FlowStatus.PLATEAU, (
            f"The loss hardly moves: {_percent(fall)} over the last decade of time, to {loss} {within}, "
            f"{f'with |f| still below {_NEAR_ZERO:g} on every sample' if small else _wrong(margins)}. "
            f"Take {advice} or another weight seed.{bias}"
        )
    return FlowStatus.NOT_SEPARATED, (
        f"This flow did not separate the data: the loss stands at {loss} {within}, {_wrong(margins)}"
        f"{_kinks(knot)}. Take a larger width, larger norms or another weight seed.{bias}"
    )


def _within(knots: Sequence[Knot], budget: int) -> str:
    """How long the run was, and why it was no longer."""
    count = knots[-1].evaluations
    if count >= budget:
        return f"within the budget of {_thousands(budget)} evaluations"
    if not has_settled(knots):
        return f"after {_thousands(count)} evaluations"
    fall = _percent(_fall_of_half(knots))
    return f"after {_thousands(count)} evaluations, over the last half of which it fell by {fall}"


def _thousands(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f") if count >= 10_000 else str(count)


def _percent(fall: float) -> str:
    """A fall of log L as a share of L."""
    return f"{number(-100.0 * float(np.expm1(-max(fall, 0.0))))} %"


def _largest_output(knot: Knot) -> float:
    """Largest |f|, from the shares of the loss, which are exp(-y f) / L under either flow."""
    with np.errstate(divide="ignore"):
        return float(np.abs(np.log(knot.at.shares) + knot.at.log_loss).max())


def _wrong(margins: Array) -> str:
    count = int((margins <= 0.0).sum())
    return f"with {count} of {len(margins)} samples not on their side" if count else "with all samples on their side"


def _kinks(knot: Knot) -> str:
    """How many neurons are at the kink of their ReLU for some sample, where small steps are needed."""
    at_kink = sum(int(((ramp > 0.0) & (ramp < 1.0)).any(axis=0).sum()) for ramp in knot.at.signals.ramps)
    return f", and {at_kink} neuron{'s' * (at_kink > 1)} at a kink, where steps are small" if at_kink else ""


def _contradiction_message(points: Array, i: int, j: int) -> str:
    i, j = min(i, j), max(i, j)
    if i == j:
        return (
            f"Sample {i + 1} lies at the origin, where a bias-free network is 0 whatever its weights. "
            "Switch the bias coordinate on."
        )
    if np.abs(points[i] - points[j]).max() <= 1e-12 * np.abs(points[i]).max():
        return (
            f"Samples {i + 1} and {j + 1} are the same point with opposite labels: no network can separate them. "
            "Remove one of them, or flip fewer labels."
        )
    return (
        f"Samples {i + 1} and {j + 1} lie on one ray from the origin with opposite labels: no bias-free network "
        "can separate them, as f has one sign along a ray. Switch the bias coordinate on."
    )


def _without_gradient(knot: Knot) -> Array:
    """Samples on which the network is zero and stays zero to first order, shape (n,)."""
    signals = knot.at.signals
    squares = sum(np.vecdot(b, b) * np.vecdot(h, h) for b, h in zip(signals.backward, signals.inputs, strict=True))
    return np.asarray((signals.margins == 0.0) & (squares == 0.0))


def _fall_of_half(knots: Sequence[Knot]) -> float:
    """Fall of log L over the last half of the evaluations."""
    half = bisect_left(knots, knots[-1].evaluations // 2, key=lambda knot: knot.evaluations)
    return knots[half].at.log_loss - knots[-1].at.log_loss


def _fall_of_decade(knots: Sequence[Knot]) -> float | None:
    """Fall of log L over the last decade of time, or None for a run that is not so long."""
    numbers = [(knot.s, knot.at.log_clock, knot.at.log_clock_slope, knot.at.log_loss) for knot in knots]
    s, rate, slope, log_loss = np.array(numbers).T
    times = log_time(s, rate, slope)
    before = np.flatnonzero(times <= times[-1] - _LN10)
    return float(log_loss[before[-1]] - log_loss[-1]) if len(before) and before[-1] > 0 else None


def _linear_message(system: FlowSystem, where: str) -> str:
    """Why K = 1 fails, and what would help."""
    points = system.points
    has_bias = bool((points[:, -1] == 1.0).all())
    plane = "line" if points.shape[1] <= (3 if has_bias else 2) else "hyperplane"
    bias = bias_advice(points, system.labels, 1, system.gate_width)
    return (
        f"No {plane}{'' if has_bias else ' through the origin'} separates these samples, so K = 1 cannot; {where}. "
        f"Take K = 2 or more.{bias}"
    )
