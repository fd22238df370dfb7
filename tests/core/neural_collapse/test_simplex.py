import numpy as np
import pytest

from core.neural_collapse.simplex import simplex_coordinates, simplex_etf, simplex_gram

CLASSES = range(2, 21)


@pytest.mark.parametrize("classes", CLASSES)
def test_columns_are_as_the_definition_says(classes):
    gram = classes / (classes - 1) * (np.eye(classes) - np.ones((classes, classes)) / classes)
    np.testing.assert_allclose(simplex_gram(classes), gram, atol=2e-16)
    for dimension in (classes - 1, classes, 3 * classes, 1000):
        frame = simplex_etf(classes, dimension, seed=classes)
        assert frame.shape == (dimension, classes)
        assert np.abs(frame.T @ frame - gram).max() <= 1e-14
        assert np.abs(frame.sum(axis=1)).max() <= 1e-14


@pytest.mark.parametrize("classes", CLASSES)
def test_coordinates_are_a_triangle_with_equal_distances(classes):
    corners = simplex_coordinates(classes)
    distances = np.linalg.norm(corners[:, :, None] - corners[:, None, :], axis=0)
    expected = np.sqrt(2.0 * classes / (classes - 1)) * (1.0 - np.eye(classes))
    np.testing.assert_allclose(distances, expected, atol=1e-14)


def test_the_turning_is_a_matter_of_the_seed():
    np.testing.assert_array_equal(simplex_etf(4, 9, seed=3), simplex_etf(4, 9, seed=3))
    np.testing.assert_array_equal(simplex_etf(4, 9), simplex_etf(4, 9, seed=0))
    assert np.abs(simplex_etf(4, 9, seed=3) - simplex_etf(4, 9, seed=4)).max() > 0.1


def test_turnings_are_uniform():
    signs = [float(simplex_etf(2, 1, seed=seed)[0, 0]) for seed in range(200)]
    assert 60 < sum(sign > 0.0 for sign in signs) < 140
    first = np.array([simplex_etf(3, 4, seed=seed)[:, 0] for seed in range(2000)])
    # a uniform unit vector in R^4 has mean 0 and second moments 1/4; 4 standard errors of 2000 draws
    np.testing.assert_allclose(first.mean(axis=0), 0.0, atol=4 * 0.5 / np.sqrt(2000))
    np.testing.assert_allclose(first.T @ first / 2000, np.eye(4) / 4, atol=4 * 0.25 / np.sqrt(2000))


@pytest.mark.parametrize(("classes", "dimension"), [(3, 1), (4, 2), (20, 18)])
def test_too_few_dimensions_are_refused_with_the_reason(classes, dimension):
    reason = f"got {dimension}: {classes} unit vectors with equal angles of cosine -1/{classes - 1} span {classes - 1}"
    with pytest.raises(ValueError, match=reason):
        simplex_etf(classes, dimension)


@pytest.mark.parametrize("value", [1, 0, -1, 21, 2.0, True, "3", None])
def test_other_numbers_of_classes_are_refused(value):
    for function in (simplex_gram, lambda classes: simplex_etf(classes, 50)):
        with pytest.raises(ValueError, match=f"^classes must be an integer from 2 to 20, got {value!r}$"):
            function(value)


def test_other_dimensions_and_seeds_are_refused():
    for value in (0, 1001, 3.0, True):
        with pytest.raises(ValueError, match=f"^dimension must be an integer from 1 to 1000, got {value!r}$"):
            simplex_etf(2, value)
    with pytest.raises(ValueError, match=r"^seed must be an integer from 0"):
        simplex_etf(3, 5, seed=-1)
