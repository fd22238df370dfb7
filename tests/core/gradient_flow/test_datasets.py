from itertools import pairwise

import numpy as np
import pytest

from core.gradient_flow.datasets import KINDS, Dataset, make_dataset, with_bias

DIMENSIONS = {"gaussians": 2, "moons": 2, "circles": 2, "xor": 2, "gaussians10": 10}


@pytest.mark.parametrize("samples", [4, 7, 40, 200])
@pytest.mark.parametrize("kind", KINDS)
def test_shapes_and_balance(kind, samples):
    data = make_dataset(kind, samples, 0.1, 0, 0)
    assert data.points.shape == (samples, DIMENSIONS[kind])
    assert len(data.names) == DIMENSIONS[kind]
    assert set(data.labels) == {-1.0, 1.0}
    assert abs(data.labels.sum()) <= 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_seed_decides_everything(kind):
    first, again, other = (make_dataset(kind, 20, 0.2, 3, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.points, again.points)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert first.digest == again.digest != other.digest


@pytest.mark.parametrize("kind", KINDS)
def test_noise_scales_one_draw(kind):
    """The noise is additive: twice the noise moves each point twice as far."""
    still, once, twice = (make_dataset(kind, 30, noise, 0, 4).points for noise in (0.0, 0.1, 0.2))
    np.testing.assert_allclose(twice - still, 2.0 * (once - still), atol=1e-14)
    many = make_dataset(kind, 200, 0.1, 0, 4).points - make_dataset(kind, 200, 0.0, 0, 4).points
    assert many.std() == pytest.approx(0.1, rel=0.15)


@pytest.mark.parametrize("kind", KINDS)
def test_flips_are_counted_and_nested(kind):
    clean = make_dataset(kind, 30, 0.1, 0, 5)
    flipped = [set(np.flatnonzero(make_dataset(kind, 30, 0.1, k, 5).labels != clean.labels)) for k in range(31)]
    assert [len(flips) for flips in flipped] == list(range(31))
    assert all(fewer < more for fewer, more in pairwise(flipped))
    np.testing.assert_array_equal(make_dataset(kind, 30, 0.1, 30, 5).points, clean.points)


@pytest.mark.parametrize(("kind", "dimension"), [("gaussians", 2), ("gaussians10", 10)])
def test_gaussian_means_are_two_apart(kind, dimension):
    data = make_dataset(kind, 10, 0.0, 0, 0)
    np.testing.assert_allclose(data.points, data.labels[:, None] * np.ones(dimension) / np.sqrt(dimension))


def test_circles_have_their_radii():
    data = make_dataset("circles", 21, 0.0, 0, 0)
    np.testing.assert_allclose(np.linalg.norm(data.points, axis=1), np.where(data.labels > 0.0, 1.0, 0.5))
    for label in (-1.0, 1.0):
        np.testing.assert_allclose(data.points[data.labels == label].mean(axis=0), 0.0, atol=1e-14)


def test_xor_sits_on_its_corners():
    data = make_dataset("xor", 16, 0.0, 0, 0)
    np.testing.assert_array_equal(np.abs(data.points), 1.0)
    np.testing.assert_array_equal(data.labels, data.points[:, 0] * data.points[:, 1])
    assert (np.unique(data.points, axis=0, return_counts=True)[1] == 4).all()


def test_moons_are_interleaved_half_circles():
    data = make_dataset("moons", 20, 0.0, 0, 0)
    lower, upper = data.points[data.labels > 0.0], data.points[data.labels < 0.0]
    for moon, centre, side in ((upper, [-0.5, -0.25], 1.0), (lower, [0.5, 0.25], -1.0)):
        np.testing.assert_allclose(np.linalg.norm(moon - centre, axis=1), 1.0)
        assert (side * (moon[:, 1] - centre[1]) >= -1e-15).all()
    # one is the other, turned about the origin by half a turn
    np.testing.assert_allclose(lower, -upper, atol=1e-14)


def test_bias_is_one_more_coordinate():
    points = np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(with_bias(points), [[0.0, 1.0, 1.0], [2.0, 3.0, 1.0], [4.0, 5.0, 1.0]])


def test_digest_sees_points_and_labels():
    points, labels, names = np.eye(2), np.array([-1.0, 1.0]), ("a", "b")
    data = Dataset(points, labels, names)
    assert data.digest != Dataset(points, -labels, names).digest
    assert data.digest != Dataset(points + 1e-15, labels, names).digest
