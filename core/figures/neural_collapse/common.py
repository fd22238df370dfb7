"""What the figures of problem 3 share: class colours, scenes in three dimensions, Gram matrices."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array, Indices
from core.figures import style
from core.figures.style import Trace
from core.neural_collapse.result import EQUAL, Scene
from core.notation import number

COLUMN_HEIGHT = 360
SCENE_HEIGHT = 540
CONDITION_COLORS = {
    "NC1": style.BLUE,
    "NC2 lengths": style.GREEN,
    "NC2 angles": style.TEAL,
    "NC3": style.VERMILION,
    "NC4": style.PURPLE,
}
_HIDDEN = {"showgrid": False, "zeroline": False, "showticklabels": False, "showbackground": False, "showspikes": False}
_AXIS = {**_HIDDEN, "title": {"text": ""}}
_EYE = {"x": 0.82, "y": 0.82, "z": 0.56}
_FLAT_EYE = {"x": 0.0, "y": 0.0, "z": 1.2}
_BEYOND = 1.22  # where a class has its name, in units of its mean
_MOST_WRITTEN, _MOST_NAMED = 6, 30  # classes whose cosines are written in the cells; whose means carry numbers
_UNREMARKABLE = "#C9CCD1"  # opaque, so that plotly finds a readable colour for the numbers on it, on any paper


def safe(names: Sequence[str]) -> list[str]:
    """A file's words as they are."""
    return [style.words(name) for name in names]


def class_names(count: int) -> list[str]:
    """Numbers from 1."""
    return [str(label + 1) for label in range(count)]


def class_color(label: int) -> str:
    """Colour of a class; beyond eight they repeat, and labels tell them apart."""
    return style.PALETTE[label % len(style.PALETTE)]


def features_cloud(features: Array, labels: Indices, role: str = "given") -> Trace:
    """Features as one cloud, coloured by class, shape (n, 3); data, unless a run has made them."""
    return {
        "type": "scatter3d",
        "mode": "markers",
        **coordinates(features),
        "marker": {"size": 2.6, "color": [class_color(int(label)) for label in labels], "opacity": 0.55},
        "name": "features",
        "hoverinfo": "skip",
        **style.marked(role),
    }


def mean_spokes(means: Array, names: Sequence[str], role: str = "given") -> Trace:
    """Class means as lines from their centre, shape (C, 3), with their names beyond the ends."""
    count = len(means)
    colors = np.repeat([class_color(label) for label in range(count)], 5).tolist()
    named = names if count <= _MOST_NAMED else [""] * count
    return {
        "type": "scatter3d",
        "mode": "lines+markers+text",
        **coordinates(spoke_path(means)),
        "line": {"color": colors, "width": 6},
        "marker": {"size": np.tile([0, 6, 0, 0, 0], count).tolist(), "color": colors},
        "text": [text for name in named for text in ("", "", "", name, "")],
        "textposition": "middle center",
        "textfont": {"size": 17, "color": colors},
        "name": "class means",
        "hovertext": [f"mean of class {name}" for name in names for _ in range(5)],
        "hoverinfo": "text",
        **style.marked(role),
    }


def spoke_path(means: Array) -> Array:
    """For each class from the centre to its mean, and a point beyond it for its name, shape (5 C, 3)."""
    path = np.zeros((5 * len(means), 3))
    path[1::5], path[3::5] = means, _BEYOND * means
    path[2::5] = path[4::5] = np.nan
    return path


def row_marks(rows: Array, names: Sequence[str]) -> Trace:
    """Rows of the classifier as open diamonds, shape (C, 3)."""
    return {
        "type": "scatter3d",
        "mode": "markers",
        **coordinates(rows),
        "marker": {
            "size": 9,
            "symbol": "diamond-open",
            "color": [class_color(label) for label in range(len(rows))],
            "line": {"width": 2},
        },
        "name": "rows of the classifier",
        "hovertext": [f"row {name} of the classifier" for name in names],
        "hoverinfo": "text",
        **style.marked("measurement"),
    }


def simplex_edges(corners: Array, role: str = "theory") -> Trace:
    """The simplex ETF nearest to the means: its edges, dashed, shape (C, 3); of a run's means it is derived."""
    first, second = np.triu_indices(len(corners), 1)
    path = np.full((3 * len(first), 3), np.nan)
    path[0::3], path[1::3] = corners[first], corners[second]
    return {
        "type": "scatter3d",
        "mode": "lines",
        **coordinates(path),
        "line": {"color": style.GREY, "width": 2.5 if len(corners) <= 5 else 1.2, "dash": "dash"},
        "name": "nearest simplex ETF",
        "hoverinfo": "skip",
        **style.marked(role),
    }


def coordinates(values: Array) -> dict[str, Any]:
    """Points in rows as plotly wants them."""
    x, y, z = (style.compact(column) for column in values.T)
    return {"x": x, "y": y, "z": z}


