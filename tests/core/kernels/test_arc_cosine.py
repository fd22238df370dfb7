from functools import lru_cache
from itertools import pairwise
from math import pi

import mpmath
import numpy as np
import pytest

from core.kernels.angular import angular_function, double_factorial
from core.kernels.arc_cosine import (
    angle_after,
    angle_between,
    arc_cosine_fixed_point,
    arc_cosine_kernel,
    arc_cosine_rate,
    complements_by_layer,
    composed_arc_cosine,
    composed_arc_cosine_complement,
    log_squared_norm,
)
from tests.core.kernels.references import (
    NO_INTEGERS,
    angle_of,
    angular_values,
    arc_cosine_layers,
    arc_cosine_map,
    relative_error,
)

ORDERS = (0, 1, 2, 3, 5, 10)
ANGLES = (0.0, 1e-100, 1e-12, 1e-3, 0.7, pi / 2, 2.5, pi - 1e-12, pi)
FIXED_ORDERS = (0, 2, 3, 4, 5, 20)
COMPOSED = (composed_arc_cosine, composed_arc_cosine_complement)


def angle_error(x, y):
    return float(abs(mpmath.mpf(float(angle_between(x, y))) - angle_of(x, y)))


# --- angles ---


@pytest.mark.parametrize("dimension", [1, 2, 3, 10, 100])
@pytest.mark.parametrize(
    ("first", "second"), [(1.0, 1.0), (1e200, 1e-200), (1e-200, 1e-200), (1e300, 1e300), (1e-320, 1)]
)
def test_angles_of_any_norms_nearly_parallel_and_nearly_opposite(dimension, first, second):
    """Half a unit in the last place of 3 is 2.2e-16."""
    rng, errors = np.random.default_rng(dimension), []
    for _ in range(3):
        x, y = rng.standard_normal((2, dimension))
        errors += [angle_error(first * x, second * y)]
        for nudge in (0.0, 1e-17, 1e-15, 1e-12, 1e-8, 1e-2):
            errors += [angle_error(first * x, side * second * (x + nudge * y)) for side in (-1.0, 1.0)]
    assert max(errors) <= 5e-16


def test_arccosine_of_a_rounded_cosine_fails_and_this_does_not():
    x, y = np.array([1.0, 0.0]), np.array([1.0, 1e-9])
    exact = float(angle_of(x, y))
    assert abs(np.arccos(min(x @ y / np.linalg.norm(y), 1.0)) - exact) > 9e-10
    assert angle_between(x, y) == pytest.approx(exact, rel=1e-15)
    assert angle_between(x, -y) == pytest.approx(pi - exact, rel=1e-15)


@pytest.mark.parametrize("dimension", [2, 8, 9, 100])
def test_angles_of_every_size(dimension):
    """In few and in many coordinates, and on both sides of every change of formula."""
    rng, errors = np.random.default_rng(dimension), []
    for angle in np.linspace(0.0, pi, 181):
        x, y = rng.standard_normal((2, dimension))
        across = y - (x @ y) / (x @ x) * x
        y = np.cos(angle) * x / np.linalg.norm(x) + np.sin(angle) * across / np.linalg.norm(across)
        errors.append(angle_error(x, y))
    assert max(errors) <= 5e-16
    assert np.mean(errors) <= 1.5e-16


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
@pytest.mark.parametrize("dimension", [4, 8, 9, 40])
def test_angles_are_symmetric_and_exact_at_their_ends(dimension, scale):
    points = scale * np.random.default_rng(0).standard_normal((20, dimension))
    angles = angle_between(points, points)
    np.testing.assert_allclose(angles, angles.T, rtol=0.0, atol=5e-16)
    np.testing.assert_array_equal(np.diag(angles), 0.0)
    np.testing.assert_array_equal(np.diag(angle_between(points, -points)), pi)
    np.testing.assert_allclose(angle_between(points, -points), pi - angles, atol=1e-15)
    assert angle_between([1.0, 0.0], [0.0, 5.0]) == pi / 2


