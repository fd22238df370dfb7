import numpy as np
import pytest

from core.neural_collapse.least_squares import least_squares_classifier
from core.neural_collapse.metrics import collapse_metrics, cosines, self_duality
from core.neural_collapse.regions import make_probes
from core.neural_collapse.simplex import simplex_etf, simplex_gram
from core.neural_collapse.statistics import feature_statistics, population_statistics

NUMBERS = (
    "nc1",
    "nc1_trace",
    "nc1_pairs",
    "nc2_equinorm",
    "nc2_equiangle",
    "nc2_equiangle_max",
    "nc2_cosine_std",
    "nc2_gram",
    "nc3",
    "nc3_squared",
    "nc3_product",
    "nc4",
)


def samples(classes, dimension, counts, noise, seed=0, spread=0.2):
    generator = np.random.default_rng(seed)
    frame = (
        simplex_etf(classes, dimension) if dimension >= classes - 1 else generator.standard_normal((dimension, classes))
    )
    means = frame.T + spread * generator.standard_normal((classes, dimension)) + 0.5
    labels = generator.permutation(np.repeat(np.arange(classes), counts))
    return means[labels] + noise * generator.standard_normal((labels.size, dimension)), labels


def textbook(features, labels, weights, bias):
    """The published formulas word by word, with loops, p x p matrices and eigenvalues."""
    classes, dimension = len(weights), features.shape[1]
    groups = [features[labels == c] for c in range(classes)]
    means = np.array([group.mean(axis=0) for group in groups])
    centered = means - means.mean(axis=0)
    within = (
        sum((group - mean).T @ (group - mean) / len(group) for group, mean in zip(groups, means, strict=True)) / classes
    )
    between = centered.T @ centered / classes
    values, vectors = np.linalg.eigh(between)
    rank = min(classes - 1, dimension)
    top, axes = values[-rank:], vectors[:, -rank:]
    lengths = [np.sqrt(m @ m) for m in centered]
    pairs = [(c, d) for c in range(classes) for d in range(classes) if c != d]
    angles = [centered[c] @ centered[d] / lengths[c] / lengths[d] for c, d in pairs]
    apart = [abs(cosine + 1 / (classes - 1)) for cosine in angles]
    variances = [((group - mean) ** 2).sum(axis=1).mean() for group, mean in zip(groups, means, strict=True)]
    ideal = (np.eye(classes) - np.ones((classes, classes)) / classes) / np.sqrt(classes - 1)
    gram, product = centered @ centered.T, weights @ centered.T
    linear = (features @ weights.T + bias).argmax(axis=1)
    nearest = np.array([((features - mean) ** 2).sum(axis=1) for mean in means]).argmin(axis=0)
    nc3 = np.linalg.norm(weights / np.linalg.norm(weights) - centered / np.linalg.norm(centered))
    return {
        "nc1": np.trace(within @ (axes / top) @ axes.T) / classes,
        "nc1_trace": np.trace(within) / np.trace(between),
        "nc1_pairs": np.mean(
            [(variances[c] + variances[d]) / 2 / ((means[c] - means[d]) ** 2).sum() for c, d in pairs]
        ),
        "nc2_equinorm": np.sqrt(np.mean((lengths - np.mean(lengths)) ** 2)) / np.mean(lengths),
        "nc2_equiangle": np.mean(apart),
        "nc2_equiangle_max": max(apart),
        "nc2_cosine_std": np.sqrt(np.mean(np.square(angles)) - np.mean(angles) ** 2),
        "nc2_gram": np.linalg.norm(gram / np.linalg.norm(gram) - ideal),
        "nc3": nc3,
        "nc3_squared": nc3**2,
        "nc3_product": np.linalg.norm(product / np.linalg.norm(product) - ideal),
        "nc4": np.mean(linear != nearest),
        "class_variances": variances,
        "lengths": lengths,
        "class_nc4": [
            np.mean(linear[labels == c] != c_nearest) for c, c_nearest in _by_class(nearest, labels, classes)
        ],
        "cosines": angles,
    }


