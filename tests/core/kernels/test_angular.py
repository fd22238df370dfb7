from fractions import Fraction
from functools import lru_cache
from math import asin, pi

import mpmath
import numpy as np
import pytest

from core.kernels.angular import (
    angular_complement,
    angular_function,
    angular_slope,
    double_factorial,
    normalized_angular_function,
)
from tests.core.kernels.references import (
    NO_INTEGERS,
    angular_values,
    arc_cosine_map,
    complements,
    correlations,
    relative_error,
)

ORDERS = range(101)
SMALL = (1e-16, 1.3e-16, 1e-15, 1e-12, 1e-8, 1e-4, 1e-2, 0.1)
RIGHT = (np.nextafter(pi / 2, 0.0), pi / 2, np.nextafter(pi / 2, 4.0))
ANGLES = np.unique([0.0, pi, *SMALL, *(pi - x for x in SMALL), *RIGHT, *np.linspace(0.0, pi, 17)])
TINY_ANGLES = np.array(
    [
        0.0,
        1e-300,
        1e-150,
        1e-100,
        1e-30,
        *SMALL,
        0.011,
        0.02,
        0.05,
        0.2,
        0.499,
        0.5,
        1.0,
        1.3,
        *RIGHT,
        1.6,
        2.0,
        3.0,
        pi,
    ]
)
FUNCTIONS = (angular_function, normalized_angular_function, angular_complement, angular_slope)


@lru_cache
def table(function):
    """Rows are angles, columns are orders."""
    angles = TINY_ANGLES if function is complements else ANGLES
    return [function(angle, ORDERS[-1]) for angle in angles.tolist()]


def worst(function, angles, rows):
    errors = [relative_error(function(n, angles), [row[n] for row in rows]) for n in ORDERS]
    return max(errors), int(np.argmax(errors))


def size_at(order, value):
    """The angle at which J_n is as small as a value, J_n ~ n!^2/(2n+1)!! (pi - theta)^(2n+1) with 2 cos(theta/2)."""
    constant = mpmath.factorial(order) ** 2 / mpmath.fac2(2 * order + 1)
    return pi - 2.0 * asin(float((mpmath.mpf(value) / constant) ** mpmath.mpf(Fraction(1, 2 * order + 1))) / 2.0)


# --- the references themselves, against the problem set ---


@pytest.mark.parametrize("angle", [0.01, 0.7, 1.2, 2.0, 3.0])
@pytest.mark.parametrize("order", range(6))
def test_reference_is_the_definition(order, angle):
    """(3.3), where (1/sin) d/dtheta is -d/dx for x = cos(theta)."""
    with mpmath.workdps(60):
        x = mpmath.cos(mpmath.mpf(angle))
        derivative = mpmath.diff(lambda x: (mpmath.pi - mpmath.acos(x)) / mpmath.sqrt(1 - x * x), x, order)
        expected = mpmath.sqrt(1 - x * x) ** (2 * order + 1) * derivative
        assert abs(angular_values(angle, max(order, 1))[order] / expected - 1) < 1e-30


@pytest.mark.parametrize("angle", [0.0, 1e-12, 1.2, 2.0, 3.14, pi - 1e-12, pi])
@pytest.mark.parametrize("order", [0, 1, 2, 5, 20, 100])
def test_reference_is_the_expectation_over_gaussian_rows(order, angle):
    """Pi E[2 (w.x)_+^n (w.y)_+^n] in polar coordinates: every term is positive."""
    with mpmath.workdps(60):
        theta = mpmath.mpf(angle)
        half = (mpmath.pi - theta) / 2

        def integrand(psi):
            return (mpmath.sin(half * (1 + psi)) * mpmath.sin(half * (1 - psi)) / top) ** order

        top = mpmath.sin(half) ** 2
        factor = (2 * top) ** order * mpmath.factorial(order) * half
        expected = factor * mpmath.quad(integrand, [-1, -0.25, 0, 0.25, 1])
        assert abs(angular_values(angle, max(order, 1))[order] / expected - 1) < 1e-25


# --- values ---


def test_angular_function_at_every_order():
    error, order = worst(angular_function, ANGLES, table(angular_values))
    assert error <= 1e-13, order


def test_normalized_angular_function_at_every_order():
    error, order = worst(normalized_angular_function, ANGLES, table(correlations))
    assert error <= 1e-13, order


def test_complement_down_to_tiny_angles_at_every_order():
    error, order = worst(angular_complement, TINY_ANGLES, table(complements))
    assert error <= 1e-13, order


