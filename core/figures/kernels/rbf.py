"""Figures of problem 2.2: composed RBF kernels."""

import numpy as np
import plotly.graph_objects as go

from core.figures import style
from core.figures.kernels.common import COLUMN_HEIGHT, cobweb, depth_color, markers, square_axes
from core.figures.style import Trace
from core.kernels.result.kernels import RbfResult
from core.notation import number, power_of_ten

_ROUNDING = 1e-12
_LOWEST = -16.0  # decades of 1 − k that are shown


def distance_figure(result: RbfResult) -> go.Figure:
    """k^(l) against distance with its floor dashed, and the point where all depths cross."""
    hover = "r = %{x:.3f}<br>k = %{y:.4f}"
    data: list[Trace] = []
    for layer, depth in enumerate(result.depths):
        color, name = depth_color(depth), f"ℓ = {depth}"
        data.append(
            style.line(result.distance, result.values[layer], name=name, color=color, role="theory", hover=hover)
        )
        points = markers(result.measured_distance, result.measured[layer], name=name, color=color, hover=hover, size=4)
        data.append(points | {"showlegend": False})
    reach = float(result.distance[-1])
    data += _floors(result)
    if result.crossing > 0.0 and result.depth > 1:
        where = np.array([result.crossing]), np.array([result.fixed_point])
        label = "all depths cross"
        hover = f"r* = {number(result.crossing)}, k = {number(result.fixed_point)}"
        data.append(
            markers(
                *where,
                name=label,
                color=style.GREY,
                hover=hover,
                size=13,
                role="theory",
                symbol="circle-open",
                line={"width": 2},
            )
        )
    shape, mark = style.vertical(result.chosen_distance, "chosen r", height=0.96)
    return style.figure(
        data,
        title=_title(result),
        x_axis={"title": {"text": "distance r = ‖x − y‖"}, "range": [0.0, reach]},
        y_axis={"title": {"text": "kernel k<sup>(ℓ)</sup>"}, "range": [-0.04, 1.04]},
        shapes=[shape],
        annotations=[mark],
        legend=True,
    )


def _floors(result: RbfResult) -> list[Trace]:
    """Limits at large distances of the second and of the deepest kernel."""
    data: list[Trace] = []
    for depth in sorted({2, result.depth} & set(result.depths) - {1}):
        floor = float(result.floors[result.depths.index(depth)])
        name = "floor of ℓ = 2, e<sup>−2/γ²</sup>" if depth == 2 else f"floor of ℓ = {depth}"
        ends, levels = result.distance[[0, -1]], np.full(2, floor)
        hover = f"{number(floor)}"
        data.append(
            style.line(
                ends, levels, name=name, color=depth_color(depth), role="limit", width=1.5, hover=hover, opacity=0.8
            )
        )
    return data


def _title(result: RbfResult) -> str:
    if result.depth == 1:
        return "The RBF kernel falls to 0"
    if result.slope < 1.0 - 1e-9:
        return "γ² > 2: every pair of inputs tends to k = 1"
    if result.slope > 1.0 + 1e-9:
        return f"γ² < 2: every pair of different inputs tends to k = {number(result.fixed_point)}"
    return "γ² = 2: the border, where depth forgets slowly"


def small_distance_figure(result: RbfResult) -> go.Figure:
    """1 - k^(l) on log-log axes by explicit features, the predicted leading term dashed."""
    hover = "r = 10<sup>%{x:.2f}</sup><br>1 − k = 10<sup>%{y:.3f}</sup>"
    data: list[Trace] = []
    for layer, depth in enumerate(result.depths):
        color, name = depth_color(depth), f"ℓ = {depth}"
        data.append(
            style.line(result.log10_distance, result.log10_complement[layer], name=name, color=color, hover=hover)
        )
        near = np.where(result.log10_near[layer] < 0.5, result.log10_near[layer], np.nan)
        data.append(
            style.line(
                result.log10_distance,
                near,
                name=f"predicted, {name}",
                color=color,
                role="theory",
                width=1.3,
                hover=hover,
            )
        )
    low = float(min(result.log10_complement[:, 0].min(), -8.0))
    return style.figure(
        data,
        title="Close by, 1 − k grows like r² at every depth",
        x_axis={"title": {"text": "distance r"}, **style.POWER},
        y_axis={"title": {"text": "1 − k<sup>(ℓ)</sup>"}, "range": [max(low, _LOWEST) - 0.3, 0.6], **style.POWER},
        height=COLUMN_HEIGHT,
    )


def cobweb_figure(result: RbfResult) -> go.Figure:
    """The map c -> exp(-2 (1 - c) / gamma^2) with the staircase of the chosen pair."""
    stable_one = result.fixed_point > 1.0 - 1e-12
    fixed = [(1.0, True)] if stable_one else [(result.fixed_point, True), (1.0, False)]
    data = cobweb(result.map_in, result.map_out, result.orbit, fixed, name="k")
    return style.figure(
        data,
        title=f"One layer: slope {number(result.slope)} at k = 1",
        height=COLUMN_HEIGHT,
        **square_axes("k"),
    )


