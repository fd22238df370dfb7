"""The simplex ETF nearest to some means."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from core.neural_collapse import simplex_etf, simplex_gram
from core.neural_collapse.simplex import nearest_simplex


def centered(classes: int, dimension: int, seed: int) -> np.ndarray:
    means = np.random.default_rng(seed).standard_normal((dimension, classes))
    return means - means.mean(axis=1, keepdims=True)


@pytest.mark.parametrize(("classes", "dimension"), [(2, 1), (2, 5), (3, 2), (4, 3), (4, 20), (10, 9), (20, 50)])
def test_it_is_a_simplex_of_the_same_size(classes, dimension):
    means = centered(classes, dimension, 1)
    found = nearest_simplex(means)
    scale = np.linalg.norm(means) ** 2 / classes
    assert found.T @ found == pytest.approx(scale * simplex_gram(classes), abs=1e-12 * scale)


@pytest.mark.parametrize(("classes", "dimension"), [(2, 3), (3, 2), (4, 6), (10, 12)])
def test_no_other_simplex_of_that_size_is_nearer(classes, dimension):
    means = centered(classes, dimension, 2)
    found = nearest_simplex(means)
    distance = np.linalg.norm(found - means)
    rng = np.random.default_rng(3)
    for step in (1e-3, 0.1, 1.0):
        turn = np.linalg.qr(np.eye(dimension) + step * rng.standard_normal((dimension, dimension)))[0]
        turn *= np.sign(np.diag(turn))
        assert np.linalg.norm(turn @ found - means) > distance
    for seed in range(20):
        other = ortho_group.rvs(dimension, random_state=seed) @ found
        assert np.linalg.norm(other - means) >= distance


def test_a_simplex_is_its_own_nearest_and_nothing_has_nothing():
    frame = 2.5 * simplex_etf(5, 9, seed=4)
    assert nearest_simplex(frame) == pytest.approx(frame, abs=1e-14)
    assert not nearest_simplex(np.zeros((4, 3))).any()
