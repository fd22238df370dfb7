"""The derivation of 2.3 as four linked pictures."""

from math import cos, sin
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array
from core.figures import style
from core.figures.kernels.common import COLUMN_HEIGHT
from core.figures.style import Trace
from core.kernels.result.derivation import DerivationResult
from core.notation import digits, number, subscript

_SCALE = [[0.0, "rgba(26,125,248,0.03)"], [1.0, style.BLUE]]


def wedge_figure(result: DerivationResult) -> go.Figure:
    """Step 1: the wedge of rows that see both inputs, under the Gaussian."""
    picture = result.wedge
    data = [_density(picture.w1, picture.w2, picture.integrand, "w₁", "w₂")]
    data += [_arc(arc) for arc in picture.arcs]
    for ray in picture.rays:
        data.append(
            style.line(
                ray[:, 0], ray[:, 1], name="edge", color=style.SMALLEST, role="given", width=2.5, hoverinfo="skip"
            )
        )
    extent = float(picture.w1[-1])
    tips = 0.62 * extent * picture.inputs
    arrows = [note for (x, y), name in zip(tips, "xy", strict=True) for note in _arrow(float(x), float(y), name)]
    left = -0.3 if tips[1, 0] > 0.0 else 1.2 * float(tips[1, 0]) - 0.3
    return _picture(
        data,
        title="1. The wedge w₁ > 0, v > 0",
        x_axis={"title": {"text": "w₁"}, "range": [left, extent], "constrain": "domain"},
        y_axis={"title": {"text": "w₂"}, "range": [-extent, extent], "scaleanchor": "x", "constrain": "domain"},
        annotations=arrows,
    )


def quadrant_figure(result: DerivationResult) -> go.Figure:
    """Step 2: sheared to the first quadrant."""
    picture = result.quadrant
    data = [_density(picture.u, picture.v, picture.integrand, "u", "v")]
    data += [_arc(arc) for arc in picture.arcs]
    data += [
        style.line(
            line[:, 0], line[:, 1], name="w₂ = const", color=style.GREY, role="given", width=0.8, hoverinfo="skip"
        )
        | {"opacity": 0.55}
        for line in picture.lines
    ]
    extent = float(picture.u[-1])
    return _picture(
        data,
        title="2. Sheared: u = w₁, v = w₁ cos θ + w₂ sin θ",
        x_axis={"title": {"text": "u"}, "range": [0.0, extent], "constrain": "domain"},
        y_axis={"title": {"text": "v"}, "range": [0.0, extent], "scaleanchor": "x", "constrain": "domain"},
    )


def polar_figure(result: DerivationResult) -> go.Figure:
    """Step 3: polar coordinates of the quadrant."""
    picture = result.polar
    data = [_density(picture.psi, picture.r, picture.integrand, "ψ", "r")]
    data.append(
        style.line(
            picture.psi,
            picture.ridge,
            name="largest over r",
            color=style.SMALLEST,
            role="theory",
            width=2.0,
            hoverinfo="skip",
        )
    )
    half = 0.5 * np.pi
    return _picture(
        data,
        title="3. Polar: radius r, angle ψ/2 + π/4",
        x_axis={
            "title": {"text": "ψ"},
            "range": [-half, half],
            "tickvals": [-half, -half / 2, 0, half / 2, half],
            "ticktext": ["−π/2", "−π/4", "0", "π/4", "π/2"],
        },
        y_axis={"title": {"text": "r"}, "range": [0.0, float(picture.r[-1])]},
    )


def psi_figure(result: DerivationResult) -> go.Figure:
    """Step 4: what is left, whose area is J_n."""
    picture = result.psi
    curve = style.line(
        picture.psi,
        picture.integrand,
        name="integrand",
        color=style.BLUE,
        role="theory",
        hover="ψ = %{x:.3f}: %{y:.4g}",
    )
    half = 0.5 * np.pi
    return _picture(
        [curve | {"fill": "tozeroy", "fillcolor": "rgba(26,125,248,0.2)"}],
        title=f"4. The area is J{subscript(result.order)}(θ) = {digits(result.formula, 6)}",
        x_axis={
            "title": {"text": "ψ"},
            "range": [0.0, half],
            "tickvals": [0, half / 2, half],
            "ticktext": ["0", "π/4", "π/2"],
        },
        y_axis={"title": {"text": "integrand"}, "range": [0.0, 1.1 * float(picture.integrand.max())]},
    )


def _picture(data: list[Trace], *, title: str, **axes: Any) -> go.Figure:
    return style.figure(data, title=title, height=COLUMN_HEIGHT, **axes)


def _density(x: Array, y: Array, values: Array, across: str, up: str) -> Trace:
    return {
        "type": "heatmap",
        "x": style.compact(x),
        "y": style.compact(y),
        "z": style.compact(values),
        "zsmooth": "best",
        "colorscale": _SCALE,
        "showscale": False,
        "name": "integrand",
        "hovertemplate": f"{across} = %{{x:.2f}}, {up} = %{{y:.2f}}<br>integrand %{{z:.4g}}<extra></extra>",
        **style.marked("theory"),
    }


def _arc(arc: Array) -> Trace:
    return {
        **style.line(arc[0], arc[1], name="|w| = 1, 2, 3", color=style.GREY, width=1.2, role="limit", hoverinfo="skip"),
        **style.GIVEN,
    }


