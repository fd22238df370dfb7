"""What is kept of a run while it is made, and what it costs."""

import tracemalloc
from itertools import islice

import numpy as np
import pytest

from core.gradient_flow import FlowParams, flow, history, run_flow
from core.gradient_flow.cost import expected_seconds
from core.gradient_flow.datasets import Dataset, make_dataset
from core.gradient_flow.dynamics import SYSTEMS
from core.gradient_flow.endings import has_settled
from core.gradient_flow.history import History
from core.gradient_flow.normalized_flow import DENSE_PARAMETERS
from core.gradient_flow.relu_network import initial_weights
from core.gradient_flow.rosenbrock import Tolerance, integrate
from core.gradient_flow.trajectory import Trajectory


def steps(dynamics, number):
    data = make_dataset("moons", 20, 0.1, 0, 0)
    weights = initial_weights(2, 3, 8, (2.0, 2.0, 2.0), np.random.default_rng(0))
    system = SYSTEMS[dynamics](weights, data.points, data.labels, 1e-3)
    return system, [knot for knot, _ in zip(integrate(system, Tolerance()), range(number), strict=False)]


@pytest.mark.parametrize("dynamics", SYSTEMS)
def test_a_history_holds_few_states_two_passes_and_the_numbers_of_all(monkeypatch, dynamics):
    monkeypatch.setattr(history, "MOST_STATES", 20)
    system, knots = steps(dynamics, 150)
    kept = History()
    for i, knot in enumerate(knots):
        kept.append(knot)
        assert kept[-1] is knot
        held = [j for j, one in enumerate(kept) if one.at.state.size]
        assert len(held) <= 20 + 3
        assert held[0] == 0
        assert {j for j, one in enumerate(kept) if one.at.signals.inputs} <= {i - 1, i}
    assert max(np.diff(held)) <= 16
    whole, thin = Trajectory(system, knots), Trajectory(system, kept)
    for name in ("s", "log_time", "log_rate", "log_loss", "norms"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(thin, name))
    for one, other in zip(whole.rates(), thin.rates(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert whole.rate_deviation() == thin.rate_deviation()
    assert has_settled(knots) == has_settled(kept)
    assert set(thin.kept()) == set(held[1:])


@pytest.mark.parametrize("dynamics", SYSTEMS)
def test_a_run_with_few_states_is_the_same_run(monkeypatch, dynamics):
    whole = run_flow(params := FlowParams(dataset="gaussians", depth=2, width=8, target=-100, dynamics=dynamics))
    assert whole.status.reached
    monkeypatch.setattr(history, "MOST_STATES", whole.steps // 2)
    thin = run_flow(params)
    for name in ("steps", "evaluations", "status", "message", "rate_deviation"):
        assert getattr(whole, name) == getattr(thin, name)
    np.testing.assert_array_equal(whole.measured_rates, thin.measured_rates)
    assert thin.log10_time[-1] == whole.log10_time[-1]
    assert thin.log10_loss[-1] == pytest.approx(whole.log10_loss[-1], rel=1e-12)
    assert thin.separated_at == pytest.approx(whole.separated_at, abs=0.05)
    assert thin.loss_below_one_at == pytest.approx(whole.loss_below_one_at, abs=0.05)
    late = whole.log10_time > whole.loss_below_one_at
    norms = [np.interp(whole.log10_time[late], run.log10_time, run.norm_product) for run in (whole, thin)]
    np.testing.assert_allclose(norms[1], norms[0], rtol=5e-3)


def test_nothing_is_dropped_of_a_usual_run():
    """As many states are held as two and more runs of the usual length have steps."""
    assert run_flow(FlowParams()).steps < history.MOST_STATES / 2


def test_the_cost_of_a_run_is_known_before():
    default = expected_seconds(FlowParams())
    assert 0.1 < default < 1.5
    assert expected_seconds(FlowParams(dynamics="normalized")) < 5.0
    largest = FlowParams(depth=6, width=32, samples=200)
    assert expected_seconds(largest) > 10.0 * default
    assert expected_seconds(FlowParams(depth=6, width=32, samples=200, dynamics="normalized")) > 30.0
    linear = FlowParams(depth=1, samples=200, dynamics="normalized")
    assert expected_seconds(linear) < 1.0


def test_the_cost_of_a_table_is_that_of_its_rows():
    points = np.random.default_rng(0).normal(size=(20, 4))
    table = Dataset(points, np.sign(points[:, 0]), ("a", "b", "c", "d"))
    upload = FlowParams(dataset="upload", samples=200, noise=0.0)
    assert expected_seconds(upload, table) < 0.5 * expected_seconds(upload)


def test_the_largest_network_with_most_samples_takes_little_memory():
    """A pass of it takes 1 MB: those of all steps would be 40."""
    params = FlowParams(dataset="xor", noise=0.3, bias=False, depth=6, width=32, samples=200, norm=0.25, data_seed=1)
    data = flow.training_data(params)
    weights = initial_weights(2, params.depth, params.width, params.initial_norms, np.random.default_rng(0))
    system = SYSTEMS["plain"](weights, data.points, data.labels, 1e-3)
    kept = History()
    tracemalloc.start()
    try:
        for knot in islice(integrate(system, Tolerance()), 40):
            kept.append(knot)
        size = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(kept) == 40
    assert size < 12e6


def test_the_linearization_of_a_large_normalized_flow_is_the_matrix_that_it_does_not_form():
    params = FlowParams(samples=30, noise=1.0, depth=4, width=16, norm=1.0, dynamics="normalized", flipped=5)
    data = flow.training_data(params)
    weights = initial_weights(2, 4, 16, params.initial_norms, np.random.default_rng(0))
    system = SYSTEMS["normalized"](weights, data.points, data.labels, 1e-3)
    size = len(system.start)
    assert size > DENSE_PARAMETERS + 1
    knot = next(knot for i, knot in enumerate(integrate(system, Tolerance())) if i == 60)
    approximation = system.linearize(knot.at, 1.0)
    rows = approximation.rows
    assert len(rows.kinks) > 0
    unit, columns = np.eye(size), len(rows.shares) + len(rows.kinks) + 1
    right = np.column_stack([approximation.right(one) for one in unit])
    left = np.column_stack([approximation.left(one) for one in np.eye(columns)])
    np.testing.assert_allclose(left @ right, approximation.formed(), atol=1e-12 * np.abs(left @ right).max())
    np.testing.assert_allclose(right @ left, approximation.inner, atol=1e-12 * np.abs(right @ left).max())
    vector = np.random.default_rng(1).normal(size=size)
    matrix = (1.0 + 0.3 * approximation.decay) * unit + 0.3 * left @ right
    np.testing.assert_allclose(
        approximation.solver(0.3)(vector), np.linalg.solve(matrix, vector), rtol=1e-8, atol=1e-10
    )
