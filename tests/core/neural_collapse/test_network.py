from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest

from core.neural_collapse.adam import Adam, cosine_rate
from core.neural_collapse.digits import load_digits, pixels, split_digits
from core.neural_collapse.network import NetworkParams, nearest_mean, train_network
from core.neural_collapse.network_result import terminal_epoch
from core.neural_collapse.perceptron import Perceptron, initial_parameters
from core.neural_collapse.training import TrainingStatus

QUICK = NetworkParams(width=16, per_class=5, epochs=60)


def make_network(hidden_layers, seed=0):
    """A small network with biases off 0, in double precision, and data for it."""
    sizes = (3, *(5,) * hidden_layers, 4)
    generator = np.random.default_rng(seed)
    count = sum(out * (into + 1) for into, out in pairwise(sizes))
    network = Perceptron(sizes, 0.7 * generator.standard_normal(count))
    return network, generator.standard_normal((9, 3)), generator.standard_normal((9, 4))


@pytest.fixture(scope="module")
def run():
    return train_network(NetworkParams())


# the network


def test_layers_are_views_of_the_parameters():
    network, _, _ = make_network(2)
    assert [(w.shape, b.shape) for w, b in network.layers] == [((5, 3), (5,)), ((5, 5), (5,)), ((4, 5), (4,))]
    np.testing.assert_array_equal(
        np.concatenate([part.ravel() for layer in network.layers for part in layer]), network.parameters
    )
    network.parameters[:] = 0.0
    assert not network.layers[2][0].any()


@pytest.mark.parametrize("hidden_layers", [1, 2, 3])
def test_activations_neuron_by_neuron(hidden_layers):
    network, inputs, _ = make_network(hidden_layers)
    signals = network.activations(inputs)
    assert len(signals) == hidden_layers + 2
    for i, sample in enumerate(inputs):
        values = list(sample)
        for level, (weights, bias) in enumerate(network.layers):
            values = [
                sum(w * v for w, v in zip(row, values, strict=True)) + b for row, b in zip(weights, bias, strict=True)
            ]
            if level < hidden_layers:
                values = [max(value, 0.0) for value in values]
            np.testing.assert_allclose(signals[level + 1][i], values, atol=1e-13)
    assert (signals[-1] < 0.0).any()  # the last layer is linear
    assert (signals[-2] == 0.0).any()


@pytest.mark.parametrize("hidden_layers", [1, 2, 3])
@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_gradient_is_that_of_the_objective(hidden_layers, decay):
    network, inputs, targets = make_network(hidden_layers)
    gradient = np.empty_like(network.parameters)
    network.gradient(network.activations(inputs), targets, decay, gradient)
    size = 1e-6
    for place in range(len(gradient)):
        values = []
        for sign in (1.0, -1.0):
            moved = network.parameters.copy()
            moved[place] += sign * size
            other = Perceptron(network.sizes, moved)
            values.append(other.objective(other.activations(inputs), targets, decay))
        assert gradient[place] == pytest.approx((values[0] - values[1]) / (2 * size), abs=1e-8, rel=1e-8)
    assert np.abs(gradient).min() > 0.0 or hidden_layers > 1


def test_objective_as_it_is_written():
    network, inputs, targets = make_network(2)
    signals = network.activations(inputs)
    squares = sum((weights**2).sum() for weights, _ in network.layers)  # biases are free
    expected = ((signals[-1] - targets) ** 2).sum() / (2 * 9) + 0.05 * squares
    assert network.objective(signals, targets, 0.1) == pytest.approx(expected, rel=1e-13)


def test_initial_weights_have_the_variance_of_he():
    sizes = (400, 300, 300, 200)
    network = Perceptron(sizes, initial_parameters(sizes, 0.7, np.random.default_rng(0)))
    for (weights, bias), gain in zip(network.layers, (2.0, 2.0, 1.0), strict=True):
        assert weights.std() == pytest.approx(0.7 * np.sqrt(gain / weights.shape[1]), rel=0.02)
        assert not bias.any()


# the optimizer


def test_adam_is_the_published_algorithm():
    """Kingma & Ba 2015, algorithm 1, line by line, on a small quadratic."""
    matrix = np.array([[3.0, 1.0], [1.0, 2.0]])
    beta_1, beta_2, epsilon, rate = 0.9, 0.999, 1e-8, 0.1
    theta, m, v = np.array([1.0, -2.0]), np.zeros(2), np.zeros(2)
    values = theta.copy()
    adam = Adam(values)
    for t in range(1, 51):
        g = matrix @ theta
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        theta = theta - rate * (m / (1 - beta_1**t)) / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
        adam.update(matrix @ values, rate)
        np.testing.assert_allclose(values, theta, rtol=1e-12)
    assert np.linalg.norm(theta) < 0.5


