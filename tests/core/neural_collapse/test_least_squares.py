from dataclasses import replace
from itertools import pairwise

import mpmath
import numpy as np
import pytest

from core.neural_collapse.least_squares import least_squares_classifier, span_system, vanishing_noise_nc3
from core.neural_collapse.params import SyntheticParams
from core.neural_collapse.simplex import simplex_etf
from core.neural_collapse.statistics import feature_statistics, population_statistics
from core.neural_collapse.synthetic import dial_map, make_population

# classes, dimension, counts of the classes: p = C - 1, p < C - 1, p > C, fewer samples than dimensions
SETTINGS = [
    (2, 1, (9, 9)),
    (3, 2, (6, 6, 6)),
    (5, 3, (7, 8, 9, 10, 11)),
    (4, 20, (50, 50, 50, 50)),
    (4, 20, (80, 5, 30, 1)),
    (4, 20, (3, 3, 3, 3)),
    (3, 300, (20, 30, 10)),
]


def samples(classes, dimension, counts, noise=0.3, seed=0, offset=0.5):
    generator = np.random.default_rng(seed)
    means = generator.standard_normal((classes, dimension)) / np.sqrt(dimension) + offset
    labels = np.repeat(np.arange(classes), counts)
    return means[labels] + noise * generator.standard_normal((labels.size, dimension)), labels


def around_simplex(noise, *, classes=4, dimension=20, count=50, seed=0):
    labels = np.repeat(np.arange(classes), count)
    draws = np.random.default_rng(seed).standard_normal((labels.size, dimension))
    return simplex_etf(classes, dimension, seed=seed).T[labels] + noise * draws, labels


def direct_solution(features, labels):
    """Weighted least squares on the samples with a bias column; of least |W| where there are several."""
    classes, counts = labels.max() + 1, np.bincount(labels)
    root = 1.0 / np.sqrt(classes * counts[labels])[:, None]
    targets = np.eye(classes)[labels]
    if len(features) > features.shape[1] + classes:
        table = np.column_stack([features, np.ones(len(features))])
        solution = np.linalg.lstsq(root * table, root * targets, rcond=None)[0]
        return solution[:-1].T, solution[-1]
    center = (root**2 * features).sum(axis=0)  # the bias may be anything, so it is eliminated
    weights = np.linalg.lstsq(root * (features - center), root * (targets - 1.0 / classes), rcond=None)[0].T
    return weights, 1.0 / classes - weights @ center


def angle_metric(weights, means):
    return np.linalg.norm(weights.T / np.linalg.norm(weights) - means / np.linalg.norm(means))


def assert_close(found, expected, tolerance):
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= tolerance * max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("noise", [1.0, 0.3, 1e-3])
@pytest.mark.parametrize(("classes", "dimension", "counts"), SETTINGS)
def test_minimizes_the_error_on_the_samples(classes, dimension, counts, noise):
    features, labels = samples(classes, dimension, counts, noise)
    weights, bias = least_squares_classifier(feature_statistics(features, labels))
    expected, constants = direct_solution(features, labels)
    # the direct solver's own error: the squared condition number (p/noise)^2 times the residual, which is the noise
    tolerance = 1e-13 * dimension / noise
    assert_close(weights, expected, tolerance)
    assert_close(bias, constants, tolerance)


@pytest.mark.parametrize(("classes", "dimension", "counts"), SETTINGS)
def test_is_the_formula_of_webb_and_lowe(classes, dimension, counts):
    statistics = feature_statistics(*samples(classes, dimension, counts, 0.5))
    weights, bias = least_squares_classifier(statistics)
    inverse = np.linalg.pinv(statistics.total, rcond=1e-10, hermitian=True)
    assert_close(weights, statistics.centered_means.T @ inverse / classes, 1e-10)
    np.testing.assert_allclose(bias, 1.0 / classes - weights @ statistics.global_mean, atol=1e-14)