def space_figure(traces: Sequence[Trace], *, title: str, reach: float, flat: bool = False, **layout: Any) -> go.Figure:
    """A figure in three dimensions, seen from above where its content is flat.

    Parameters
    ----------
    traces : sequence of dict
        In three dimensions.
    title : str
        What to see.
    reach : float
        Half the side of the cube that is shown.
    flat : bool
        Whether the third coordinate is 0 everywhere.
    **layout
        Further keys of the layout.
    """
    axis = {**_AXIS, "range": [-reach, reach]}
    camera = {"eye": _FLAT_EYE if flat else _EYE, "up": {"x": 0, "y": 1, "z": 0} if flat else {"x": 0, "y": 0, "z": 1}}
    cube = {"aspectmode": "cube", "camera": camera, "dragmode": "turntable", "uirevision": f"flat {flat}"}
    return style.figure(
        traces,
        title=title,
        x_axis={"visible": False},
        y_axis={"visible": False},
        height=SCENE_HEIGHT,
        **{"margin": {"l": 0, "r": 0, "t": 40, "b": 0}, **layout},
        scene={"xaxis": axis, "yaxis": axis, "zaxis": axis, **cube},
    )


def scene_figure(scene: Scene, *, title: str, names: Sequence[str]) -> go.Figure:
    """Class means, classifier rows and features in three dimensions, with the nearest simplex ETF dashed."""
    names = safe(names)
    parts = (_BEYOND * scene.means, scene.rows, scene.features)  # names stand within the axes too
    cloud = features_cloud(scene.features, scene.labels)
    traces = [cloud, mean_spokes(scene.means, names), row_marks(scene.rows, names)]
    return space_figure(
        [simplex_edges(scene.simplex), *traces] if len(scene.simplex) else traces,
        title=title,
        reach=1.1 * max(float(np.abs(part).max()) for part in parts),
        flat=len(scene.means) <= 3,
    )


def describe_scene(scene: Scene) -> str:
    """What is what in a scene, and how much of it the projection shows."""
    simplex = "; dashed: the nearest simplex ETF" if len(scene.simplex) else ""
    shown = f" The picture keeps {100 * scene.shown:.0f} % of |M|²." if scene.shown < 1.0 - 1e-9 else ""
    return (
        f"Lines: class means less their mean; diamonds: rows of the classifier, on the same scale{simplex}.{shown} "
        "Drag to turn."
    )


def gram_figure(cosines: Array, *, names: Sequence[str], target: float) -> go.Figure:
    """Cosines between centred class means; the colour turns at their target, the one value of a simplex."""
    middle = (target + 1.0) / 2.0
    written = len(cosines) <= _MOST_WRITTEN
    labels = safe(names)
    return style.figure(
        [
            {
                "type": "heatmap",
                "z": style.compact(cosines),
                "x": labels,
                "y": labels,
                "zmin": -1.0,
                "zmax": 1.0,
                "xgap": 2,
                "ygap": 2,
                "colorscale": [[0.0, style.VERMILION], [middle, _UNREMARKABLE], [1.0, style.BLUE]],
                "colorbar": {"thickness": 12, "outlinewidth": 0, "title": {"text": "cos", "side": "top"}},
                "text": [[_cosine(value) for value in row] for row in cosines] if written else None,
                "texttemplate": "%{text}" if written else "",
                "hovertemplate": "classes %{x}, %{y}<br>cos = %{z:.5f}<extra></extra>",
                **style.marked("measurement"),
            }
        ],
        title="Cosines of all pairs, as a matrix",
        x_axis={"title": {"text": "class"}, "type": "category", "constrain": "domain", "showgrid": False},
        y_axis={
            "title": {"text": "class"},
            "type": "category",
            "scaleanchor": "x",
            "constrain": "domain",
            "autorange": "reversed",
            "showgrid": False,
        },
        height=COLUMN_HEIGHT,
    )


def _cosine(value: float) -> str:
    """A cosine in a cell; a mean of length 0 has none."""
    return f"{value:.2f}".replace("-", "−") if np.isfinite(value) else "–"


def describe_gram(cosines: Array, *, names: Sequence[str], target: float) -> str:
    """Which pairs of classes are closest and furthest apart, next to their target."""
    first, second = np.triu_indices(len(cosines), 1)
    values = cosines[first, second]
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return "No cosine is defined: too few class means differ from the global mean."
    found, goal = values[known], number(target)
    count = len(values) - len(known)
    missing = f" {count} of {len(values)} cosines are not defined." if count else ""
    if float(np.abs(found - target).max()) <= EQUAL:
        which = "The only cosine is" if len(found) == 1 else f"All {len(found)} cosines are"
        return f"{which} {goal}, as in a simplex.{missing}"
    close, far = (int(known[place]) for place in (found.argmax(), found.argmin()))
    pairs = [
        f"classes “{names[first[pair]]}” and “{names[second[pair]]}”, {number(float(values[pair]))}"
        for pair in (close, far)
    ]
    if len(found) == 1:
        return f"The only cosine that is defined is that of {pairs[0]}; in a simplex it is {goal}.{missing}"
    return (
        f"The largest cosine is that of {pairs[0]}, the smallest that of {pairs[1]}; in a simplex each of the "
        f"{len(values)} is {goal}.{missing}"
    )


def metric(value: float) -> str:
    """A metric in words: what rounding leaves is 0, and one without a value says so."""
    if not np.isfinite(value):
        return "not defined"
    return number(value) if value > EQUAL else "0"
