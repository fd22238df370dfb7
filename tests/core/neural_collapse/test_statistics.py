import tracemalloc

import mpmath
import numpy as np
import pytest

from core.neural_collapse import statistics
from core.neural_collapse.simplex import simplex_etf
from core.neural_collapse.statistics import feature_statistics, population_statistics

COUNTS = [(5, 5, 5), (1, 1), (3, 40, 1, 7), (2, 300)]


def samples(counts, dimension=6, noise=0.3, seed=0, offset=0.7):
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.repeat(np.arange(len(counts)), counts))
    means = generator.standard_normal((len(counts), dimension)) + offset
    return means[labels] + noise * generator.standard_normal((labels.size, dimension)), labels


def textbook(features, labels):
    """Means and covariances by the definitions, one class after the other, each class weighing the same."""
    classes = labels.max() + 1
    means = np.array([features[labels == c].mean(axis=0) for c in range(classes)])
    center = means.mean(axis=0)
    within = sum(np.cov(features[labels == c].T, bias=True) for c in range(classes)) / classes
    between = sum(np.outer(m - center, m - center) for m in means) / classes
    total = sum(
        sum(np.outer(h - center, h - center) for h in features[labels == c]) / (labels == c).sum()
        for c in range(classes)
    )
    return means.T, center, within, between, total / classes


@pytest.mark.parametrize("dimension", [2, 6, 40])
@pytest.mark.parametrize("counts", COUNTS)
def test_moments_are_those_of_the_definitions(counts, dimension):
    features, labels = samples(counts, dimension)
    found = feature_statistics(features, labels)
    means, center, within, between, total = textbook(features, labels)
    np.testing.assert_allclose(found.class_means, means, atol=1e-14)
    np.testing.assert_allclose(found.global_mean, center, atol=1e-14)
    np.testing.assert_allclose(found.centered_means, means - center[:, None], atol=1e-14)
    np.testing.assert_array_equal(found.counts, counts)
    for name, expected in (("within", within), ("between", between), ("total", total)):
        np.testing.assert_allclose(getattr(found, name), expected, atol=1e-13, err_msg=name)
    np.testing.assert_allclose(found.between_factor.T @ found.between_factor, between, atol=1e-14)
    variances = [((features[labels == c] - means[:, c]) ** 2).sum(axis=1).mean() for c in range(len(counts))]
    np.testing.assert_allclose(found.class_variances, variances, rtol=1e-13, atol=1e-30)
    np.testing.assert_allclose(found.lengths, np.linalg.norm(means - center[:, None], axis=0), rtol=1e-13)
    assert (found.dimension, found.classes) == (dimension, len(counts))
    assert found.within_factor.shape == (min(dimension, sum(counts)), dimension)


def test_balanced_classes_weigh_their_samples_with_one_over_n_c():
    features, labels = samples((8, 8, 8))
    center = features.mean(axis=0)
    np.testing.assert_allclose(
        feature_statistics(features, labels).total, (features - center).T @ (features - center) / 24, atol=1e-14
    )


def test_a_sample_given_twice_changes_nothing_where_all_of_its_class_are():
    features, labels = samples((4, 6, 9))
    again = np.concatenate([np.arange(labels.size), np.flatnonzero(labels == 1), np.flatnonzero(labels == 1)])
    once, more = feature_statistics(features, labels), feature_statistics(features[again], labels[again])
    for name in ("class_means", "global_mean", "within", "total", "class_variances"):
        np.testing.assert_allclose(getattr(more, name), getattr(once, name), atol=1e-14, err_msg=name)
    np.testing.assert_array_equal(more.counts, [4, 18, 9])


@pytest.mark.parametrize("noise", [1e-3, 1e-8, 1e-11])
def test_factor_resolves_noise_that_a_covariance_cannot(noise):
    features, labels = samples((4, 7, 5), dimension=3, noise=noise)
    with mpmath.workdps(50):
        exact = mpmath.zeros(3)
        for c in range(3):
            rows = [mpmath.matrix(h.tolist()) for h in features[labels == c]]
            mean = sum(rows[1:], rows[0]) / len(rows)
            for h in rows:
                exact += (h - mean) * (h - mean).T / (3 * len(rows))
        expected = np.array((exact / mpmath.mpf(noise) ** 2).tolist(), dtype=float)
    within = feature_statistics(features, labels).within / noise**2
    # the rounding of a mean, 1e-16, enters squared, relative to the noise
    np.testing.assert_allclose(within, expected, atol=1e-13 + (1e-16 / noise) ** 2)