def exact_solution(features, labels):
    """M^T Sigma_T^-1 / C of the given doubles, in arithmetic of eighty digits."""
    classes, dimension = int(labels.max()) + 1, features.shape[1]
    with mpmath.workdps(80):
        rows = [mpmath.matrix(h.tolist()) for h in features]
        groups = [[h for h, label in zip(rows, labels, strict=True) if label == c] for c in range(classes)]
        means = [sum(group[1:], group[0]) / len(group) for group in groups]
        center = sum(means[1:], means[0]) / classes
        total, cross = mpmath.zeros(dimension), mpmath.zeros(dimension, classes)
        for c, group in enumerate(groups):
            cross[:, c] = (means[c] - center) / classes
            for h in group:
                total += (h - center) * (h - center).T / (classes * len(group))
        solution = mpmath.lu_solve(total, cross[:, 0])
        for c in range(1, classes):
            solution = np.column_stack([solution, mpmath.lu_solve(total, cross[:, c])])
    return np.array(solution.tolist(), dtype=float).T


@pytest.mark.parametrize("noise", [1e-1, 1e-4, 1e-8, 1e-11])
def test_digits_do_not_fall_with_the_noise(noise):
    features, labels = samples(3, 6, (4, 7, 5), noise)
    weights, _ = least_squares_classifier(feature_statistics(features, labels))
    assert_close(weights, exact_solution(features, labels), 1e-13 + (1e-16 / noise) ** 2)


def test_noise_of_1e_8_in_512_dimensions():
    labels = np.repeat(np.arange(10), 100)
    draws = np.random.default_rng(0).standard_normal((10, 100, 512))
    draws = (draws - draws.mean(axis=1, keepdims=True)).reshape(1000, 512)  # the means stay what they are
    frame = simplex_etf(10, 512)
    statistics = feature_statistics(frame.T[labels] + 1e-8 * draws, labels)
    weights, _ = least_squares_classifier(statistics)
    means, within = statistics.centered_means, statistics.within
    # the normal equations, along the means and across them, each at its own scale
    np.testing.assert_allclose(weights @ means, np.eye(10) - 0.1, atol=1e-13)
    across = np.eye(512) - means @ np.linalg.pinv(means, rcond=1e-9)
    assert np.abs(across @ within @ weights.T).max() <= 1e-12 * np.abs(within @ weights.T).max()
    # with more noise and the same means the solution is another to order noise^2, and easy to find
    easy = [direct_solution(frame.T[labels] + noise * draws, labels)[0] for noise in (1e-3, 1e-4)]
    errors = [np.abs(weights - solution).max() for solution in easy]
    assert errors[0] < 1e-5 * np.abs(weights).max()
    assert errors[1] < 0.0102 * errors[0]
    naive = means.T @ np.linalg.pinv(statistics.total) / 10
    assert np.linalg.norm(naive - weights) > 0.1 * np.linalg.norm(weights)


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize(("classes", "dimension"), [(2, 1), (3, 2), (4, 20), (10, 512), (5, 3)])
def test_without_noise_it_is_the_pseudo_inverse_of_the_means(classes, dimension, count):
    features, labels = samples(classes, dimension, (count,) * classes, noise=0.0)
    statistics = feature_statistics(features, labels)
    weights, bias = least_squares_classifier(statistics)
    expected = np.linalg.pinv(statistics.centered_means, rcond=1e-9)
    assert_close(weights, expected, 1e-12)
    np.testing.assert_allclose(bias, 1.0 / classes - expected @ statistics.global_mean, atol=1e-11)


@pytest.mark.parametrize(("classes", "dimension"), [(2, 1), (4, 3), (4, 20), (20, 19), (10, 1000)])
def test_problem_3_nc1_and_nc2_give_nc3(classes, dimension):
    means = 0.7 * simplex_etf(classes, dimension)
    weights, _ = least_squares_classifier(
        feature_statistics(np.tile(means.T + 3.0, (2, 1)), np.tile(range(classes), 2))
    )
    assert_close(weights, np.linalg.pinv(means, rcond=1e-9), 1e-12)
    assert_close(weights, (classes - 1) / (classes * 0.7**2) * means.T, 1e-12)
    assert angle_metric(weights, means) <= 1e-12


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("offset", [0.0, 0.1, 1e6])
def test_equal_means_leave_nothing_to_learn(offset, noise):
    features = offset + noise * np.repeat([[1.0, 2.0, 3.0], [-1.0, -2.0, -3.0]], 6, axis=0)
    weights, bias = least_squares_classifier(feature_statistics(features, np.tile([0, 1, 2], 4)))
    np.testing.assert_array_equal(weights, 0.0)
    np.testing.assert_array_equal(bias, 1.0 / 3.0)


