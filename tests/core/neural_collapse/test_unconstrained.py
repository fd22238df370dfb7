from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

from core.neural_collapse.chebyshev import integrate
from core.neural_collapse.feature_flow import Decays, FeatureFlow
from core.neural_collapse.metrics import collapse_metrics
from core.neural_collapse.morph import crown, projection
from core.neural_collapse.simplex import simplex_etf, simplex_gram
from core.neural_collapse.statistics import feature_statistics
from core.neural_collapse.training import TrainingStatus
from core.neural_collapse.unconstrained import MAX_EVALUATIONS, train_unconstrained
from core.neural_collapse.unconstrained_model import UnconstrainedParams, global_minimum

SMALL = UnconstrainedParams(classes=3, dimension=4, samples=4, weight_decay=0.02, feature_decay=0.01)


def params(**changes):
    return replace(SMALL, **changes)


MODELS = {
    "free bias": SMALL,
    "no bias": params(bias=False),
    "weak bias decay": params(bias_decay=0.02),
    "strong bias decay": params(bias_decay=1.0),
    "four classes": params(classes=4, dimension=3, samples=2),
    "two classes": params(classes=2, dimension=2, samples=5),
    "beyond the threshold": params(weight_decay=0.4, feature_decay=0.3),
    "beyond, no bias": params(weight_decay=0.4, feature_decay=0.3, bias=False),
}
"""Bias decays on both sides of the point, lambda_b/(1 + lambda_b) = s, from which the mean has a mode."""
each_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())


def targets(model):
    return np.repeat(np.eye(model.classes), model.samples, axis=1)


def parts(model, vector):
    """W, H and b of one vector."""
    first = model.classes * model.dimension
    second = first + model.dimension * model.classes * model.samples
    return (
        vector[:first].reshape(model.classes, -1),
        vector[first:second].reshape(model.dimension, -1),
        vector[second:] if model.bias else np.zeros(model.classes),
    )


def join(model, weights, features, bias):
    return np.concatenate([weights.ravel(), features.ravel(), bias if model.bias else []])


def objective(model, vector):
    """F as it is written, and its gradient."""
    weights, features, bias = parts(model, vector)
    residual = weights @ features + bias[:, None] - targets(model)
    count = model.samples * model.classes
    value = (
        (residual**2).sum() / (2 * count)
        + 0.5 * model.weight_decay * (weights**2).sum()
        + 0.5 * model.feature_decay * (features**2).sum()
        + 0.5 * model.bias_decay * (bias**2).sum()
    )
    gradient = join(
        model,
        residual @ features.T / count + model.weight_decay * weights,
        weights.T @ residual / count + model.feature_decay * features,
        residual.sum(axis=1) / count + model.bias_decay * bias,
    )
    return value, gradient


def unknowns(model):
    return model.dimension * model.classes * (model.samples + 1) + model.classes * model.bias


def make_flow(model, vector):
    decays = Decays(model.weight_decay, model.feature_decay, model.bias_decay)
    return FeatureFlow(*parts(model, vector), decays, with_bias=model.bias)


def random_vector(model, seed=0, scale=0.6):
    return scale * np.random.default_rng(seed).standard_normal(unknowns(model))


@cache
def default():
    return train_unconstrained(UnconstrainedParams())


# the closed form


@each_model
def test_closed_form_is_what_scipy_finds(model):
    starts = [random_vector(model, seed) for seed in range(4)]
    options = {"maxiter": 20_000, "ftol": 1e-16, "gtol": 1e-10}
    found = [
        minimize(lambda v: objective(model, v), start, jac=True, method="L-BFGS-B", options=options) for start in starts
    ]
    best = min(found, key=lambda one: one.fun)
    minimum = global_minimum(model)
    assert best.fun == pytest.approx(minimum.objective, rel=1e-9)
    weights, features, bias = parts(model, best.x)
    modes = model.classes - 1
    singular = [np.linalg.svd(matrix, compute_uv=False) for matrix in (weights, features, weights @ features)]
    np.testing.assert_allclose(singular[0][:modes], minimum.weight_singular, atol=2e-4)
    np.testing.assert_allclose(singular[1][:modes], minimum.feature_singular, atol=2e-4)
    np.testing.assert_allclose(singular[2][:modes], minimum.singular_product, atol=2e-4)
    np.testing.assert_allclose(bias, minimum.bias, atol=1e-4)
    assert np.linalg.norm(weights) == pytest.approx(minimum.weight_norm, abs=5e-4)
    assert np.linalg.norm(features) == pytest.approx(minimum.feature_norm, abs=5e-4)


