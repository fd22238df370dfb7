"""One look for all figures: theory dashed, measurement solid, grey for references and limits."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.arrays import Array

Trace = dict[str, Any]

# Contrast 3:1 or more against both backgrounds; the six of the layers differ by 20 or more in CIELAB
# also under protanopia and deuteranopia. The tests hold both.
BLUE, VERMILION, GREEN, PURPLE, AMBER, BROWN = "#1A7DF8", "#B0411E", "#119D54", "#8A5D9F", "#A69104", "#73645C"
TEAL, ROSE = "#2596AE", "#CF5587"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, AMBER, BROWN, TEAL, ROSE)
GREY = "#858B94"
LAYERS = PALETTE[:6]
NEGATIVE, POSITIVE = "#5F6B7C", TEAL
"""Colours of the classes -1 and +1."""
SMALLEST = ROSE
"""Colour of the sample with the smallest margin."""

HEIGHT, SMALL_HEIGHT = 430, 320
_DASH = {"theory": "dash", "derived": "dash", "limit": "dot"}
ROLES = ("measurement", "theory", "limit", "derived", "given")
"""What a trace is computed of: the run; the settings alone, as are limits; theory with numbers of the run in it; or
neither, as the data and where the controls stand."""
_GRID = "rgba(133,139,148,0.22)"
_FONT = "Source Sans, Source Sans Pro, sans-serif"
POWER = {"tickprefix": "10<sup>", "ticksuffix": "</sup>", "exponentformat": "none"}
"""Axis of a decimal logarithm, read as powers of ten at any zoom."""


class Figure(go.Figure):  # type: ignore[misc]  # plotly has no types
    """A plotly figure whose objects are made, and validated, when somebody looks at them.

    To be drawn it needs its dictionary only; making the objects would be nine tenths of the cost.

    Parameters
    ----------
    spec : dict
        With keys "data", "layout" and "frames", arrays as numpy arrays.
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        object.__setattr__(self, "_spec", spec)

    def __getattr__(self, name: str) -> Any:
        """Make the objects at the first sight of an attribute that is not there yet."""
        if name.startswith("__") or "_data" in self.__dict__:
            raise AttributeError(name)
        super().__init__(**self._spec)
        return getattr(self, name)

    @property
    def spec(self) -> dict[str, Any]:
        """What it is made of: "data", "layout" and "frames", arrays as numpy arrays; not to be changed."""
        return dict(self._spec)

    def to_dict(self) -> dict[str, Any]:
        """The figure as plotly.js reads it, arrays as base64."""
        if "_data" in self.__dict__:
            return dict(super().to_dict())
        traces = [_encoded(trace) for trace in self._spec["data"]]
        frames = [{**frame, "data": [_encoded(trace) for trace in frame["data"]]} for frame in self._spec["frames"]]
        return {"data": traces, "layout": self._spec["layout"], **({"frames": frames} if frames else {})}


def _encoded(trace: Mapping[str, Any]) -> Trace:
    return {key: _typed_array(value) if isinstance(value, np.ndarray) else value for key, value in trace.items()}


def _typed_array(values: NDArray[Any]) -> dict[str, str]:
    """An array in plotly.js's binary form."""
    kind = {"float32": "f4", "float64": "f8"}[values.dtype.name]
    shape = {"shape": ", ".join(map(str, values.shape))} if values.ndim > 1 else {}
    return {"dtype": kind, "bdata": b64encode(values.tobytes()).decode(), **shape}


def compact(values: Any) -> Any:
    """Single precision, which halves what travels to the browser and is beyond what eyes resolve."""
    return np.asarray(values, dtype=np.float32)


def marked(role: str) -> dict[str, str]:
    """The mark of a trace that says what it is computed of, one of `ROLES`."""
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(ROLES)}, got {role!r}")
    return {"meta": role}


GIVEN = marked("given")
"""Of a trace that is neither theory nor measurement: the data, or where the controls stand."""


def line(
    x: Array,
    y: Array,
    *,
    name: str,
    color: str,
    role: str = "measurement",
    width: float = 2.0,
    hover: str = "",
    **more: Any,
) -> Trace:
    """A line trace; its role sets the dash: measurement solid, theory and derived dashed, limit dotted."""
    style = {"color": color, "width": width, "dash": _DASH.get(role, "solid"), "simplify": False}
    template = f"{hover}<extra>{name}</extra>" if hover else f"<extra>{name}</extra>"
    trace = {"type": "scatter", "mode": "lines", "x": compact(x), "y": compact(y), "name": name, "line": style}
    return {**trace, **marked(role), "hovertemplate": template, **more}


def figure(
    data: Sequence[Mapping[str, Any]],
    *,
    title: str,
    x_axis: Mapping[str, Any],
    y_axis: Mapping[str, Any],
    height: int = HEIGHT,
    shapes: Sequence[Mapping[str, Any]] = (),
    annotations: Sequence[Mapping[str, Any]] = (),
    legend: bool = False,
    frames: Sequence[Mapping[str, Any]] = (),
    **layout: Any,
) -> Figure:
    """Assemble a figure in one call.

    Parameters
    ----------
    data : sequence of dict
        Traces.
    title : str
        What to see.
    x_axis, y_axis : dict
        Plotly axes; the title carries the unit.
    height : int
        In pixels.
    shapes, annotations : sequence of dict
        Plotly shapes and annotations.
    legend : bool
        Whether a legend stands below the plot; otherwise lines carry labels.
    frames : sequence of dict
        Plotly frames.
    **layout
        Further keys of the layout.
    """
    frame = {
        "zeroline": False,
        "gridcolor": _GRID,
        "ticks": "",
        "automargin": True,
        "tickfont": {"size": 13},
        "exponentformat": "power",
    }
    layout_spec = {
        "template": {},
        "title": {"text": title, "x": 0, "xanchor": "left", "y": 0.98, "yanchor": "top", "font": {"size": 17}},
        "height": height,
        "font": {"family": _FONT, "size": 14},
        "margin": {"l": 8, "r": 24, "t": 44, "b": 8},
        "xaxis": {**frame, **x_axis},
        "yaxis": {**frame, **y_axis},
        "shapes": list(shapes),
        "annotations": list(annotations),
        "showlegend": legend,
        "legend": {
            "font": {"size": 13},
            "orientation": "h",
            "x": 0,
            "y": -0.26,
            "xanchor": "left",
            "yanchor": "top",
        },
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": _FONT}},
        "uirevision": "keep",
        **layout,
    }
    return Figure({"data": list(data), "layout": layout_spec, "frames": list(frames)})


