"""Numbers as people read them."""

import math

_SUPERSCRIPTS = str.maketrans("-0123456789.", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹·")
_UNREADABLE = 1e7  # exponents from here on are powers of ten themselves
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def superscript(text: str | int) -> str:
    """Digits and minus signs as superscripts."""
    return str(text).translate(_SUPERSCRIPTS)


def subscript(text: str | int) -> str:
    """Digits as subscripts."""
    return str(text).translate(_SUBSCRIPTS)


def power_of_ten(exponent: float) -> str:
    """10 to a power, for values that are no floating-point number: 10⁻⁸⁰⁰, 3.2 × 10⁻⁸⁰⁰, 0.04."""
    if math.isnan(exponent):
        return "–"
    if math.isinf(exponent):
        return "0" if exponent < 0 else "∞"
    if -3.0 <= exponent < 4.0 and (rounded := float(f"{10.0**exponent:.3g}")) < 10_000:
        return f"{rounded:g}"
    if abs(exponent) >= _UNREADABLE:
        return f"10^({number(exponent)})"
    whole = math.floor(exponent)
    mantissa = round(10.0 ** (exponent - whole), 1)
    if mantissa >= 10.0:
        whole, mantissa = whole + 1, 1.0
    return f"10{superscript(whole)}" if mantissa == 1.0 else f"{mantissa:.1f} × 10{superscript(whole)}"


def number(value: float) -> str:
    """Three significant digits, a true minus sign, and a power of ten where the exponent is large."""
    if not math.isfinite(value):
        return {True: "∞", False: "−∞"}.get(value > 0, "–") if not math.isnan(value) else "–"
    if value == 0.0:
        return "0"
    text = power_of_ten(math.log10(abs(value)))
    return text if value > 0 else f"−{text}"


def digits(value: float, count: int = 10) -> str:
    """Many significant digits, for numbers that are compared: 1.635590240, 9.548629278 × 10⁻²⁷."""
    mantissa, _, exponent = f"{value:.{count}g}".partition("e")
    text = mantissa.replace("-", "−")
    return f"{text} × 10{superscript(int(exponent))}" if exponent else text