@each_model
def test_closed_form_is_a_stationary_point_with_its_objective(model):
    minimum = global_minimum(model)
    ones = np.full((model.classes, model.classes), 1.0 / model.classes)
    gain = np.sqrt(minimum.mode_gain) * (np.eye(model.classes) - ones) + np.sqrt(minimum.mean_gain) * ones
    vectors, strengths, _ = np.linalg.svd(gain)  # gain = square root of W times the class means
    kept = min(model.dimension, model.classes)
    frame = np.zeros((model.dimension, model.classes))
    frame[:kept] = (vectors * strengths).T[:kept]
    ratio = (model.samples * model.feature_decay / model.weight_decay) ** 0.25
    vector = join(
        model, ratio * frame.T, np.repeat(frame / ratio, model.samples, axis=1), np.full(model.classes, minimum.bias)
    )
    value, gradient = objective(model, vector)
    assert value == pytest.approx(minimum.objective, rel=1e-12)
    assert np.abs(gradient).max() < 1e-15 if minimum.is_zero and not model.bias else np.abs(gradient).max() < 1e-12


def test_formula_of_the_singular_product():
    for decay in (1e-4, 5e-3, 0.02, 0.1):
        model = UnconstrainedParams(classes=4, samples=30, weight_decay=decay, feature_decay=2 * decay)
        expected = max(0.0, np.sqrt(30) - 30 * 4 * np.sqrt(2.0) * decay)
        assert global_minimum(model).singular_product == pytest.approx(expected, rel=1e-12)
        assert global_minimum(model).is_zero == (expected == 0.0)


def test_objective_of_vanished_features():
    """With W = H = 0 and b free, each sample costs |1/C - e_c|^2/2; without a bias, 1/2."""
    vanished = params(weight_decay=1.0, feature_decay=1.0)
    assert global_minimum(vanished).objective == pytest.approx(0.5 * (2.0 / 3.0), rel=1e-14)
    assert global_minimum(replace(vanished, bias=False)).objective == pytest.approx(0.5, rel=1e-14)


# the flow


@each_model
def test_reduced_flow_is_minus_the_gradient(model):
    """Complex steps of F itself in all its variables, against the derivative in the coordinates of the flow."""
    vector = random_vector(model)
    steps = 1e-30j * np.eye(len(vector))
    slope = np.array([objective(model, vector + step)[0].imag / 1e-30 for step in steps])
    expected = parts(model, -slope)
    flow = make_flow(model, vector)
    change = flow.variables(flow.derivative(flow.start))
    np.testing.assert_allclose(change.weights, expected[0], atol=1e-13)
    np.testing.assert_allclose(flow.features(change), expected[1], atol=1e-13)
    np.testing.assert_allclose(change.bias, expected[2] if model.bias else 0.0, atol=1e-13)
    assert flow.objective(flow.start) == pytest.approx(objective(model, vector)[0], rel=1e-13)


@each_model
def test_reduction_loses_nothing(model):
    vector = random_vector(model, 3)
    flow = make_flow(model, vector)
    weights, features, bias = parts(model, vector)
    variables = flow.variables(flow.start)
    np.testing.assert_array_equal(variables.weights, weights)
    np.testing.assert_array_equal(variables.bias, bias)
    np.testing.assert_allclose(flow.features(variables), features, atol=1e-13)
    rows = flow.directions
    np.testing.assert_allclose(rows @ rows.T, np.eye(len(rows)), atol=1e-13)
    np.testing.assert_allclose(rows @ targets(model).T, 0.0, atol=1e-13)  # orthogonal to the class means
    singular = flow.singular_values(flow.start)
    np.testing.assert_allclose(singular[1], np.linalg.svd(features, compute_uv=False)[: singular.shape[1]], rtol=1e-12)
    imbalance = model.weight_decay * weights.T @ weights - model.feature_decay * features @ features.T
    assert flow.imbalance(flow.start) == pytest.approx(np.linalg.norm(imbalance), rel=1e-12)
    np.testing.assert_allclose(flow.norms(flow.start), [np.linalg.norm(weights), np.linalg.norm(features)], rtol=1e-13)


