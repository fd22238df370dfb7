import numpy as np
import pytest

from core.neural_collapse import statistics
from core.neural_collapse.least_squares import least_squares_classifier
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.partition import area
from core.neural_collapse.regions import decision_regions, disagreement, make_probes, point_disagreements
from core.neural_collapse.simplex import simplex_etf
from core.neural_collapse.statistics import population_statistics
from core.neural_collapse.studies.fitting import fit_classifier


def fitted(classes=3, dimension=5, noise=0.5, stretch=3.0, seed=0, offset=0.0):
    """Means and the least squares classifier of an ETF with noise stretched towards one mean."""
    means = simplex_etf(classes, dimension, seed=seed)
    factor = noise * (np.eye(dimension) + (stretch - 1.0) * np.outer(means[:, 0], means[:, 0]))
    law = population_statistics(means + offset, factor)
    return (*least_squares_classifier(law), law.class_means)


def random_rules(classes, dimension, seed=0):
    generator = np.random.default_rng(seed)
    shapes = (classes, dimension), (classes,), (dimension, classes)
    return tuple(generator.standard_normal(shape) for shape in shapes)


def by_definition(weights, bias, means, points):
    nearest = np.array([[((h - mean) ** 2).sum() for mean in means.T] for h in points]).argmin(axis=1)
    return (points @ weights.T + bias).argmax(axis=1), nearest


@pytest.mark.parametrize(("classes", "dimension"), [(2, 1), (2, 7), (3, 2), (5, 3), (10, 40)])
def test_disagreement_is_that_of_the_definitions(classes, dimension):
    weights, bias, means = random_rules(classes, dimension)
    points = 2.0 * np.random.default_rng(1).standard_normal((500, dimension))
    linear, nearest = by_definition(weights, bias, means, points)
    np.testing.assert_array_equal(point_disagreements(weights, bias, means, points), linear != nearest)
    assert disagreement(weights, bias, means, points) == pytest.approx(np.mean(linear != nearest), rel=1e-14)


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.5, 3.0])
def test_two_half_spaces_at_an_angle(angle):
    """Of an isotropic cloud around the centre, the share angle/pi lies between two planes through it."""
    means = np.zeros((6, 2))
    means[0] = 1.0, -1.0
    weights = np.zeros((2, 6))
    weights[:, 0], weights[:, 1] = [np.cos(angle), -np.cos(angle)], [np.sin(angle), -np.sin(angle)]
    share = disagreement(weights, np.zeros(2), means, make_probes(means, 40_000, seed=2))
    assert share == pytest.approx(angle / np.pi, abs=4 * np.sqrt(0.25 / 40_000) * (angle > 0.0))


def test_a_bias_moves_a_boundary():
    means = np.array([[0.5, -0.5]])
    weights, points = np.array([[1.0], [-1.0]]), np.linspace(-1.0, 1.0, 2001)[:, None]
    # the classifier's boundary is where 2 h + b_0 - b_1 = 0, at -0.25
    found = point_disagreements(weights, np.array([0.5, 0.0]), means, points)
    np.testing.assert_array_equal(found == 1.0, (points[:, 0] > -0.25) & (points[:, 0] < 0.0))


def test_blocks_of_points_and_many_classifiers_at_once(monkeypatch):
    generator = np.random.default_rng(0)
    weights, bias = generator.standard_normal((2, 3, 4, 5)), generator.standard_normal((2, 3, 4))
    means, points = generator.standard_normal((5, 4)), generator.standard_normal((100, 5))
    expected = np.array(
        [[point_disagreements(weights[i, j], bias[i, j], means, points) for j in range(3)] for i in (0, 1)]
    )
    monkeypatch.setattr(statistics, "_BLOCK", 64)
    np.testing.assert_array_equal(point_disagreements(weights, bias, means, points), expected)
    assert 0.1 < expected.mean() < 0.95


