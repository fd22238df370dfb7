import numpy as np
import pytest

from core.notation import digits, number, power_of_ten, subscript, superscript


def test_scripts():
    assert superscript("-1234567890") == "⁻¹²³⁴⁵⁶⁷⁸⁹⁰"
    assert superscript(-10) == "⁻¹⁰"
    assert subscript(1234567890) == "₁₂₃₄₅₆₇₈₉₀"


@pytest.mark.parametrize(
    ("exponent", "text"),
    [
        (-800, "10⁻⁸⁰⁰"),
        (-800 + np.log10(3.2), "3.2 × 10⁻⁸⁰⁰"),
        (-10000.0, "10⁻¹⁰⁰⁰⁰"),
        (np.log10(0.04), "0.04"),
        (-3.0, "0.001"),
        (0.0, "1"),
        (np.log10(12.6), "12.6"),
        (3.0, "1000"),
        (3.5, "3160"),
        (4.0, "10⁴"),
        (6.3010299957, "2.0 × 10⁶"),
        (np.log10(9.99) + 20, "10²¹"),
        (-np.inf, "0"),
        (np.inf, "∞"),
    ],
)
def test_powers_of_ten(exponent, text):
    assert power_of_ten(exponent) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-2.5, "−2.5"),
        (0.12345, "0.123"),
        (-1234.5, "−1230"),
        (3.2e-80, "3.2 × 10⁻⁸⁰"),
        (-1e12, "−10¹²"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (float("nan"), "–"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize("value", np.logspace(-12, 12, 97) * 1.2345)
def test_three_digits_and_never_a_programmers_exponent(value):
    text = number(value)
    assert "e" not in text
    assert "-" not in text
    mantissa, _, power = text.partition(" × 10")
    exponent = int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) if power else 0
    assert float(mantissa) * 10.0**exponent == pytest.approx(value, rel=0.05 if power else 5e-3)


@pytest.mark.parametrize(
    ("value", "count", "text"),
    [
        (1.0 / 3.0, 10, "0.3333333333"),
        (1.0 / 3.0, 6, "0.333333"),
        (-2.0 / 3.0, 4, "−0.6667"),
        (9.548629278123e-27, 10, "9.548629278 × 10⁻²⁷"),
        (-1.5e-8, 10, "−1.5 × 10⁻⁸"),
        (3.0 + 1e-9, 10, "3.000000001"),
        (123456789012.0, 10, "1.23456789 × 10¹¹"),
        (2.0, 10, "2"),
        (0.0, 10, "0"),
    ],
)
def test_many_digits(value, count, text):
    assert digits(value, count) == text


@pytest.mark.parametrize("value", np.logspace(-40, 40, 81) * np.pi)
def test_as_many_digits_as_asked_for(value):
    text = digits(value, 8)
    assert "e" not in text
    assert "-" not in text
    mantissa, _, power = text.partition(" × 10")
    exponent = int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) if power else 0
    assert float(mantissa) * 10.0**exponent == pytest.approx(value, rel=6e-8)


def test_exponents_that_are_powers_of_ten_themselves():
    assert power_of_ten(2.0e7) == "10^(2.0 × 10⁷)"
    assert power_of_ten(-3.1e34) == "10^(−3.1 × 10³⁴)"
    assert power_of_ten(70353.5) == "3.2 × 10⁷⁰³⁵³"