@pytest.mark.parametrize("noise", [0.0, 1e-8, 0.2])
def test_means_on_a_line(noise):
    means = np.outer([1.0, 2.0, 2.0], [-3.0, -1.0, 1.0, 3.0])
    factor = noise * np.array([[1.0, 0.5, 0.0], [0.0, 1.0, -0.7], [0.3, 0.0, 2.0]])
    weights, _ = least_squares_classifier(population_statistics(means, factor))
    assert np.linalg.matrix_rank(weights, tol=1e-12) == 1
    within = factor.T @ factor / noise**2 if noise else np.eye(3)
    # Sherman-Morrison for Sigma_T = Sigma_W + 5 u u^T: a scalar times Sigma_W^-1 u
    unit = np.array([1.0, 2.0, 2.0])
    towards = np.linalg.solve(within, unit)
    scale = 1.0 / (noise**2 + 5.0 * unit @ towards)
    np.testing.assert_allclose(weights, np.outer([-3.0, -1.0, 1.0, 3.0], towards) * scale / 4.0, atol=1e-13)


@pytest.mark.parametrize("ridge", [1e-6, 1e-2, 1.0, 1e6])
@pytest.mark.parametrize("noise", [0.0, 1e-8, 0.3])
@pytest.mark.parametrize(("classes", "dimension", "counts"), SETTINGS)
def test_ridge_is_added_to_the_covariance(classes, dimension, counts, noise, ridge):
    statistics = feature_statistics(*samples(classes, dimension, counts, noise))
    weights, bias = least_squares_classifier(statistics, ridge=ridge)
    expected = np.linalg.solve(statistics.total + ridge * np.eye(dimension), statistics.centered_means / classes).T
    assert np.abs(weights - expected).max() <= 1e-14 * dimension / min(ridge, 1.0) * np.abs(expected).max()
    np.testing.assert_allclose(bias, 1.0 / classes - weights @ statistics.global_mean, atol=1e-14)


@pytest.mark.parametrize(("classes", "dimension", "counts"), SETTINGS)
def test_a_ridge_that_vanishes_leaves_the_pseudo_inverse(classes, dimension, counts):
    statistics = feature_statistics(*samples(classes, dimension, counts))
    plain, _ = least_squares_classifier(statistics)
    errors = [np.abs(least_squares_classifier(statistics, ridge=r)[0] - plain).max() for r in (1e-8, 1e-9, 1e-30)]
    assert errors[0] > 1e-12
    assert errors[1] == pytest.approx(0.1 * errors[0], rel=0.01)
    assert errors[2] <= 1e-12


def test_noise_however_small_keeps_weights_away_from_the_means():
    found = [angle_of(around_simplex(noise)) for noise in (1e-2, 1e-3, 1e-5, 1e-8, 1e-11)]
    assert 0.2 < found[0] < 0.4
    np.testing.assert_allclose(found, found[0], rtol=5e-3)
    assert angle_of(around_simplex(0.0)) <= 1e-12


def angle_of(data, ridge=0.0):
    statistics = feature_statistics(*data)
    return angle_metric(least_squares_classifier(statistics, ridge=ridge)[0], statistics.centered_means)


def test_ridge_restores_continuity():
    """For noise^2 << ridge, NC3 is of the order of noise^2 / ridge: a hundredth for a tenth of the noise.

    The sampled means leave the simplex by noise / sqrt(N) and turn from W by as much; that part falls tenfold.
    """
    angles = [angle_of(around_simplex(noise), ridge=1e-3) for noise in (1e-2, 1e-3, 1e-4, 1e-5)]
    assert angles[0] < 0.05
    assert all(later <= 0.11 * earlier for earlier, later in pairwise(angles))
    assert angle_of(around_simplex(0.1), ridge=1e-3) > 0.2


@pytest.mark.parametrize(
    ("classes", "dimension", "count"), [(4, 20, 50), (4, 20, 10), (10, 30, 20), (2, 50, 100), (4, 100, 3)]
)
def test_what_vanishing_noise_leaves(classes, dimension, count):
    tangents = []
    for seed in range(150):
        data = around_simplex(1e-7, classes=classes, dimension=dimension, count=count, seed=seed)
        tangents.append((1.0 - 0.5 * angle_of(data) ** 2) ** -2 - 1.0)
    expected = (1.0 - 0.5 * vanishing_noise_nc3(classes, dimension, count) ** 2) ** -2 - 1.0
    error = np.std(tangents) / np.sqrt(len(tangents))
    assert error < 0.05 * expected
    assert np.mean(tangents) == pytest.approx(expected, abs=4 * error)