@pytest.mark.parametrize("order", [0, 1, 5, 20])
def test_low_orders_are_exact_to_rounding(order):
    rows = table(angular_values), table(correlations), table(complements)
    functions = angular_function, normalized_angular_function, angular_complement
    for function, angles, row in zip(functions, (ANGLES, ANGLES, TINY_ANGLES), rows, strict=True):
        assert relative_error(function(order, angles), [r[order] for r in row]) <= 2e-15 + order * 2.5e-16


@pytest.mark.parametrize("order", [10, 20, 50, 100])
@pytest.mark.parametrize("normalized", [False, True])
def test_values_on_both_sides_of_the_smallest_normal_double(order, normalized):
    scale = double_factorial(2 * order - 1) * pi if normalized else 1.0
    angles = np.array([size_at(order, mpmath.mpf(10) ** exponent * scale) for exponent in np.linspace(-325, -300, 26)])
    function = normalized_angular_function if normalized else angular_function
    reference = correlations if normalized else angular_values
    values, exact = function(order, angles), [reference(angle, order)[order] for angle in angles.tolist()]
    assert sum(value >= np.finfo(float).tiny for value in exact) > 5 < sum(value < 1e-310 for value in exact)
    assert relative_error(values, exact) <= 1e-13
    for value, e in zip(values.tolist(), exact, strict=True):
        assert abs(mpmath.mpf(value) - e) <= 1e-13 * e + 1e-323


def test_value_at_coinciding_inputs_is_pi_times_the_double_factorial():
    for n in ORDERS:
        assert angular_function(n, 0.0) == pytest.approx(pi * double_factorial(2 * n - 1), rel=1e-13)
        assert normalized_angular_function(n, 0.0) == pytest.approx(1.0, rel=1e-15)
        assert angular_complement(n, 0.0) == 0.0
    assert 6e186 < angular_function(100, 0.0) < 3e187


@pytest.mark.parametrize("order", ORDERS[::5])
def test_values_fall_from_0_to_pi(order):
    angles = np.linspace(0.0, pi, 400)
    for function in (angular_function, normalized_angular_function):
        values = function(order, angles)
        assert (np.diff(values)[values[1:] > 0.0] < 0.0).all()
        assert (values >= 0.0).all()
    complement = angular_complement(order, angles)
    assert (np.diff(complement)[complement[1:] < 0.999] > 0.0).all()
    assert complement.max() <= 1.0 + 1e-15


# --- relations ---


@pytest.mark.parametrize("order", [1, 2, 3, 10, 50, 100])
def test_derivative_is_that_of_the_references(order):
    """J_n' = -n^2 sin J_{n-1}."""
    for angle in (0.01, 0.7, pi / 2, 2.3, 3.1, pi - 1e-3):
        with mpmath.workdps(60):
            derivative = mpmath.diff(lambda theta: angular_values(theta, order)[order], mpmath.mpf(angle), h=1e-20)
        expected = -(order**2) * np.sin(angle) * angular_function(order - 1, angle)
        assert float(derivative) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("order", [1, 2, 3, 10, 50, 100])
def test_slope_is_the_derivative_of_the_correlation_map(order):
    angles = np.array([1e-3, 0.7, pi / 2, 2.3, 3.1])
    with mpmath.workdps(60):
        expected = [mpmath.diff(arc_cosine_map(order), mpmath.cos(mpmath.mpf(a)), h=1e-25) for a in angles.tolist()]
    assert relative_error(angular_slope(order, angles), expected) <= 1e-13
    assert angular_slope(order, 0.0) == pytest.approx(order**2 / (2 * order - 1), rel=1e-15)


@pytest.mark.parametrize("order", range(1, 100))
def test_recurrence(order):
    """The residual against its largest terms: beyond pi/2 they cancel."""
    theta = ANGLES
    cosine, sine = np.cos(theta), np.sin(theta)
    below, here, above = (angular_function(n, theta) for n in (order - 1, order, order + 1))
    first, second = (2 * order + 1) * cosine * here, order**2 * sine**2 * below
    scale = np.abs(first) + second
    assert (np.abs(above - first - second) <= 1e-13 * scale + 1e-300).all()
    acute = theta <= pi / 2
    np.testing.assert_allclose((first + second)[acute], above[acute], rtol=1e-13)


def closed_form(order, theta):
    sine, cosine = np.sin(theta), np.cos(theta)
    if order == 1:
        return sine + (pi - theta) * cosine
    return 3.0 * sine * cosine + (pi - theta) * (1.0 + 2.0 * cosine**2)