@each_model
@pytest.mark.parametrize("scale", [0.1, 1.0, 5.0])
def test_stiffness_bounds_the_hessian(model, scale):
    vector = random_vector(model, 1, scale)
    size, hessian = 1e-5, []
    for direction in np.eye(len(vector)):
        change = objective(model, vector + size * direction)[1] - objective(model, vector - size * direction)[1]
        hessian.append(change / (2 * size))
    largest = np.abs(np.linalg.eigvalsh(np.array(hessian))).max()
    flow = make_flow(model, vector)
    assert 0.999 * largest <= flow.stiffness(flow.start) <= 10.0 * largest


@each_model
def test_balance_law(model):
    """d(W^T W - H H^T)/dt = -2 (lambda_W W^T W - lambda_H H H^T), whatever the data term."""
    flow = make_flow(model, random_vector(model, 2))
    variables = flow.variables(flow.start)
    change = flow.variables(flow.derivative(flow.start))
    weights, features = variables.weights, flow.features(variables)
    left = weights.T @ change.weights - features @ flow.features(change).T
    right = -2.0 * (model.weight_decay * weights.T @ weights - model.feature_decay * features @ features.T)
    np.testing.assert_allclose(left + left.T, right, atol=1e-13)


def test_balance_decays_as_exp_of_minus_two_lambda_t():
    """Where both decays are lambda."""
    decay = 0.01
    model = params(weight_decay=decay, feature_decay=decay)
    flow = make_flow(model, random_vector(model, 5))
    start = flow.imbalance(flow.start)
    for at in integrate(flow, flow.start, 1e-7):
        assert flow.imbalance(at.state) == pytest.approx(start * np.exp(-2.0 * decay * at.time), rel=1e-3)
        if at.time > 400.0:
            break
    assert flow.imbalance(at.state) < 1e-3 * start


def test_within_class_part_decays_linearly():
    """D' = -(W^T W/(N C) + lambda_H) D: nothing but W moves it."""
    flow = make_flow(SMALL, random_vector(SMALL, 4))
    variables, change = flow.variables(flow.start), flow.variables(flow.derivative(flow.start))
    rate = variables.weights.T @ variables.weights / 12 + SMALL.feature_decay * np.eye(4)
    np.testing.assert_allclose(change.within, -rate @ variables.within, atol=1e-14)


def reference(model, times):
    """The flow of all variables by a method of order 8, at a tolerance of 1e-11."""
    generator = np.random.default_rng(model.seed)
    features = model.initial_scale * generator.standard_normal((model.dimension, model.classes * model.samples))
    weights = model.initial_scale * generator.standard_normal((model.classes, model.dimension))
    start = join(model, weights, features, np.zeros(model.classes))
    options = {"method": "DOP853", "rtol": 1e-11, "atol": 1e-13}
    return solve_ivp(lambda _, v: -objective(model, v)[1], (0.0, times[-1]), start, t_eval=times, **options).y.T


@pytest.mark.parametrize(
    "model", [UnconstrainedParams(), params(bias=False), params(bias_decay=0.5, initial_scale=1.0)]
)
def test_run_agrees_with_a_tight_reference(model):
    result = train_unconstrained(model)
    chosen = np.flatnonzero(result.times < 1000.0)[::6]
    labels = np.repeat(np.arange(model.classes), model.samples)
    nc1, nc2, nc3 = (result.curves.curve(name) for name in ("nc1", "nc2_equinorm", "nc3"))
    for i, vector in zip(chosen, reference(model, result.times[chosen]), strict=True):
        weights, features, bias = parts(model, vector)
        metrics = collapse_metrics(feature_statistics(features.T, labels), weights, bias)
        assert result.objectives[i] == pytest.approx(objective(model, vector)[0], rel=2e-4)
        singular = np.linalg.svd(weights, compute_uv=False)
        np.testing.assert_allclose(result.weight_singular[i], singular[: result.weight_singular.shape[1]], atol=2e-4)
        np.testing.assert_allclose(result.biases[i], bias, atol=1e-4)
        assert nc1[i] == pytest.approx(metrics.nc1, rel=0.02)
        assert nc2[i] == pytest.approx(metrics.nc2_equinorm, rel=0.01, abs=1e-5)
        assert nc3[i] == pytest.approx(metrics.nc3, rel=0.01, abs=1e-5)
    assert len(chosen) >= 8