def _arrow(x: float, y: float, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """An arrow from the origin, and its name at the tip."""
    place = {"x": x, "y": y, "xref": "x", "yref": "y"}
    tail = {"ax": 0.0, "ay": 0.0, "axref": "x", "ayref": "y"}
    arrow = {**place, **tail, "text": "", "showarrow": True, "arrowhead": 2, "arrowwidth": 2, "arrowcolor": style.GREY}
    name = {**place, "text": text, "showarrow": False, "xshift": 10, "yshift": 8, "font": {"size": 16}}
    return arrow, name


def describe_wedge(result: DerivationResult) -> str:
    """The region of step 1 and its volume."""
    seen = "" if np.isfinite(result.wedge.integrand).any() else ", too narrow for a point of the grid"
    return (
        f"Between the lines perpendicular to x and y the wedge opens π − θ = {np.pi - result.angle:.3f} rad{seen}. "
        f"{_value(result, 0, 'The volume over it')}"
    )


def describe_quadrant(result: DerivationResult) -> str:
    """What the shear does in step 2, and the volume after it."""
    highest = np.unravel_index(int(np.argmax(result.quadrant.integrand)), result.quadrant.integrand.shape)
    v, u = float(result.quadrant.v[highest[0]]), float(result.quadrant.u[highest[1]])
    arcs = "stay circles" if _upright(result.angle) else "become ellipses"
    return (
        f"The wedge becomes the quadrant, and the circles |w| = 1, 2, 3 {arcs}; the integrand is largest about u = "
        f"{number(u)}, v = {number(v)}. {_value(result, 1, 'The volume')}"
    )


def describe_polar(result: DerivationResult) -> str:
    """Where the ridge of step 3 runs, and the volume."""
    middle, end = (float(np.interp(psi, result.polar.psi, result.polar.ridge)) for psi in (0.0, 0.5 * np.pi))
    return (
        f"The radius at which the integrand is largest is r = {number(middle)} at ψ = 0 and {number(end)} at "
        f"ψ = ±π/2. {_value(result, 2, 'The volume')}"
    )


def describe_psi(result: DerivationResult) -> str:
    """The integrand of step 4 and the area below it."""
    integrand, psi = result.psi.integrand, result.psi.psi
    top = int(np.argmax(integrand))
    ends = f"{number(float(integrand[0]))} at ψ = 0 and {number(_unrounded(float(integrand[-1]), integrand))} at π/2"
    peak = "" if top in (0, len(psi) - 1) else f", at most {number(float(integrand[top]))} at ψ = {psi[top]:.2f}"
    return f"The integrand is {ends}{peak}. {_value(result, 3, 'The area below it')}"


def _unrounded(value: float, values: Array) -> float:
    """A value, or 0 where it is rounding next to the largest of all."""
    return value if value > 1e-12 * float(values.max()) else 0.0


def _value(result: DerivationResult, step: int, what: str) -> str:
    """A step's integral and its distance from (3.3)."""
    found = result.table[result.order][step]
    return f"{what} is {digits(found.value)} by quadrature and differs from (3.3) by {number(found.residual)} of it."


def describe_derivation(result: DerivationResult) -> str:
    """One sentence on what the pictures show."""
    theta = result.angle
    circles = (
        "leaves the circles |w| = 1, 2, 3 as they are"
        if _upright(theta)
        else "turns the circles |w| = 1, 2, 3 into ellipses"
    )
    return (
        f"One number, four times: the volume in pictures 1 to 3 and the area in 4 are J{subscript(result.order)}(θ) = "
        f"{digits(result.formula, 8)}. The wedge opens π − θ = {np.pi - theta:.3f} rad; the shear (cos θ = "
        f"{_zero(cos(theta))}, sin θ = {number(sin(theta))}) {circles}. In 3 the "
        "line is the radius where the integrand is largest."
    )


def describe_arctangent(result: DerivationResult) -> str:
    """Step 4 at n = 0 in numbers, at the current angle."""
    theta, last = result.angle, result.antiderivatives[-1]
    principal = np.arctan(sin(theta) / -cos(theta)) if not _upright(theta) else 0.5 * np.pi
    wrong = "is the same here" if abs(principal - last.formula) < 1e-9 else f"would give {number(float(principal))}"
    return (
        f"At θ = {np.degrees(theta):.0f}°: a = 1, b = {_zero(-cos(theta))} and √(a² − b²) = {number(sin(theta))}, so "
        f"atan2({number(sin(theta))}, {_zero(-cos(theta))}) = {digits(last.formula, 8)} = π − θ; sin θ times the "
        f"integral is {digits(last.integral, 8)} by quadrature. The arctangent as printed {wrong}."
    )


def describe_recurrence(result: DerivationResult) -> str:
    """Step 5 in numbers, at the current order and angle."""
    last = result.recurrences[-1]
    n = last.order
    this, next_one = f"J{subscript(n)}", f"J{subscript(n + 1)}"
    first = (
        f"At θ = {np.degrees(result.angle):.0f}° quadrature of step 4 gives {this} = {digits(last.value, 8)} and, by "
        f"differences, {this}′ = {digits(last.slope, 8)}; (1) makes {next_one} = {digits(last.raised, 8)} of them"
    )
    second = ""
    if n:
        second = (
            f". −n² sin θ J{subscript(n - 1)} = {digits(last.lowered, 8)}, and (2) makes {next_one} = "
            f"{digits(last.three_terms, 8)} of {this} and J{subscript(n - 1)}"
        )
    return f"{first}{second}. The integral itself is {next_one} = {digits(last.above, 8)}."


def _upright(angle: float) -> bool:
    """Whether the inputs are orthogonal, so that nothing is sheared."""
    return abs(cos(angle)) < 1e-9


def _zero(value: float) -> str:
    """A cosine, 0 where rounding is all it has."""
    return number(value) if abs(value) > 1e-9 else "0"
