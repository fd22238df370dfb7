"""Figures of problem 2.3: the angular functions J_n and their kernels."""

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array
from core.figures import style
from core.figures.kernels.common import ANGLE_AXIS, COLUMN_HEIGHT, markers, order_color
from core.figures.style import Trace
from core.kernels.result.kernels import AngularResult
from core.notation import number, subscript

_FAINT = 0.45  # of the orders that are not chosen
_RIGHT = 0.5 * np.pi + 1e-9  # with what rounding adds to an angle of the grid


def angle_figure(result: AngularResult) -> go.Figure:
    """J_n/J_n(0) against the angle: (3.3) dashed, the integral by quadrature as points."""
    hover = "θ = %{x:.3f}<br>J/J(0) = %{y:.4f}"
    data = _curves(result, result.angle, result.integral_angle, hover)
    shape, label = style.vertical(result.chosen_angle, "θ", height=0.96)
    return style.figure(
        data,
        title="From n = 1 on, a higher order is narrower",
        x_axis=ANGLE_AXIS,
        y_axis={"title": {"text": "Jₙ(θ) / Jₙ(0)"}, "range": [-0.04, 1.04]},
        height=COLUMN_HEIGHT + 60,
        shapes=[shape],
        annotations=[label],
        legend=True,
    )


def distance_figure(result: AngularResult) -> go.Figure:
    """The same kernels against the distance of two points on the unit sphere."""
    hover = "‖x − y‖ = %{x:.3f}<br>k/k(x, x) = %{y:.4f}"
    data = _curves(result, _chord(result.angle), _chord(result.integral_angle), hover)
    return style.figure(
        data,
        title="Close by: n = 0 linear, n ≥ 1 quadratic",
        x_axis={"title": {"text": "distance ‖x − y‖ on the unit sphere"}, "range": [0.0, 2.02]},
        y_axis={"title": {"text": "kₙ / kₙ(x, x)"}, "range": [-0.04, 1.04]},
        height=COLUMN_HEIGHT + 60,
        legend=True,
    )


def differentiation_figure(result: AngularResult) -> go.Figure:
    """J_n by repeated differentiation of J_0, one order after the other, against the formula dashed."""
    data: list[Trace] = []
    for row, order in enumerate(result.orders):
        if order > result.order:
            break
        color, name = order_color(order), f"J{subscript(order)}"
        hover = "θ = %{x:.3f}<br>10<sup>%{y:.3f}</sup>"
        derived = result.differentiated[row]
        positive = np.log10(np.where(derived > 0.0, derived, np.nan))
        data.append(
            style.line(
                result.angle,
                positive,
                name=f"{name} by differentiating",
                color=color,
                hover=hover,
                width=4.5,
                opacity=0.5,
            )
        )
        with np.errstate(divide="ignore"):
            formula = np.log10(result.values[row])
        formula = np.where(np.isfinite(formula), formula, np.nan)
        data.append(style.line(result.angle, formula, name=name, color=color, role="theory", hover=hover))
    return style.figure(
        data,
        title="J₀ = π − θ" if result.order == 0 else f"From J₀ to J{subscript(result.order)} by differentiating",
        x_axis=ANGLE_AXIS,
        y_axis={"title": {"text": "Jₙ(θ)"}, "range": [-6.0, float(np.log10(result.values.max())) + 0.4], **style.POWER},
        height=COLUMN_HEIGHT,
    )


def cancellation_figure(result: AngularResult) -> go.Figure:
    """How far differentiating is from the formula in double precision, against the angle."""
    data: list[Trace] = []
    for order, error in zip(result.orders, _relative_errors(result), strict=True):
        shown = np.log10(np.clip(error, 1e-17, 1e3))
        chosen = order == result.order
        data.append(
            style.line(
                result.angle,
                shown,
                name=f"n = {order}",
                color=order_color(order),
                width=2.8 if chosen else 1.3,
                hover="θ = %{x:.3f}<br>10<sup>%{y:.1f}</sup>",
                opacity=1.0 if chosen else _FAINT + 0.2,
            )
        )
    return style.figure(
        data,
        title="What differentiating loses to rounding",
        x_axis=ANGLE_AXIS,
        y_axis={"title": {"text": "relative error"}, "range": [-17.0, 1.0], **style.POWER},
        height=COLUMN_HEIGHT,
    )


def describe_angular(result: AngularResult) -> str:
    """One sentence on what the charts show."""
    angle = f"θ = {np.degrees(result.chosen_angle):.0f}° ({result.chosen_angle:.2f} rad)"
    return (
        "J₀ = π − θ, J₁ = sin θ + (π − θ) cos θ, J₂ = 3 sin θ cos θ + (π − θ)(1 + 2 cos²θ); the kernel is "
        "‖x‖ⁿ‖y‖ⁿ Jₙ/π. Dashed: Jₙ by (3.3). Points: the double integral (3.2), with Cho and Saul’s factor 2, by "
        f"quadrature. At {angle} the kernel of order {result.order} is at {number(result.chosen_value)} of its maximum."
    )


