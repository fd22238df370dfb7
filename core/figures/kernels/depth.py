"""Figures of composed arc-cosine kernels and deep nets of finite width."""

from math import isinf

import numpy as np
import plotly.graph_objects as go

from core.figures import style
from core.figures.kernels.common import ANGLE_AXIS, COLUMN_HEIGHT, cobweb, depth_color, order_color, square_axes
from core.figures.style import Trace
from core.kernels.result.layers import DepthResult
from core.notation import number, power_of_ten

_DECADES = 60.0  # of the norm chart at most: doubly exponential growth leaves any chart
_ROUNDING = 1e-12
_FAR_OFF = 3.0  # decades: a norm that changes by more explodes or vanishes
_FAR = 1e30  # decades: single precision ends at 3e38

TOLD_APART = -2.0
"""log10 of the distance from the limit below which a pair counts as forgotten."""


def nets_figure(result: DepthResult) -> go.Figure:
    """Correlation of the chosen pair against depth: the recursion dashed, finite nets solid."""
    hover = "ℓ = %{x:.0f}<br>ρ = %{y:.4f}"
    color, name = order_color(result.order), f"{len(result.nets)} nets of width {result.width}"
    nets = [
        style.line(result.layers, row, name=name, color=color, width=1.2, hover=hover)
        | {"opacity": 0.6, "showlegend": i == 0}
        for i, row in enumerate(result.nets)
    ]
    ends = np.array([1.0, float(result.depth) + 1e-9])
    star = np.full(2, result.fixed_point)
    data = [
        *nets,
        style.line(ends, star, name=f"ρ* = {number(result.fixed_point)}", color=style.GREY, role="limit", width=1.5),
        style.line(result.layers, result.correlation, name="h → ∞", color=color, role="theory", width=3.5, hover=hover),
    ]
    if result.depth == 1:
        for trace in data:
            trace["mode"] = "lines+markers"
    return style.figure(
        data,
        title=_title(result),
        x_axis={"title": {"text": "depth ℓ"}, "range": [0.5, result.depth + 0.5]},
        y_axis={"title": {"text": "correlation ρ<sup>(ℓ)</sup> of the pair"}, "range": [-0.04, 1.04]},
        legend=True,
    )


def _title(result: DepthResult) -> str:
    if result.order == 1:
        return "ReLU: depth makes all inputs alike, slowly"
    who = "Step neurons" if result.order == 0 else f"n = {result.order}"
    return f"{who}: every pair of different inputs ends at ρ* = {number(result.fixed_point)}"


def cobweb_figure(result: DepthResult) -> go.Figure:
    """The correlation map with the staircase of the chosen pair."""
    fixed = [(1.0, True)] if result.order == 1 else [(result.fixed_point, True), (1.0, False)]
    slope = "∞" if isinf(result.slope_at_one) else number(result.slope_at_one)
    return style.figure(
        cobweb(result.map_in, result.map_out, 1.0 - result.measured, fixed, name="ρ"),
        title=f"The map of one layer: slope {slope} at 1",
        height=COLUMN_HEIGHT,
        **square_axes("ρ"),
    )


def curves_figure(result: DepthResult) -> go.Figure:
    """The normalized kernel against the angle at several depths."""
    hover = "θ = %{x:.3f}<br>ρ = %{y:.4f}"
    data: list[Trace] = [
        style.line(result.angle, curve, name=f"ℓ = {depth}", color=depth_color(depth), role="theory", hover=hover)
        for depth, curve in zip(result.depths, result.curves, strict=True)
    ]
    shape, label = style.vertical(result.chosen_angle, "θ", height=0.06)
    return style.figure(
        data,
        title="The kernel at several depths",
        x_axis=ANGLE_AXIS,
        y_axis={"title": {"text": "ρ<sup>(ℓ)</sup>(θ)"}, "range": [-0.04, 1.04]},
        height=COLUMN_HEIGHT + 30,
        shapes=[shape],
        annotations=[label],
        legend=True,
    )


