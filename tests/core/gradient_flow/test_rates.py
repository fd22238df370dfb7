"""The law of the loss, L = Theta(1 / (t (log t)^(2 - 2/K))): measured, claimed, and refuted where it is falsified."""

import numpy as np
import pytest

from core.claims import Verdict
from core.gradient_flow import FlowParams, run_flow
from core.gradient_flow.clock import steep_slope
from core.gradient_flow.rates import loss_law, loss_rate
from tests.core.gradient_flow.rates_scan import SABOTAGES, SCANS


@pytest.mark.parametrize("name", SABOTAGES)
def test_another_law_is_refuted(name):
    true, false = SABOTAGES[name]()
    assert true.verdict is Verdict.HOLDS
    assert false.verdict is Verdict.VIOLATED


def test_no_random_run_violates_the_law():
    rng = np.random.default_rng(5)
    for _ in range(4):
        params, claims = SCANS["Loss"](rng)
        assert all(claim.verdict is not Verdict.VIOLATED for claim in claims), params


@pytest.mark.parametrize("depth", [1, 2, 3, 6])
def test_slope_and_constant_of_the_law(depth):
    """The integral of dt = d(1/L) / (K nu^(2/K) (log 1/L)^(2 - 2/K)), here by quadrature, has this 1/(tL)."""
    params = FlowParams(dataset="gaussians", noise=0.3, bias=False, depth=depth, width=8, samples=10, norm=1.5)
    result = run_flow(params)
    law = loss_law(result)
    assert law.exponent == 2.0 - 2.0 / depth
    assert law.slope == pytest.approx(law.exponent, abs=0.03)
    u = -result.snapshot_log10_loss[-1] * np.log(10.0)
    steps = u - np.linspace(0.0, 40.0, 400_001)  # u = log 1/L backwards: t = int e^u du / (...)
    constant = 10.0**law.log10_constant
    time = np.trapezoid(np.exp(steps - u) / (constant * steps**law.exponent), steps[::-1])
    assert 10.0 ** law.log10_growth[-1] == pytest.approx(1.0 / time, rel=0.06)


def test_the_claim_wants_a_late_run():
    result = run_flow(FlowParams(dataset="gaussians", noise=0.3, bias=False, depth=2, samples=10, target=-10))
    claim = loss_rate(result, loss_law(result))
    assert claim.verdict is Verdict.DOES_NOT_APPLY
    assert [assumption.met for assumption in claim.assumptions][:2] == [True, False]


def test_without_separation_there_is_no_law():
    result = run_flow(FlowParams(dataset="xor", noise=0.3, bias=False, depth=1))
    law = loss_law(result)
    assert np.isnan(law.slope)
    assert np.isnan(law.log10_constant)
    assert loss_rate(result, law).verdict is Verdict.DOES_NOT_APPLY


def test_a_run_of_one_moment_has_a_law_without_points():
    law = loss_law(run_flow(FlowParams(width=2, depth=6)))
    assert not law.late.any()


# The clock that it rests on


def test_steep_slope_is_that_of_a_parabola():
    s = np.array([0.0, 0.1, 0.15, 0.3, 0.4])
    assert steep_slope(list(zip(s, 100.0 * s**2 + 7.0 * s, strict=True)), 2.0) == pytest.approx(200.0 * 0.4 + 7.0)
    assert steep_slope(list(zip(s, s, strict=True)), 2.0) is None


def test_time_does_not_depend_on_the_tolerance():
    """Moons with a flipped label: states off the slow manifold had t wrong by up to a factor of two."""
    data = FlowParams(dataset="moons", samples=10, flipped=1, depth=2, width=8, target=-800)
    law = loss_law(run_flow(data))
    assert np.abs(np.diff(law.log10_growth[law.late], 2)).max() < 0.05
    assert law.slope == pytest.approx(1.0, abs=0.02)
