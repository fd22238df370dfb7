"""Figure of the decision regions."""

from collections.abc import Iterable

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array
from core.figures import style
from core.figures.neural_collapse.common import class_color
from core.figures.style import Trace
from core.neural_collapse.result import RegionsResult
from core.notation import number

_VISIBLE = 1e-3  # a share of the square that can be seen, or of the probes


def regions_figure(result: RegionsResult) -> go.Figure:
    """Least-squares regions as colour and solid borders, those of the nearest mean dashed, their difference dark."""
    data = [
        _area([polygon], class_color(label), opacity=0.2, name=f"class {label + 1}")
        for label, polygon in enumerate(result.least_squares)
        if len(polygon)
    ]
    if result.differences:
        data.append({**_area(result.differences, style.GREY, opacity=0.75, name="they differ"), "showlegend": True})
    data += [
        style.line(
            *_path(result.least_squares_borders), name="least squares", color=style.ROSE, width=3, hoverinfo="skip"
        ),
        style.line(
            *_path(result.nearest_mean_borders),
            name="nearest class mean",
            color=style.GREY,
            role="theory",
            width=2.4,
            hoverinfo="skip",
        ),
        *(_features(result, label) for label in result.chosen),
        _means(result),
    ]
    axis = {"range": [-result.reach, result.reach], "showgrid": False, "constrain": "domain"}
    return style.figure(
        data,
        title=_title(result),
        x_axis={"title": {"text": "e₁"}, **axis},
        y_axis={"title": {"text": "e₂"}, "scaleanchor": "x", **axis},
        height=600,
        legend=True,
    )


def _title(result: RegionsResult) -> str:
    nearly = "nearly " if result.share > 0.0 else ""
    if result.share > _VISIBLE:
        return "Two rules, two partitions"
    if result.conditions.nc4 > _VISIBLE:
        return f"{nearly}one partition here, two elsewhere".capitalize()
    return f"Two rules, {nearly or 'nearly ' * (result.conditions.nc4 > 0.0)}one partition"


def _area(polygons: Iterable[Array], color: str, *, opacity: float, name: str) -> Trace:
    """Polygons filled with one colour."""
    gap = np.full((1, 2), np.nan)
    path = np.concatenate([part for polygon in polygons for part in (polygon, polygon[:1], gap)])
    return {
        "type": "scatter",
        "mode": "lines",
        "x": style.compact(path[:, 0]),
        "y": style.compact(path[:, 1]),
        "fill": "toself",
        "fillcolor": color,
        "opacity": opacity,
        "line": {"width": 0},
        "name": name,
        "showlegend": False,
        "hoverinfo": "skip",
        **style.marked("measurement"),
    }


def _path(edges: Array) -> tuple[Array, Array]:
    """Edges (k, 2, 2) as one broken line."""
    gaps = np.full((len(edges), 1, 2), np.nan)
    path = np.concatenate([edges, gaps], axis=1).reshape(-1, 2)
    return path[:, 0], path[:, 1]


def _features(result: RegionsResult, label: int) -> Trace:
    here = result.features[result.labels == label]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": style.compact(here[:, 0]),
        "y": style.compact(here[:, 1]),
        "marker": {"color": class_color(label), "size": 5, "opacity": 0.7},
        "name": f"features of class {label + 1}",
        "showlegend": False,
        "hoverinfo": "skip",
        **style.GIVEN,
    }


def _means(result: RegionsResult) -> Trace:
    chosen = list(result.chosen)
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": style.compact(result.means[chosen, 0]),
        "y": style.compact(result.means[chosen, 1]),
        "marker": {
            "color": [class_color(label) for label in chosen],
            "size": 20,
            "line": {"color": "white", "width": 2},
        },
        "text": [str(label + 1) for label in chosen],
        "textfont": {"color": "white", "size": 12},
        "name": "class means",
        "showlegend": False,
        **style.GIVEN,
        "hovertemplate": "mean of class %{text}<br>(%{x:.3f}, %{y:.3f})<extra></extra>",
    }


def describe_regions(result: RegionsResult) -> str:
    """One sentence on what the picture shows."""
    classes = len(result.means)
    plane = "" if classes <= 3 else " This is the plane through the first three class means; all classes compete on it."
    share = f"{number(100.0 * result.share)} % of the square"
    return (
        f"Colour and solid lines: least squares. Dashed: the nearest class mean. They differ on {share}, on "
        f"{result.conditions.disagreement}.{plane}"
    )