def apart_figure(result: DepthResult) -> go.Figure:
    """How far each pair still is from the common limit: what deep kernels can tell apart."""
    levels: Trace = {
        "type": "heatmap",
        "x": style.compact(result.angle),
        "y": style.compact(result.layers),
        "z": style.compact(result.log10_apart),
        "zmin": -6.0,
        "zmax": 0.0,
        "colorscale": [[0.0, "rgba(133,139,148,0.08)"], [0.667, "rgba(26,125,248,0.28)"], [1.0, style.BLUE]],
        "colorbar": {
            "tickvals": [-6, -4, -2, 0],
            "ticktext": ["10⁻⁶", "10⁻⁴", "10⁻²", "1"],
            "thickness": 12,
            "outlinewidth": 0,
            "title": {"text": "|ρ − ρ*|", "side": "top"},
        },
        "hovertemplate": "θ = %{x:.2f}, ℓ = %{y:.0f}<br>|ρ − ρ*| = 10<sup>%{z:.2f}</sup><extra></extra>",
        **style.marked("theory"),
    }
    border: Trace = {
        **{key: levels[key] for key in ("x", "y", "z", "meta")},
        "type": "contour",
        "contours": {"start": TOLD_APART, "end": TOLD_APART, "size": 1, "coloring": "none"},
        "line": {"color": style.ROSE, "width": 2.5},
        "showscale": False,
        "hoverinfo": "skip",
    }
    return style.figure(
        [levels, border] if result.depth > 1 else [],
        title="How far each pair is from the common limit",
        x_axis=ANGLE_AXIS,
        y_axis={"title": {"text": "depth ℓ"}, "range": [1.0, max(result.depth, 2)]},
        height=COLUMN_HEIGHT + 30,
    )


def norm_figure(result: DepthResult) -> go.Figure:
    """k(x, x) against depth, by the recursion and in finite nets."""
    hover = "ℓ = %{x:.0f}<br>k(x, x) = 10<sup>%{y:.3f}</sup>"
    color = order_color(result.order)
    data = [
        style.line(result.layers, row, name=f"nets of width {result.width}", color=color, width=1.2, hover=hover)
        | {"opacity": 0.6, "showlegend": i == 0}
        for i, row in enumerate(np.clip(result.net_log10_norms, -_FAR, _FAR))
    ]
    data.append(
        style.line(
            result.layers,
            np.clip(result.log10_norm, -_FAR, _FAR),
            name="h → ∞",
            color=color,
            role="theory",
            width=3.0,
            hover=hover,
        )
    )
    low, high = (float(np.clip(bound, -_DECADES, _DECADES)) for bound in _bounds(result))
    last = float(result.log10_norm[-1])
    change = last - 2.0 * float(np.log10(result.norm))
    far = abs(change) > _FAR_OFF
    verb = (
        ""
        if result.order < 2
        else ("explodes" if far else "grows")
        if change > 0.0
        else "vanishes"
        if far
        else "shrinks"
    )
    return style.figure(
        data,
        title=f"k(x, x) {verb}: {power_of_ten(last)} at ℓ = {result.depth}" if verb else _kept(result),
        x_axis={"title": {"text": "depth ℓ"}, "range": [0.5, result.depth + 0.5]},
        y_axis={"title": {"text": "k(x, x)"}, "range": [low, high], **style.POWER},
        height=COLUMN_HEIGHT,
        legend=True,
    )


def _kept(result: DepthResult) -> str:
    return "The norm is kept, on average" if result.order == 1 else "The norm is forgotten in the first layer"


def _bounds(result: DepthResult) -> tuple[float, float]:
    """Range of the norms, a decade at least."""
    low, high = float(result.log10_norm.min()), float(result.log10_norm.max())
    living = result.net_log10_norms[np.isfinite(result.net_log10_norms)]
    if len(living) and high - low < 1.0:
        low, high = min(low, float(living.min())), max(high, float(living.max()))
    return low - 0.3 - 0.05 * (high - low), high + 0.3 + 0.05 * (high - low)


def describe_cobweb(result: DepthResult) -> str:
    """Where the staircase leads, and whether ρ = 1 attracts."""
    first, last, star = float(result.complement[0]), float(result.complement[-1]), 1.0 - result.fixed_point
    gap = abs(last - star)
    end = "the stable fixed point"
    if gap > _ROUNDING:
        end = f"{number(gap)} from {end} {_correlation(star)}"
    way = f"starts at ρ = {_correlation(first)}"
    if result.depth > 1:
        way = f"goes from ρ = {_correlation(first)} at ℓ = 1 to {_correlation(last)} at ℓ = {result.depth}"
    slope = "exactly 1: all inputs become alike, slowly"
    if result.slope_at_one != 1.0:
        slope = f"{number(result.slope_at_one)}, above 1: nearly equal inputs move apart"
    return f"The staircase of the pair {way}, {end}. At ρ = 1 the slope of the map is {slope}."