@pytest.mark.parametrize("offset", [0.0, 100.0, 1e6])
@pytest.mark.parametrize(("classes", "dimension"), [(2, 2), (3, 2), (4, 9), (20, 30)])
def test_boundaries_that_coincide_are_no_disagreement(classes, dimension, offset):
    weights, bias, means = fitted(classes, dimension, stretch=1.0, offset=offset)
    center = means.mean(axis=1)
    generator = np.random.default_rng(3)
    middles = [(means[:, i] + means[:, i - 1]) / 2 for i in range(classes)]
    across = np.linalg.svd(means - center[:, None])[0][:, classes - 1 :].T
    points = np.array([center, *middles, *(center + 5.0 * across[:1]), *(middles[0] + 2.0 * across[:1])])
    scaled = center + np.exp(generator.standard_normal((50, 1, 1))) * (points - center)
    np.testing.assert_array_equal(point_disagreements(weights, bias, means, scaled.reshape(-1, dimension)), 0.0)


def test_ties_count_by_the_classes_that_they_share():
    means = simplex_etf(4, 3)
    nowhere = np.zeros((4, 3)), np.ones(4)
    np.testing.assert_array_equal(point_disagreements(*nowhere, means, means.T), 0.75)
    assert point_disagreements(*nowhere, means, np.zeros((1, 3)))[0] == 0.0
    assert point_disagreements(*nowhere, means, [(means[:, 0] + means[:, 1]) / 2])[0] == 0.5
    assert disagreement(np.zeros((4, 3)), np.zeros(4), np.ones((3, 4)), [[0.3, 0.1, 0.2]]) == 0.0
    assert disagreement(np.zeros((4, 3)), np.arange(4.0), means, means.T) == 0.75  # the last class everywhere


def test_a_weak_classifier_is_no_tie():
    weights, _, means = fitted(stretch=1.0, noise=1.0)
    points = make_probes(means, 2000)
    assert disagreement(1e-8 * weights, np.full(3, 1.0 / 3.0), means, points) == 0.0
    assert disagreement(-1e-8 * weights, np.full(3, 1.0 / 3.0), means, points) == 1.0


@pytest.mark.parametrize("dimension", [4, 30])
def test_probes_have_the_scale_of_the_means(dimension):
    means = 3.0 * simplex_etf(5, dimension) + 7.0
    center = means.mean(axis=1)
    basis = np.linalg.svd(means - center[:, None])[0]
    for space in ("all", "span"):
        points = make_probes(means, 20_000, seed=1, space=space, spread=2.0) - center
        inside, outside = points @ basis[:, :4], points @ basis[:, 4:]
        # a part in the span of root-mean-square length 2 x 3 over four axes
        np.testing.assert_allclose(inside.T @ inside / 20_000, 9.0 * np.eye(4), atol=4 * 9.0 * np.sqrt(2 / 20_000))
        np.testing.assert_allclose(inside.mean(axis=0), 0.0, atol=4 * 3.0 / np.sqrt(20_000))
        if space == "span":
            np.testing.assert_allclose(outside, 0.0, atol=1e-12)
        else:
            np.testing.assert_allclose((outside**2).mean(axis=0), 9.0, atol=4 * 9.0 * np.sqrt(2 / 20_000))


def test_probes_are_a_matter_of_their_seed():
    means = simplex_etf(3, 4)
    np.testing.assert_array_equal(make_probes(means, 9, seed=5), make_probes(means, 9, seed=5))
    assert np.abs(make_probes(means, 9, seed=5) - make_probes(means, 9, seed=6)).max() > 0.1
    np.testing.assert_array_equal(make_probes(np.ones((3, 2)), 4), 1.0)


def on_square(regions, count=20_000):
    """Points of the square, in its coordinates and in feature space."""
    flat = np.random.default_rng(6).uniform(-regions.reach, regions.reach, (count, 2))
    return flat, regions.origin + flat @ regions.basis.T


