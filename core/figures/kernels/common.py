"""What the figures of problem 2 share: colours of depths and orders, markers, cobwebs, angles."""

from collections.abc import Sequence
from math import pi
from typing import Any

import numpy as np

from core.arrays import Array
from core.figures import style
from core.figures.style import Trace

ANGLE_AXIS: dict[str, Any] = {
    "title": {"text": "angle θ"},
    "range": [0.0, pi],
    "tickvals": [0.0, pi / 4, pi / 2, 3 * pi / 4, pi],
    "ticktext": ["0", "π/4", "π/2", "3π/4", "π"],
}
COLUMN_HEIGHT = 340
"""Of two charts side by side."""


def depth_color(depth: int) -> str:
    """Colour of a kernel depth: six of their own, then one from 7, one from 20 and one for 50."""
    if depth <= 6:
        return style.PALETTE[depth - 1]
    return style.TEAL if depth < 20 else style.ROSE if depth < 50 else style.NEGATIVE


def order_color(order: int) -> str:
    """Colour of an order n."""
    return style.PALETTE[order] if order < len(style.PALETTE) else style.GREY


def markers(
    x: Array,
    y: Array,
    *,
    name: str,
    color: str,
    hover: str,
    size: float = 6,
    role: str = "measurement",
    **marker: Any,
) -> Trace:
    """Points, measured ones unless another role is said."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": style.compact(x),
        "y": style.compact(y),
        "name": name,
        "marker": {"color": color, "size": size, **marker},
        "hovertemplate": f"{hover}<extra>{name}</extra>",
        **style.marked(role),
    }


def cobweb(
    map_in: Array, map_out: Array, orbit: Array, fixed: Sequence[tuple[float, bool]], *, name: str
) -> list[Trace]:
    """A correlation map with the diagonal, its fixed points, and the staircase of an orbit from the axis.

    Parameters
    ----------
    map_in, map_out : Array
        The map, shape (T,).
    orbit : Array
        Measured values of one pair, layer by layer, shape (L,).
    fixed : sequence of (float, bool)
        Fixed points, and whether they are stable: those are filled.
    name : str
        What a value is called.
    """
    x = np.repeat(orbit, 2)
    y = np.append(0.0, np.append(np.repeat(orbit[1:], 2), orbit[-1]))
    layers = np.append(1.0, np.append(np.repeat(np.arange(2.0, len(orbit) + 1), 2), float(len(orbit))))
    diagonal = np.array([0.0, 1.0])
    hover = f"{name} = %{{x:.4f}} ↦ %{{y:.4f}}"
    staircase = style.line(
        x, y, name="this pair", color=style.ROSE, hover="layer %{customdata:.0f}: %{y:.5f}", width=1.6
    )
    traces = [
        style.line(diagonal, diagonal, name="no change", color=style.GREY, role="limit", width=1.5),
        style.line(map_in, map_out, name="one layer", color=style.BLUE, role="theory", hover=hover, width=2.5),
        {**staircase, "customdata": style.compact(layers)},
    ]
    for at, stable in fixed:
        point, symbol = np.array([at]), "circle" if stable else "circle-open"
        label = "stable fixed point" if stable else "unstable fixed point"
        hover = f"{label} {at:.6f}"
        traces.append(
            markers(point, point, name=label, color=style.BLUE, hover=hover, size=10, role="theory", symbol=symbol)
        )
    return traces


def square_axes(name: str, low: float = 0.0, high: float = 1.0) -> dict[str, Any]:
    """Axes of a cobweb: value before and after a layer."""
    pad = 0.03 * (high - low)
    limits = [low - pad, high + pad]
    return {
        "x_axis": {"title": {"text": f"{name}, before the layer"}, "range": limits},
        "y_axis": {"title": {"text": f"{name}, after it"}, "range": limits},
    }