@pytest.mark.parametrize("order", [1, 2])
def test_closed_forms_where_they_are_well_conditioned(order):
    theta = np.linspace(0.0, 2.0, 201)
    np.testing.assert_allclose(angular_function(order, theta), closed_form(order, theta), rtol=2e-14)
    np.testing.assert_array_equal(angular_function(0, 0.5), pytest.approx(pi - 0.5, rel=1e-15))


@pytest.mark.parametrize(("order", "short", "loss"), [(1, 1e-6, 1e-6), (1, 1e-8, 0.5), (2, 1e-2, 1e-6), (2, 1e-3, 0.5)])
def test_closed_forms_fail_near_pi_and_this_does_not(order, short, loss):
    theta = pi - short
    exact = [angular_values(theta, order)[order]]
    assert relative_error(closed_form(order, theta), exact) > loss
    assert relative_error(angular_function(order, theta), exact) <= 1e-15


def test_difference_from_1_fails_near_0_and_the_complement_does_not():
    exact = [complements(1e-7, 2)[2]]
    assert relative_error(1.0 - normalized_angular_function(2, 1e-7), exact) > 1e-3
    assert relative_error(angular_complement(2, 1e-7), exact) <= 1e-15


@pytest.mark.parametrize("order", [0, 1, 2, 3, 10, 100])
def test_complement_of_nearly_parallel_inputs_has_its_leading_term(order):
    """Theta/pi for n = 0, the slope n^2/(2n-1) times theta^2/2 from n = 1 on, to a relative O(theta)."""
    angle = 1e-10
    leading = angle / pi if order == 0 else order**2 / (2 * order - 1) * angle**2 / 2.0
    assert angular_complement(order, angle) == pytest.approx(leading, rel=1e-9)


# --- arrays ---


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (7,), (0, 3), (2, 3, 4)])
def test_values_have_the_shape_of_the_angles(function, shape):
    angles = np.asarray(np.random.default_rng(0).uniform(0.0, pi, shape))
    before = angles.copy()
    values = function(3, angles)
    assert values.shape == shape
    assert values.dtype == np.float64
    one_by_one = np.array([float(function(3, angle)) for angle in angles.ravel()]).reshape(shape)
    np.testing.assert_allclose(values, one_by_one, rtol=1e-14)
    np.testing.assert_array_equal(angles, before)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_lists_integers_and_strides_are_angles(function):
    np.testing.assert_array_equal(function(2, [0, 1, 3]), function(2, np.array([0.0, 1.0, 3.0])))
    wide = np.linspace(0.0, pi, 24).reshape(4, 6)
    np.testing.assert_allclose(function(2, wide[::2, ::-3]), function(2, wide[::2, ::-3].copy()), rtol=1e-14)
    assert function(2, wide.T).shape == (6, 4)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_many_angles_are_many_single_ones(function):
    angles = np.random.default_rng(1).uniform(0.0, pi, 40_001)
    some = np.r_[0:40_001:997, 16_383:16_386, 32_767:32_770, 40_000]
    values = function(4, angles)
    np.testing.assert_allclose(values[some], [float(function(4, a)) for a in angles[some]], rtol=1e-13)


# --- refusals ---


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("order", [-1, 101, 10**6, *NO_INTEGERS])
def test_other_orders_are_refused(function, order):
    low = 1 if function is angular_slope else 0
    with pytest.raises(ValueError, match=f"^order must be an integer from {low} to 100, got {order!r}$"):
        function(order, 0.5)


def test_slope_of_order_0_is_refused():
    with pytest.raises(ValueError, match=r"^order must be an integer from 1 to 100, got 0$"):
        angular_slope(0, 0.5)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("angle", "shown"), [(np.nan, "nan"), (-1e-300, "-1e-300"), (3.2, "3.2"), (np.inf, "inf")])
def test_other_angles_are_refused(function, angle, shown):
    for angles in (angle, [0.0, angle, 1.0], [[angle]]):
        with pytest.raises(ValueError, match=f"^angle must be from 0 to pi, got {shown}$"):
            function(1, angles)
    with pytest.raises(ValueError, match=r"^angle must be from 0 to pi"):
        function(1, np.nextafter(pi, 4.0))


def test_double_factorials():
    assert [double_factorial(n) for n in (-1, 1, 3, 5, 7)] == [1, 1, 3, 15, 105]
    assert float(double_factorial(199)) == float(mpmath.fac2(199))