def describe_distance(result: AngularResult) -> str:
    """How the chosen kernel begins to fall, where kernels are at a half, and how close the integrals come to them."""
    row, chord = result.orders.index(result.order), _chord(result.angle)
    halves = [float(np.interp(-0.5, -values, chord)) for values in result.normalized]
    last, first = int(np.argmax(halves)), int(np.argmin(halves))
    fallen = 1.0 - result.normalized[row, 1:3]
    power = round(float(np.log(fallen[1] / fallen[0]) / np.log(chord[2] / chord[1])))
    how = {1: "linearly", 2: "quadratically"}.get(power, f"like the power {power} of the distance")
    expected = [np.interp(result.integral_angle, result.angle, values) for values in result.normalized]
    error = float(np.abs(result.integrals / result.values[:, :1] - np.stack(expected)).max())
    return (
        f"Close by, the kernel of order {result.order} falls {how}; it is at a half at distance "
        f"{number(halves[row])}, and of the orders drawn n = {result.orders[last]} is there last, at "
        f"{number(halves[last])}, n = {result.orders[first]} first, at {number(halves[first])}. "
        f"The points, the integral (3.2), lie within {number(error)} of the dashed curves."
    )


def describe_cancellation(result: AngularResult) -> str:
    """What differentiating loses at the chosen order, up to a right angle and at worst, and which order loses most."""
    errors = _relative_errors(result)
    known = np.isfinite(errors).all(axis=0)
    angle, errors, row = result.angle[known], errors[:, known], result.orders.index(result.order)
    worst, most = int(np.argmax(errors[row])), int(np.argmax(errors.max(axis=1)))
    early, late = number(float(errors[row, angle <= _RIGHT].max())), number(float(errors[row, worst]))
    other = ", the most of the orders drawn"
    if most != row:
        other = f"; of the orders drawn n = {result.orders[most]} loses most, {number(float(errors[most].max()))}"
    return (
        f"The relative error at n = {result.order} is at most {early} up to θ = π/2, and at worst {late}, at "
        f"θ = {angle[worst]:.2f}{other}."
    )


def describe_differentiation(result: AngularResult) -> str:
    """What the charts of the derivatives show, and where they fail."""
    error = _relative_errors(result)[result.orders.index(result.order)]
    angle, error = result.angle[np.isfinite(error)], error[np.isfinite(error)]
    right = np.flatnonzero(error <= 0.01)[-1] + 1  # from here on none is
    lost = f"; from θ = {angle[right]:.2f} on not two digits are left" if right < len(angle) else ""
    cancels = f" Towards π the terms cancel{lost}." if result.order else ""
    return (
        "Wide: J₀ = π − θ differentiated again and again, by exact rules in double precision; dashed: the form that "
        f"the charts use.{cancels}"
    )


def distance_columns(result: AngularResult) -> dict[str, Array]:
    """Columns of the numbers against the distance."""
    columns = {f"normalized_{order}": row for order, row in zip(result.orders, result.normalized, strict=True)}
    return {"distance": _chord(result.angle), **columns}


def error_columns(result: AngularResult) -> dict[str, Array]:
    """Columns of what differentiating loses."""
    errors = _relative_errors(result)
    columns = {f"relative_error_{order}": row for order, row in zip(result.orders, errors, strict=True)}
    return {"angle": result.angle, **columns}


def _relative_errors(result: AngularResult) -> Array:
    """How far differentiating is from the formula, shape (N, T); NaN at both ends."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.abs(result.differentiated / result.values - 1.0))


def _curves(result: AngularResult, x: Array, integral_x: Array, hover: str) -> list[Trace]:
    data: list[Trace] = []
    for row, order in enumerate(result.orders):
        color, name, chosen = order_color(order), f"n = {order}", order == result.order
        width, opacity = (3.5, 1.0) if chosen else (1.8, 0.8)
        data.append(
            style.line(
                x,
                result.normalized[row],
                name=name,
                color=color,
                role="theory",
                hover=hover,
                width=width,
                opacity=opacity,
            )
        )
        points = result.integrals[row] / result.values[row, 0]
        data.append(
            markers(integral_x, points, name=name, color=color, hover=hover, size=7 if chosen else 4)
            | {"showlegend": False, "opacity": opacity}
        )
    return data


def _chord(angle: Array) -> Array:
    return np.asarray(2.0 * np.sin(0.5 * angle))
