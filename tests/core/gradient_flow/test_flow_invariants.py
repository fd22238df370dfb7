"""Properties that every run has, over a list of runs."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from core.gradient_flow import FlowParams, FlowStatus, integrate_flow, run_flow

RUNS = {
    "K = 1": FlowParams(dataset="gaussians", samples=20, noise=0.3, bias=False, depth=1, target=-100),
    "xor": FlowParams(dataset="xor", samples=20, noise=0.3, bias=False, depth=2, width=8, target=-100),
    "moons": FlowParams(dataset="moons", samples=20, depth=2, width=8, target=-100),
    "unequal norms": FlowParams(dataset="moons", samples=20, depth=3, width=8, norm_ratio=3.0, target=-100),
    "K = 4, d = 10": FlowParams(dataset="gaussians10", samples=20, noise=0.3, depth=4, width=6, target=-100),
    "K = 1, normalized": FlowParams(
        dataset="gaussians", samples=20, noise=0.3, bias=False, depth=1, dynamics="normalized", target=-100
    ),
    "xor, normalized": FlowParams(
        dataset="xor", samples=20, noise=0.3, bias=False, depth=2, width=8, dynamics="normalized", target=-100
    ),
    "unequal norms, normalized": FlowParams(
        dataset="circles",
        samples=20,
        noise=0.05,
        depth=3,
        width=8,
        norm_ratio=3.0,
        dynamics="normalized",
        target=-100,
    ),
}
PLAIN = [name for name, params in RUNS.items() if params.dynamics == "plain"]
DEEP = [name for name, params in RUNS.items() if params.depth > 1]


@cache
def run(name):
    return run_flow(RUNS[name])


def below_one(result):
    return result.log10_time >= result.loss_below_one_at


@pytest.mark.parametrize("name", RUNS)
def test_reaches_its_target(name):
    result = run(name)
    assert result.status is FlowStatus.REACHED_LOSS
    assert result.log10_loss[-1] == pytest.approx(-100.0, abs=1e-6)
    assert result.message


@pytest.mark.parametrize("name", RUNS)
def test_arrays_fit_and_are_finite(name):
    result, params = run(name), RUNS[name]
    times, samples = len(result.log10_time), params.samples
    shapes = {
        "log10_loss": (times,),
        "layer_norms": (times, params.depth),
        "direction_norms": (times, params.depth),
        "normalized_margins": (times, samples),
        "smoothed_margin": (times,),
        "loss_shares": (times, samples),
        "own_growth": (times, params.depth),
        "cross_growth": (times,),
        "total_growth": (times,),
    }
    assert {field: getattr(result, field).shape for field in shapes} == shapes
    assert all(np.isfinite(getattr(result, field)).all() for field in (*shapes, "log10_time"))
    assert (np.diff(result.log10_time) > 0.0).all()
    assert (np.diff(result.rate_log10_time) > 0.0).all()


@pytest.mark.parametrize("name", RUNS)
def test_balance_is_conserved(name):
    """Problem 1.1: |W_k|^2 - |W_1|^2, whatever the initial norms."""
    result = run(name)
    squares = (result.layer_norms**2).sum(axis=1, keepdims=True)
    assert (np.abs(result.balance - result.balance[0]) / squares).max() <= 1e-4
    norms = RUNS[name].initial_norms
    assert result.balance[0, -1] == pytest.approx(norms[-1] ** 2 - norms[0] ** 2, abs=1e-4)


@pytest.mark.parametrize("name", RUNS)
def test_directions_have_norm_one(name):
    assert np.abs(run(name).direction_norms - 1.0).max() <= 1e-3


@pytest.mark.parametrize("name", RUNS)
def test_smoothed_margin_never_falls_once_the_loss_is_below_one(name):
    result = run(name)
    smoothed = result.smoothed_margin[below_one(result)]
    assert len(smoothed) > 50
    assert (np.maximum.accumulate(smoothed) - smoothed).max() <= 1e-3 * smoothed.max()


@pytest.mark.parametrize("name", RUNS)
def test_smoothed_margin_is_close_below_the_smallest(name):
    """nu_min - log n / rho <= -log L / rho <= nu_min."""
    result = run(name)
    gap = result.smallest_margin - result.smoothed_margin
    slack = 1e-3 * np.abs(result.smallest_margin) + 1e-6
    assert (gap >= -slack).all()
    assert (gap <= np.log(len(result.labels)) / result.norm_product + slack).all()


@pytest.mark.parametrize("name", RUNS)
def test_shares_are_those_of_the_margins(name):
    result = run(name)
    np.testing.assert_allclose(result.loss_shares.sum(axis=1), 1.0, atol=2e-3)
    assert (result.loss_shares >= 0.0).all()
    exponents = -result.norm_product[-1] * result.normalized_margins[-1]
    expected = np.exp(exponents - exponents.max())
    np.testing.assert_allclose(result.loss_shares[-1], expected / expected.sum(), atol=1e-9)


@pytest.mark.parametrize("name", RUNS)
def test_norm_rates_are_those_of_problem_1_1(name):
    """d|W_k|^2/dt = 2 sum_i y_i f e^(-y_i f), for every k."""
    result = run(name)
    measured, predicted = result.measured_rates, result.predicted_rates
    assert measured.shape == (2, len(result.rate_log10_time), RUNS[name].depth)
    agree = measured[0] == predicted[0][:, None]
    assert agree.mean() > 0.95
    assert np.median(np.abs(measured[1] - predicted[1][:, None])[agree]) < 2e-3


@pytest.mark.parametrize("name", RUNS)
def test_predicted_rates_follow_from_margins_and_shares(name):
    result = run(name)
    mean = (result.loss_shares * result.normalized_margins).sum(axis=1) * result.norm_product
    late = below_one(result)
    log_rate = np.log10(2.0 * mean[late]) + result.log10_loss[late]
    times = result.rate_log10_time
    inside = times > result.log10_time[late][0]
    expected = np.interp(times[inside], result.log10_time[late], log_rate)
    np.testing.assert_allclose(result.predicted_rates[1][inside], expected, atol=0.01)


@pytest.mark.parametrize("name", RUNS)
def test_own_growth_is_not_negative_in_any_layer(name):
    """Cauchy-Schwarz: |dnu/dV_k| >= <V_k, dnu/dV_k> = nu."""
    own = run(name).own_growth
    assert own.min() >= -1e-4 * own.max()


@pytest.mark.parametrize("name", RUNS)
def test_total_growth_is_the_slope_of_the_smallest_margin(name):
    """t dnu/dt by finite differences; late on it is a small remainder of terms as large as the own growth."""
    result = run(name)
    late = below_one(result) & (np.append(1.0, np.diff(result.log10_time)) > 1e-6)
    slope = np.gradient(result.smallest_margin[late], np.log(10.0) * result.log10_time[late])
    error = np.abs(result.total_growth[late] - slope)
    assert np.median(error) < 0.04 * np.median(result.own_growth[late].sum(axis=1)) + 1e-5
    early = slope > 0.2 * slope.max()
    assert np.median(error[early]) < 0.1 * slope.max()


@pytest.mark.parametrize("dynamics", ["plain", "normalized"])
def test_growth_with_one_sample_is_all_its_own(dynamics):
    weights = [np.array([[2.0, 0.5], [1.0, -1.0]]), np.array([[1.0, 0.7]])]
    result = integrate_flow(weights, [[1.0, 0.3]], [1.0], dynamics=dynamics, stop_log10_loss=-20.0)
    slope = np.gradient(result.smallest_margin, np.log(10.0) * result.log10_time)
    np.testing.assert_allclose(result.total_growth, result.own_growth.sum(axis=1), atol=0.01 * slope.max())
    assert np.ptp(result.smallest_margin) > 0.01
    np.testing.assert_allclose(result.total_growth[5:-5], slope[5:-5], atol=0.06 * slope.max())


@pytest.mark.parametrize("name", [name for name in DEEP if name in PLAIN])
def test_every_hidden_neuron_is_balanced(name):
    """(Incoming norm)^2 - (outgoing norm)^2 of each neuron is conserved by the plain flow."""
    result = run(name)
    norms = [np.interp(result.snapshot_log10_time, result.log10_time, rho) for rho in result.layer_norms.T]
    weights = [rho[:, None, None] * v for rho, v in zip(norms, result.snapshot_weights, strict=True)]
    square = sum(rho**2 for rho in norms)[:, None]
    for before, after in pairwise(weights):
        difference = (before**2).sum(axis=2) - (after**2).sum(axis=1)
        assert (np.abs(difference - difference[0]) / square).max() < 1e-3


@pytest.mark.parametrize("name", RUNS)
def test_marked_times_are_the_crossings(name):
    result = run(name)
    times, margin = result.log10_time, result.smallest_margin
    assert (margin[times < result.separated_at] <= 0.0).all()
    assert result.separated_at <= result.loss_below_one_at
    assert np.interp(result.loss_below_one_at, times, result.log10_loss) == pytest.approx(0.0, abs=1e-9)
    assert (result.log10_loss[times > result.loss_below_one_at] < 0.0).all()
    assert (margin[times > result.loss_below_one_at] > 0.0).all()


@pytest.mark.parametrize("name", RUNS)
def test_approaches_a_kkt_point(name):
    """Lyu & Li 2020: the limit direction is a KKT point of the margin problem."""
    residual = run(name).kkt_residual
    assert residual[-1] < 0.3  # the approach is only as fast as 1 / log t
    assert residual[-1] < 0.6 * np.nanmax(residual)


@pytest.mark.parametrize("name", DEEP)
def test_only_one_layer_has_a_support_vector_machine(name):
    assert run(name).svm_direction is None
    assert run(name).svm_angle is None


@pytest.mark.parametrize("name", ["K = 1", "K = 1, normalized"])
def test_one_layer_turns_to_the_support_vector_machine(name):
    result = run(name)
    final = result.snapshot_weights[0][-1, 0]
    chord = np.linalg.norm(final / np.linalg.norm(final) - result.svm_direction)
    assert 2.0 * np.sin(result.svm_angle[-1] / 2.0) == pytest.approx(chord, abs=1e-12)
    assert result.svm_angle[-1] < 0.02
    # the widest-margin direction is in the cone of the margin gradients
    assert result.kkt_residual[-1] <= np.sin(result.svm_angle[-1]) + 1e-6


def test_angle_to_the_support_vector_machine_falls_like_one_over_log_time():
    """Soudry et al. 2018, of the plain flow."""
    result = run("K = 1")
    late = result.snapshot_log10_time > 10.0
    scaled = result.svm_angle[late] * result.snapshot_log10_time[late]
    assert scaled.max() / scaled.min() < 1.5
