"""Figures of the simplex ETF."""

import numpy as np
import plotly.graph_objects as go

from core.figures import style
from core.figures.neural_collapse.common import COLUMN_HEIGHT, class_color, class_names, describe_scene, scene_figure
from core.figures.style import Trace
from core.neural_collapse.result import EQUAL, SimplexResult
from core.notation import number

_SHAPES = {2: "a line", 3: "a triangle", 4: "a tetrahedron"}


def simplex_figure(result: SimplexResult) -> go.Figure:
    """The scene of a simplex, named by its shape."""
    shape = _SHAPES.get(result.classes)
    shadow = f"{result.classes} classes: a shadow of {result.classes - 1} dimensions"
    skewed = max(result.conditions.nc2_equinorm, result.conditions.nc2_equiangle) > EQUAL
    title = f"{result.classes} classes: {shape}{', skewed' if skewed else ''}" if shape else shadow
    return scene_figure(result.scene, title=title, names=class_names(result.classes))


def cosines_figure(result: SimplexResult) -> go.Figure:
    """All cosines between class means against their target, dashed."""
    first, second = np.triu_indices(result.classes, 1)
    values = result.cosines[first, second]
    pairs = np.arange(1.0, len(values) + 1)
    dots: Trace = {
        "type": "scatter",
        "mode": "markers",
        "x": style.compact(pairs),
        "y": style.compact(values),
        "marker": {"color": [class_color(int(i)) for i in first], "size": 9 if len(values) < 60 else 5},
        "name": "measured",
        "hovertext": [f"classes {i + 1} and {j + 1}" for i, j in zip(first, second, strict=True)],
        "hovertemplate": "%{hovertext}<br>cos = %{y:.6f}<extra></extra>",
        **style.marked("measurement"),
    }
    ends = np.array([0.5, len(values) + 0.5])
    target = style.line(ends, np.full(2, result.target), name="−1/(C − 1)", color=style.GREY, role="theory", width=2.5)
    label = style.end_label(ends[1], result.target, f"−1/{result.classes - 1}", style.GREY, role="theory")
    reach = max(0.12, 1.3 * float(np.abs(values - result.target).max()))
    return style.figure(
        [target, dots],
        title=f"Cosines of all pairs, target −1/{result.classes - 1}",
        x_axis={"title": {"text": "pair of classes"}, "range": ends.tolist(), "showticklabels": False},
        y_axis={"title": {"text": "cosine"}, "range": [result.target - reach, result.target + reach]},
        height=COLUMN_HEIGHT,
        annotations=[label],
        margin={"l": 8, "r": 44, "t": 44, "b": 8},
    )


def describe_cosines(result: SimplexResult) -> str:
    """How far the cosines are from their target, and which pair is furthest."""
    first, second = np.triu_indices(result.classes, 1)
    values = result.cosines[first, second]
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return "No cosine is defined: too few class means differ from the global mean."
    off = np.abs(values[known] - result.target)
    worst = int(known[off.argmax()])
    goal = f"the dashed −1/{result.classes - 1} = {number(result.target)}"
    which = "The only cosine" if len(values) == 1 else f"The {len(known)} cosines"
    where = f"lie{'s' * (len(values) == 1)} on {goal}, off by {number(float(off.max()))} at most"
    if off.max() > EQUAL:
        low, high = number(float(values[known].min())), number(float(values[known].max()))
        pair = f"classes {first[worst] + 1} and {second[worst] + 1}"
        where = f"lie between {low} and {high}; from {goal} {pair} are furthest, by {number(float(off.max()))}"
    missing = f"; {len(values) - len(known)} more are not defined" if len(known) < len(values) else ""
    return f"{which} {where}{missing}."


def describe_simplex(result: SimplexResult) -> str:
    """One sentence on what the picture shows."""
    c = result.conditions
    return (
        f"{describe_scene(result.scene)} NC2 lengths {_shown(c.nc2_equinorm)}, angles {_shown(c.nc2_equiangle)}; NC3 "
        f"{_shown(c.nc3)}."
    )


def _shown(value: float) -> str:
    """A metric; what rounding leaves is no number."""
    return "0" if value <= EQUAL else number(value)