@pytest.mark.parametrize(
    ("classes", "dimension", "chosen"), [(3, 2, (0, 1, 2)), (3, 40, (2, 0, 1)), (6, 9, (5, 1, 3)), (2, 3, (0, 1, 2))]
)
def test_regions_are_the_rules_on_a_plane(classes, dimension, chosen):
    weights, bias, means = random_rules(classes, dimension, seed=1)
    found = decision_regions(weights, bias, means, classes=chosen)
    np.testing.assert_allclose(found.basis.T @ found.basis, np.eye(2), atol=1e-15)
    flat, points = on_square(found)
    np.testing.assert_allclose(found.project(points), flat, atol=1e-13)
    linear, nearest = by_definition(weights, bias, means, points)
    for polygons, named in ((found.least_squares, linear), (found.nearest_mean, nearest)):
        shares = [area(polygon) / (2.0 * found.reach) ** 2 for polygon in polygons]
        np.testing.assert_allclose(shares, np.bincount(named, minlength=classes) / len(named), atol=0.015)
    differ = np.mean(linear != nearest)
    assert found.share == pytest.approx(differ, abs=4 * np.sqrt(0.25 / len(points)))
    assert found.share == pytest.approx(sum(map(area, found.differences)) / (2.0 * found.reach) ** 2, rel=1e-13)
    assert 0.0 < found.share < 1.0
    assert 0.0 < found.rounding < 1e-10


@pytest.mark.parametrize(
    ("params", "fit", "percent"),
    [
        ({"classes": 3, "dimension": 2, "noise": 0.01, "anisotropy": 2.0}, {}, 0.0087),
        ({"noise": 0.001}, {"sampled": True, "ridge": 1e-3}, 0.0021),
        ({"classes": 20, "noise": 0.3, "departure": 0.4}, {"sampled": True}, 3.26),
        ({"classes": 3, "dimension": 2, "departure": 0.6, "noise": 0.0}, {}, 7.5),
    ],
)
def test_the_share_is_the_disagreement_of_uniform_points(params, fit, percent):
    fitted = fit_classifier(SyntheticParams(**params), FitParams(**fit))
    rules = fitted.weights, fitted.bias, fitted.statistics.class_means
    found = decision_regions(*rules)
    assert 100.0 * found.share == pytest.approx(percent, rel=0.02)
    _, points = on_square(found, 200_000)
    scatter = np.sqrt(found.share * (1.0 - found.share) / len(points))
    assert disagreement(*rules, points) == pytest.approx(found.share, abs=5.0 * scatter)


@pytest.mark.parametrize("noise", [1e-4, 1e-2])
def test_a_difference_too_small_to_be_seen_is_one_all_the_same(noise):
    """It falls like the noise squared, down to what rounding leaves."""
    shares = []
    for size in (noise, 0.1 * noise):
        found = decision_regions(*fitted(3, 2, noise=size, stretch=2.0))
        assert found.share > found.rounding
        assert found.differences
        shares.append(found.share)
    assert shares[0] / shares[1] == pytest.approx(100.0, rel=0.01)


@pytest.mark.parametrize("offset", [0.0, 100.0, 1e6])
@pytest.mark.parametrize("classes", [2, 3, 4, 20])
def test_partitions_that_coincide_have_no_difference(classes, offset):
    found = decision_regions(*fitted(classes, 30, stretch=1.0, offset=offset))
    assert (found.share, found.differences) == (0.0, ())
    assert found.rounding < 1e-10 * max(1.0, offset)


@pytest.mark.parametrize(("classes", "chosen"), [(3, (0, 1, 2)), (7, (4, 2, 6)), (2, (0, 1))])
def test_the_plane_holds_the_chosen_means(classes, chosen):
    weights, bias, means = random_rules(classes, 8)
    found = decision_regions(weights, bias, means, classes=chosen, reach=2.0)
    np.testing.assert_allclose(found.means, found.project(means.T), atol=1e-13)
    corners = found.means[list(chosen)]
    back = found.origin + corners @ found.basis.T
    np.testing.assert_allclose(back, means[:, list(chosen)].T, atol=1e-13)
    np.testing.assert_allclose(corners.sum(axis=0), 0.0, atol=1e-13)
    assert abs(corners[0, 0]) <= 1e-13
    assert corners[0, 1] > 0.0
    assert found.reach == pytest.approx(2.0 * np.linalg.norm(corners, axis=1).max(), rel=1e-13)


