"""From the steps of a run to its result."""

import numpy as np

from core.arrays import Array
from core.gradient_flow.endings import describe
from core.gradient_flow.result import FlowResult
from core.gradient_flow.rosenbrock import Knot
from core.gradient_flow.separability import angle_between_directions, hard_margin_direction
from core.gradient_flow.status import FlowStatus
from core.gradient_flow.systems import FlowSystem
from core.gradient_flow.tally import stack
from core.gradient_flow.trajectory import (
    LN10,
    Trajectory,
    interpolate,
    kkt_residual,
    measure,
    snapshot_indices,
)


def assemble(system: FlowSystem, dynamics: str, knots: list[Knot], status: FlowStatus | None) -> FlowResult:
    """Measure a run and put its result together.

    Parameters
    ----------
    system : FlowSystem
        The flow.
    dynamics : str
        Its name.
    knots : list of Knot
        Its steps.
    status : FlowStatus or None
        Its ending, where that is known already.
    """
    status, message = describe(system, knots, status)
    if len(knots) == 1:
        knots = [
            *knots,
            Knot(1.0, knots[0].at, knots[0].evaluations, knots[0].tally),
        ]  # a flow that stands still, for one unit of s
    trajectory = Trajectory(system, knots)
    kept = trajectory.kept()
    on_knots = measure(trajectory, kept)
    log_time = trajectory.grid(kept)
    on_grid = interpolate(on_knots, trajectory.log_time[kept], log_time)
    chosen = snapshot_indices(trajectory.log_time[kept])
    weights, rho = trajectory.weights(kept[chosen])
    directions = [weight / rho[:, k, None, None] for k, weight in enumerate(weights)]
    x, y, eps = system.points, system.labels, system.gate_width
    rate_time, measured, predicted = trajectory.rates()
    svm = hard_margin_direction(x, y) if len(weights) == 1 else None
    return FlowResult(
        dynamics=dynamics,
        gate_width=eps,
        points=x,
        labels=y,
        log10_time=log_time / LN10,
        log10_loss=on_grid.log_loss / LN10,
        layer_norms=on_grid.norms,
        direction_norms=on_grid.direction_norms,
        normalized_margins=on_grid.margins,
        smoothed_margin=-on_grid.log_loss / on_grid.norms.prod(axis=1),
        loss_shares=on_grid.shares,
        own_growth=on_grid.own,
        cross_growth=on_grid.cross,
        total_growth=on_grid.total,
        change_log10_time=trajectory.log_time[kept] / LN10,
        changes=stack([knots[i].tally for i in kept]),
        rate_log10_time=rate_time,
        measured_rates=measured,
        predicted_rates=predicted,
        rate_deviation=trajectory.rate_deviation(),
        separated_at=_first_above(log_time / LN10, on_grid.margins.min(axis=1)),
        loss_below_one_at=_last_above(log_time / LN10, -on_grid.log_loss),
        kkt_residual=np.array(
            [
                kkt_residual([v[i] for v in directions], x, y, eps, on_knots.shares[index])
                for i, index in enumerate(chosen)
            ]
        ),
        svm_direction=svm,
        svm_angle=None if svm is None else np.array([angle_between_directions(w[0], svm) for w in directions[0]]),
        snapshot_log10_time=trajectory.log_time[kept[chosen]] / LN10,
        snapshot_log10_loss=trajectory.log_loss[kept[chosen]] / LN10,
        snapshot_weights=tuple(directions),
        status=status,
        message=message,
        evaluations=knots[-1].evaluations,
        steps=len(knots) - 1,
    )


def _first_above(times: Array, values: Array) -> float:
    """First time at which a series is positive, by linear interpolation; NaN if it never is."""
    positive = np.flatnonzero(values > 0.0)
    if not len(positive):
        return float("nan")
    i = int(positive[0])
    return float(times[0]) if i == 0 else _crossing(times, values, i)


def _last_above(times: Array, values: Array) -> float:
    """Time from which on a series is positive; NaN if it ends below."""
    below = np.flatnonzero(values <= 0.0)
    if values[-1] <= 0.0:
        return float("nan")
    return float(times[0]) if not len(below) else _crossing(times, values, int(below[-1]) + 1)


def _crossing(times: Array, values: Array, i: int) -> float:
    fraction = values[i - 1] / (values[i - 1] - values[i])
    return float(times[i - 1] + fraction * (times[i] - times[i - 1]))
