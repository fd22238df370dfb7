"""Figures of problem 2.1: composed polynomial kernels."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array
from core.figures import style
from core.figures.kernels.common import COLUMN_HEIGHT, depth_color, markers
from core.figures.style import Trace
from core.kernels.result.kernels import PolynomialResult
from core.notation import number, power_of_ten, superscript

_LN10 = float(np.log(10.0))
_TOP = 3.0  # of the chart where |x| > 1; beyond it the curves leave at once
_NEAR = 0.05  # of |x|², the least inner product on logarithmic axes
_FAR_OFF = 3.0  # decades: a k(x, x) beyond them explodes or vanishes
_LARGEST = float(np.exp(80.0))  # beyond any chart; single precision ends at exp(88.7)


def inner_product_figure(result: PolynomialResult) -> go.Figure:
    """k^(l) against <x, y>, the formula dashed, explicit features as points."""
    hover = "⟨x, y⟩ = %{x:.3f}<br>k = %{y:.4g}"
    data = _curves(result, result.inner, result.measured_inner, hover)
    low, high = _range(result)
    return style.figure(
        data,
        title=_title(result),
        x_axis={"title": {"text": "inner product ⟨x, y⟩"}},
        y_axis={"title": {"text": "kernel k<sup>(ℓ)</sup>"}, "range": [low, high]},
        legend=True,
    )


def sphere_figure(result: PolynomialResult) -> go.Figure:
    """k^(l) against the distance of two inputs of the same norm."""
    square = result.norm**2
    hover = "‖x − y‖ = %{x:.3f}<br>k = %{y:.4g}"
    data = _curves(result, _distance(result.inner, square), _distance(result.measured_inner, square), hover)
    return style.figure(
        data,
        title=_sphere_title(result),
        x_axis={"title": {"text": "distance ‖x − y‖"}, "range": [0.0, 2.02 * result.norm]},
        y_axis={"title": {"text": "kernel k<sup>(ℓ)</sup>"}, "range": list(_range(result))},
        height=COLUMN_HEIGHT,
    )


def _title(result: PolynomialResult) -> str:
    if result.degree == 1:
        return "Degree 1: composition changes nothing"
    if result.depth == 1:
        return f"The polynomial kernel of degree {result.degree}"
    return f"Degree {result.degree} becomes degree {_grouped(result.degree**result.depth)}"


def _sphere_title(result: PolynomialResult) -> str:
    if result.norm != 1.0:
        return "Off the unit sphere"
    if result.degree == 1 or result.depth == 1:
        return "Against the distance"
    return f"Each depth is narrower around y = {'±' if result.degree % 2 == 0 else ''}x"


def _grouped(value: int) -> str:
    return f"{value:,}".replace(",", " ")


def degree_figure(result: PolynomialResult) -> go.Figure:
    """Log k^(l) against log <x, y>: straight lines of slope d^l."""
    inside = result.inner > _NEAR * result.norm**2
    near = result.measured_inner > _NEAR * result.norm**2
    data: list[Trace] = []
    for layer, depth in enumerate(result.depths):
        x = np.log10(result.inner[inside])
        y = result.log_magnitude[layer, inside] / _LN10
        name = f"ℓ = {depth}, slope {result.degree**depth}"
        hover = "⟨x, y⟩ = 10<sup>%{x:.2f}</sup><br>k = 10<sup>%{y:.2f}</sup>"
        data.append(style.line(x, y, name=name, color=depth_color(depth), role="theory", hover=hover))
        measured = result.measured[layer, near]
        if np.isfinite(measured).all():
            shown = np.log10(np.maximum(measured, 1e-300))
            seen = np.log10(result.measured_inner[near])
            data.append(markers(seen, shown, name=name, color=depth_color(depth), hover=hover, size=4))
    return style.figure(
        data,
        title="Straight lines of slope d<sup>ℓ</sup>",
        x_axis={"title": {"text": "inner product ⟨x, y⟩"}, **style.POWER, "dtick": 0.5},
        y_axis={"title": {"text": "kernel k<sup>(ℓ)</sup>"}, "range": _log_range(result), **style.POWER},
        height=COLUMN_HEIGHT,
    )


def describe_polynomial(result: PolynomialResult) -> str:
    """One sentence on what the charts show."""
    powers = [f"{result.degree}{superscript(depth)} = {_grouped(result.degree**depth)}" for depth in result.depths[1:]]
    taken = int(np.isfinite(result.measured[:, 0]).sum())
    grown = f" Composition takes the degree to {', '.join(powers)}." if result.depth > 1 and result.degree > 1 else ""
    if result.degree % 2 == 0 and result.norm == 1.0:
        grown += " For even d the kernel is 1 again at distance 2: it cannot tell x from −x."
    return (
        f"Dashed: the formula. Points: inner products of explicit features, two inputs in the plane, "
        f"{number(float(result.dimensions[taken - 1]))} features at ℓ = {taken}.{grown}"
    )


def describe_norm(result: PolynomialResult) -> str:
    """One sentence on k(x, x) where inputs are off the unit sphere."""
    if result.norm == 1.0 or result.degree == 1:
        return ""
    first, last = (2 * result.degree**depth * float(np.log10(result.norm)) for depth in (1, result.depth))
    if result.depth == 1:
        return f"With |x| = {number(result.norm)}, k(x, x) = {power_of_ten(first)}."
    verb = ("explodes" if last > _FAR_OFF else "grows") if last > 0.0 else "vanishes" if last < -_FAR_OFF else "shrinks"
    return (
        f"With |x| = {number(result.norm)} the kernel {verb} with depth: k(x, x) = {power_of_ten(first)} at ℓ = 1 and "
        f"{power_of_ten(last)} at ℓ = {result.depth}."
    )


def describe_sphere(result: PolynomialResult) -> str:
    """Where the curves start, where they are at a half, how they end, and how close the points come to them."""
    starts = [2 * result.degree**depth * float(np.log10(result.norm)) for depth in result.depths]
    start = _ends(result, [power_of_ten(value) for value in starts]) if result.norm != 1.0 else "1"
    above = ", beyond the chart" if starts[-1] > np.log10(_range(result)[1]) else ""
    halves = _ends(result, [number(_half_distance(result, layer)) for layer in range(result.depth)])
    opposite = "the same again" if result.degree % 2 == 0 else "minus that"
    return (
        f"At distance 0 the kernel is {start}{above}; it is half of that at distance {halves}, and {opposite} at "
        f"distance {number(2.0 * result.norm)}, where y = −x. The points, {_features(result)}, are off the dashed "
        f"curves by {number(_feature_error(result))} of k(x, x) at most."
    )


def describe_degree(result: PolynomialResult) -> str:
    """The slopes of the lines and of the points, and where the lines meet."""
    degrees = [result.degree**depth for depth in result.depths]
    errors = [abs(_slope(result, layer) / degrees[layer] - 1.0) for layer in range(_taken(result))]
    where = "" if len(set(degrees)) == 1 else f" {_meeting(result)}"
    return (
        f"The dashed line has the slope {_ends(result, [_grouped(value) for value in degrees])}; the slope of the "
        f"points, {_features(result)}, is off by {number(max(errors))} of it at most.{where}"
    )


def distance_columns(result: PolynomialResult) -> dict[str, Array]:
    """Columns of the numbers against the distance: explicit features, and the formula where they were taken."""
    square = result.norm**2
    columns = {"distance": _distance(result.measured_inner, square)}
    for layer, depth in enumerate(result.depths):
        columns[f"features_{depth}"] = result.measured[layer]
        with np.errstate(over="ignore", under="ignore"):
            columns[f"formula_{depth}"] = result.measured_inner ** float(result.degree**depth)
    return columns


def degree_columns(result: PolynomialResult) -> dict[str, Array]:
    """Columns of the numbers on logarithmic axes."""
    inside = result.inner > _NEAR * result.norm**2
    columns = {"log10_inner_product": np.log10(result.inner[inside])}
    return columns | {
        f"log10_kernel_{depth}": result.log_magnitude[layer, inside] / _LN10
        for layer, depth in enumerate(result.depths)
    }


def _ends(result: PolynomialResult, texts: list[str]) -> str:
    """What holds at the first and at the last depth; once, where composition changes nothing."""
    if result.degree == 1 or result.depth == 1:
        return texts[0]
    return f"{texts[0]} at ℓ = 1 and {texts[-1]} at ℓ = {result.depth}"


def _half_distance(result: PolynomialResult, layer: int) -> float:
    """Distance at which a curve has fallen to a half; its logarithm is nearly linear in the squared distance."""
    near = result.inner > 0.0
    square = 2.0 * (result.norm**2 - result.inner[near][::-1])
    fallen = float(result.log_magnitude[layer, -1]) - result.log_magnitude[layer, near][::-1]
    return float(np.sqrt(np.interp(np.log(2.0), fallen, square)))


def _taken(result: PolynomialResult) -> int:
    """To which depth explicit features were taken."""
    return int(np.isfinite(result.measured).all(axis=1).sum())


def _features(result: PolynomialResult) -> str:
    return f"explicit features{f' to ℓ = {_taken(result)}' * (result.depth > 1)}"


def _feature_error(result: PolynomialResult) -> float:
    """Largest distance of the points from the formula, relative to k(x, x)."""
    square, taken = result.norm**2, _taken(result)
    degrees = np.array([float(result.degree**depth) for depth in result.depths[:taken]])[:, None]
    expected = (result.measured_inner / square) ** degrees
    return float(np.abs(result.measured[:taken] / square**degrees - expected).max())


def _slope(result: PolynomialResult, layer: int) -> float:
    """Slope of the points of a depth, where rounding is far below them."""
    values = result.measured[layer]
    seen = (result.measured_inner > _NEAR * result.norm**2) & (values > 1e-10 * values.max())
    return float(np.polyfit(np.log10(result.measured_inner[seen]), np.log10(values[seen]), 1)[0])


def _meeting(result: PolynomialResult) -> str:
    if result.norm < 1.0:
        return f"The lines would meet at ⟨x, y⟩ = 1, but no inner product is above {number(result.norm**2)}."
    return f"The lines {'meet' if result.norm == 1.0 else 'cross'} at ⟨x, y⟩ = 1, where every k is 1."


def _curves(result: PolynomialResult, x: Array, measured_x: Array, hover: str) -> list[Trace]:
    data: list[Trace] = []
    for layer, depth in enumerate(result.depths):
        color, name = depth_color(depth), f"ℓ = {depth}"
        with np.errstate(over="ignore", under="ignore"):
            values = result.sign[layer] * np.minimum(np.exp(result.log_magnitude[layer]), _LARGEST)
        data.append(style.line(x, values, name=name, color=color, role="theory", hover=hover))
        if np.isfinite(result.measured[layer]).all():
            more: dict[str, Any] = {"showlegend": False}
            measured = np.clip(result.measured[layer], -_LARGEST, _LARGEST)
            points = markers(measured_x, measured, name=name, color=color, hover=hover, size=5)
            data.append(points | more)
    return data


def _distance(inner: Array, square: float) -> Array:
    return np.asarray(np.sqrt(np.maximum(2.0 * (square - inner), 0.0)))


def _range(result: PolynomialResult) -> tuple[float, float]:
    top = min(max(1.0, result.norm ** (2 * result.degree)), _TOP)
    odd = result.degree % 2
    return -1.06 * top if odd else -0.06 * top, 1.06 * top


def _log_range(result: PolynomialResult) -> list[float]:
    """From the lowest decade shown at depth 1 to the largest value of the deepest kernel."""
    highest = max(float(result.log_magnitude.max()) / _LN10, 0.0)
    return [-12.0, min(highest, 12.0) + 0.6]