def _by_class(values, labels, classes):
    return [(c, values[labels == c]) for c in range(classes)]


@pytest.mark.parametrize("noise", [1.0, 0.1, 1e-4, 1e-8])
@pytest.mark.parametrize(
    ("classes", "dimension", "counts"),
    [(3, 2, (30, 30, 30)), (4, 20, (50, 10, 3, 90)), (10, 512, (60,) * 10), (6, 3, (20,) * 6)],
)
def test_metrics_are_those_of_the_textbook(classes, dimension, counts, noise):
    features, labels = samples(classes, dimension, counts, noise)
    statistics = feature_statistics(features, labels)
    weights, bias = least_squares_classifier(statistics)
    bent = weights + 0.3 * np.abs(weights).max() * np.random.default_rng(1).standard_normal(weights.shape)
    for rows in (weights, bent):
        found = collapse_metrics(statistics, rows, bias, features, labels)
        expected = textbook(features, labels, rows, bias)
        for name in (*NUMBERS, "class_variances", "lengths", "class_nc4"):
            np.testing.assert_allclose(getattr(found, name), expected[name], rtol=1e-10, atol=1e-14, err_msg=name)
        assert all(type(getattr(found, name)) is float for name in NUMBERS)
    table = cosines(statistics)
    np.testing.assert_allclose(table[~np.eye(classes, dtype=bool)], expected["cosines"], atol=1e-12)
    np.testing.assert_allclose(np.diag(table), 1.0, atol=1e-14)


def test_some_point_is_between_the_rules():
    """Otherwise the agreement above would say nothing on NC4."""
    features, labels = samples(4, 20, (50, 10, 3, 90), 1.0)
    statistics = feature_statistics(features, labels)
    found = collapse_metrics(statistics, *least_squares_classifier(statistics), features, labels)
    assert 0.05 < found.nc4 < 0.6
    assert np.ptp(found.class_nc4) > 0.02


def test_default_pseudo_inverse_is_not_the_metric():
    """The trap: Sigma_B has rank C - 1, and where it is formed from uncentred moments the rest is rounding."""
    features, labels = samples(10, 64, (60,) * 10, 0.1, spread=0.0)
    features += 5.0
    statistics = feature_statistics(features, labels)
    found = collapse_metrics(statistics, np.eye(10, 64), np.zeros(10)).nc1
    assert found == pytest.approx(0.1**2 * 81 / 10, rel=0.1)
    means, center = statistics.class_means, statistics.global_mean
    between = means @ means.T / 10 - np.outer(center, center)
    np.testing.assert_allclose(between, statistics.between, atol=1e-13)
    assert abs(np.trace(statistics.within @ np.linalg.pinv(between)) / 10) > 1e3 * found


@pytest.mark.parametrize(("classes", "dimension"), [(2, 1), (2, 5), (4, 3), (4, 20), (20, 19), (10, 512)])
def test_problem_3_every_metric_vanishes_at_the_collapse(classes, dimension):
    means = 2.0 * simplex_etf(classes, dimension, seed=5) + 0.3
    labels = np.repeat(np.arange(classes), 3)
    statistics = feature_statistics(means.T[labels], labels)
    weights, bias = least_squares_classifier(statistics)
    probes = make_probes(means, 100_000 if dimension <= 20 else 5000, seed=1)
    found = collapse_metrics(statistics, weights, bias, probes)
    assert (found.nc1, found.nc1_trace, found.nc1_pairs, found.nc4) == (0.0, 0.0, 0.0, 0.0)
    for name in NUMBERS:
        assert getattr(found, name) <= 1e-12, name
    np.testing.assert_allclose(cosines(statistics), simplex_gram(classes), atol=1e-13)


