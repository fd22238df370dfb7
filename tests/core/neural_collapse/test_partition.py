"""Partitions of a square: polygons against grids and against each other."""

import numpy as np
import pytest

from core.neural_collapse import decision_regions, least_squares_classifier, make_population
from core.neural_collapse.params import SyntheticParams
from core.neural_collapse.partition import area, borders, overlaps, partition

REACH = 1.7


def random_scores(classes: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((classes, 3))


def values(scores: np.ndarray, points: np.ndarray) -> np.ndarray:
    return scores[:, :1] + scores[:, 1:] @ points.T


def contains(polygon: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Whether points lie in a convex polygon with counter-clockwise corners."""
    if not len(polygon):
        return np.zeros(len(points), dtype=bool)
    edges = np.roll(polygon, -1, axis=0) - polygon
    offsets = points[:, None, :] - polygon
    return np.asarray((edges[:, 0] * offsets[..., 1] - edges[:, 1] * offsets[..., 0] >= -1e-12).all(axis=1))


@pytest.mark.parametrize("classes", [2, 3, 4, 10, 20])
@pytest.mark.parametrize("seed", range(3))
def test_each_point_lies_in_the_polygon_of_its_largest_score(classes, seed):
    scores = random_scores(classes, seed)
    points = np.random.default_rng(seed + 100).uniform(-REACH, REACH, (2000, 2))
    winner = values(scores, points).argmax(axis=0)
    inside = np.array([contains(polygon, points) for polygon in partition(scores, REACH)])
    assert inside[winner, np.arange(len(points))].all()
    assert (inside.sum(axis=0) == 1).all()  # a random point is on no border


@pytest.mark.parametrize("classes", [2, 3, 5, 20])
def test_the_polygons_tile_the_square(classes):
    polygons = partition(random_scores(classes, 7), REACH)
    assert sum(map(area, polygons)) == pytest.approx((2 * REACH) ** 2, rel=1e-13)


@pytest.mark.parametrize("classes", [2, 3, 4, 10])
def test_borders_are_where_two_scores_tie_above_all_others_and_come_once(classes):
    scores = random_scores(classes, 3)
    polygons = partition(scores, REACH)
    edges = borders(polygons, scores)
    middle = values(scores, edges.mean(axis=1))
    top = np.sort(middle, axis=0)[-2:]
    assert top[1] == pytest.approx(top[0], abs=1e-12)
    assert len({tuple(np.round(np.sort(edge, axis=0).ravel(), 9)) for edge in edges}) == len(edges)
    inner = sum(np.linalg.norm(np.roll(p, -1, axis=0) - p, axis=1).sum() for p in polygons if len(p)) - 8 * REACH
    assert 2 * np.linalg.norm(edges[:, 1] - edges[:, 0], axis=1).sum() == pytest.approx(inner)


@pytest.mark.parametrize("classes", [2, 3, 4, 10])
def test_overlaps_are_the_disagreement_of_two_partitions(classes):
    one, other = random_scores(classes, 1), random_scores(classes, 2)
    parts = overlaps(partition(one, REACH), other, REACH)
    points = np.random.default_rng(0).uniform(-REACH, REACH, (4000, 2))
    differ = values(one, points).argmax(axis=0) != values(other, points).argmax(axis=0)
    inside = np.any([contains(part, points) for part in parts], axis=0)
    assert (inside == differ).all()


def test_equal_partitions_have_no_overlap_whatever_the_scale_of_their_scores():
    scores = random_scores(6, 5)
    assert overlaps(partition(scores, REACH), 3.7 * scores + [0.1, -0.2, 0.3], REACH) == ()


def test_equal_scores_all_name_the_square():
    assert [area(polygon) for polygon in partition(np.zeros((3, 3)), 1.0)] == [4.0, 4.0, 4.0]
    assert borders(partition(np.array([[1.0, 0, 0], [0, 0, 0]]), 1.0), np.array([[1.0, 0, 0], [0, 0, 0]])).size == 0


@pytest.mark.parametrize(
    "params", [{"departure": 0.6, "classes": 3, "dimension": 2}, {"anisotropy": 4.0, "noise": 0.3}]
)
def test_polygons_agree_with_the_grid_of_the_decision_regions(params):
    population = make_population(SyntheticParams(**params))
    plane = decision_regions(*least_squares_classifier(population), population.class_means, points=301)
    reach = float(plane.axis[-1])
    for scores, grid in (
        (plane.least_squares_scores, plane.least_squares),
        (plane.nearest_mean_scores, plane.nearest_mean),
    ):
        shares = [area(polygon) / (2 * reach) ** 2 for polygon in partition(scores, reach)]
        assert shares == pytest.approx(np.bincount(grid.ravel(), minlength=len(shares)) / grid.size, abs=0.01)
    differ = sum(map(area, overlaps(partition(plane.least_squares_scores, reach), plane.nearest_mean_scores, reach)))
    assert differ / (2 * reach) ** 2 == pytest.approx(plane.share, abs=0.01)