def test_sets_and_single_points():
    rng = np.random.default_rng(1)
    first, second = rng.standard_normal((4, 3)), rng.standard_normal((5, 3))
    angles = angle_between(first, second)
    assert angles.shape == (4, 5)
    expected = [[float(angle_of(x, y)) for y in second] for x in first]
    np.testing.assert_allclose(angles, expected, atol=1e-15)
    np.testing.assert_array_equal(angle_between(first[2], second), angles[2])
    np.testing.assert_array_equal(angle_between(first, second[3]), angles[:, 3])
    assert angle_between(first[2], second[3]).shape == ()
    assert angle_between(first[2], second[3]) == angles[2, 3]
    assert angle_between(first[:1], second[:1]).shape == (1, 1)
    assert angle_between(first[:0], second).shape == (0, 5)
    assert angle_between(first, second[:0]).shape == (4, 0)
    assert angle_between([[3, 0]], [[1, 1]]).item() == pytest.approx(pi / 4, rel=1e-15)


@pytest.mark.parametrize("spread", [1.0, 1e-4])
@pytest.mark.parametrize("dimension", [2, 12])
def test_large_sets_are_many_small_ones(dimension, spread):
    """With all pairs nearly parallel, too: those are repaired in many coordinates."""
    rng = np.random.default_rng(2)
    first, second = (np.eye(dimension)[0] + spread * rng.standard_normal((n, dimension)) for n in (600, 400))
    angles = angle_between(first, second)
    assert angles.shape == (600, 400)
    for i, j in zip(range(600), rng.integers(0, 400, 600), strict=True):
        assert angles[i, j] == pytest.approx(float(angle_between(first[i], second[j])), rel=0.0, abs=1e-15)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([0, 0], [1, 1], "x must hold no zero vectors, whose angle is not defined; row 0 is zero"),
        ([1, 1], [[1, 1], [0, 0]], "y must hold no zero vectors, whose angle is not defined; row 1 is zero"),
        ([1, 1], [1, 1, 1], "x and y must have the same dimension, got 2 and 3"),
        (np.ones((2, 2, 2)), [1, 1], r"x must be a point of shape \(d,\) or points of shape \(m, d\), got shape .*"),
        ([1, 1], 1.0, r"y must be a point of shape \(d,\) or points of shape \(m, d\), got shape \(\)"),
        ([1, np.nan], [1, 1], "x must be finite"),
        ([1, 1], [np.inf, 1], "y must be finite"),
    ],
)
def test_points_without_an_angle_are_refused(x, y, message):
    for function in (angle_between, lambda x, y: arc_cosine_kernel(x, y, 1)):
        with pytest.raises(ValueError, match=f"^{message}$"):
            function(x, y)


# --- the kernel ---


@pytest.mark.parametrize("order", [0, 1, 2, 5, 30])
def test_kernel_of_points(order):
    rng = np.random.default_rng(order)
    first, second = rng.standard_normal((4, 3)), rng.standard_normal((3, 3))
    values = arc_cosine_kernel(first, second, order)
    with mpmath.workdps(50):
        for i, x in enumerate(first):
            for j, y in enumerate(second):
                squares = mpmath.fsum(mpmath.mpf(v) ** 2 for v in x) * mpmath.fsum(mpmath.mpf(v) ** 2 for v in y)
                angular = angular_values(angle_of(x, y), max(order, 1))[order]
                expected = float(squares ** (mpmath.mpf(order) / 2) * angular / mpmath.pi)
                # an angle's error of 5e-16 costs (2n+1)/2 tan(theta/2) of it
                assert values[i, j] == pytest.approx(expected, rel=1e-14 * (1 + order))
    np.testing.assert_array_equal(arc_cosine_kernel(first[0], second, order), values[0])
    assert arc_cosine_kernel(first[0], second[0], order).shape == ()


@pytest.mark.parametrize("order", [0, 1, 2, 5, 20])
def test_kernel_is_homogeneous_and_has_its_diagonal(order):
    points = np.random.default_rng(3).standard_normal((6, 3))
    values = arc_cosine_kernel(points, points, order)
    np.testing.assert_allclose(arc_cosine_kernel(4.0 * points, 0.5 * points, order), 2.0**order * values, rtol=1e-13)
    squares = (points**2).sum(axis=1)
    np.testing.assert_allclose(np.diag(values), double_factorial(2 * order - 1) * squares**order, rtol=1e-13)


def test_kernel_of_points_whose_squares_leave_the_range():
    large, small = np.array([3e200, 4e200]), np.array([4e-200, -3e-200])
    quarter = float(angular_function(1, pi / 2)) / pi
    assert arc_cosine_kernel(large, small, 1) == pytest.approx(25.0 * quarter, rel=1e-14)
    for x in (large, small):
        assert arc_cosine_kernel(x, x, 0) == pytest.approx(1.0, rel=1e-15)
    assert arc_cosine_kernel(large, large, 1) == np.inf
    assert arc_cosine_kernel(small, small, 1) == 0.0