# where runs end


def test_default_run_collapses_to_the_closed_form():
    result = default()
    assert result.status is TrainingStatus.REACHED_MINIMUM
    assert 0.0 <= result.gaps[-1] <= 1e-10
    assert result.times[-1] < 5000.0
    np.testing.assert_allclose(result.weight_singular[-1, :3], result.minimum.weight_singular, rtol=1e-5)
    np.testing.assert_allclose(result.feature_singular[-1, :3], result.minimum.feature_singular, rtol=1e-5)
    np.testing.assert_allclose(result.biases[-1], 0.25, atol=1e-6)
    assert result.curves.curve("nc1")[0] > 1.0
    for name in ("nc1", "nc1_trace", "nc2_equinorm", "nc2_equiangle", "nc3", "nc4"):
        assert result.curves.curve(name)[-1] < 1e-6, name
    assert result.curves.trained.elsewhere[0] > 0.5
    assert result.curves.trained.elsewhere[-1] == 0.0
    assert "global minimum" in result.message


ENDINGS = {
    "small decays": params(weight_decay=1e-4, feature_decay=1e-4),
    "p = C - 1": params(dimension=2),
    "ten classes": UnconstrainedParams(classes=10, dimension=10, samples=3),
    "two classes on a line": UnconstrainedParams(classes=2, dimension=1, samples=2),
    "strong weight decay": params(weight_decay=0.2, feature_decay=1e-3),
    "strong feature decay": params(weight_decay=1e-3, feature_decay=0.2),
    "large start": params(initial_scale=2.0),
    "small start": params(initial_scale=1e-3),
    "bias decay": params(bias_decay=1.0),
}


@pytest.mark.parametrize("model", ENDINGS.values(), ids=ENDINGS.keys())
def test_run_reaches_the_minimum(model):
    result = train_unconstrained(model)
    assert result.status is TrainingStatus.REACHED_MINIMUM
    assert result.gaps[-1] <= 1e-10
    assert (np.diff(result.objectives) < 0.0).all()
    assert (np.diff(result.times) > 0.0).all()
    modes = model.classes - 1
    product = result.weight_singular[-1, :modes] * result.feature_singular[-1, :modes]
    np.testing.assert_allclose(product, result.minimum.singular_product, rtol=1e-4)
    np.testing.assert_allclose(result.biases[-1], result.minimum.bias, atol=1e-5)
    assert result.imbalance[-1] < 1e-4
    assert result.curves.curve("nc1")[-1] < 1e-8
    assert result.curves.curve("nc2_gram")[-1] < 1e-5


@pytest.mark.parametrize("classes", [3, 4])
def test_without_bias_the_frame_is_orthogonal_and_self_duality_fails(classes):
    """W = Q^T orthogonal, M = Q (I - 11^T/C): NC3 is sqrt(2 - 2 sqrt(1 - 1/C)), and NC2 holds nevertheless."""
    result = train_unconstrained(params(classes=classes, bias=False))
    expected = np.sqrt(2.0 - 2.0 * np.sqrt(1.0 - 1.0 / classes))
    assert result.curves.curve("nc3")[-1] == pytest.approx(expected, rel=1e-5)
    assert result.curves.curve("nc2_gram")[-1] < 1e-5
    assert result.curves.ridge.curve("nc3")[-1] < 1e-5  # which has a bias
    assert not result.biases.any()


def test_features_vanish_beyond_the_threshold():
    result = train_unconstrained(params(weight_decay=0.4, feature_decay=0.3))
    assert result.minimum.strength > 1.0
    assert result.minimum.is_zero
    assert result.status is TrainingStatus.VANISHED
    assert result.objectives[-1] == pytest.approx(1.0 / 3.0, rel=1e-9)
    assert result.weight_singular[-1].max() < 2e-4 * result.weight_singular[0].max()
    assert result.feature_singular[-1].max() < 2e-4 * result.feature_singular[0].max()
    assert "vanished" in result.message