@pytest.mark.parametrize("offset", [0.0, 0.7, 1e6])
@pytest.mark.parametrize("count", [1, 3, 7, 1000])
def test_equal_samples_have_no_variance_at_all(count, offset):
    features, labels = samples((count, count, 2 * count), noise=0.0, offset=offset)
    found = feature_statistics(features, labels)
    np.testing.assert_array_equal(found.within_factor, 0.0)
    np.testing.assert_array_equal(found.class_variances, 0.0)
    np.testing.assert_array_equal(found.class_means.T, [features[labels == c][0] for c in range(3)])


@pytest.mark.parametrize("block", [1, 50, 333])
def test_blocks_do_not_change_the_result(monkeypatch, block):
    features, labels = samples((30, 20, 50))
    whole = feature_statistics(features, labels)
    monkeypatch.setattr(statistics, "_BLOCK", block)
    parts = feature_statistics(features, labels)
    for name in ("class_means", "within", "class_variances"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), atol=1e-15, err_msg=name)
    assert parts.within_factor.shape == (6, 6)


def test_many_samples_are_not_copied(monkeypatch):
    monkeypatch.setattr(statistics, "_BLOCK", 20_000)
    labels = np.arange(60_000) % 3
    features = np.random.default_rng(0).standard_normal((60_000, 16), dtype=np.float32)
    tracemalloc.start()
    found = feature_statistics(features, labels)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.4 * features.size * 8  # as doubles they are 7.7 MB
    np.testing.assert_allclose(found.within, np.cov(features.T, bias=True), atol=1e-3)


@pytest.mark.parametrize("kind", [np.float32, np.float16, np.int64, np.uint8, list])
def test_numbers_of_any_type_are_taken_as_they_are(kind):
    features, labels = samples((3, 4))
    table = np.rint(10.0 * np.abs(features))
    expected = feature_statistics(table, labels)
    given = (table.tolist(), labels.tolist()) if kind is list else (table.astype(kind), labels.astype(np.uint8))
    found = feature_statistics(*given)
    np.testing.assert_array_equal(found.within_factor, expected.within_factor)
    np.testing.assert_array_equal(found.class_means, expected.class_means)


def test_moments_move_turn_and_scale_with_the_features():
    features, labels = samples((5, 9, 4))
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((6, 6)))[0]
    plain = feature_statistics(features, labels)
    moved = feature_statistics(3.0 * features @ turn.T + np.arange(6.0), labels)
    np.testing.assert_allclose(moved.class_means, 3.0 * turn @ plain.class_means + np.arange(6.0)[:, None], atol=1e-13)
    np.testing.assert_allclose(moved.within, 9.0 * turn @ plain.within @ turn.T, atol=1e-13)
    np.testing.assert_allclose(moved.between, 9.0 * turn @ plain.between @ turn.T, atol=1e-13)
    order = np.random.default_rng(2).permutation(labels.size)
    shuffled = feature_statistics(features[order], labels[order])
    np.testing.assert_allclose(shuffled.total, plain.total, atol=1e-14)


def test_population_has_the_covariance_it_is_given():
    means, factor = simplex_etf(3, 5), np.random.default_rng(0).standard_normal((4, 5))
    found = population_statistics(means, factor, [7, 8, 9])
    np.testing.assert_array_equal(found.within, factor.T @ factor)
    np.testing.assert_allclose(found.total, factor.T @ factor + means @ means.T / 3, atol=1e-15)
    np.testing.assert_allclose(found.class_variances, np.trace(factor.T @ factor), rtol=1e-15)
    np.testing.assert_array_equal(found.counts, [7, 8, 9])
    np.testing.assert_array_equal(population_statistics(means, factor).counts, 0)
    assert found.noise_floor == 0.0


def test_samples_tend_to_their_population():
    means, generator = simplex_etf(3, 4), np.random.default_rng(0)
    factor = np.diag([0.1, 0.5, 1.0, 2.0])
    labels = np.arange(90_000) % 3
    features = means.T[labels] + generator.standard_normal((labels.size, 4)) @ factor
    found, law = feature_statistics(features, labels), population_statistics(means, factor)
    np.testing.assert_allclose(found.total, law.total, atol=5 * 4.0 * np.sqrt(2 / 90_000))
    np.testing.assert_allclose(found.class_variances, law.class_variances, rtol=0.03)


@pytest.mark.parametrize(("classes", "dimension"), [(2, 1), (4, 3), (4, 20), (6, 3)])
def test_span_of_the_means(classes, dimension):
    means = np.random.default_rng(0).standard_normal((dimension, classes)) + 100.0
    span = population_statistics(means, np.eye(dimension)).mean_span()
    rank = min(classes - 1, dimension)
    assert span.singular.shape == (rank,)
    np.testing.assert_allclose(span.basis.T @ span.basis, np.eye(rank), atol=1e-14)
    centred = means - means.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(span.basis * span.singular @ span.right.T, centred, atol=1e-12)