def test_first_step_of_adam_is_the_sign_of_the_gradient():
    values = np.zeros(4)
    Adam(values, second_decay=0.99).update(np.array([1e-3, -5.0, 2.0, 1e4]), 0.01)
    np.testing.assert_allclose(values, [-0.01, 0.01, -0.01, -0.01], rtol=1e-4)


def test_epsilon_holds_back_where_gradients_are_tiny():
    values = np.zeros(2)
    Adam(values).update(np.array([1e-8, 0.0]), 0.01)
    np.testing.assert_allclose(values, [-0.005, 0.0], rtol=1e-12)


def test_number_type_is_kept():
    values = np.ones(3, dtype=np.float32)
    adam = Adam(values)
    adam.update(np.ones(3, dtype=np.float32), 0.5)
    assert values.dtype == adam.first.dtype == adam.second.dtype == np.float32
    np.testing.assert_allclose(values, 0.5, rtol=1e-6)


def test_sweeping_leaves_no_numbers_that_are_slow():
    """Weights with nothing but decay in float32: without it they end below 1e-38."""
    smallest = []
    for every in (20, 10**9):
        adam = Adam(np.full(5, 0.3, dtype=np.float32), second_decay=0.99)
        for step in range(2000):
            adam.update(np.float32(3e-4) * adam.parameters, cosine_rate(0.01, step, 2000))
            if step % every == every - 1:
                adam.sweep()
        values = np.abs(np.concatenate([adam.parameters, adam.first]))
        assert values.max() < 1e-6
        smallest.append(values[values > 0.0].min(initial=1.0))
    assert smallest[0] > np.finfo(np.float32).tiny > smallest[1]


def test_sweeping_keeps_what_matters():
    values = np.array([1e-11, -1e-11, 1e-13, 0.1])
    adam = Adam(values)
    adam.first[:], adam.second[:] = [1e-15, -1e-15, 1e-17, 1.0], [1e-29, 1e-29, 1e-31, 1.0]
    adam.sweep()
    np.testing.assert_array_equal(values, [1e-11, -1e-11, 0.0, 0.1])
    np.testing.assert_array_equal(adam.first, [1e-15, -1e-15, 0.0, 1.0])
    np.testing.assert_array_equal(adam.second, [1e-29, 1e-29, 0.0, 1.0])


def test_cosine_schedule():
    """Loshchilov & Hutter 2017, equation 5, with eta_min = 0 and no restart."""
    rates = [cosine_rate(0.02, step, 100) for step in range(101)]
    assert rates[0] == 0.02
    assert rates[50] == pytest.approx(0.01, rel=1e-12)
    assert rates[25] == pytest.approx(0.02 * (2.0 + np.sqrt(2.0)) / 4.0, rel=1e-12)
    assert rates[100] == pytest.approx(0.0, abs=1e-15)
    assert (np.diff(rates) < 0.0).all()


# a run


def test_default_run_collapses(run):
    start, last = run.terminal_epoch, run.epochs[-1]
    nc1, nc3 = run.curves.curve("nc1"), run.curves.curve("nc3")
    at = int(np.searchsorted(run.epochs, start))
    assert run.status is TrainingStatus.TERMINAL_PHASE
    assert start <= last / 3
    assert not run.train_errors[start:].any()
    assert run.train_errors[start - 1] > 0.0
    assert nc1[-1] < 0.1 * nc1[at]
    assert nc1[-1] < 5e-3
    assert nc3[-1] < 0.5 * nc3[at]
    for name in ("nc2_equinorm", "nc2_equiangle", "nc4"):
        assert run.curves.curve(name)[-1] < run.curves.curve(name)[at], name
    assert run.test_errors[-1] <= 0.03
    assert f"epoch {start} of 1500" in run.message


def test_collapse_is_not_complete(run):
    """A finite run with weight decay leaves noise and a distance from the simplex."""
    assert run.curves.curve("nc1")[-1] > 1e-5
    assert run.curves.curve("nc3")[-1] > 0.01


