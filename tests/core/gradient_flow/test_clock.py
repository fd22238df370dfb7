import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import dawsn, erf

from core.gradient_flow.clock import log_time

RANDOM = [np.random.default_rng(seed) for seed in range(5)]


def test_starts_at_time_zero():
    assert log_time(np.array([0.0, 1.0]), np.zeros(2), np.zeros(2))[0] == -np.inf


def test_constant_rate():
    s = np.array([0.0, 0.1, 1.0, 7.0])
    np.testing.assert_allclose(log_time(s, np.full(4, -3000.0), np.zeros(4))[1:], np.log(s[1:]) - 3000.0, rtol=1e-14)


@pytest.mark.parametrize("slope", [1e-9, 0.3, 40.0, 5000.0, -0.3, -40.0, -5000.0])
def test_linear_exponent_is_exact(slope):
    """The integral of exp(as) is (exp(as) - 1) / a."""
    s = np.array([0.0, 0.3, 0.5, 2.0])
    a, x = abs(slope), s[1:]
    exact = np.log(-np.expm1(-a * x) / a) + max(slope, 0.0) * x
    np.testing.assert_allclose(log_time(s, slope * s, np.full(4, slope))[1:], exact, rtol=1e-11, atol=1e-11)


def test_smooth_exponent_converges_with_order_two():
    exact = np.log(quad(lambda s: np.exp(3.0 * np.tanh(s)), 0.0, 2.0, epsabs=0.0, epsrel=1e-13)[0])
    steps = np.array([2, 4, 8])
    errors = []
    for count in steps:
        s = np.linspace(0.0, 2.0, count + 1)
        errors.append(abs(log_time(s, 3.0 * np.tanh(s), 3.0 / np.cosh(s) ** 2)[-1] - exact))
    # log-linear cells are second order, with a constant of 1 / 24^2
    assert errors[-1] < 1e-3
    assert -np.polyfit(np.log(steps), np.log(errors), 1)[0] > 1.8


@pytest.mark.parametrize("rate", [20.0, 2000.0, 50_000.0])
def test_rise_by_thousands_of_e_folds(rate):
    """The integral of exp(s^2) is exp(x^2) D(x), with Dawson's D."""
    s = np.linspace(0.0, 1.0, 25)
    exact = rate * s[1:] ** 2 + np.log(dawsn(np.sqrt(rate) * s[1:]) / np.sqrt(rate))
    actual = log_time(s, rate * s**2, 2.0 * rate * s)[1:]
    np.testing.assert_allclose(actual, exact, atol=0.05)


@pytest.mark.parametrize("rate", [20.0, 2000.0, 50_000.0])
def test_fall_by_thousands_of_e_folds(rate):
    s = np.linspace(0.0, 1.0, 25)
    exact = 0.5 * np.log(np.pi / (4.0 * rate)) + np.log(erf(np.sqrt(rate) * s[1:]))
    np.testing.assert_allclose(log_time(s, -rate * s**2, -2.0 * rate * s)[1:], exact, atol=0.05)


@pytest.mark.parametrize("rng", RANDOM)
def test_monotone_and_bounded_by_the_extreme_rates_whatever_the_slopes(rng):
    s = np.cumsum(rng.random(30))
    log_rate, slope = 1e3 * rng.standard_normal(30), 1e5 * rng.standard_normal(30)
    times = log_time(s, log_rate, slope)
    assert (np.diff(times[1:]) >= 0.0).all()
    low, high = np.minimum(log_rate[:-1], log_rate[1:]), np.maximum(log_rate[:-1], log_rate[1:])
    width = np.log(np.diff(s))
    assert (times[1:] <= np.logaddexp.accumulate(high + width) + 1e-9).all()
    assert (times[1:] >= np.logaddexp.accumulate(low + width) - 1e-9).all()


def test_limiter_keeps_steep_ends_from_being_exponentiated():
    """Unlimited, this cubic rises to 1500 between two knots at 0 and 1."""
    times = log_time(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([1e4, -1e4]))
    assert 0.0 <= times[1] <= 1.0


def test_clock_does_not_depend_on_the_unit_of_time():
    s = np.array([0.0, 0.4, 1.0, 3.0])
    rate, slope = np.array([0.0, 1.0, -2.0, 5.0]), np.array([1.0, 0.5, -1.0, 2.0])
    np.testing.assert_allclose(log_time(s, rate - 700.0, slope)[1:], log_time(s, rate, slope)[1:] - 700.0, rtol=1e-13)
