"""The decision boundary of problem 1 over the plane, moment by moment."""

import numpy as np
import plotly.graph_objects as go

from core.figures import style
from core.figures.style import Trace
from core.gradient_flow.result import Boundary
from core.notation import power_of_ten


def boundary_figure(plane: Boundary) -> go.Figure:
    """Sign and level of f(V; x) with the samples; a slider and a play button run through the snapshots."""
    last = len(plane.log10_time) - 1
    data = [_levels(plane, last), _ringed(plane, last), *_samples(plane), *_line(plane)]
    frames = [
        {"name": str(i), "data": [_levels(plane, i), _ringed(plane, i)], "traces": [0, 1]} for i in range(last + 1)
    ]
    return style.figure(
        data,
        title="Sign and level of f(V; x)",
        x_axis={"title": {"text": "x₁"}, "range": [plane.x[0], plane.x[-1]], "showgrid": False, "constrain": "domain"},
        y_axis={
            "title": {"text": "x₂"},
            "range": [plane.y[0], plane.y[-1]],
            "showgrid": False,
            "scaleanchor": "x",
            "constrain": "domain",
        },
        height=620,
        frames=frames,
        sliders=[style.frame_slider([power_of_ten(float(t)) for t in plane.log10_time], prefix="t = ")],
        updatemenus=[style.play_buttons()],
    )


def _levels(plane: Boundary, index: int) -> Trace:
    # a step at 0 shows the sign, the ramps on both sides show the level
    pale = [[0.5, "rgba(95,107,124,0.2)"], [0.5, "rgba(37,150,174,0.2)"]]
    scale = [[0.0, style.NEGATIVE], *pale, [1.0, style.POSITIVE]]
    return {
        "type": "contour",
        "x": style.compact(plane.x),
        "y": style.compact(plane.y),
        "z": style.compact(plane.levels[index]),
        "zmin": -1,
        "zmax": 1,
        "colorscale": scale,
        "showscale": False,
        "contours": {"start": 0, "end": 0, "size": 1, "coloring": "heatmap"},
        "line": {"color": style.SMALLEST, "width": 2.5},
        "opacity": 0.75,
        "hovertemplate": "x₁ = %{x:.2f}, x₂ = %{y:.2f}<br>f / max |f| = %{z:.3f}<extra></extra>",
        "name": "f = 0",
        **style.marked("measurement"),
    }


def _ringed(plane: Boundary, index: int) -> Trace:
    chosen = plane.support[index]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": style.compact(plane.points[chosen, 0]),
        "y": style.compact(plane.points[chosen, 1]),
        "marker": {"symbol": "circle-open", "size": 17, "color": style.SMALLEST, "line": {"width": 2}},
        "name": "carries 1 % of the loss or more",
        **style.marked("measurement"),
        "hoverinfo": "skip",
    }


def _samples(plane: Boundary) -> list[Trace]:
    classes = ((-1.0, "class −1", style.NEGATIVE, "circle"), (1.0, "class +1", style.POSITIVE, "diamond"))
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": style.compact(plane.points[plane.labels == sign, 0]),
            "y": style.compact(plane.points[plane.labels == sign, 1]),
            "marker": {"color": color, "symbol": symbol, "size": 9, "line": {"width": 1, "color": "white"}},
            "name": name,
            **style.GIVEN,
            "hovertemplate": "x₁ = %{x:.2f}, x₂ = %{y:.2f}<extra>" + name + "</extra>",
        }
        for sign, name, color, symbol in classes
    ]


def _line(plane: Boundary) -> list[Trace]:
    """The support vector machine's line <w, x> + b = 0, dashed."""
    if plane.line is None:
        return []
    normal, offset = plane.line[:2], float(plane.line[2]) if len(plane.line) == 3 else 0.0
    size = float(normal @ normal)
    foot, along = -offset * normal / size, np.array([-normal[1], normal[0]]) / np.sqrt(size)
    reach = 2.0 * float(plane.x[-1] - plane.x[0])
    ends = np.stack([foot - reach * along, foot + reach * along])
    return [style.line(ends[:, 0], ends[:, 1], name="hard-margin SVM", color=style.GREY, role="theory", width=2.5)]


def describe_boundary(plane: Boundary) -> str:
    """One sentence on what the map shows."""
    line = "" if plane.line is None else "; dashed, the hard-margin support vector machine"
    return (
        "Circles are class −1, diamonds class +1; rings mark the samples that carry 1 % of the loss or more. "
        f"The solid line is f = 0{line}."
    )