def test_a_simplex_of_three_stands_upright():
    weights, bias, means = fitted(3, 20, stretch=1.0, seed=4, offset=2.0)
    found = decision_regions(weights, bias, means)
    half = np.sqrt(3.0) / 2.0
    np.testing.assert_allclose(found.means, [[0.0, 1.0], [-half, -0.5], [half, -0.5]], atol=1e-13)
    assert found.share == 0.0
    assert min(map(area, found.nearest_mean)) > 0.3 * (2.0 * found.reach) ** 2
    assert decision_regions(*fitted(3, 20, stretch=3.0)).share > 0.05


def test_the_plane_of_two_classes_shows_how_the_boundary_turns():
    means = np.array([[1.0, -1.0], [0.0, 0.0], [0.0, 0.0]])
    weights = np.array([[1.0, 0.0, 1.0], [-1.0, 0.0, -1.0]])
    found = decision_regions(weights, np.zeros(2), means)
    np.testing.assert_allclose(np.abs(found.basis.T), [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], atol=1e-15)
    # a boundary at 45 degrees against one along an axis: an eighth of the square on either side
    assert found.share == pytest.approx(0.25, rel=1e-13)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_means_that_span_no_plane(spread):
    means = np.outer([1.0, 2.0, 2.0], spread * np.array([-1.0, 0.0, 1.0])) + 1.0
    found = decision_regions(np.zeros((3, 3)), np.zeros(3), means)
    np.testing.assert_allclose(found.basis.T @ found.basis, np.eye(2), atol=1e-15)
    np.testing.assert_allclose(found.origin + found.means @ found.basis.T, means.T, atol=1e-13)
    assert found.reach > 0.0
    assert found.share == pytest.approx(2.0 / 3.0 if spread else 0.0)  # no class is preferred, against one of three


def test_means_on_a_line_share_their_plane_with_the_weights():
    line, other = np.random.default_rng(0).standard_normal((2, 7))
    weights = np.outer([1.0, 0.0, -1.0], other)
    found = decision_regions(weights, np.zeros(3), np.outer(line, [-0.3, 0.1, 0.7]) + 0.1)
    for vector in (line, other):
        np.testing.assert_allclose(found.basis @ (found.basis.T @ vector), vector, atol=1e-13)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"weights": np.ones((3, 5))},
            r"^weights must have the shape \(3, 4\), that of class_means turned, got \(3, 5\)$",
        ),
        ({"weights": np.ones(4)}, r"^weights must be a matrix with rows and columns, got shape \(4,\)$"),
        ({"bias": np.ones((3, 1))}, r"^bias must have the shape \(3,\), got \(3, 1\)$"),
        ({"bias": [0.0, np.inf, 0.0]}, "^bias must be finite"),
        ({"class_means": np.full((4, 3), np.nan)}, "^class_means must be finite"),
        ({"classes": (0, 1, 3)}, "^classes must be an integer from 0 to 2, got 3$"),
        ({"classes": (0, 1, 1)}, r"^classes must be three different classes, got \(0, 1, 1\)$"),
        ({"classes": (0, 1)}, r"^classes must be three different classes, got \(0, 1\)$"),
        ({"reach": 0.0}, "^reach must be a number from 0.01 to 1000, got 0.0$"),
        ({"weights": np.ones((3, 1)), "class_means": np.ones((1, 3))}, "^class_means must have at least 2 rows"),
    ],
)
def test_what_makes_no_picture_is_refused(change, message):
    arguments = {"weights": np.ones((3, 4)), "bias": np.zeros(3), "class_means": simplex_etf(3, 4), **change}
    with pytest.raises(ValueError, match=message):
        decision_regions(**arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"count": 0}, "^count must be an integer from 1 to 1000000, got 0$"),
        ({"space": "plane"}, "^space must be one of all, span, got 'plane'$"),
        ({"seed": -1}, "^seed must be an integer"),
        ({"spread": -1.0}, "^spread must be a number from 0 to"),
    ],
)
def test_other_probes_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        make_probes(**{"class_means": simplex_etf(3, 4), "count": 5, **change})
    with pytest.raises(ValueError, match=r"^features must have 4 columns, got 3$"):
        disagreement(np.ones((3, 4)), np.zeros(3), simplex_etf(3, 4), np.ones((2, 3)))