def noted(role: str) -> dict[str, str]:
    """The same mark of a shape or an annotation, which have no `meta`."""
    return {"name": marked(role)["meta"]}


def vertical(
    x: float, text: str, *, height: float, leftward: bool = False, role: str = "given"
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A grey reference line over the full height, labelled at a fraction of it on its right or left."""
    side = {"xanchor": "right", "xshift": -4} if leftward else {"xanchor": "left", "xshift": 4}
    shape = {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1}
    label = {"xref": "x", "yref": "paper", "x": x, "y": height, "text": text, "showarrow": False}
    return (
        {**shape, **noted(role), "line": {"color": GREY, "width": 1, "dash": "dot"}, "layer": "below"},
        {**label, **noted(role), **side, "yanchor": "middle", "font": {"size": 12, "color": GREY}},
    )


def words(text: str) -> str:
    """Words that are somebody's, as they are: plotly reads tags, entities and templates in its texts."""
    return escape(text, quote=False).replace("%{", "%\N{WORD JOINER}{")


def end_label(
    x: float, y: float, text: str, color: str, *, shift: float = 0.0, role: str = "measurement"
) -> dict[str, Any]:
    """A label at the right end of a line, in its colour and with its role."""
    place = {**noted(role), "xref": "x", "yref": "y", "x": x, "y": y, "xanchor": "left", "yanchor": "middle"}
    return {**place, "text": text, "showarrow": False, "xshift": 6, "yshift": shift, "font": {"color": color}}


def apart(places: Array, gap: float) -> Array:
    """The nearest places, by least squares, that keep a gap between neighbours and their order.

    Less gaps times their rank they are the monotone regression, found by pooling neighbours that are out of order
    (R. E. Barlow, H. D. Brunk, J. Amer. Statist. Assoc. 67, 1972).

    Parameters
    ----------
    places : ndarray, shape (n,)
        Wanted, in ascending order.
    gap : float
        The smallest distance between two of them.

    Returns
    -------
    ndarray, shape (n,)
        In ascending order.
    """
    steps = gap * np.arange(len(places))
    pools: list[list[float]] = []
    for wanted in places - steps:
        pools.append([float(wanted)])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    return steps + [float(np.mean(pool)) for pool in pools for _ in pool]


def band(x0: float, x1: float, text: str, *, role: str = "measurement") -> tuple[dict[str, Any], dict[str, Any]]:
    """A grey stretch of the x-axis with its label: shape and annotation."""
    shape = {"type": "rect", "xref": "x", "yref": "paper", "x0": x0, "x1": x1, "y0": 0, "y1": 1}
    label = {"xref": "x", "yref": "paper", "x": (x0 + x1) / 2, "y": 0.03, "text": text, "showarrow": False}
    return (
        {**shape, **noted(role), "fillcolor": GREY, "opacity": 0.12, "line": {"width": 0}, "layer": "below"},
        {**label, **noted(role), "yanchor": "bottom", "font": {"size": 12, "color": GREY}},
    )


def frame_slider(labels: Sequence[str], *, prefix: str) -> dict[str, Any]:
    """A slider through the frames 0, 1, ... of a figure, at the last one."""
    steps = [{"label": label, "method": "animate", "args": [[str(i)], _animation(0)]} for i, label in enumerate(labels)]
    value = {"prefix": prefix, "visible": True, "xanchor": "right", "font": {"size": 15, "color": GREY}}
    return {
        "active": len(steps) - 1,
        "steps": steps,
        "currentvalue": value,
        "x": 0.14,
        "len": 0.86,
        "y": -0.16,
        "pad": {"t": 20},
        "ticklen": 0,
        "minorticklen": 0,
        "tickcolor": "rgba(0,0,0,0)",
        "bgcolor": GREY,
        "bordercolor": GREY,
        "borderwidth": 0,
        "font": {"size": 1, "color": "rgba(0,0,0,0)"},
    }


def play_buttons() -> dict[str, Any]:
    """Buttons that run through all frames, and stop."""
    play = {"label": "Play", "method": "animate", "args": [None, {**_animation(220), "fromcurrent": False}]}
    pause = {"label": "Stop", "method": "animate", "args": [[None], _animation(0)]}
    place = {
        "x": 0,
        "y": -0.16,
        "xanchor": "left",
        "yanchor": "top",
        "pad": {"t": 20},
        "showactive": False,
        "bordercolor": GREY,
        "font": {"color": GREY},
    }
    return {"type": "buttons", "direction": "left", "buttons": [play, pause], **place}


def _animation(duration: int) -> dict[str, Any]:
    return {"mode": "immediate", "frame": {"duration": duration, "redraw": True}, "transition": {"duration": 0}}
