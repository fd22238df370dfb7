"""Unconstrained features: gradient flow from random features to the global minimum, which is a collapse."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from core.arrays import Array
from core.neural_collapse.chebyshev import Step, integrate
from core.neural_collapse.feature_flow import Decays, FeatureFlow, Variables
from core.neural_collapse.morph import Moment, Morph, make_morph, some_of_each, spread_frames
from core.neural_collapse.regions import make_probes
from core.neural_collapse.statistics import FeatureStatistics, population_statistics
from core.neural_collapse.training import (
    CollapseCurves,
    CurveRecorder,
    Progress,
    Run,
    TrainingStatus,
    Watch,
    finish,
)
from core.neural_collapse.unconstrained_model import UnconstrainedMinimum, UnconstrainedParams, global_minimum
from core.notation import number

MAX_EVALUATIONS = 30_000
"""Budget of a run: four times what decays of 1e-4 need. Only runs at the threshold spend it."""
TOLERANCE = 1e-6
"""Of a step. It leaves W and H within 2e-5 of a run at 1e-12, and NC1 within 4 % down to 1e-18."""
GAP = 1e-10
"""Where a run ends: F is above its minimum by this, relative to the minimum."""
# F alone is flat at the threshold, where it sees W H but not W and H: they must be near their norms, too
_NEAR = 1e-3  # relative to the norms at the minimum
_VANISHED = 1e-4  # relative to the norms at the start
_RECORD = 1.03  # a step is kept where time has grown by this factor
_TIMES = 81
_EARLIEST = 0.1  # of the shortest time scale at the start: nothing moves before
_PROBES = 1000
_SHOWN = 400  # features in the pictures


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UnconstrainedResult:
    """A run at T times, about evenly spaced in log t.

    Attributes
    ----------
    params : UnconstrainedParams
        What was run.
    minimum : UnconstrainedMinimum
        The closed form.
    times : Array
        t > 0, rising, shape (T,).
    objectives : Array
        F, shape (T,).
    weight_singular, feature_singular : Array
        Singular values of W and of H, falling, shape (T, min(C, p)).
    imbalance : Array
        |lambda_W W^T W - lambda_H H H^T|, which is 0 at every stationary point, shape (T,).
    biases : Array
        b, shape (T, C).
    curves : CollapseCurves
        Metrics at the times; "elsewhere" are 1000 Gaussian probes of feature space on the scale of the means.
    morph : Morph
        Up to 41 pictures.
    status : TrainingStatus
        REACHED_MINIMUM, VANISHED, BUDGET or STOPPED.
    message : str
        The same in a sentence, with advice.
    evaluations, steps : int
        Evaluations of the gradient, and accepted steps.
    """

    params: UnconstrainedParams
    minimum: UnconstrainedMinimum
    times: Array
    objectives: Array
    weight_singular: Array
    feature_singular: Array
    imbalance: Array
    biases: Array
    curves: CollapseCurves
    morph: Morph
    status: TrainingStatus
    message: str
    evaluations: int
    steps: int

    @property
    def gaps(self) -> Array:
        """F over its minimum, less 1, shape (T,)."""
        return np.asarray(self.objectives / self.minimum.objective - 1.0)


def train_unconstrained(params: UnconstrainedParams, *, watch: Watch | None = None) -> UnconstrainedResult:
    """Follow the gradient flow until F is within 10^-10 of its minimum.

    Parameters
    ----------
    params : UnconstrainedParams
        The model and its start.
    watch : callable, optional
        Called with a `Progress` after each step, a fraction of a millisecond apart; the run ends where it returns
        False, with what was reached.

    Returns
    -------
    UnconstrainedResult
        The run, whatever its ending; the same for the same parameters, bit for bit, on one installation.
    """
    return finish(unconstrained_run(params), watch)


def unconstrained_run(params: UnconstrainedParams) -> Run[UnconstrainedResult]:
    """The same as a generator, which ends where it is sent False."""
    flow, minimum = _start(params), global_minimum(params)
    steps = integrate(flow, flow.start, TOLERANCE)
    begin, reached = next(steps), _Reached(flow, minimum)
    first_gap = reached.gap(begin)
    kept: list[Step] = []
    status: TrainingStatus | None = None
    count = 0
    while status is None:
        step, count = next(steps), count + 1
        if not kept or step.time >= _RECORD * kept[-1].time:
            kept.append(step)
        gap = reached.gap(step)
        status = reached.status(step, gap)
        if status is None:
            fraction = log(gap / first_gap) / log(GAP / first_gap)
            progress = Progress(min(max(fraction, 0.0), 1.0), minimum.objective * (1.0 + gap), step.evaluations)
            status = None if (yield progress) else TrainingStatus.STOPPED
    if kept[-1] is not step:
        kept.append(step)
    return _assemble(params, flow, minimum, _spread(kept, flow), status, count)


def _start(params: UnconstrainedParams) -> FeatureFlow:
    generator = np.random.default_rng(params.seed)
    features = generator.standard_normal((params.dimension, params.classes * params.samples))
    weights = generator.standard_normal((params.classes, params.dimension))
    decays = Decays(params.weight_decay, params.feature_decay, params.bias_decay)
    scale = params.initial_scale
    return FeatureFlow(scale * weights, scale * features, np.zeros(params.classes), decays, with_bias=params.bias)


class _Reached:
    """Tells where a run has come."""

    def __init__(self, flow: FeatureFlow, minimum: UnconstrainedMinimum) -> None:
        self._flow, self._minimum = flow, minimum
        self._sizes = flow.norms(flow.start)

    def gap(self, step: Step) -> float:
        """F over its minimum, less 1; kept above 0, where rounding may take it."""
        return max(self._flow.objective(step.state) / self._minimum.objective - 1.0, 1e-16)

    def status(self, step: Step, gap: float) -> TrainingStatus | None:
        """How the run ends here, if it does."""
        goal = np.array([self._minimum.weight_norm, self._minimum.feature_norm])
        apart = np.abs(self._flow.norms(step.state) - goal)
        if gap <= GAP and (apart <= _NEAR * goal + _VANISHED * self._sizes).all():
            return TrainingStatus.VANISHED if self._minimum.is_zero else TrainingStatus.REACHED_MINIMUM
        return TrainingStatus.BUDGET if step.evaluations >= MAX_EVALUATIONS else None


def _spread(kept: Sequence[Step], flow: FeatureFlow) -> list[Step]:
    """At most `_TIMES` of the steps, evenly spaced in log t, the last among them."""
    if len(kept) == 1:
        return list(kept)
    times = np.log([step.time for step in kept])
    begin = max(times[0], min(times[-1], log(_EARLIEST / flow.stiffness(flow.start))))
    wanted = np.linspace(begin, times[-1], _TIMES)
    after = np.searchsorted(times, wanted).clip(1, len(times) - 1)
    nearest = np.where(wanted - times[after - 1] < times[after] - wanted, after - 1, after)
    return [kept[i] for i in np.unique(nearest)]


def _assemble(
    params: UnconstrainedParams,
    flow: FeatureFlow,
    minimum: UnconstrainedMinimum,
    steps: Sequence[Step],
    status: TrainingStatus,
    count: int,
) -> UnconstrainedResult:
    states = [step.state for step in steps]
    singular = np.array([flow.singular_values(state) for state in states])
    variables = [flow.variables(state) for state in states]
    objectives = np.array([flow.objective(state) for state in states])
    return UnconstrainedResult(
        params=params,
        minimum=minimum,
        times=np.array([step.time for step in steps]),
        objectives=objectives,
        weight_singular=singular[:, 0],
        feature_singular=singular[:, 1],
        imbalance=np.array([flow.imbalance(state) for state in states]),
        biases=np.array([one.bias for one in variables]),
        curves=_curves(flow, variables),
        morph=_morph(params, flow, variables),
        status=status,
        message=_message(status, minimum, float(objectives[-1])),
        evaluations=steps[-1].evaluations,
        steps=count,
    )


def _curves(flow: FeatureFlow, variables: Sequence[Variables]) -> CollapseCurves:
    recorder = CurveRecorder(flow.decays.weights)
    for one in variables:
        probes = make_probes(one.means, _PROBES)
        recorder.add(flow_statistics(flow, one), one.weights, one.bias, flow.features(one).T, probes)
    return recorder.curves()


def flow_statistics(flow: FeatureFlow, variables: Variables) -> FeatureStatistics:
    """Moments of the features from means and deviations, which no rounding of their sum has touched."""
    factor = variables.within.T / np.sqrt(flow.classes * flow.samples)
    counts = np.full(flow.classes, flow.samples)
    return population_statistics(variables.means, factor, counts)


def _morph(params: UnconstrainedParams, flow: FeatureFlow, variables: Sequence[Variables]) -> Morph:
    labels = np.repeat(np.arange(params.classes), params.samples)
    shown = some_of_each(labels, max(1, _SHOWN // params.classes))
    frames = spread_frames(len(variables))
    moments = [Moment(one.means, one.weights, flow.features(one).T[shown]) for one in (variables[i] for i in frames)]
    return make_morph(moments, frames, labels[shown], np.zeros(len(shown), dtype=bool))


def _message(status: TrainingStatus, minimum: UnconstrainedMinimum, objective: float) -> str:
    strength, gap = number(minimum.strength), number(objective / minimum.objective - 1.0)
    match status:
        case TrainingStatus.REACHED_MINIMUM:
            return f"The objective reached its global minimum, {number(minimum.objective)}, to {gap} of it."
        case TrainingStatus.VANISHED:
            return (
                f"Features and weights vanished: with C √(N λ_W λ_H) = {strength}, at least 1, nothing is worth its "
                "penalty. Take smaller decays to see a simplex."
            )
        case TrainingStatus.STOPPED:
            return f"Stopped with the objective above its minimum by {gap} of it; what was reached is shown."
    if abs(minimum.strength - 1.0) < 0.1:
        return (
            f"The budget is spent. With C √(N λ_W λ_H) = {strength}, near the threshold 1, the features shrink like a "
            "power of time in place of an exponential. Take other decays."
        )
    return f"The budget is spent with the objective above its minimum by {gap} of it. Take larger decays."