def test_nearest_mean_rule_takes_over(run):
    """NC4 on images that were not trained on."""
    elsewhere = run.curves.trained.elsewhere
    assert elsewhere[0] > 0.5
    assert elsewhere[-1] < 0.02
    assert abs(run.nearest_errors[-1] - run.test_errors[-1]) <= elsewhere[-1]


def test_nearest_mean_by_distances():
    generator = np.random.default_rng(0)
    features, means = generator.standard_normal((50, 4)), 3.0 + generator.standard_normal((4, 6))
    distances = np.linalg.norm(features[:, :, None] - means, axis=1)
    np.testing.assert_array_equal(nearest_mean(features, means), distances.argmin(axis=1))


def test_last_layer_becomes_the_ridge_solution(run):
    """The last layer of a minimum is the best for its features, which has a closed form."""
    assert run.curves.ridge.distance[-1] < 0.02
    assert run.curves.ridge.distance[0] > 0.3
    np.testing.assert_allclose(run.curves.ridge.curve("nc3")[-1], run.curves.curve("nc3")[-1], atol=0.01)
    np.testing.assert_array_equal(run.curves.trained.distance, 0.0)


def test_errors_and_losses_are_those_of_the_data(run):
    digits = load_digits()
    wrong = run.predictions != digits.labels[run.split.test]
    assert wrong.mean() == pytest.approx(run.test_errors[-1], abs=1e-12)
    assert run.objectives.shape == run.train_errors.shape == (1501,)
    # the objective has the weight decay besides the loss, which is smaller by a lot at the end
    assert (run.losses < run.objectives[run.epochs]).all()
    assert run.losses[-1] < 0.05 * run.losses[0]
    assert run.objectives[-1] == pytest.approx(run.objectives[-20:].min(), rel=1e-3)
    # answers by chance at the start
    assert run.train_errors[0] > 0.6


def test_recorded_epochs_are_spread_in_their_logarithm(run):
    assert run.epochs[0] == 0
    assert run.epochs[-1] == 1500
    assert (np.diff(run.epochs) > 0).all()
    assert 45 <= len(run.epochs) <= 61
    late = run.epochs[run.epochs >= 20]
    assert (late[1:] / late[:-1]).max() < 1.2
    for values in (run.losses, run.test_errors, run.nearest_errors, run.curves.curve("nc1")):
        assert values.shape == run.epochs.shape


def test_morph_of_the_default_run(run):
    morph = run.morph
    frames = len(morph.frames)
    assert frames == 41
    assert (morph.frames[0], morph.frames[-1]) == (0, len(run.epochs) - 1)
    assert morph.means.shape == morph.rows.shape == (frames, 10, 3)
    assert morph.features.shape == (frames, 300, 3)
    np.testing.assert_array_equal(np.bincount(morph.labels[~morph.held_out]), [20] * 10)
    np.testing.assert_array_equal(np.bincount(morph.labels[morph.held_out]), [10] * 10)
    assert 0.3 < morph.shown[-1] < 0.4  # 3 of 9 dimensions of a simplex
    # at the end the clouds are apart: each trained feature is nearest to its own mean, as drawn
    drawn, labels = morph.features[-1][~morph.held_out], morph.labels[~morph.held_out]
    apart = np.linalg.norm(drawn[:, None] - morph.means[-1], axis=2)
    np.testing.assert_array_equal(apart.argmin(axis=1), labels)
    assert (
        np.linalg.norm(morph.features[0][:, None] - morph.means[0], axis=2).argmin(axis=1) != morph.labels
    ).mean() > 0.2


def test_training_is_full_batch_adam_on_the_objective():
    """The first epochs again, in double precision and from its parts."""
    params = replace(QUICK, epochs=12, hidden_layers=3)
    result = train_network(params)
    split = split_digits(5, 0)
    np.testing.assert_array_equal(split.train, result.split.train)
    inputs = 2.0 * pixels(split.train, pixels(split.train).mean(axis=0))
    targets = np.eye(10)[load_digits().labels[split.train]]
    start = initial_parameters(params.sizes, params.initial_scale, np.random.default_rng(0))
    network = Perceptron(params.sizes, start)
    adam, gradient = Adam(network.parameters, second_decay=0.99), np.empty_like(start)
    for epoch in range(12):
        signals = network.activations(inputs)
        assert result.objectives[epoch] == pytest.approx(network.objective(signals, targets, 3e-4), rel=1e-4)
        network.gradient(signals, targets, 3e-4, gradient)
        adam.update(gradient, cosine_rate(0.01, epoch, 12))