def test_vanishing_noise_at_its_ends():
    assert vanishing_noise_nc3(4, 3, 50) == 0.0  # nothing outside of the span
    assert vanishing_noise_nc3(4, 20, 1) == 0.0  # one sample a class: no noise
    for dimension in (10, 11, 12):  # as many directions as degrees of freedom, or one more or less
        assert vanishing_noise_nc3(2, dimension, 6) == pytest.approx(np.sqrt(2.0))
    curve = [vanishing_noise_nc3(4, 20, count) for count in (6, 7, 10, 50, 1000, 10**6)]
    assert all(later < earlier for earlier, later in pairwise(curve))
    assert curve[-1] < 0.01


@pytest.mark.parametrize("noise", [1e-8, 0.3])
def test_moving_turning_and_scaling(noise):
    features, labels = samples(4, 9, (20, 10, 5, 30), noise)
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((9, 9)))[0]
    weights, bias = least_squares_classifier(feature_statistics(features, labels))
    scores = features @ weights.T + bias
    rounding = 1e-13 + 1e-14 / noise * 0.01  # what the transformed features' own rounding does to their noise
    for moved in (features + np.arange(9.0), features @ turn.T, 1e3 * features, 1e-3 * features):
        other, constants = least_squares_classifier(feature_statistics(moved, labels))
        np.testing.assert_allclose(moved @ other.T + constants, scores, atol=1e-11 + 10 * rounding)
    turned, _ = least_squares_classifier(feature_statistics(features @ turn.T, labels))
    assert_close(turned, weights @ turn.T, 1e2 * rounding)


def test_balanced_formulas_hold_for_weighted_samples():
    """A class given k times as often is that class with 1/k of the weight: nothing changes."""
    features, labels = samples(3, 7, (6, 6, 6))
    times = np.array([1, 4, 9])[labels]
    expected = least_squares_classifier(feature_statistics(features, labels))
    found = least_squares_classifier(feature_statistics(np.repeat(features, times, axis=0), np.repeat(labels, times)))
    for left, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(left, right, atol=1e-13)


@pytest.mark.parametrize("direction", [[1.0, 0, 0, 0, 0], [0.6, 0, 0, 0.8, 0], [0, 0, 0, 0, 1.0]])
def test_a_system_serves_every_strength_of_its_noise(direction):
    means = np.concatenate([np.random.default_rng(0).standard_normal((3, 4)), np.zeros((2, 4))])
    factor = np.eye(5) + 2.0 * np.outer(direction, direction)
    scales = np.array([[0.0, 1e-8, 1e-3], [0.1, 1.0, 50.0]])
    found = span_system(population_statistics(means, factor)).weights(scales)
    assert found.shape == (2, 3, 4, 5)
    for index, scale in np.ndenumerate(scales):
        expected, _ = least_squares_classifier(population_statistics(means, scale * factor))
        np.testing.assert_allclose(found[index], expected, atol=1e-13)


@pytest.mark.parametrize("ridge", [-1e-9, np.nan, np.inf, True, "1", None])
def test_other_ridges_are_refused(ridge):
    statistics = population_statistics(simplex_etf(3, 2), np.eye(2))
    with pytest.raises(ValueError, match=f"^ridge must be a number from 0 to 1e\\+12, got {ridge!r}$"):
        least_squares_classifier(statistics, ridge=ridge)


@pytest.mark.parametrize("dimension", [3, 4, 20])  # C - 1, C, which the maps have, and the default
@pytest.mark.parametrize("departure", np.linspace(0.0, 1.0, 17))
def test_classifiers_of_populations_are_those_of_the_textbook_at_every_departure_and_noise(departure, dimension):
    """W = (1/C) M' inv(Sigma_T): what rounding leaves of the noise in the span of M is no direction of its own."""
    params, noise = SyntheticParams(departure=float(departure), dimension=dimension), np.array([0.01, 0.3, 1.0])
    found = dial_map(params, noise, [departure]).nc3[0]
    for sigma, nc3 in zip(noise, found, strict=True):
        population = make_population(replace(params, noise=float(sigma)))
        weights = np.linalg.solve(population.total, population.centered_means)
        means = population.centered_means
        distance = np.linalg.norm(weights / np.linalg.norm(weights) - means / np.linalg.norm(means))
        assert nc3 == pytest.approx(distance, abs=1e-9)