@pytest.mark.parametrize("noise", [1e-8, 0.1, 1.0, 10.0])
def test_isotropic_noise_keeps_nc3_and_nc4(noise):
    statistics = population_statistics(simplex_etf(4, 20) + 0.3, noise * np.eye(20))
    found = collapse_metrics(
        statistics, *least_squares_classifier(statistics), make_probes(statistics.class_means, 20_000)
    )
    assert found.nc1 == pytest.approx(noise**2 * 9 / 4, rel=1e-12)  # tr Sigma_B^+ = C (C-1) / (C/(C-1)) = 9
    assert found.nc1_trace == pytest.approx(20 * noise**2, rel=1e-12)
    assert found.nc3 <= 1e-12
    assert found.nc4 == 0.0


def test_noise_across_the_means_keeps_them_too():
    """What the proof needs is Sigma_T a multiple of the identity on the span of M, and nothing that leads out of it."""
    means = np.concatenate([simplex_etf(4, 3), np.zeros((3, 4))])
    mixed = np.random.default_rng(0).standard_normal((3, 3))
    factor = np.block([[0.4 * np.eye(3), np.zeros((3, 3))], [np.zeros((3, 3)), mixed]])
    statistics = population_statistics(means, factor)
    found = collapse_metrics(statistics, *least_squares_classifier(statistics), make_probes(means, 20_000))
    assert found.nc3 <= 1e-12
    assert found.nc4 == 0.0


@pytest.mark.parametrize("axis", [[1.0, 0, 0, 0], [0.6, 0, 0, 0.8]])
def test_anisotropic_noise_breaks_nc3_and_nc4(axis):
    means = np.concatenate([simplex_etf(4, 3), np.zeros((1, 4))])
    statistics = population_statistics(means, 0.5 * (np.eye(4) + 2.0 * np.outer(axis, axis)))
    found = collapse_metrics(statistics, *least_squares_classifier(statistics), make_probes(means, 20_000))
    assert found.nc2_gram <= 1e-13
    assert found.nc3 > 0.1
    assert found.nc4 > 0.03


@pytest.mark.parametrize("kind", ["lengths", "angles"])
def test_nc1_without_nc2_breaks_nc3_and_nc4(kind):
    means = simplex_etf(4, 20)
    if kind == "lengths":
        means = means * [0.5, 1.0, 1.5, 2.0]
    else:  # norms stay equal: a tetrahedron flattened along an axis through the middles of two edges
        left, _, right = np.linalg.svd(np.array([[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1.0]]) * [[2], [1], [0.5]])
        means = np.concatenate([left @ np.diag([4.0, 2.0, 1.0]) @ right[:3], np.zeros((17, 4))])
    statistics = feature_statistics(np.tile(means.T, (5, 1)), np.tile(range(4), 5))
    found = collapse_metrics(
        statistics, *least_squares_classifier(statistics), make_probes(means, 20_000, space="span")
    )
    assert found.nc1 <= 1e-28
    assert (found.nc2_equinorm > 0.1) == (kind == "lengths")
    assert found.nc2_equiangle > 0.05
    assert found.nc3 > 0.1
    assert found.nc4 > 0.03


def test_self_duality_without_equal_norms_does_not_give_nc4():
    """Noise that fills up what Sigma_B lacks makes Sigma_T isotropic on the span, so NC3 is exact; NC4 needs norms."""
    means = simplex_etf(3, 2) * [0.4, 1.0, 2.0]
    means -= means.mean(axis=1, keepdims=True)
    values, axes = np.linalg.eigh(means @ means.T / 3)
    factor = axes * np.sqrt(values[-1] - values + 0.1)
    statistics = population_statistics(means, factor.T)
    found = collapse_metrics(statistics, *least_squares_classifier(statistics), make_probes(means, 20_000))
    assert found.nc3 <= 1e-12
    assert found.nc2_equinorm > 0.2
    assert found.nc4 > 0.05


