"""Name how a run ended, and say what to do about it."""

from bisect import bisect_left

import numpy as np

from core.arrays import Array
from core.gradient_flow.clock import log_time
from core.gradient_flow.rosenbrock import Knot
from core.gradient_flow.separability import contradiction, linearly_separable
from core.gradient_flow.status import FlowStatus
from core.gradient_flow.systems import FlowSystem
from core.notation import power_of_ten

_STILL = 1e-10  # relative speed per unit of s, at which 10^9 more steps would change nothing visible
_FLAT = 0.05  # fall of log L
_PATIENCE = 6_000  # evaluations, five times a typical run
_SETTLED = 0.02  # fall of log L
_LN10 = float(np.log(10.0))


def is_standing_still(system: FlowSystem, knot: Knot) -> bool:
    """Whether the flow has come to rest, at a minimum of the loss or at a saddle."""
    return bool((np.abs(knot.at.derivative) <= _STILL * system.magnitude(knot.at.state)).all())


def has_settled(knots: list[Knot]) -> bool:
    """Whether the loss has stood still, above 1, for half of a long run: on a plateau, or at its minimum."""
    last = knots[-1]
    if last.evaluations < _PATIENCE or last.at.log_loss < 0.0:
        return False
    half = bisect_left(knots, last.evaluations // 2, key=lambda knot: knot.evaluations)
    return knots[half].at.log_loss - last.at.log_loss < _SETTLED


def is_over(system: FlowSystem, knots: list[Knot]) -> bool:
    """Whether nothing more will come of a run."""
    return is_standing_still(system, knots[-1]) or system.has_vanished(knots[-1].at.state) or has_settled(knots)


def describe(system: FlowSystem, knots: list[Knot], status: FlowStatus | None) -> tuple[FlowStatus, str]:
    """Status and message of a run.

    Parameters
    ----------
    system : FlowSystem
        The flow.
    knots : list of Knot
        Its steps.
    status : FlowStatus or None
        The ending, where it is known already.

    Returns
    -------
    status : FlowStatus
        The ending.
    message : str
        One or two sentences: what happened, and what to do.
    """
    loss = power_of_ten(knots[-1].at.log_loss / _LN10)
    match status:
        case FlowStatus.REACHED_LOSS:
            return status, f"The loss reached {loss}."
        case FlowStatus.REACHED_TIME:
            return status, f"The run reached its time; the loss stands at {loss}."
        case FlowStatus.STOPPED:
            return status, f"Stopped at L = {loss}; what was reached is shown."
    return _name(system, knots, loss)


def _name(system: FlowSystem, knots: list[Knot], loss: str) -> tuple[FlowStatus, str]:
    """The first of the possible causes that is true, from facts about the data to what merely happened."""
    margins, shares = knots[-1].at.signals.margins, knots[-1].at.shares
    if not margins.any() and not knots[-1].at.derivative.any():
        return FlowStatus.ZERO_NETWORK, (
            "Every gate is closed: the network is identically zero on this data, so no gradient flows. "
            "Take another weight seed or a larger width."
        )
    if (pair := contradiction(system.points, system.labels)) is not None:
        return FlowStatus.CONTRADICTION, _contradiction_message(system.points, *pair)
    if margins.min() > 0.0 and knots[-1].at.log_loss > 0.0:
        return FlowStatus.BUDGET, (
            f"All samples are on their side now, but the loss stands at {loss}: only below 1 is that for good. "
            "Take larger norms or another weight seed, or a smaller network, to end within the budget."
        )
    if margins.min() > 0.0:
        return FlowStatus.BUDGET, (
            f"The data are separated, and the loss stands at {loss}. "
            "Choose a nearer target or a smaller network to end within the budget."
        )
    if len(knots[-1].at.weights) == 1 and not linearly_separable(system.points, system.labels):
        return FlowStatus.NOT_LINEARLY_SEPARABLE, _linear_message(system.points, system.labels, loss)
    if system.has_vanished(knots[-1].at.state):
        return FlowStatus.NORM_VANISHED, (
            "The norm of a layer shrank to 0, where its direction V is not defined and the normalized flow ends. "
            "Take the plain flow, a larger norm, or data that the network can separate."
        )
    if silent := int(_without_gradient(knots[-1])[shares > 0.0].sum()):
        return FlowStatus.NO_GRADIENT, (
            f"{silent} sample{'s get' if silent > 1 else ' gets'} no gradient: all paths to them are closed, "
            f"so the loss settles at {loss}. Not separated within the budget, which does not mean not separable: "
            "take another weight seed or a larger width."
        )
    if _is_flat(knots):
        return FlowStatus.PLATEAU, (
            f"The flow sits on a plateau: over the last decade of time the loss has stayed at {loss}. "
            "Take larger initial norms, fewer layers or another weight seed."
        )
    return FlowStatus.NOT_SEPARATED, (
        f"This flow did not separate the data within the budget; the loss stands at {loss}. Many neurons at their "
        "kinks make the steps small. Take a larger width, larger norms, fewer flipped labels or another weight seed."
    )


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


def _is_flat(knots: list[Knot]) -> bool:
    """Whether the loss has hardly changed over the last decade of time, or over all of a shorter run."""
    s = np.array([knot.s for knot in knots])
    rate = np.array([knot.at.log_clock for knot in knots])
    times = log_time(s, rate, np.array([knot.at.log_clock_slope for knot in knots]))
    decade = max(int(np.searchsorted(times, times[-1] - _LN10)) - 1, 0)
    return knots[decade].at.log_loss - knots[-1].at.log_loss < _FLAT


def _linear_message(points: Array, labels: Array, loss: str) -> str:
    """Why K = 1 fails, and what would help."""
    plane = "line" if points.shape[1] <= 3 else "hyperplane"
    has_bias = bool((points[:, -1] == 1.0).all())
    if has_bias:
        return f"No {plane} separates these samples, so K = 1 cannot; the loss settles at {loss}. Take K = 2 or more."
    bias = linearly_separable(np.column_stack([points, np.ones(len(points))]), labels)
    return (
        f"No {plane} through the origin separates these samples, so K = 1 cannot; the loss settles at {loss}. "
        f"Take K = 2 or more{', or switch the bias coordinate on' if bias else ''}."
    )