def test_at_the_threshold_the_budget_is_spent():
    """There the features shrink like t^(-1/2): F sees W H and is nearly minimal, the features are not."""
    decay = 1.0 / (3 * np.sqrt(4.0))
    result = train_unconstrained(params(weight_decay=decay, feature_decay=decay))
    assert result.status is TrainingStatus.BUDGET
    assert result.evaluations >= MAX_EVALUATIONS
    assert "threshold" in result.message
    late = result.times > 1e-3 * result.times[-1]
    slope = np.polyfit(np.log(result.times[late]), np.log(result.weight_singular[late, 0]), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.02)


@pytest.mark.parametrize("sign", [-1, 1])
def test_near_the_threshold_it_takes_longer(sign):
    decay = 1.0 / (3 * np.sqrt(4.0))
    far, near = (
        train_unconstrained(params(weight_decay=decay * (1 + sign * by), feature_decay=decay * (1 + sign * by)))
        for by in (0.3, 0.02)
    )
    assert near.times[-1] > 5.0 * far.times[-1]
    assert near.status is far.status is (TrainingStatus.VANISHED if sign > 0 else TrainingStatus.REACHED_MINIMUM)


# runs that are watched


@pytest.mark.parametrize("step", [1, 2, 30])
def test_stopped_run_keeps_what_it_reached(step):
    seen = []

    def watch(progress):
        seen.append(progress)
        return len(seen) < step

    result, whole = train_unconstrained(SMALL, watch=watch), train_unconstrained(SMALL)
    assert result.status is TrainingStatus.STOPPED
    assert len(seen) == step == result.steps
    assert result.evaluations == seen[-1].count
    assert result.objectives[-1] == pytest.approx(seen[-1].objective, rel=1e-12)
    assert result.times[-1] < whole.times[-1]
    assert len(result.curves.curve("nc1")) == len(result.times)
    assert result.morph.frames[-1] == len(result.times) - 1
    assert "Stopped" in result.message


def test_progress_rises_to_one():
    seen = []
    result = train_unconstrained(SMALL, watch=lambda progress: seen.append(progress) or True)
    fractions = [progress.fraction for progress in seen]
    assert (np.diff(fractions) >= 0.0).all()
    assert fractions[0] < 0.1
    assert 0.95 < fractions[-1] <= 1.0
    assert len(seen) == result.steps - 1


def test_same_parameters_same_run_bit_for_bit():
    first, again = train_unconstrained(SMALL), train_unconstrained(SMALL)
    for field in fields(first):
        value = getattr(first, field.name)
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, getattr(again, field.name))
    for name in ("nc1", "nc2_equiangle", "nc3", "nc4"):
        np.testing.assert_array_equal(first.curves.curve(name), again.curves.curve(name))
    np.testing.assert_array_equal(first.morph.features, again.morph.features)
    assert train_unconstrained(params(seed=1)).times[-1] != first.times[-1]


# pictures


@pytest.mark.parametrize("classes", range(2, 11))
def test_crown_is_a_tight_frame(classes):
    rows = crown(classes)
    count = min(3, classes - 1)
    assert rows.shape == (count, classes)
    np.testing.assert_allclose(rows @ rows.T, np.eye(count), atol=1e-14)
    np.testing.assert_allclose(rows.sum(axis=1), 0.0, atol=1e-14)
    if classes % 2 == 0:
        np.testing.assert_allclose(np.linalg.norm(rows, axis=0), np.sqrt(count / classes), atol=1e-14)


@pytest.mark.parametrize(("classes", "dimension"), [(2, 1), (2, 5), (3, 2), (3, 6), (4, 3), (4, 9), (10, 9), (10, 20)])
def test_simplex_is_seen_as_the_crown(classes, dimension):
    """Whichever way it is turned."""
    features = np.random.default_rng(0).standard_normal((40, dimension))
    for seed in range(3):
        frame = simplex_etf(classes, dimension, seed=seed)
        view = projection(frame, features)
        shown = min(3, dimension)
        np.testing.assert_allclose((view @ view.T)[:shown, :shown], np.eye(shown), atol=1e-12)
        assert not view[shown:].any()
        expected = np.zeros((3, classes))
        expected[: min(3, classes - 1)] = np.sqrt(classes / (classes - 1)) * crown(classes)
        np.testing.assert_allclose(view @ frame, expected, atol=1e-12)