# --- composition ---


@lru_cache
def layers(order):
    return [arc_cosine_layers(angle, order, 50) for angle in ANGLES]


@pytest.mark.parametrize("order", ORDERS)
def test_composition_to_depth_50(order):
    for depth in range(1, 51):
        rows = [[column[depth - 1] for column in pair] for pair in layers(order)]
        rho, delta = composed_arc_cosine(ANGLES, order, depth), composed_arc_cosine_complement(ANGLES, order, depth)
        assert relative_error(rho, [row[0] for row in rows]) <= 1e-13, depth
        assert relative_error(delta, [row[1] for row in rows]) <= 1e-13, depth


@pytest.mark.parametrize("order", ORDERS)
def test_complements_by_layer_are_those_of_each_depth(order):
    angles = np.array(ANGLES)[[2, 4, 6]].reshape(3, 1)
    rows = complements_by_layer(angles, order, 7)
    assert rows.shape == (7, 3, 1)
    for depth in range(1, 8):
        np.testing.assert_array_equal(rows[depth - 1], composed_arc_cosine_complement(angles, order, depth))


@pytest.mark.parametrize("function", COMPOSED)
@pytest.mark.parametrize("shape", [(), (0,), (2, 3, 4)])
def test_composition_has_the_shape_of_the_angles(function, shape):
    angles = np.asarray(np.random.default_rng(0).uniform(0.0, pi, shape))
    for depth in (1, 3):
        values = function(angles, 2, depth)
        assert values.shape == shape
        expected = [float(function(angle, 2, depth)) for angle in angles.ravel()]
        np.testing.assert_allclose(values.ravel(), expected, rtol=1e-13)
    assert complements_by_layer(angles, 2, 3).shape == (3, *shape)


@pytest.mark.parametrize("order", ORDERS)
def test_layers_of_angles_add_up(order):
    angles = np.linspace(0.01, 3.1, 12)
    np.testing.assert_array_equal(angle_after(angles, order, 0), angles)
    np.testing.assert_array_equal(angle_after(angle_after(angles, order, 3), order, 4), angle_after(angles, order, 7))
    np.testing.assert_allclose(np.cos(angle_after(angles, order, 5)), composed_arc_cosine(angles, order, 5), atol=1e-15)


@pytest.mark.parametrize("order", [2, 3, 5, 10])
def test_nearly_parallel_inputs_part_at_the_rate_of_the_slope(order):
    """1 - rho grows by n^2/(2n-1) a layer while it is small."""
    rows = complements_by_layer(1e-12, order, 10)
    np.testing.assert_allclose(rows[1:] / rows[:-1], order**2 / (2 * order - 1), rtol=1e-6)


# --- fixed points ---


@pytest.mark.parametrize("order", FIXED_ORDERS)
def test_fixed_point_and_rate(order):
    fixed, rate = arc_cosine_fixed_point(order), arc_cosine_rate(order)
    with mpmath.workdps(40):
        function = arc_cosine_map(order)
        expected = mpmath.findroot(lambda rho: function(rho) - rho, (1e-20, 0.97), solver="anderson", tol=1e-36)
        slope = mpmath.diff(function, expected, h=1e-18)
    assert abs(mpmath.mpf(fixed) - expected) <= 1e-15
    assert relative_error(fixed, [expected]) <= 5e-15
    assert relative_error(rate, [slope]) <= 1e-14
    assert 0.0 < rate < 1.0


def test_order_1_is_marginal():
    assert arc_cosine_fixed_point(1) == arc_cosine_rate(1) == 1.0


@pytest.mark.parametrize("order", range(101))
def test_fixed_points_of_all_orders_stay_where_they_are(order):
    fixed = arc_cosine_fixed_point(order)
    tolerance = 1e-13 * fixed
    assert composed_arc_cosine(np.arccos(fixed), order, 1) == pytest.approx(fixed, abs=tolerance)
    assert 0.0 < fixed < 1.0 or order == 1


