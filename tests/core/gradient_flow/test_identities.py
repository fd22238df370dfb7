"""Each step of the derivations is a measurement: it agrees with its formula, and not with a wrong one."""

from dataclasses import replace

import numpy as np
import pytest

from core.gradient_flow import FlowParams, run_flow
from core.gradient_flow import identities as steps
from core.gradient_flow.differences import derivative_along, weight_derivatives
from core.gradient_flow.identities import Identity, identities
from core.gradient_flow.moment import flow_rates, moment_of
from core.gradient_flow.relu_network import evaluate, weighted_gradient
from tests.core.gradient_flow.helpers import small_network

CLOUDS = FlowParams(dataset="gaussians", noise=0.3, bias=False, samples=10, width=6, target=-100, norm_ratio=2.0)
RUNS = {
    "plain": replace(CLOUDS, depth=3),
    "normalized": replace(CLOUDS, depth=2, dynamics="normalized"),
    "one layer": replace(CLOUDS, depth=1),
}
MEASURED = ("euler", "rate", "multiplier", "tangent", "margin", "group", "fall")
LAWS = ("late", "growth_law", "loss_law", "norm_law")


@pytest.fixture(scope="module", params=RUNS)
def run(request):
    return run_flow(RUNS[request.param])


@pytest.mark.parametrize("snapshot", [0, 1, 6, -1])
def test_steps_hold_at_every_moment(run, snapshot):
    found = identities(run, snapshot % len(run.snapshot_log10_time))
    assert set(found) - set(LAWS) == {*MEASURED, "cauchy_schwarz"}
    for name in MEASURED:
        assert not found[name].residual > (1e-4 if snapshot >= 0 else 1e-2), name  # NaN: too slow to be measured
    assert found["cauchy_schwarz"].kind == "inequality"
    assert found["cauchy_schwarz"].residual < 1e-7


def test_laws_are_approached(run):
    last = len(run.snapshot_log10_time) - 1
    early, late = identities(run, last // 3), identities(run, last)
    for name in LAWS:
        assert late[name].kind == "law"
        assert late[name].residual < 0.15, name
        assert late[name].residual < max(early[name].residual, 0.02), name


def test_there_is_no_law_before_the_loss_is_below_one():
    result = run_flow(replace(RUNS["plain"], target=-10))
    assert not set(LAWS) & set(identities(result, 0))


# Sabotage: a formula with a wrong sign, factor or power of rho_k disagrees with what was measured


def now(run):
    """A moment at which the directions still move."""
    return moment_of(run, 1)


def wrong(of, **changes):
    return replace(of, **changes)


def test_a_network_with_a_bias_inside_violates_euler(run, monkeypatch):
    of = now(run)
    assert steps.of_the_network(of)["euler"].residual < 1e-6
    biased = weight_derivatives
    monkeypatch.setattr(steps, "weight_derivatives", lambda *a: [0.9 * layer for layer in biased(*a)])
    assert steps.of_the_network(of)["euler"].residual > 0.05


def test_a_gradient_of_half_its_size_violates_cauchy_schwarz(monkeypatch):
    of = moment_of(run_flow(RUNS["one layer"]), -1)  # where both sides are nearly equal
    monkeypatch.setattr(steps, "weight_derivatives", lambda *a: [0.5 * layer for layer in weight_derivatives(*a)])
    assert steps.of_the_network(of)["cauchy_schwarz"].residual > 0.5


@pytest.mark.parametrize("factor", [-1.0, 2.0])
@pytest.mark.parametrize("step", ["rate", "multiplier"])
def test_a_wrong_sum_of_the_margins_disagrees(run, step, factor):
    """The formulas are made of c = sum_i p_i nu_i, the measurements of the flow."""
    of = now(run)
    measured = flow_rates(of.system)

    def residual(of):
        return (steps.multiplier(of) if step == "multiplier" else steps.rate(of, measured)).residual

    assert residual(of) < 1e-6
    assert residual(wrong(of, margins=factor * of.margins)) > 0.4


SPEEDS = {
    "sign": lambda of: -of.speeds,
    "factor 2": lambda of: 2.0 * of.speeds,
    "the other flow": lambda of: of.norms**-2.0 if (of.speeds == 1.0).all() else np.ones_like(of.speeds),
    "1/rho_k": lambda of: of.norms**-1.0,
}


@pytest.mark.parametrize("change", SPEEDS)
def test_wrong_speeds_of_the_layers_disagree(run, change):
    """In steps 5, 6 and 8, where 1/rho_k^2 stands for the plain flow and nothing for the normalized one."""
    of = now(run)
    measured = flow_rates(of.system)
    false = wrong(of, speeds=SPEEDS[change](of))
    for step in (lambda of: steps.tangent(of, measured), steps.margin, lambda of: steps.group(of, measured)):
        assert step(of).residual < 1e-4
        assert step(false).residual > 0.1
    assert steps.fall(of, measured).residual < 1e-4
    assert steps.fall(false, measured).residual > 1e-3


def test_the_form_without_the_mean_disagrees(run):
    """|g_k|^2 in place of |g_k|^2 - c^2, and g_k in place of g_k - V_k c."""
    of = now(run)
    measured = flow_rates(of.system)
    false = wrong(of, margins=np.zeros_like(of.margins))
    assert steps.group(false, measured).residual > 0.1
    assert steps.tangent(false, measured).residual > 0.1


def test_a_law_of_another_depth_disagrees(run):
    last = len(run.snapshot_log10_time) - 1
    of = moment_of(run, last)
    deeper = wrong(of, norms=np.append(of.norms, 1.0))
    assert steps.laws(run, last, deeper)["loss_law"].residual > 0.2
    assert steps.laws(run, last, deeper)["norm_law"].residual > 0.2


# The measurements themselves


def test_rate_along_a_stiff_flow():
    """y' = (-y1, -1e5 (y2 - y1)) from off its slow manifold: d(y1 y2)/dt in closed form, to rounding."""
    state = np.array([1.0, 1.0 + 1e-3])
    measured = derivative_along(
        lambda y: np.array([-y[0], -1e5 * (y[1] - y[0])]), state, lambda y: np.array([y[0] * y[1], y[0]])
    )
    exact = np.array([-1.0 * state[1] - 1e5 * 1e-3, -1.0])
    np.testing.assert_allclose(measured.value, exact, rtol=1e-6)
    assert (np.abs(measured.value - exact) <= 10.0 * measured.error + 1e-12).all()


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_differences_by_weights_are_the_gradient(depth):
    weights, points, _ = small_network(depth, norm=1.0)
    by_hand = weight_derivatives(weights, points[0], 0.0)
    exact = weighted_gradient(evaluate(weights, points[:1], np.ones(1)), np.ones(1))
    for a, b in zip(by_hand, exact, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-7)


def test_a_flow_at_rest_gives_no_verdict():
    """XOR by one layer ends at its minimum: no digit of a rate is known there."""
    result = run_flow(FlowParams(dataset="xor", noise=0.3, bias=False, depth=1))
    at_end = identities(result, len(result.snapshot_log10_time) - 1)
    assert np.isnan(at_end["fall"].residual)
    assert isinstance(at_end["fall"], Identity)
