from itertools import product
from math import comb, factorial, pi

import mpmath
import numpy as np
import pytest
from scipy.integrate import dblquad

from core.kernels.angular import angular_function
from core.kernels.hard_way import (
    MAX_FEATURES,
    feature_dimension,
    gram_root_features,
    monomial_features,
    polynomial_the_hard_way,
    rbf_grams,
    rbf_the_hard_way,
    wedge_integral,
)
from core.kernels.polynomial import composed_polynomial
from core.kernels.quadrature import gauss_legendre, truncation_radius
from core.kernels.rbf import composed_rbf

ANGLES = [1e-6, 1e-3, 0.02, 0.3, 0.785398, 1.2, pi / 2, 2.0, 2.8, pi - 0.02, pi - 1e-3, pi - 1e-6]


def some_points(seed, count=7, dimension=3):
    return np.random.default_rng(seed).standard_normal((count, dimension))


@pytest.mark.parametrize(("dimension", "degree"), [(1, 1), (1, 5), (2, 3), (3, 2), (4, 4), (3, 7)])
def test_monomials_give_the_power_of_the_inner_product(dimension, degree):
    x, y = some_points(0, dimension=dimension), some_points(1, dimension=dimension)
    features = monomial_features(x, degree)
    assert features.shape == (7, comb(dimension + degree - 1, degree))
    np.testing.assert_allclose(features @ monomial_features(y, degree).T, (x @ y.T) ** degree, atol=1e-10)


def test_features_of_a_cube_written_out():
    a, b = 1.7, -0.6
    expected = [a**3, np.sqrt(3) * a**2 * b, np.sqrt(3) * a * b**2, b**3]
    np.testing.assert_allclose(monomial_features(np.array([[a, b]]), 3)[0], expected, rtol=1e-15)


@pytest.mark.parametrize(("dimension", "degree"), [(3, 4), (5, 2)])
def test_squared_weights_count_the_orders_of_writing(dimension, degree):
    orders = {}
    for factors in product(range(dimension), repeat=degree):
        key = tuple(sorted(factors))
        orders[key] = orders.get(key, 0) + 1
    weights = monomial_features(np.ones((1, dimension)), degree)[0] ** 2
    np.testing.assert_allclose(weights, [orders[key] for key in sorted(orders)], rtol=1e-14)


@pytest.mark.parametrize(("degree", "depth"), [(1, 6), (2, 1), (2, 2), (2, 3), (3, 2), (8, 1)])
def test_polynomial_composes_to_degree_to_the_depth(degree, depth):
    points = some_points(2, dimension=2)
    sign, log_magnitude = composed_polynomial(points @ points.T, degree, depth)
    gram = polynomial_the_hard_way(points, degree, depth)
    scale = np.sqrt(np.outer(np.diag(gram), np.diag(gram)))
    np.testing.assert_allclose(gram / scale, sign * np.exp(log_magnitude) / scale, atol=1e-13)


@pytest.mark.parametrize(("degree", "depth"), [(1, 4), (2, 3), (3, 2), (4, 1)])
def test_dimension_is_that_of_the_features(degree, depth):
    features = some_points(3, count=1)
    for _ in range(depth):
        features = monomial_features(features, degree)
    assert feature_dimension(3, degree, depth) == features.shape[1]


def test_dimension_is_exact_beyond_floats():
    dimension = 3
    for _ in range(4):
        dimension = (dimension + 4) * (dimension + 3) * (dimension + 2) * (dimension + 1) * dimension // factorial(5)
    assert feature_dimension(3, 5, 4) == dimension > 1e40
    with pytest.raises(OverflowError):
        float(feature_dimension(3, 5, 6))