@pytest.mark.parametrize("order", [0, 2, 3])
@pytest.mark.parametrize("angle", [0.5, 1.0, 2.5])
def test_layers_approach_the_fixed_point_at_the_rate(order, angle):
    fixed, depth = arc_cosine_fixed_point(order), {0: 20, 2: 40, 3: 20}[order]
    rest = [float(composed_arc_cosine(angle, order, depth + k)) - fixed for k in range(3)]
    for before, after in pairwise(rest):
        assert after / before == pytest.approx(arc_cosine_rate(order), rel=1e-3)
    assert composed_arc_cosine(pi, order, 50) == pytest.approx(composed_arc_cosine(angle, order, 50), rel=1e-4)


def test_order_1_reaches_1_as_the_inverse_square_of_the_depth():
    """1 - rho ~ 9 pi^2/(2 l^2): 1/theta gains 1/(3 pi) a layer, to an order in theta, so in 1/l."""
    depths = 50 * 2 ** np.arange(1, 7)
    angles, theta, depth = [], 2.0, 0
    for target in depths:
        while depth < target:
            theta, depth = float(angle_after(theta, 1, 25)), depth + 25
        angles.append(theta)
    angles = np.array(angles)
    gain = 1.0 / angle_after(angles, 1, 1) - 1.0 / angles
    order = np.polyfit(np.log(depths), np.log(np.abs(gain - 1.0 / (3.0 * pi))), 1)[0]
    assert order == pytest.approx(-1.0, abs=0.05)
    off = composed_arc_cosine_complement(angles, 1, 1) / (9.0 * pi**2 / (2.0 * (depths + 1.0) ** 2)) - 1.0
    assert (np.abs(np.diff(np.abs(off)) / np.abs(off[:-1]) + 0.45) < 0.1).all()  # log(l)/l nearly halves
    assert abs(off[-1]) < 0.02


# --- norms ---


@pytest.mark.parametrize("order", [0, 1, 2, 3, 10])
@pytest.mark.parametrize("log_squared", [-800.0, -0.5, 0.0, 3.0])
def test_squared_norms(order, log_squared):
    for depth in (1, 2, 6):
        powers = sum(order**k for k in range(depth))
        with mpmath.workdps(50):
            expected = powers * mpmath.log(mpmath.fac2(2 * order - 1)) + order**depth * mpmath.mpf(log_squared)
        value = float(log_squared_norm(log_squared, order, depth))
        assert value == pytest.approx(float(expected), rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 10])
def test_squared_norm_of_one_layer_is_the_kernels_diagonal(order):
    points = np.random.default_rng(4).standard_normal((5, 3))
    expected = np.log(np.diag(arc_cosine_kernel(points, points, order)))
    values = log_squared_norm(np.log((points**2).sum(axis=1)), order, 1)
    np.testing.assert_allclose(values, expected, atol=1e-13)


# --- refusals ---


@pytest.mark.parametrize("order", [-1, 101, *NO_INTEGERS])
def test_other_orders_are_refused(order):
    arc_cosine_fixed_point(1)  # a cached answer is not one for True or 1.0
    calls = [
        lambda: composed_arc_cosine(0.5, order, 1),
        lambda: composed_arc_cosine(0.5, order, 2),
        lambda: composed_arc_cosine_complement(0.5, order, 2),
        lambda: complements_by_layer(0.5, order, 2),
        lambda: angle_after(0.5, order, 1),
        lambda: arc_cosine_kernel([1.0], [1.0], order),
        lambda: arc_cosine_fixed_point(order),
        lambda: arc_cosine_rate(order),
        lambda: log_squared_norm(0.0, order, 1),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=f"^order must be an integer from 0 to 100, got {order!r}$"):
            call()


@pytest.mark.parametrize("depth", [0, -1, 51, *NO_INTEGERS])
def test_other_depths_are_refused(depth):
    for function in (*COMPOSED, complements_by_layer, log_squared_norm):
        with pytest.raises(ValueError, match=f"^depth must be an integer from 1 to 50, got {depth!r}$"):
            function(0.5, 1, depth)


@pytest.mark.parametrize(("angle", "shown"), [(np.nan, "nan"), (-0.1, "-0.1"), (3.2, "3.2")])
def test_other_angles_are_refused(angle, shown):
    for function in (*COMPOSED, complements_by_layer, angle_after):
        with pytest.raises(ValueError, match=f"^angle must be from 0 to pi, got {shown}$"):
            function([0.5, angle], 1, 2)
