"""Partitions of a square: polygons against points, against closed forms and against each other."""

import numpy as np
import pytest

from core.neural_collapse.partition import Partition, area

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
    inside = np.array([contains(polygon, points) for polygon in Partition.of(scores, REACH).polygons])
    assert inside[winner, np.arange(len(points))].all()
    assert (inside.sum(axis=0) == 1).all()  # a random point is on no border


@pytest.mark.parametrize("classes", [2, 3, 5, 20])
def test_the_polygons_tile_the_square(classes):
    polygons = Partition.of(random_scores(classes, 7), REACH).polygons
    assert sum(map(area, polygons)) == pytest.approx((2 * REACH) ** 2, rel=1e-13)


@pytest.mark.parametrize("classes", [2, 3, 4, 10])
def test_borders_are_where_two_scores_tie_above_all_others_and_come_once(classes):
    scores = random_scores(classes, 3)
    partition = Partition.of(scores, REACH)
    polygons, edges = partition.polygons, partition.borders
    middle = values(scores, edges.mean(axis=1))
    top = np.sort(middle, axis=0)[-2:]
    assert top[1] == pytest.approx(top[0], abs=1e-12)
    assert len({tuple(np.round(np.sort(edge, axis=0).ravel(), 9)) for edge in edges}) == len(edges)
    inner = sum(np.linalg.norm(np.roll(p, -1, axis=0) - p, axis=1).sum() for p in polygons if len(p)) - 8 * REACH
    assert 2 * np.linalg.norm(edges[:, 1] - edges[:, 0], axis=1).sum() == pytest.approx(inner)


@pytest.mark.parametrize("classes", [2, 3, 4, 10])
def test_differences_are_where_two_partitions_name_different_classes(classes):
    one, other = random_scores(classes, 1), random_scores(classes, 2)
    parts, share = Partition.of(one, REACH).differences(Partition.of(other, REACH))
    points = np.random.default_rng(0).uniform(-REACH, REACH, (4000, 2))
    differ = values(one, points).argmax(axis=0) != values(other, points).argmax(axis=0)
    inside = np.any([contains(part, points) for part in parts], axis=0)
    assert (inside == differ).all()
    assert share == pytest.approx(sum(map(area, parts)) / (2 * REACH) ** 2, rel=1e-13)
    assert share == pytest.approx(differ.mean(), abs=4 * np.sqrt(0.25 / 4000))
    back, same = Partition.of(other, REACH).differences(Partition.of(one, REACH))
    assert same == pytest.approx(share, rel=1e-12)
    assert len(back) == len(parts)


@pytest.mark.parametrize("angle", [0.7, 1e-2, 1e-5, 1e-8])
@pytest.mark.parametrize("turn", [0.0, np.pi / 2])
def test_two_wedges_between_lines_at_an_angle(angle, turn):
    """Lines through the centre, one along an axis and one at an angle to it, leave tan(angle)/4 of the square."""

    def line(at):
        return np.array([[0.0, -np.sin(at), np.cos(at)], [0.0, np.sin(at), -np.cos(at)]])

    parts, share = Partition.of(line(turn), REACH).differences(Partition.of(line(turn + angle), REACH))
    assert len(parts) == 2
    assert share == pytest.approx(np.tan(angle) / 4.0, rel=max(1e-12, 1e-15 / angle))


@pytest.mark.parametrize("gap", [0.5, 1e-4, 1e-9])
def test_a_strip_between_parallel_lines(gap):
    one, other = (np.array([[level, 1.0, 0.0], [0.0, 0.0, 0.0]]) for level in (0.3, 0.3 - gap))
    parts, share = Partition.of(one, REACH).differences(Partition.of(other, REACH))
    assert len(parts) == 1
    assert share == pytest.approx(gap / (2.0 * REACH), rel=max(1e-12, 1e-15 / gap))


@pytest.mark.parametrize("place", [[0.0, 0.0], [1.0, -1.6], [1e6, 1e6]])
def test_the_area_of_a_sliver_keeps_its_digits_wherever_it_lies(place):
    width = 2.0**-30
    sliver = np.array(place) + np.array([[0.0, 0.0], [1.0, 0.0], [1.0, width], [0.0, width]])
    assert area(sliver) == pytest.approx(width, rel=1e-6)


def test_partitions_whose_scores_differ_in_scale_are_one_but_for_rounding():
    scores = random_scores(6, 5)
    one, other = Partition.of(scores, REACH, 1e-15), Partition.of(3.7 * scores + [0.1, -0.2, 0.3], REACH, 1e-14)
    assert one.differences(other)[1] <= one.rounding + other.rounding < 1e-12


@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize("error", [1e-4, 1e-7])
def test_scores_that_are_off_by_their_error_move_no_more_than_the_rounding(classes, error):
    generator, scores = np.random.default_rng(classes), random_scores(classes, 8)
    moved = []
    for _ in range(20):
        change = generator.uniform(-1.0, 1.0, scores.shape)
        change *= error / (np.abs(change) @ [1.0, REACH, REACH])[:, None]  # at a corner it is the error
        exact, found = Partition.of(scores, REACH, error), Partition.of(scores + change, REACH, error)
        moved.append(exact.differences(found)[1] / exact.rounding)
    assert 0.05 < max(moved) <= 1.0


def test_classes_that_tie_everywhere_share_their_region():
    """As a set: a third named out of three is 2/3 of a disagreement, as point by point."""
    flat, one = np.zeros((3, 3)), np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert [area(polygon) for polygon in Partition.of(flat, 1.0).polygons] == [4.0, 4.0, 4.0]
    assert Partition.of(flat, 1.0).differences(Partition.of(one, 1.0))[1] == pytest.approx(2.0 / 3.0)
    assert Partition.of(flat, 1.0).differences(Partition.of(flat + 0.3, 1.0)) == ((), 0.0)
    assert Partition.of(one, 1.0).borders.size == 0
    pair = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 1e-13], [0.0, -1.0, 0.0]])
    assert Partition.of(pair, 1.0, 1e-12).groups == ((0, 1), (2,))
    assert len(Partition.of(pair, 1.0, 1e-12).borders) == 1