def test_sampled_noise_costs_nc4_however_small_it_is():
    """p = 20, C = 4, N = 50. On the span of the means the two rules agree: the disagreement is across it."""
    shares = []
    labels = np.repeat(np.arange(4), 50)
    draws = np.random.default_rng(7).standard_normal((200, 20))
    for noise in (1e-2, 1e-3, 1e-5, 0.0):
        statistics = feature_statistics(simplex_etf(4, 20).T[labels] + noise * draws, labels)
        classifier = least_squares_classifier(statistics)
        means = statistics.class_means
        found = [
            collapse_metrics(statistics, *classifier, make_probes(means, 20_000, space=s)) for s in ("all", "span")
        ]
        shares.append(found[0].nc4)
        assert found[1].nc4 <= noise
        assert (found[0].nc3 > 0.2) == (noise > 0.0)
        assert collapse_metrics(statistics, *classifier, statistics.class_means.T).nc4 == 0.0
    assert 0.1 < shares[0] < 0.2
    np.testing.assert_allclose(shares[1:3], shares[0], atol=3e-3)
    assert shares[3] == 0.0


@pytest.mark.parametrize("noise", [1e-6, 0.3])
def test_metrics_do_not_move_turn_or_scale(noise):
    features, labels = samples(4, 7, (20, 30, 5, 9), noise)
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((7, 7)))[0]
    results = []
    for moved in (features, features + 3.0, features @ turn.T, 100.0 * features):
        statistics = feature_statistics(moved, labels)
        found = collapse_metrics(statistics, *least_squares_classifier(statistics), moved, labels)
        results.append([getattr(found, name) for name in NUMBERS])
    for other in results[1:]:
        np.testing.assert_allclose(other, results[0], rtol=1e-12 + 1e-14 / noise, atol=1e-13)


def test_order_of_classes_and_scale_of_the_classifier_do_not_matter():
    features, labels = samples(4, 7, (20, 30, 5, 9), 0.5)
    statistics = feature_statistics(features, labels)
    weights, bias = least_squares_classifier(statistics)
    plain = collapse_metrics(statistics, weights, bias, features, labels)
    scaled = collapse_metrics(statistics, 7.0 * weights, 7.0 * bias, features, labels)
    order = np.array([2, 0, 3, 1])
    place = np.argsort(order)
    named = feature_statistics(features, place[labels])
    renamed = collapse_metrics(named, weights[order], bias[order], features, place[labels])
    for name in NUMBERS:
        assert getattr(scaled, name) == pytest.approx(getattr(plain, name), rel=1e-12, abs=1e-14), name
        assert getattr(renamed, name) == pytest.approx(getattr(plain, name), rel=1e-12, abs=1e-14), name
    np.testing.assert_allclose(renamed.class_nc4, plain.class_nc4[order])
    np.testing.assert_allclose(renamed.lengths, plain.lengths[order], rtol=1e-13)


@pytest.mark.parametrize("offset", [0.0, 0.1, 1e7])
def test_equal_means_have_no_metrics_but_variances(offset):
    features = offset + np.repeat([[1.0, 2.0, 3.0], [-1.0, -2.0, -3.0]], 6, axis=0)
    labels = np.tile([0, 1, 2], 4)
    statistics = feature_statistics(features, labels)
    found = collapse_metrics(statistics, *least_squares_classifier(statistics), features, labels)
    assert all(np.isnan(getattr(found, name)) for name in NUMBERS if name != "nc4")
    assert found.nc4 == 0.0
    np.testing.assert_array_equal(found.lengths, 0.0)
    np.testing.assert_allclose(found.class_variances, 14.0)
    assert np.isnan(cosines(statistics)).all()


