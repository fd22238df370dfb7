"""Claims are computed from the run: they hold where theory applies and fail where a run is falsified."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from core.claims import Verdict
from core.gradient_flow import FlowParams, run_flow
from core.gradient_flow import statements as s
from core.gradient_flow.plain_flow import PlainFlow
from core.gradient_flow.rosenbrock import Tolerance, integrate
from core.gradient_flow.trajectory import Trajectory


@pytest.fixture(scope="module")
def run():
    return run_flow(FlowParams(target=-100))


@pytest.fixture(scope="module")
def carried():
    params = FlowParams(dataset="gaussians", noise=0.3, bias=False, depth=1, samples=20, data_seed=2, target=-100)
    return run_flow(params)


def falsified(result, **fields):
    """A copy of a run with other numbers, as a wrong integrator would give."""
    names = [n for n, f in result.__dataclass_fields__.items() if f.init]
    return type(result)(**({name: getattr(result, name) for name in names} | fields))


def test_all_hold_where_they_apply(run, carried):
    for claim in (*s.norm_statements(run), *s.margin_statements(run), *s.margin_statements(carried)):
        if all(assumption.met for assumption in claim.assumptions):
            assert claim.verdict is Verdict.HOLDS, claim
        else:
            assert claim.verdict is Verdict.DOES_NOT_APPLY, claim


def test_1_2_applies_only_where_one_sample_carries_the_loss(run, carried):
    assert s.margin_grows(run).verdict is Verdict.DOES_NOT_APPLY
    assert s.margin_grows(carried).verdict is Verdict.HOLDS


def test_a_layer_of_its_own_rate_violates_one_rate(run):
    assert s.one_rate(falsified(run, rate_deviation=0.2)).verdict is Verdict.VIOLATED


def test_the_rate_deviation_notices_a_wrong_prediction():
    system = PlainFlow([np.array([[0.5, 0.2]]), np.array([[0.8]])], np.array([[1.0, 0.3]]), np.ones(1), 0.0)
    knots = list(islice(integrate(system, Tolerance()), 40))
    assert Trajectory(system, knots).rate_deviation() < 1e-3
    moved = [replace(knot, at=replace(knot.at, mean_exponent=1.2 * knot.at.mean_exponent)) for knot in knots]
    assert Trajectory(system, moved).rate_deviation() > 0.05


def test_drifting_norms_violate_conservation_and_equality(run):
    wrong = run.layer_norms * np.linspace(1.0, [1.0, 1.01, 1.0], len(run.layer_norms))
    assert s.conserved_differences(falsified(run, layer_norms=wrong)).verdict is Verdict.VIOLATED
    assert s.equal_norms(falsified(run, layer_norms=wrong)).verdict is Verdict.VIOLATED


def test_shrinking_norms_violate_growth(run):
    wrong = run.layer_norms.copy()
    wrong[-1] *= 0.9
    assert s.norms_grow(falsified(run, layer_norms=wrong)).verdict is Verdict.VIOLATED


@pytest.mark.parametrize("claim", [s.margin_grows, s.smoothed_margin_grows])
def test_falling_margins_violate_monotonicity(carried, claim):
    margins, smoothed = carried.normalized_margins.copy(), carried.smoothed_margin.copy()
    margins[-1] *= 0.99
    smoothed[-1] *= 0.99
    assert claim(falsified(carried, normalized_margins=margins, smoothed_margin=smoothed)).verdict is Verdict.VIOLATED


def test_wrong_gradient_violates_homogeneity(run):
    assert s.homogeneity(falsified(run, homogeneity=np.array([0, 1e-6, 0]))).verdict is Verdict.VIOLATED


def test_a_far_direction_violates_the_support_vector_limit(carried):
    assert s.support_vector_direction(carried).verdict is Verdict.HOLDS
    stuck = np.full_like(carried.svm_angle, 0.5)
    assert s.support_vector_direction(falsified(carried, svm_angle=stuck)).verdict is Verdict.VIOLATED
    slow = 1.0 / np.maximum(carried.snapshot_log10_time, 1.0) ** 0.3
    assert s.support_vector_direction(falsified(carried, svm_angle=slow)).verdict is Verdict.VIOLATED


@pytest.mark.parametrize("seed", [2, 7, 15])
def test_the_limit_needs_no_constant_that_fits_the_data(seed):
    """With seed 15 the angle is above 5/log t at every target, yet falls like 1/log t."""
    params = FlowParams(dataset="gaussians", noise=0.3, samples=10, data_seed=seed, bias=False, depth=1, target=-100)
    assert s.support_vector_direction(run_flow(params)).verdict is Verdict.HOLDS


def test_dips_are_the_starts_of_falls(run):
    margins = np.full_like(run.normalized_margins, 1.0)
    margins[:, 0] = 0.5
    margins[10:14, 0] = [0.5, 0.4, 0.3, 0.2]
    margins[20, 0] = 0.1
    assert s.dips(falsified(run, normalized_margins=margins)).tolist() == [10, 19]
