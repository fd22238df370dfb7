"""Pairs followed by their features, against arithmetic of fifty digits, plain formulas and draws."""

from itertools import pairwise
from math import exp, pi, sqrt

import mpmath
import numpy as np
import pytest

from core.kernels.pairs import arc_cosine_gap, arc_cosine_pair, rbf_limit, rbf_pair, rbf_pairs
from tests.core.kernels.references import complements, relative_error


@pytest.mark.parametrize("gamma_squared", [0.1, 1.0, 2.0, 8.0])
@pytest.mark.parametrize("distance", [1e-6, 0.03, 1.0, 5.0])
def test_explicit_features_have_the_kernel_at_every_depth(gamma_squared, distance):
    found = rbf_pair(distance, sqrt(gamma_squared), 12)
    with mpmath.workdps(60):
        square = mpmath.mpf(sqrt(gamma_squared)) ** 2
        gap = 1 - mpmath.exp(-(mpmath.mpf(distance) ** 2) / square)
        exact = []
        for _ in range(12):
            exact.append(gap)
            gap = 1 - mpmath.exp(-2 * gap / square)
    assert relative_error(found, exact) < 1e-12


def test_pairs_are_single_pairs_side_by_side():
    table = rbf_pairs([0.1, 2.0], 1.0, 4)
    assert table.shape == (4, 2)
    np.testing.assert_array_equal(table[:, 1], rbf_pair(2.0, 1.0, 4))
    assert (rbf_pair(0.0, 1.0, 3) == 0.0).all()


def test_random_fourier_features_agree():
    """Rahimi & Recht's: cos and sin of w x, w of variance 2/gamma^2, drawn anew in each layer."""
    rng, gamma, gap = np.random.default_rng(3), 1.2, 0.5 * 0.7**2
    for layer in range(3):
        phase = rng.standard_normal(400_000) * sqrt(2.0) / gamma * sqrt(2.0 * gap)
        gap = float(np.mean(2.0 * np.sin(0.5 * phase) ** 2))
        assert gap == pytest.approx(rbf_pair(0.7, gamma, 3)[layer], rel=0.01)


@pytest.mark.parametrize("gamma_squared", [0.5, 1.99, 2.01])
def test_very_many_layers_end_at_the_fixed_point(gamma_squared):
    gap = 0.3
    for _ in range(20_000):
        gap = 1.0 - exp(-2.0 * gap / gamma_squared)
    assert rbf_limit(1.0, sqrt(gamma_squared), 5000) == pytest.approx(gap, abs=1e-9)


@pytest.mark.parametrize("order", [0, 1, 2, 5, 10])
@pytest.mark.parametrize("angle", [1e-8, 1e-3, 0.7, 0.5 * pi, 2.9, pi])
def test_the_distance_of_rectified_powers_is_that_of_the_kernel(order, angle):
    assert relative_error([arc_cosine_gap(order, angle)], [complements(angle, order)[order]]) < 2e-14


@pytest.mark.parametrize("order", [0, 1, 2])
def test_it_is_the_mean_over_draws(order):
    rows, angle = np.random.default_rng(1).standard_normal((2, 400_000)), 0.6
    x, y = rows[0], rows[0] * np.cos(angle) + rows[1] * np.sin(angle)
    a, b = ((z > 0.0) * np.maximum(z, 0.0) ** order for z in (x, y))
    drawn = np.square(a - b).mean() / (np.square(a).mean() + np.square(b).mean())
    assert arc_cosine_gap(order, angle) == pytest.approx(drawn, rel=0.02)


def test_layers_follow_each_other_by_their_angle():
    gaps = arc_cosine_pair(2, 1.0, 3)
    for before, after in pairwise(gaps):
        assert after == pytest.approx(arc_cosine_gap(2, float(np.arccos(1.0 - before))), rel=1e-12)
