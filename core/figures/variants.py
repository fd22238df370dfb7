"""A figure once more, for another purpose: in little, without its measurement, or over earlier runs in grey."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.figures.style import GREY, Figure, Trace

_SMALL = 250  # pixels
_OVERLAID = ("scatter", "scatter3d", "bar")  # what can lie over one another; maps cannot
_STROKES = ("solid", "longdash", "longdashdot")  # of up to three earlier runs
_SYMBOLS = ("circle-open", "square-open", "diamond-open")
_FORETOLD = ("theory", "limit", "given")  # roles of what is known before anything is measured


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """What is drawn of an earlier run.

    Attributes
    ----------
    name : str
        In what it differs.
    traces : sequence of dict
        Traces of its figure, as `to_keep` chose them.
    """

    name: str
    traces: Sequence[Trace]


def to_keep(figure: Figure) -> tuple[Trace, ...]:
    """Traces by which a later run is compared with this one: the measured, and theory where no other trace is a line.

    Maps have none.
    """
    traces = [trace for trace in figure.spec["data"] if trace.get("type", "scatter") in _OVERLAID]
    measured = [trace for trace in traces if not (_is_theory(trace) or _is_data(trace) or trace.get("fill"))]
    if any("lines" in trace.get("mode", "") or trace.get("type") == "bar" for trace in measured):
        return tuple(measured)
    return tuple(measured + [trace for trace in traces if _is_theory(trace)])


def _role(trace: Mapping[str, Any]) -> str:
    return str(trace.get("meta", "measurement"))


def _is_theory(trace: Mapping[str, Any]) -> bool:
    """Whether it is drawn as theory, or as a limit."""
    return _role(trace) in ("theory", "limit", "derived")


def _is_data(trace: Mapping[str, Any]) -> bool:
    return _role(trace) == "given" and trace.get("mode") == "markers"


def overlaid(figure: Figure, earlier: Sequence[Earlier]) -> Figure:
    """The figure over earlier runs in grey, each with a line in the legend."""
    under = [
        _greyed(trace, run.name, number, first=i == 0)
        for number, run in enumerate(earlier)
        for i, trace in enumerate(run.traces)
    ]
    if not under:
        return figure
    layout = figure.spec["layout"]
    quiet = {} if layout["showlegend"] else {"showlegend": False}
    own = [{**trace, **quiet} for trace in figure.spec["data"]]
    # behind the others in the list, since frames count traces from its front
    return Figure({**figure.spec, "data": [*own, *under], "layout": {**layout, "showlegend": True}})


def _greyed(trace: Trace, name: str, number: int, *, first: bool) -> Trace:
    """A trace of an earlier run: thin, grey, behind."""
    stroke = "dot" if _is_theory(trace) else _STROKES[number % len(_STROKES)]
    marker = {key: value for key, value in trace.get("marker", {}).items() if key == "size"}
    grey: Trace = {
        **{key: trace[key] for key in ("type", "mode", "x", "y", "z", "orientation", "base", "width") if key in trace},
        "name": name,
        "legendgroup": f"earlier {number}",
        "showlegend": first,
        "hoverinfo": "name",
        "opacity": 0.7,
    }
    if trace.get("type") == "bar":
        return {**grey, "marker": {"color": "rgba(0,0,0,0)", "line": {"color": GREY, "width": 1.5}}}
    if trace.get("type") == "scatter3d":
        return {
            **grey,
            "mode": grey["mode"].replace("+text", ""),
            "marker": {**marker, "color": GREY},
            "line": {"color": GREY},
        }
    symbol = {"symbol": _SYMBOLS[number % len(_SYMBOLS)], "color": GREY, "line": {"color": GREY, "width": 1}}
    return {**grey, "marker": {**marker, **symbol}, "line": {"color": GREY, "width": 1.5, "dash": stroke}}


def without_measurement(figure: Figure, name: str) -> Figure:
    """The figure with what is known before the measurement, for those who are to say what will be measured.

    What is hidden follows from what a trace, a shape or an annotation is computed of; one that does not say so is
    hidden. The title tells what is seen, so the figure's name takes its place. Where nothing is left to see, the y-axis
    has no numbers, which would tell how far the measurement goes.
    """
    spec = figure.spec
    data = [{**trace, "visible": _role(trace) in _FORETOLD} for trace in spec["data"]]
    kept = {part: _foretold(spec["layout"][part]) for part in ("shapes", "annotations")}
    title = {**spec["layout"]["title"], "text": name}
    layout = {**spec["layout"], **kept, "title": title}
    if not any(trace["visible"] for trace in data):
        layout["yaxis"] = {**layout["yaxis"], "showticklabels": False}
    return Figure({"data": data, "layout": layout, "frames": []})


def _foretold(parts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [part for part in parts if part.get("name") in _FORETOLD]


def is_empty(figure: Figure) -> bool:
    """Whether a figure shows no trace."""
    return not any(trace.get("visible", True) for trace in figure.spec["data"])


def small(figure: Figure, height: int = _SMALL) -> Figure:
    """The figure in little: no legend, a smaller title, and as high as is said."""
    layout = figure.spec["layout"]
    title = {**layout["title"], "font": {"size": 15}}
    return Figure({**figure.spec, "layout": {**layout, "showlegend": False, "height": height, "title": title}})