def describe_curves(result: DepthResult) -> str:
    """The kernels of the first and of the last depth at the chosen angle and at θ = π."""
    here = [_correlation(float(result.complement[i])) for i in (0, -1)]
    opposite = [_correlation(float(1.0 - result.curves[i, -1])) for i in (0, -1)]
    deepest = f", that of ℓ = {result.depth} to {here[1]} and {opposite[1]}" if result.depth > 1 else ""
    return (
        f"From 1 at θ = 0 the kernel of ℓ = 1 falls to {here[0]} at θ = {np.degrees(result.chosen_angle):.0f}° and to "
        f"{opposite[0]} at 180°{deepest}; great depth takes all but equal inputs to ρ* = "
        f"{_correlation(1.0 - result.fixed_point)}."
    )


def _correlation(complement: float) -> str:
    """A correlation by what it lacks of 1; near 1 it is that."""
    if complement <= 0.01:
        return f"1 − {number(complement)}" if complement > 0.0 else "1"
    return number(1.0 - complement) if 1.0 - complement > _ROUNDING else "0"


def describe_depth(result: DepthResult) -> str:
    """One sentence on what the main chart shows."""
    end = _correlation(float(result.complement[-1]))
    ends = result.nets[np.isfinite(result.nets[:, -1]), -1]
    dead = len(result.nets) - len(ends)
    spread = f"; nets of width {result.width} end between {ends.min():.3f} and {ends.max():.3f}" if len(ends) else ""
    lost = f"; {dead} of {len(result.nets)} nets are dead: no neuron of a layer is on" if dead else ""
    way = f"is {end} after one layer"
    if result.depth > 1:
        way = f"goes from {_correlation(float(result.complement[0]))} at ℓ = 1 to {end} at ℓ = {result.depth}"
    return f"The correlation of the pair {way}{spread}{lost}."


def describe_norms(result: DepthResult) -> str:
    """What the recursion makes of the norm, and where the single nets end."""
    start, last = (power_of_ten(value) for value in (2.0 * np.log10(result.norm), float(result.log10_norm[-1])))
    rule = {
        0: f"Steps forget the norm: from |x|² = {start} the recursion has k(x, x) = {last} in every layer",
        1: f"ReLU keeps the squared norm it is given, {last}, on average",
    }.get(
        result.order,
        f"From |x|² = {start} each layer makes (2n − 1)!! k(x, x)ⁿ of k(x, x): {last} at ℓ = {result.depth}",
    )
    ends = result.net_log10_norms[np.isfinite(result.net_log10_norms[:, -1]), -1]
    if not len(ends):
        return f"{rule}. No net of width {result.width} is alive there."
    low, high = (power_of_ten(float(value)) for value in (ends.min(), ends.max()))
    why = ", as each layer raises the random errors of all before to its power" if result.order > 1 else ""
    return (
        f"{rule}. {len(ends)} of {len(result.nets)} nets of width {result.width} end between {low} and {high}"
        f"{why if result.depth > 1 else ''}."
    )


def describe_apart(result: DepthResult) -> str:
    """Which pairs of inputs are still away from the common limit at the last depth, and what all others have become."""
    kept = result.log10_apart[-1] > TOLD_APART
    legend = f"Colour: |ρ − ρ*| of a pair at angle θ after ℓ layers; line: {power_of_ten(TOLD_APART)}."
    others = "the others look alike" if result.order == 1 else "the others are all equally far apart"
    star = f"ρ* = {_correlation(1.0 - result.fixed_point)}"
    if kept.all():
        return f"{legend} At ℓ = {result.depth} every pair drawn is further from {star}."
    angles = np.degrees(result.angle[kept])
    which = "no pair" if not len(angles) else "of the angles drawn θ = 0 alone" if angles[-1] == 0.0 else ""
    if not which:
        which = f"{100.0 * float(kept.mean()):.0f} % of all angles"
        if result.order != 1 and (np.flatnonzero(kept) == np.arange(len(angles))).all():
            which += f", those up to {angles[-1]:.1f}°,"
    verb = "are" if "%" in which else "is"
    return f"{legend} At ℓ = {result.depth} {which} {verb} further from {star}; {others}."