def test_too_many_features_are_refused():
    assert feature_dimension(2, 4, 3) == 1_088_430
    with pytest.raises(ValueError, match=f"number of features must be at most {MAX_FEATURES}, got 1088430"):
        polynomial_the_hard_way(some_points(0, dimension=2), 4, 3)
    assert polynomial_the_hard_way(some_points(0, dimension=2), 4, 2).shape == (7, 7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: feature_dimension(3, 0, 1), "degree must be an integer from 1 to 8, got 0"),
        (lambda: feature_dimension(3, 2, 7), "depth must be an integer from 1 to 6, got 7"),
        (lambda: feature_dimension(0, 2, 1), "dimension must be an integer from 1 to 100, got 0"),
        (lambda: monomial_features(np.ones((2, 2)), 9), "degree must be an integer from 1 to 8, got 9"),
        (lambda: monomial_features(np.ones((201, 2)), 2), "number of points must be an integer from 1 to 200, got 201"),
        (lambda: polynomial_the_hard_way(np.ones((2, 2)), 2, 0), "depth must be an integer from 1 to 6, got 0"),
        (lambda: rbf_the_hard_way(np.ones((2, 2)), 0.0, 1), "gamma must be a number from 0.001 to 1000, got 0.0"),
        (lambda: rbf_the_hard_way(np.ones((2, 2)), 1.0, 51), "depth must be an integer from 1 to 50, got 51"),
        (lambda: rbf_the_hard_way(np.ones((201, 2)), 1.0, 1), "number of points must be an integer from 1 to 200"),
        (lambda: wedge_integral(-1, 1.0), "order must be an integer from 0 to 20, got -1"),
        (lambda: wedge_integral(1, 3.2), "angle must be a number from 0 to 3.14159, got 3.2"),
    ],
)
def test_arguments_are_checked(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("rank", [1, 3, 8])
def test_root_features_have_the_gram_matrix(rank):
    rows = some_points(4, count=8, dimension=rank)
    features = gram_root_features(rows @ rows.T)
    np.testing.assert_allclose(features @ features.T, rows @ rows.T, atol=1e-14)
    np.testing.assert_allclose(features, features.T, atol=1e-14)
    assert np.linalg.eigvalsh(features).min() > -1e-14


def test_indefinite_gram_is_refused():
    with pytest.raises(ValueError, match="gram must be positive semi-definite, got an eigenvalue of -1"):
        gram_root_features(np.array([[1.0, 2.0], [2.0, 1.0]]))


@pytest.mark.parametrize("gamma", [0.3, 0.7, 1.0, np.sqrt(2.0), 2.0, 30.0])
@pytest.mark.parametrize("depth", [1, 2, 5, 20])
def test_rbf_composes_as_the_scalar_map(gamma, depth):
    points = some_points(5, count=20)
    distance = np.linalg.norm(points[:, None] - points, axis=2)
    gram = rbf_the_hard_way(points, gamma, depth)
    np.testing.assert_allclose(gram, composed_rbf(distance, gamma, depth), atol=1e-13)
    assert (np.diag(gram) == 1.0).all()


def test_rbf_grams_are_those_of_every_depth():
    points = some_points(6)
    expected = [rbf_the_hard_way(points, 0.8, depth) for depth in (1, 2, 3, 4)]
    np.testing.assert_array_equal(rbf_grams(points, 0.8, 4), expected)


@pytest.mark.parametrize("gamma", [0.7, 1.0, 2.0])
@pytest.mark.parametrize("depth", [1, 2, 5, 10])
def test_rbf_keeps_one_point_given_twice_but_for_rounding_that_chaos_enlarges(gamma, depth):
    points = some_points(5, count=20)
    points[7] = points[3]
    growth = max(2.0 / gamma**2, 1.0) ** (depth - 1)
    assert abs(1.0 - rbf_the_hard_way(points, gamma, depth)[3, 7]) < 1e-14 * growth


def test_rbf_floor_far_away():
    far = np.array([[0.0], [1e3]])
    assert rbf_the_hard_way(far, 1.0, 1)[0, 1] == 0.0
    assert rbf_the_hard_way(far, 1.0, 2)[0, 1] == pytest.approx(np.exp(-2.0), rel=1e-15)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 5, 10, 20])
def test_wedge_integral_is_the_angular_function(order):
    values = [wedge_integral(order, angle) for angle in ANGLES]
    np.testing.assert_allclose(values, angular_function(order, np.array(ANGLES)), rtol=3e-14)


@pytest.mark.parametrize(("order", "angle"), [(0, 0.4), (1, 1.2), (2, 2.6), (3, 1.7)])
def test_wedge_integral_against_adaptive_quadrature(order, angle):
    """Over the whole box, with the step functions as (3.2) has them taken into the limits."""

    def integrand(w2, w1):
        return np.exp(-0.5 * (w1 * w1 + w2 * w2)) * (w1 * (w1 * np.cos(angle) + w2 * np.sin(angle))) ** order

    def boundary(w1):
        return min(max(-w1 / np.tan(angle), -11.0), 11.0)

    value, _ = dblquad(integrand, 0.0, 11.0, boundary, 11.0, epsabs=0.0, epsrel=1e-11)
    assert wedge_integral(order, angle) == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize(("order", "angle"), [(0, 1.2), (1, 0.6), (2, 2.0)])
def test_wedge_integral_against_random_rows(order, angle):
    """The expectation over Gaussian rows in five dimensions, for inputs in any directions: the other axes drop out."""
    rng = np.random.default_rng(1)
    basis = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    x, y = basis[0], np.cos(angle) * basis[0] + np.sin(angle) * basis[1]
    w = rng.standard_normal((400_000, 5))
    terms = ((w @ x > 0) & (w @ y > 0)) * ((w @ x) * (w @ y)) ** order
    error = abs(terms.mean() - wedge_integral(order, angle) / (2.0 * pi))
    assert error < 4.0 * terms.std() / np.sqrt(len(w))
    assert terms.std() / np.sqrt(len(w)) < 0.02 * terms.mean()


@pytest.mark.parametrize("order", range(6))
def test_wedge_is_a_half_plane_at_zero_and_empty_at_pi(order):
    double_factorial = np.prod(np.arange(1.0, 2 * order, 2))
    assert wedge_integral(order, 0.0) == pytest.approx(pi * double_factorial, rel=1e-14)
    assert wedge_integral(order, pi) < 1e-15


def test_gauss_legendre_is_exact_for_polynomials_on_every_interval():
    low, high = np.array([[-1.0], [0.5]]), np.array([2.0, 3.0, 0.0])
    nodes, weights = gauss_legendre(low, high, 6)
    assert nodes.shape == weights.shape == (2, 3, 6)
    np.testing.assert_allclose((nodes**11 * weights).sum(axis=-1), (high**12 - low**12) / 12, rtol=1e-13)
    error = np.abs((nodes**12 * weights).sum(axis=-1) - (high**13 - low**13) / 13)
    assert error[0, 1] > 1e-6


@pytest.mark.parametrize("order", [0, 3, 20])
def test_little_lies_beyond_the_truncation_radius(order):
    radius = truncation_radius(order)
    share = mpmath.gammainc(order + 1, radius**2 / 2) / mpmath.factorial(order)
    assert float(share) == pytest.approx(1e-18, rel=1e-6)