def transition_figure(result: RbfResult) -> go.Figure:
    """The stable fixed point against gamma^2, and what 50 layers make of the chosen pair."""
    hover = "γ² = %{x:.3f}<br>%{y:.5f}"
    squares = result.gamma_squared
    data = [
        style.line(
            squares, result.iterated, name="this pair after 50 layers", color=style.ROSE, hover=hover, width=2.5
        ),
        style.line(
            squares, result.fixed_points, name="fixed point c* (theory)", color=style.BLUE, role="theory", hover=hover
        ),
    ]
    here = np.array([result.gamma**2]), np.array([result.fixed_point])
    data.append(markers(*here, name="γ² now", color=style.BLUE, hover=hover, size=10, role="theory"))
    shape, mark = style.vertical(float(np.log10(2.0)), "γ² = 2", height=0.1)
    return style.figure(
        data,
        title="Below γ² = 2 depth keeps inputs apart",
        x_axis={
            "title": {"text": "γ²"},
            "type": "log",
            "range": [float(np.log10(squares[0])), float(np.log10(squares[-1]))],
            "tickvals": [0.25, 0.5, 1, 2, 4, 8],
        },
        y_axis={"title": {"text": "k after many layers"}, "range": [-0.04, 1.04]},
        height=COLUMN_HEIGHT,
        legend=True,
        shapes=[shape | {"x0": 2.0, "x1": 2.0}],
        annotations=[mark],
    )


def describe_rbf(result: RbfResult) -> str:
    """One sentence on what the charts show."""
    first, last = _value(float(result.orbit[0])), _value(float(result.orbit[result.depth - 1]))
    way = f"is {first}" if result.depth == 1 else f"goes from {first} to {last}"
    at = f"At r = {number(result.chosen_distance)} the kernel {way}"
    floor = f"; far away it stays at {_value(float(result.floors[-1]))}, dotted" if result.depth > 1 else ""
    features = "Points: inner products of features, from the square root of the Gram matrix."
    return f"{at} at ℓ = {result.depth}{floor}. Dashed: the formula. {features}"


def _value(kernel: float) -> str:
    """A kernel value; near 1 what is missing."""
    return f"1 − {number(1.0 - kernel)}" if 0.99 < kernel < 1.0 else number(kernel)


def describe_small_distance(result: RbfResult) -> str:
    """What 1 − k is at the smallest distance, and how far the predictions reach."""
    shown = [0, len(result.depths) - 1] if result.depth > 1 else [0]
    values = [f"{_complement(float(result.log10_complement[i, 0]))} at ℓ = {result.depths[i]}" for i in shown]
    grows = f"; each layer multiplies small values by 2/γ² = {number(result.slope)}" if result.depth > 1 else ""
    reaches = [f"{_validity(result, i)} at ℓ = {result.depths[i]}" for i in shown]
    return (
        f"At r = {power_of_ten(float(result.log10_distance[0]))}, 1 − k is {' and '.join(values)}{grows}. "
        f"The dashed prediction, of slope 2, is right to 1 % {' and '.join(reaches)}."
    )


def _complement(log10_complement: float) -> str:
    below = ", below the chart," if log10_complement < _LOWEST - 0.3 else ""
    return f"{power_of_ten(log10_complement)}{below}"


def _validity(result: RbfResult, layer: int) -> str:
    """Up to where a prediction is right to 1 %."""
    wrong = np.flatnonzero(np.abs(result.log10_complement[layer] - result.log10_near[layer]) > np.log10(1.01))
    if not len(wrong):
        return "at every r drawn"
    return f"up to r = {power_of_ten(float(result.log10_distance[wrong[0] - 1]))}" if wrong[0] else "at no r drawn"


def describe_cobweb(result: RbfResult) -> str:
    """Where the staircase leads, and whether k = 1 attracts."""
    first, last, star = (_settled(float(k)) for k in (result.orbit[0], result.orbit[-1], result.fixed_point))
    gap = abs(last - star)
    end = "the stable fixed point"
    if gap > _ROUNDING:
        end = f"{number(gap)} from {end} {_value(star)}"
    slope = f"{number(result.slope)}, above 1: nearly equal inputs move apart"
    if abs(result.slope - 1.0) <= 1e-9:
        slope = "exactly 1: all inputs become alike, slowly"
    elif result.slope < 1.0:
        slope = f"{number(result.slope)}, below 1: all inputs become alike"
    return (
        f"The staircase of the pair goes from k = {_value(first)} at ℓ = 1 to {_value(last)} at ℓ = "
        f"{len(result.orbit)}, {end}. At k = 1 the slope of the map is {slope}."
    )


def _settled(kernel: float) -> float:
    """A kernel value, or 1 where rounding is all that is missing."""
    return kernel if 1.0 - kernel > _ROUNDING else 1.0


def describe_transition(result: RbfResult) -> str:
    """One sentence on the fixed point."""
    if result.slope > 1.0 + 1e-9:
        return (
            f"The slope 2/γ² = {number(result.slope)} at k = 1 is above 1: k = 1 repels, and every pair of different "
            f"inputs ends at c* = {number(result.fixed_point)}."
        )
    if result.slope < 1.0 - 1e-9:
        return f"The slope 2/γ² = {number(result.slope)} at k = 1 is below 1: every pair ends at k = 1."
    return "The slope at k = 1 is exactly 1: 1 − k falls like 2/ℓ only."
