"""Random settings of problem 1 with their claims, and runs falsified in one way each."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import cache, lru_cache

import numpy as np

from core.claims import Claim
from core.gradient_flow import FlowParams, FlowResult, integrate_flow, run_flow, training_data
from core.gradient_flow import statements as s
from core.gradient_flow.datasets import KINDS, with_bias
from core.gradient_flow.dynamics import SYSTEMS
from core.gradient_flow.plain_flow import PlainFlow
from core.gradient_flow.relu_network import initial_weights
from core.gradient_flow.study import Study, study_flow

Scan = Callable[[np.random.Generator], tuple[object, Sequence[Claim]]]
Sabotage = Callable[[], tuple[Claim, Claim]]


def setting(rng: np.random.Generator) -> FlowParams:
    """All that the controls of the page allow; mostly short runs, as a long one takes ten times as long."""
    return FlowParams(
        dataset=str(rng.choice(list(KINDS))),
        samples=int(rng.choice([4, 6, 10, 20, 40, 60, 80, 100, 150, 200], p=[0.15, 0.15, 0.2, 0.2, 0.1] + [0.04] * 5)),
        noise=float(np.round(rng.choice(np.arange(21)) * 0.05, 2)),
        flipped=int(rng.choice([0, 0, 0, 1, 2, 4])),
        data_seed=int(rng.integers(21)),
        bias=bool(rng.integers(2)),
        depth=int(rng.integers(1, 7)),
        width=int(rng.choice([2, 4, 8, 16, 24, 32], p=[0.15, 0.3, 0.3, 0.15, 0.05, 0.05])),
        norm=float(rng.choice([0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0])),
        norm_ratio=float(rng.choice([0.125, 0.25, 0.5, 1.0, 1.0, 2.0, 4.0, 8.0])),
        seed=int(rng.integers(21)),
        dynamics=str(rng.choice(["plain", "plain", "normalized"])),
        target=int(rng.choice([-10, -100, -800, -10000], p=[0.72, 0.2, 0.06, 0.02])),
    )


@lru_cache(maxsize=1)
def _study(params: FlowParams) -> Study:
    return study_flow(params)


def _norms(rng: np.random.Generator) -> tuple[FlowParams, Sequence[Claim]]:
    params = setting(rng)
    return params, _study(params).norm_claims


def _margins(rng: np.random.Generator) -> tuple[FlowParams, Sequence[Claim]]:
    params = setting(rng)
    return params, _study(params).margin_claims


SCANS: dict[str, Scan] = {"norms": _norms, "margins": _margins}

UNEQUAL = FlowParams(dataset="moons", samples=20, depth=3, width=8, norm_ratio=3.0, target=-100)
CARRIED = FlowParams(dataset="gaussians", noise=0.3, bias=False, depth=1, samples=20, data_seed=2, target=-100)


@cache
def run(params: FlowParams = UNEQUAL) -> FlowResult:
    return run_flow(params)


def falsified(result: FlowResult, **values: object) -> FlowResult:
    """A copy of a run with other numbers, as a wrong integrator would give."""
    return FlowResult(**{one.name: getattr(result, one.name) for one in fields(result) if one.init} | values)


def _ramp(result: FlowResult, end: float) -> np.ndarray:
    """From 1 to `end` over the run, ever by the same little."""
    return np.linspace(1.0, end, len(result.log10_time))


def _of_weights(flow: type[PlainFlow], params: FlowParams) -> FlowResult:
    """The run of a falsified flow."""
    data = training_data(params)
    points = with_bias(data.points) if params.bias else data.points
    weights = initial_weights(
        points.shape[1], params.depth, params.width, params.initial_norms, np.random.default_rng(params.seed)
    )
    SYSTEMS["falsified"] = flow
    try:
        wrong = integrate_flow(weights, points, data.labels, dynamics="falsified", stop_log10_loss=float(params.target))
    finally:
        del SYSTEMS["falsified"]
    return falsified(wrong, dynamics="plain")


def _faster(factor: float) -> type[PlainFlow]:
    """The plain flow with a second layer that moves faster."""

    class Faster(PlainFlow):
        def evaluate(self, state):
            at = super().evaluate(state)
            derivative = at.derivative.copy()
            a, b = self.layout.spans[1]
            derivative[a:b] *= factor
            return replace(at, derivative=derivative)

    return Faster


class SwappedClasses(PlainFlow):
    """Descends the loss of one label for another, and states margins of the true ones."""

    def evaluate(self, state):
        at = super().evaluate(state)
        self.labels = np.roll(self.labels, 1)
        moved = super().evaluate(state).derivative
        self.labels = np.roll(self.labels, -1)
        return replace(at, derivative=moved)


class Unkept(PlainFlow):
    """The plain flow of old: what it conserves is left to the integrator, which loses some."""

    def keep(self, state):
        a, b = self.layout.spans[1]
        drifted = state.copy()
        drifted[a:b] *= 1.0 + 2e-6
        return drifted, np.zeros(self.depth)


class WithoutSpeeds(PlainFlow):
    """Predicts by the formula of the normalized flow, without 1/rho_k^2."""

    def predictions(self, at):
        rates = super().predictions(at)
        return np.append(rates[0], rates[1:] * np.add.reduceat(at.state * at.state, self.layout.starts))


class Scaled(PlainFlow):
    """Predicts 1 % (rates of the squares) and 10 % (brackets) too much."""

    def predictions(self, at):
        return super().predictions(at) * np.append(1.01, np.full(self.depth, 1.1))


def _scaled(result: FlowResult, **factors: object) -> FlowResult:
    """A run with some of its arrays times a factor."""
    return falsified(result, **{name: getattr(result, name) * factor for name, factor in factors.items()})


def _with_changes(result: FlowResult, **values: np.ndarray) -> FlowResult:
    return falsified(result, changes=replace(result.changes, **values))


def _slow_layer() -> tuple[Claim, Claim]:
    true = run()
    drift = np.stack([np.ones(len(true.log10_time)), _ramp(true, 1.001), np.ones(len(true.log10_time))], axis=1)
    return s.conserved_differences(true), s.conserved_differences(_scaled(true, layer_norms=drift))


def _slow_spread() -> tuple[Claim, Claim]:
    true = run(replace(UNEQUAL, norm_ratio=1.0))
    drift = np.stack([np.ones(len(true.log10_time)), _ramp(true, 1.01), np.ones(len(true.log10_time))], axis=1)
    return s.equal_norms(true), s.equal_norms(_scaled(true, layer_norms=drift))


def _slow_norms() -> tuple[Claim, Claim]:
    true = run()
    late = true.log10_time >= true.loss_below_one_at
    fall = np.where(late, np.linspace(1.0, 0.9, len(late)), 1.0)[:, None]
    level = np.where(late[:, None], true.layer_norms[late][0], true.layer_norms)
    return s.norms_grow(true), s.norms_grow(falsified(true, layer_norms=level * fall))


def _slow_smoothed() -> tuple[Claim, Claim]:
    """An 80 % fall, each step of it within the old tolerance of three gate widths."""
    true = run()
    late = np.flatnonzero(true.log10_time >= true.loss_below_one_at)
    values = true.smoothed_margin.copy()
    values[late] = values.max() * np.linspace(1.0, 0.2, len(late))
    return s.smoothed_margin_grows(true), s.smoothed_margin_grows(falsified(true, smoothed_margin=values))


def _slow_smallest() -> tuple[Claim, Claim]:
    true = run(CARRIED)
    return s.margin_grows(true), s.margin_grows(
        _scaled(true, normalized_margins=_ramp(true, 0.2)[:, None] / true.smallest_margin[:, None] * 0.1)
    )


def _falling_mean() -> tuple[Claim, Claim]:
    """Margins that fall slowly, where the brackets say that they rise."""
    true = run()
    mean, resolved = -0.3 * true.changes.mean_margin, -0.3 * true.changes.resolved_mean_margin
    return s.mean_margin_grows(true), s.mean_margin_grows(
        _with_changes(true, mean_margin=mean, resolved_mean_margin=resolved)
    )


def _late_fall_of_the_mean() -> tuple[Claim, Claim]:
    """A slow fall at the end by a third of the whole rise, where no step resolves the brackets."""
    true = run()
    count = len(true.changes.mean_margin)
    fall = 0.3 * true.changes.mean_margin[-1] * np.clip(np.linspace(-3.0, 1.0, count), 0.0, 1.0)
    return s.mean_margin_grows(true), s.mean_margin_grows(
        _with_changes(true, mean_margin=true.changes.mean_margin - fall)
    )


def _wrong_direction() -> tuple[Claim, Claim]:
    """The limit is off by half a degree."""
    true = run(CARRIED)
    return s.support_vector_direction(true), s.support_vector_direction(
        falsified(true, svm_angle=true.svm_angle + 0.01)
    )


def _flow(claim: Callable[[FlowResult], Claim], flow: type[PlainFlow]) -> Sabotage:
    return lambda: (claim(run()), claim(_of_weights(flow, UNEQUAL)))


SABOTAGES: dict[str, Sabotage] = {
    "one layer faster by 5 %: one rate": _flow(s.one_rate, _faster(1.05)),
    "one layer faster by 1 %: one rate": _flow(s.one_rate, _faster(1.01)),
    "one layer faster by 5 %: what is put right": _flow(s.conserved_differences, _faster(1.05)),
    "predicted rate 1 % too large": _flow(s.one_rate, Scaled),
    "a layer drifts by 2e-6 a step": _flow(s.conserved_differences, Unkept),
    "a layer drifts by 0.1 % over the run": _slow_layer,
    "equal norms drift apart by 1 %": _slow_spread,
    "norms fall slowly": _slow_norms,
    "the smoothed margin falls by 80 %, slowly": _slow_smoothed,
    "the smallest margin falls by 80 %, slowly": _slow_smallest,
    "margins fall where the brackets say rise": _falling_mean,
    "margins fall late, slowly": _late_fall_of_the_mean,
    "brackets 10 % too large": _flow(s.mean_margin_grows, Scaled),
    "brackets without 1/rho_k^2": _flow(s.mean_margin_grows, WithoutSpeeds),
    "the loss of other samples' labels descended": _flow(s.mean_margin_grows, SwappedClasses),
    "another direction than the support vector machine's": _wrong_direction,
}
"""Name of a falsification -> the claim on the true run, and on the falsified one."""