def test_a_mean_without_direction():
    statistics = population_statistics(np.outer([0.0, 1.0], [-1.0, 0.0, 1.0]) + 5.0, 0.1 * np.eye(2))
    found = collapse_metrics(statistics, *least_squares_classifier(statistics))
    table = cosines(statistics)
    np.testing.assert_allclose(table[np.ix_([0, 2], [0, 2])], [[1.0, -1.0], [-1.0, 1.0]], atol=1e-15)
    assert np.isnan(table[1]).all()
    assert np.isnan([found.nc2_equiangle, found.nc2_equiangle_max, found.nc2_cosine_std, found.nc4]).all()
    assert found.nc2_equinorm == pytest.approx(1.0 / np.sqrt(2.0))
    assert found.nc1 == pytest.approx(0.01 * 1.5 / 3.0)  # rank 1: Sigma_B = 2/3 along one axis
    assert found.nc1_pairs == pytest.approx(0.02 * (1.0 + 1.0 + 0.25) / 3.0)


def test_two_equal_means_have_no_distance():
    statistics = population_statistics(np.array([[1.0, 1.0, 4.0], [0.0, 0.0, 1.0]]), np.eye(2))
    found = collapse_metrics(statistics, np.eye(3, 2), np.zeros(3))
    assert np.isnan(found.nc1_pairs)
    assert np.isfinite([found.nc1, found.nc1_trace, found.nc2_equinorm, found.nc2_equiangle, found.nc3]).all()


def test_a_classifier_without_weights():
    means = simplex_etf(4, 5)
    statistics = population_statistics(means, np.eye(5))
    found = collapse_metrics(statistics, np.zeros((4, 5)), np.zeros(4), means.T, range(4))
    assert np.isnan([found.nc3, found.nc3_squared, found.nc3_product]).all()
    assert found.nc4 == 0.75  # four classes on a par, one of them the nearest
    across = np.linalg.svd(means)[0][:, 4]  # a direction in which no mean lies
    assert np.isnan(collapse_metrics(statistics, np.outer([1, -1, 2, 0.3], across), np.zeros(4)).nc3_product)


def test_self_duality_of_many_classifiers():
    means = simplex_etf(3, 4)
    rows = np.random.default_rng(0).standard_normal((2, 5, 3, 4))
    rows[1, 2] = 0.0
    found = self_duality(rows, means)
    assert found.shape == (2, 5)
    assert np.isnan(found[1, 2])
    one = rows[0, 3]
    expected = np.sqrt(2.0 - 2.0 * np.sum(one * means.T) / np.linalg.norm(one) / np.sqrt(3.0))
    assert found[0, 3] == pytest.approx(expected, rel=1e-13)


def test_classes_without_points_have_no_nc4_of_their_own():
    features, labels = samples(3, 4, (5, 5, 5), 0.1)
    statistics = feature_statistics(features, labels)
    classifier = least_squares_classifier(statistics)
    some = labels != 1
    found = collapse_metrics(statistics, *classifier, features[some], labels[some])
    np.testing.assert_array_equal(np.isnan(found.class_nc4), [False, True, False])
    unlabelled = collapse_metrics(statistics, *classifier, features)
    assert np.isnan(unlabelled.class_nc4).all()
    assert unlabelled.nc4 == 0.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": np.ones((4, 3))}, r"^weights must have the shape \(3, 4\), got \(4, 3\)$"),
        ({"weights": np.full((3, 4), np.nan)}, "^weights must be finite"),
        ({"bias": np.ones(4), "features": np.ones((2, 4))}, r"^bias must have the shape \(3,\), got \(4,\)$"),
        ({"features": np.ones((2, 5))}, "^features must have 4 columns, got 5$"),
        ({"labels": [0, 1]}, "^labels must come with features$"),
        ({"features": np.ones((2, 4)), "labels": [0, 3]}, "^labels must be integers from 0 to 2, got 3$"),
        ({"features": np.ones((2, 4)), "labels": [0]}, "^labels must be 2 integers"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    statistics = population_statistics(simplex_etf(3, 4), np.eye(4))
    arguments = {"weights": np.ones((3, 4)), "bias": np.zeros(3), **change}
    with pytest.raises(ValueError, match=message):
        collapse_metrics(statistics, **arguments)
