from dataclasses import fields

import numpy as np
import pytest

from core.gradient_flow import FlowParams, FlowStatus, integrate_flow, run_flow, training_data
from core.gradient_flow.datasets import Dataset, make_dataset
from core.gradient_flow.relu_network import initial_weights

SMALL = FlowParams(dataset="xor", samples=8, noise=0.1, bias=False, depth=2, width=6, target=-100)
WEIGHTS = [np.array([[1.0, 0.2], [0.3, -1.0]]), np.array([[1.0, 0.5]])]
POINTS, LABELS = np.array([[1.0, 0.0], [0.5, -1.0], [1.0, 1.0]]), np.array([1.0, 1.0, 1.0])


def gaussians(depth, **options):
    data = make_dataset("gaussians", 20, 0.3, 0, 0)
    weights = initial_weights(2, depth, 8, [2.0] * depth, np.random.default_rng(0))
    return integrate_flow(weights, data.points, data.labels, **options)


@pytest.mark.parametrize("dynamics", ["plain", "normalized"])
def test_same_parameters_same_run_bit_for_bit(dynamics):
    params = FlowParams(dataset="xor", samples=8, depth=2, width=6, target=-10, dynamics=dynamics)
    first, again = run_flow(params), run_flow(params)
    for field in fields(first):
        np.testing.assert_equal(getattr(first, field.name), getattr(again, field.name))


def test_seed_changes_the_run():
    first, other = (run_flow(FlowParams(dataset="xor", depth=2, width=6, target=-10, seed=seed)) for seed in (0, 1))
    assert first.log10_time[-1] != other.log10_time[-1]


def test_run_flow_is_integrate_flow_of_its_parameters():
    data = make_dataset("moons", 12, 0.1, 1, 3)
    points = np.column_stack([data.points, np.ones(12)])
    params = FlowParams(samples=12, flipped=1, data_seed=3, depth=2, width=8, norm=1.5, seed=7, target=-10)
    weights = initial_weights(3, 2, 8, [1.5, 1.5], np.random.default_rng(7))
    expected = integrate_flow(weights, points, data.labels, stop_log10_loss=-10.0)
    np.testing.assert_array_equal(run_flow(params).log10_loss, expected.log10_loss)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_late_time_law(depth):
    """Lyu & Li 2020: L = Theta(1 / (t (log t)^(2 - 2/K))), here from t = 10^50 to L = 10^-800."""
    result = gaussians(depth, stop_log10_loss=-800.0)
    late = result.log10_time > 50.0
    time = result.log10_time[late]
    law = result.log10_loss[late] + time + (2.0 - 2.0 / depth) * np.log10(time)
    assert np.ptp(law) < 0.05


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_norms_grow_like_a_root_of_log_time(depth):
    """Lyu & Li 2020: |W| = Theta((log t)^(1/K))."""
    result = gaussians(depth, stop_log10_loss=-800.0)
    late = result.log10_time > 200.0
    slope = np.polyfit(np.log(result.log10_time[late]), np.log(result.norm_product[late]) / depth, 1)[0]
    assert slope == pytest.approx(1.0 / depth, rel=0.03)


def test_loss_of_ten_to_the_minus_ten_thousand():
    result = gaussians(2, stop_log10_loss=-10_000.0)
    assert result.status is FlowStatus.REACHED_LOSS
    assert result.log10_loss[-1] == pytest.approx(-10_000.0, abs=1e-4)
    # log10 t = -log10 L but for the logarithms of the late-time law
    assert result.log10_time[-1] == pytest.approx(10_000.0 - np.log10(10_000.0), abs=2.0)
    assert (np.abs(result.balance) / result.layer_norms[:, :1] ** 2).max() <= 1e-4
    assert "10⁻¹⁰⁰⁰⁰" in result.message


@pytest.mark.parametrize("dynamics", ["plain", "normalized"])
@pytest.mark.parametrize("log10_time", [-1.0, 0.5, 40.0])
def test_stop_time_is_kept(log10_time, dynamics):
    result = gaussians(2, stop_log10_time=log10_time, dynamics=dynamics)
    assert result.status is FlowStatus.REACHED_TIME
    assert result.log10_time[-1] == pytest.approx(log10_time, abs=1e-6)
    assert result.log10_loss[-1] > -100.0


@pytest.mark.parametrize("dynamics", ["plain", "normalized"])
def test_tighter_tolerance_agrees(dynamics):
    times = np.array([0.0, 1.0, 5.0, 20.0, 60.0, 90.0])
    default, tight = (gaussians(2, dynamics=dynamics, rtol=rtol) for rtol in (1e-4, 1e-6))
    assert tight.evaluations > default.evaluations
    values = [np.interp(times, result.log10_time, result.log10_loss) for result in (default, tight)]
    assert np.abs(values[0] - values[1]).max() < 0.02