def test_free_directions_show_the_spread_of_the_features():
    """Two classes leave two directions of three: those of the largest variance across the means."""
    generator = np.random.default_rng(1)
    features = generator.standard_normal((5000, 6)) * np.array([9.0, 1.0, 1.0, 5.0, 3.0, 1.0])
    means = np.zeros((6, 2))
    means[0] = 1.0, -1.0
    view = projection(means, features)
    np.testing.assert_allclose(np.abs(view), np.eye(6)[[0, 3, 4]], atol=0.1)


def test_morph_of_two_classes_shows_the_spread_at_the_start():
    """In three dimensions the picture is all of feature space, turned: the free axes are principal axes."""
    first = train_unconstrained(params(classes=2, dimension=3, samples=30)).morph.features[0]
    covariance = np.cov(first[:, 1:].T)
    assert covariance[0, 0] >= covariance[1, 1]
    assert abs(covariance[0, 1]) < 1e-3 * covariance[1, 1]


def test_morph_of_the_default_run():
    result = default()
    morph, last = result.morph, len(result.times) - 1
    frames, classes = len(morph.frames), 4
    assert frames == 41
    assert morph.frames[0] == 0
    assert morph.frames[-1] == last
    assert (np.diff(morph.frames) > 0).all()
    assert morph.means.shape == morph.rows.shape == (frames, classes, 3)
    assert morph.features.shape == (frames, 120, 3)
    np.testing.assert_array_equal(np.bincount(morph.labels), [30] * 4)
    assert not morph.held_out.any()
    # four classes fill three dimensions: the picture is the collapse itself
    np.testing.assert_allclose(morph.shown[-1], 1.0, atol=1e-10)
    means = morph.means[-1]
    np.testing.assert_allclose(means @ means.T, (means[0] @ means[0]) * simplex_gram(4), atol=1e-9)
    np.testing.assert_allclose(morph.rows[-1] / morph.row_norms[-1], means / morph.mean_norms[-1], atol=1e-6)
    np.testing.assert_allclose(morph.features[-1], means[morph.labels], atol=1e-5)
    assert np.abs(morph.features[0] - morph.means[0][morph.labels]).max() > 0.1


def test_shown_share_of_ten_classes_is_a_third():
    result = train_unconstrained(UnconstrainedParams(classes=10, dimension=12, samples=4))
    assert result.morph.shown[-1] == pytest.approx(1.0 / 3.0, rel=1e-6)


def test_morph_does_not_jump():
    """Between two pictures nothing moves by more than a sixth of the way across."""
    morph = default().morph
    moves = np.abs(np.diff(morph.means, axis=0)).max(axis=(1, 2))
    assert moves.max() < 0.17 * 2.0 * np.abs(morph.means).max()


# arguments


WRONG = {
    "one class": ({"classes": 1}, "classes must be an integer from 2 to 10, got 1"),
    "no dimension": ({"dimension": 0}, "dimension must be an integer from 1 to 64, got 0"),
    "simplex does not fit": ({"classes": 6, "dimension": 4}, "dimension must be at least classes - 1 = 5, got 4"),
    "no room for the mean": ({"dimension": 2, "bias": False}, "dimension must be at least classes, .* = 3, got 2"),
    "nor with a decay": ({"dimension": 2, "bias_decay": 0.1}, "dimension must be at least classes, .* = 3, got 2"),
    "one sample": ({"samples": 1}, "samples must be"),
    "no weight decay": ({"weight_decay": 0.0}, "weight_decay must be a number from 0.0001 to 1, got 0.0"),
    "NaN": ({"feature_decay": float("nan")}, "feature_decay must be"),
    "bias as a number": ({"bias": 1}, "bias must be True or False, got 1"),
    "negative bias decay": ({"bias_decay": -1.0}, "bias_decay must be"),
    "start at the saddle": ({"initial_scale": 0.0}, "initial_scale must be"),
    "seed": ({"seed": -1}, "seed must be"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_parameter_is_refused_by_name(name):
    changes, words = WRONG[name]
    with pytest.raises(ValueError, match=words):
        params(**changes)
