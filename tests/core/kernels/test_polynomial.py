from itertools import product

import mpmath
import numpy as np
import pytest

from core.kernels.polynomial import composed_degree, composed_polynomial
from tests.core.kernels.references import NO_INTEGERS, relative_error

DEGREES, DEPTHS = range(1, 9), range(1, 7)
MAGNITUDES = (5e-324, 1e-300, 1e-3, 0.5, 0.999, 1.0 - 2.0**-53, 1.0, 1.0 + 2.0**-52, 1.5, np.pi, 1e6, 1e300)
INNER = np.array([*MAGNITUDES, *(-m for m in MAGNITUDES)])


@pytest.mark.parametrize(("degree", "depth"), product(DEGREES, DEPTHS))
def test_sign_and_logarithm_are_those_of_the_power(degree, depth):
    sign, log_magnitude = composed_polynomial(INNER, degree, depth)
    with mpmath.workdps(60):
        exact = [mpmath.mpf(x) for x in INNER.tolist()]
        for _ in range(depth):
            exact = [value**degree for value in exact]
        logarithms = [mpmath.log(abs(value)) for value in exact]
    assert sign.tolist() == [float(mpmath.sign(value)) for value in exact]
    assert relative_error(log_magnitude, logarithms) <= 5e-16


@pytest.mark.parametrize(("degree", "depth"), [(1, 1), (2, 1), (3, 2), (8, 6)])
def test_zero_and_the_infinite(degree, depth):
    sign, log_magnitude = composed_polynomial([0.0, -0.0, np.inf, -np.inf], degree, depth)
    np.testing.assert_array_equal(sign, [0.0, 0.0, 1.0, -1.0 if degree % 2 else 1.0])
    np.testing.assert_array_equal(log_magnitude, [-np.inf, -np.inf, np.inf, np.inf])


@pytest.mark.parametrize(("degree", "depth"), product(DEGREES, DEPTHS))
def test_degree_is_the_power(degree, depth):
    assert composed_degree(degree, depth) == degree**depth
    assert type(composed_degree(degree, depth)) is int
    assert composed_degree(8, 6) == 262_144


@pytest.mark.parametrize(("degree", "first", "second"), [(2, 1, 1), (3, 2, 3), (8, 1, 2), (5, 2, 1)])
def test_a_depth_is_the_kernel_of_the_kernel(degree, first, second):
    x = np.array([-1.02, -0.9, 0.0, 0.3, 0.99, 1.01])
    sign, log_magnitude = composed_polynomial(x, degree, first)
    expected, logarithm = composed_polynomial(x, degree, first + second)
    inner = sign * np.exp(log_magnitude)
    again, composed = composed_polynomial(inner, degree, second)
    np.testing.assert_array_equal(again, expected)
    np.testing.assert_allclose(composed, logarithm, rtol=1e-12)


def test_small_powers_are_products():
    x = np.linspace(-2.0, 2.0, 41)
    for degree, depth in ((1, 1), (2, 1), (3, 1), (2, 2), (1, 6)):
        sign, log_magnitude = composed_polynomial(x, degree, depth)
        np.testing.assert_allclose(sign * np.exp(log_magnitude), x ** (degree**depth), rtol=1e-14)


@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 0), (2, 3, 4)])
def test_values_have_the_shape_of_the_inner_products(shape):
    inner = np.asarray(np.random.default_rng(0).uniform(-2.0, 2.0, shape))
    for values, column in zip(composed_polynomial(inner, 3, 2), (0, 1), strict=True):
        assert values.shape == shape
        one_by_one = [float(composed_polynomial(x, 3, 2)[column]) for x in inner.ravel()]
        np.testing.assert_allclose(values.ravel(), one_by_one, rtol=1e-15)
    sign, log_magnitude = composed_polynomial([2, -1], 3, 1)
    np.testing.assert_array_equal(sign, [1.0, -1.0])
    np.testing.assert_allclose(log_magnitude, [3.0 * np.log(2.0), 0.0], rtol=1e-15)


@pytest.mark.parametrize("value", [0, -1, 9, *NO_INTEGERS])
def test_other_degrees_and_depths_are_refused(value):
    for function in (composed_degree, lambda d, l: composed_polynomial(0.5, d, l)):  # noqa: E741  the field's letter
        with pytest.raises(ValueError, match=f"^degree must be an integer from 1 to 8, got {value!r}$"):
            function(value, 1)
        with pytest.raises(ValueError, match=f"^depth must be an integer from 1 to 6, got {value!r}$"):
            function(1, value)
    with pytest.raises(ValueError, match=r"^depth must be an integer from 1 to 6, got 7$"):
        composed_degree(1, 7)