@pytest.mark.parametrize("step", [1, 2, 10, 40])
def test_stopped_run_keeps_what_it_reached(step):
    seen = []

    def watch(progress):
        seen.append(progress)
        return len(seen) < step

    result = run_flow(SMALL, watch=watch)
    whole = run_flow(SMALL)
    assert result.status is FlowStatus.STOPPED
    assert result.message
    assert len(seen) == step
    assert result.evaluations == seen[-1].evaluations
    assert result.log10_loss[-1] == pytest.approx(seen[-1].log10_loss, abs=1e-12)
    if step > 2:
        expected = np.interp(result.log10_time[-1], whole.log10_time, whole.log10_loss)
        assert result.log10_loss[-1] == pytest.approx(expected, abs=1e-2)


def test_progress_rises_from_zero_to_one():
    seen = []
    run_flow(SMALL, watch=lambda progress: seen.append(progress) or True)
    fractions = [progress.fraction for progress in seen]
    assert fractions[0] == 0.0
    assert 0.9 < fractions[-1] <= 1.0
    assert (np.diff([progress.evaluations for progress in seen]) > 0).all()
    assert max(fractions) <= 1.0


WRONG = {
    "points of one axis": ({"points": [1.0, 2.0]}, "points must have shape"),
    "no points": ({"points": np.empty((0, 2)), "labels": []}, "points must have shape"),
    "too few labels": ({"labels": [1.0, -1.0]}, "labels must be"),
    "labels 0 and 1": ({"labels": [0.0, 1.0, 1.0]}, "labels must be"),
    "NaN label": ({"labels": [np.nan, 1.0, 1.0]}, "labels must be"),
    "no layers": ({"weights": []}, "weights must be"),
    "a vector as a layer": ({"weights": [[1.0, 2.0]]}, "weights must be"),
    "inner sizes": ({"weights": [np.ones((3, 2)), np.ones((1, 2))]}, "weights must lead"),
    "input size": ({"weights": [np.ones((1, 3))]}, "weights must lead"),
    "two outputs": ({"weights": [np.ones((2, 2))]}, "weights must lead"),
    "NaN weight": ({"weights": [[[np.nan, 1.0]]]}, "finite"),
    "infinite point": ({"points": [[np.inf, 1.0], [0.0, 1.0], [1.0, 1.0]]}, "finite"),
    "zero layer": ({"weights": [WEIGHTS[0], np.zeros((1, 2))]}, "non-zero"),
    "unknown flow": ({"dynamics": "adam"}, "dynamics must be one of plain, normalized"),
    "negative gate width": ({"gate_width": -1e-3}, "gate_width must be"),
    "wide gates": ({"gate_width": 0.2}, "gate_width must be"),
    "rtol": ({"rtol": 0.1}, "rtol must be"),
    "NaN target": ({"stop_log10_loss": float("nan")}, "stop_log10_loss"),
    "NaN time": ({"stop_log10_time": float("nan")}, "stop_log10_time"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_argument_is_refused_by_name(name):
    changes, words = WRONG[name]
    arguments = {"weights": WEIGHTS, "points": POINTS, "labels": LABELS, "max_evaluations": 100} | changes
    with pytest.raises(ValueError, match=words):
        integrate_flow(**arguments)


def test_arguments_are_not_changed():
    copies = [weight.copy() for weight in WEIGHTS], POINTS.copy(), LABELS.copy()
    integrate_flow(WEIGHTS, POINTS, LABELS, stop_log10_loss=-5.0)
    for weight, copy in zip(WEIGHTS, copies[0], strict=True):
        np.testing.assert_array_equal(weight, copy)
    np.testing.assert_array_equal(POINTS, copies[1])
    np.testing.assert_array_equal(LABELS, copies[2])


def test_upload_is_flipped_but_not_changed():
    table = Dataset(np.arange(20.0).reshape(10, 2), np.repeat([-1.0, 1.0], 5), ("a", "b"))
    params = FlowParams(dataset="upload", flipped=3)
    flipped = training_data(params, table)
    assert (flipped.labels != table.labels).sum() == 3
    np.testing.assert_array_equal(flipped.points, table.points)
    np.testing.assert_array_equal(table.labels, np.repeat([-1.0, 1.0], 5))
    with pytest.raises(ValueError, match="dataset must be given"):
        training_data(params)