@pytest.mark.parametrize(
    ("errors", "start"),
    [
        ([0.5, 0.1, 0.0, 0.0], 2),
        ([0.5, 0.0, 0.1, 0.0], 3),
        ([0.5, 0.0, 0.0, 0.1], None),
        ([0.0, 0.0], 0),
        ([1.0], None),
    ],
)
def test_terminal_phase_is_where_the_error_stays_zero(errors, start):
    assert terminal_epoch(np.array(errors)) == start


def test_network_that_cannot_fit_says_so():
    result = train_network(replace(QUICK, weight_decay=0.1, hidden_layers=3, per_class=20))
    assert result.status is TrainingStatus.NOT_FITTED
    assert result.terminal_epoch is None
    assert "smaller weight decay" in result.message


def test_features_that_vanish_are_no_accident():
    """Under a decay this large all weights go to 0; metrics that are not defined then are NaN."""
    result = train_network(
        NetworkParams(
            width=16, hidden_layers=3, per_class=2, weight_decay=0.1, learning_rate=0.1, initial_scale=3.0, epochs=2000
        )
    )
    assert result.status is TrainingStatus.NOT_FITTED
    assert np.isnan(result.curves.curve("nc1")[-1])
    assert np.isfinite(result.objectives).all()
    assert np.isfinite(result.morph.features).all()
    assert result.objectives[-1] == pytest.approx(0.45, rel=0.01)  # |1/C - e_c|^2/2


@pytest.mark.parametrize("calls", [1, 11])
def test_stopped_run_keeps_what_it_reached(calls):
    seen = []

    def watch(progress):
        seen.append(progress)
        return len(seen) < calls

    result, whole = train_network(QUICK, watch=watch), train_network(QUICK)
    assert result.status is TrainingStatus.STOPPED
    assert len(seen) == calls
    assert result.epochs[-1] == seen[-1].count == len(result.objectives) - 1
    assert seen[-1].count not in whole.epochs or calls == 1  # so that the last record is the stop's own
    assert seen[-1].objective == result.objectives[-1]
    np.testing.assert_array_equal(result.objectives, whole.objectives[: len(result.objectives)])
    assert result.morph.frames[-1] == len(result.epochs) - 1
    assert f"after {seen[-1].count} epochs" in result.message


def test_progress_comes_every_few_epochs():
    seen = []
    train_network(QUICK, watch=lambda progress: seen.append(progress) or True)
    counts = [progress.count for progress in seen]
    assert counts[0] == 0
    assert np.diff(counts).max() <= 5
    assert [progress.fraction for progress in seen] == pytest.approx([count / 60 for count in counts])


def test_same_parameters_same_run_bit_for_bit():
    first, again = train_network(QUICK), train_network(QUICK)
    for field in fields(first):
        if isinstance(getattr(first, field.name), np.ndarray):
            np.testing.assert_array_equal(getattr(first, field.name), getattr(again, field.name))
    for name in ("nc1", "nc2_equiangle", "nc3", "nc4"):
        np.testing.assert_array_equal(first.curves.curve(name), again.curves.curve(name))
    np.testing.assert_array_equal(first.morph.features, again.morph.features)


@pytest.mark.parametrize("change", [{"seed": 1}, {"data_seed": 1}, {"weight_decay": 0.0}, {"learning_rate": 0.02}])
def test_each_parameter_changes_the_run(change):
    first, other = train_network(replace(QUICK, epochs=10)), train_network(replace(QUICK, epochs=10, **change))
    assert first.objectives[-1] != other.objectives[-1]


WRONG = {
    "no hidden layer": ({"hidden_layers": 0}, "hidden_layers must be an integer from 1 to 3, got 0"),
    "narrow": ({"width": 15}, "width must be an integer from 16 to 128, got 15"),
    "too many images": ({"per_class": 151}, "per_class must be an integer from 2 to 150, got 151"),
    "negative decay": ({"weight_decay": -1e-4}, "weight_decay must be"),
    "NaN rate": ({"learning_rate": float("nan")}, "learning_rate must be"),
    "no epochs": ({"epochs": 0}, "epochs must be"),
    "no weights": ({"initial_scale": 0.0}, "initial_scale must be"),
    "data seed": ({"data_seed": -1}, "data_seed must be"),
    "seed as text": ({"seed": "1"}, "seed must be"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_parameter_is_refused_by_name(name):
    changes, words = WRONG[name]
    with pytest.raises(ValueError, match=words):
        replace(QUICK, **changes)