@pytest.mark.parametrize("offset", [0.0, 0.1, 1e8])
def test_equal_means_span_nothing(offset):
    features = np.full((12, 5), offset) + np.repeat([[0.1], [-0.1]], 6, axis=0)
    labels = np.tile([0, 1, 2], 4)
    found = feature_statistics(features, labels)
    assert found.mean_span().singular.size == 0
    np.testing.assert_array_equal(found.lengths, 0.0)


def test_means_apart_by_rounding_are_equal_in_every_respect():
    step = 15 * np.finfo(float).eps  # of 20 classes: below the floor, while the singular value of M is above it
    found = population_statistics(1.0 + step * np.array([[1.0, -1.0] * 10]), np.eye(1))
    assert found.mean_floor < np.linalg.norm(found.centered_means)
    np.testing.assert_array_equal(found.lengths, 0.0)
    assert found.mean_span().singular.size == 0


def test_large_noise_blurs_what_counts_as_equal_means():
    features, labels = samples((30, 30, 30), noise=1e6)
    for c in range(3):
        features[labels == c] -= features[labels == c].mean(axis=0)
    found = feature_statistics(features, labels)
    assert np.abs(found.centered_means).max() > 1e-12  # the rounding of 1e6
    np.testing.assert_array_equal(found.lengths, 0.0)


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        (np.ones(3), [0, 1, 1], r"^features must be a table of real numbers with one row .* got shape \(3,\)"),
        (np.ones((0, 3)), [], r"^features must be a table .* got shape \(0, 3\)"),
        (np.ones((2, 0)), [0, 1], r"^features must be a table .* got shape \(2, 0\)"),
        (np.ones((2, 2), dtype=complex), [0, 1], "^features must be a table of real numbers .* complex128$"),
        (np.array([["a"], ["b"]]), [0, 1], "^features must be a table of real numbers"),
        ([[1.0], [np.nan]], [0, 1], "^features must be finite and at most 1e100 in size, got nan$"),
        ([[1.0], [-np.inf]], [0, 1], "^features must be finite and at most 1e100 in size, got -inf$"),
        (np.array([[1.0], [np.inf]], dtype=np.float32), [0, 1], "^features must be finite .* got inf$"),
        ([[1.0], [1e101]], [0, 1], r"^features must be finite and at most 1e100 in size, got 1e\+101$"),
        (np.ones((3, 2)), [0, 1], r"^labels must be 3 integers, one for each row of features, got shape \(2,\)"),
        (np.ones((2, 2)), [0.0, 1.0], "^labels must be 2 integers, .* got shape .* of float64$"),
        (np.ones((2, 2)), [False, True], "^labels must be 2 integers, .* of bool$"),
        (np.ones((2, 2)), [-1, 0], "^labels must be integers from 0, got -1$"),
        (np.ones((2, 2)), [0, 0], "^labels must name at least 2 classes, got 1$"),
        (
            np.ones((3, 2)),
            [0, 3, 1],
            "^labels must name every class from 0 to 3 at least once, got no sample of class 2$",
        ),
        (np.ones((2, 2)), [1, 1], "^labels must name every class from 0 to 1 at least once, got no sample of class 0$"),
        (np.ones((2, 2)), [0, 10**15], "got no sample of class 1$"),
    ],
)
def test_what_are_no_samples_of_classes_is_refused(features, labels, message):
    with pytest.raises(ValueError, match=message):
        feature_statistics(features, labels)


@pytest.mark.parametrize(
    ("means", "factor", "counts", "message"),
    [
        (np.ones((3, 1)), np.eye(3), None, "^class_means must have at least 2 columns, one for each class, got 1$"),
        (np.ones((3, 2)), np.eye(2), None, "^covariance_factor must have 3 columns, got 2$"),
        (np.ones(3), np.eye(3), None, r"^class_means must be a matrix with rows and columns, got shape \(3,\)$"),
        (np.ones((3, 2)), np.full((3, 3), np.nan), None, "^covariance_factor must be finite"),
        (np.ones((3, 2)), np.eye(3), [1, 2, 3], r"^counts must be 2 integers, one for each class, got shape \(3,\)$"),
        (np.array([["a", "b"]]), np.eye(1), None, "^class_means must be real numbers"),
    ],
)
def test_what_is_no_population_is_refused(means, factor, counts, message):
    with pytest.raises(ValueError, match=message):
        population_statistics(means, factor, counts)
