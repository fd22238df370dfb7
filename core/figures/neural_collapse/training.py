"""Figures of both trainings."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array
from core.figures import style
from core.figures.neural_collapse.common import (
    COLUMN_HEIGHT,
    CONDITION_COLORS,
    SCENE_HEIGHT,
    coordinates,
    features_cloud,
    mean_spokes,
    row_marks,
    simplex_edges,
    space_figure,
    spoke_path,
)
from core.neural_collapse.result import EQUAL, TrainingResult
from core.notation import digits, number

_FLOOR = 1e-18
_ELSEWHERE = {"unconstrained": "1000 probes of the whole space", "digits": "the held-out images"}
_LOWEST = -12.0  # decades shown
_FALLING = ("NC1", "NC2 lengths", "NC2 angles", "NC3")
_GONE = 1e-2  # of a mode: less cannot be seen


def metrics_figure(result: TrainingResult) -> go.Figure:
    """NC1 to NC4 along the run, and NC3 of the two least squares solutions on the same features."""
    x = _moments(result.moments)
    hover = f"{_hover(result)}<br>10<sup>%{{y:.2f}}</sup>"
    data = [
        style.line(x, _log(values), name=name, color=CONDITION_COLORS[name], hover=hover, width=2.4)
        for name, values in result.metrics.items()
    ]
    ridge, plain = _log(result.ridge_nc3), _log(result.least_squares_nc3)
    data += [
        style.line(x, ridge, name="NC3, ridge", color=CONDITION_COLORS["NC3"], role="derived", hover=hover, width=1.6),
        # dotted as a limit is, and yet of the run: its features with another classifier
        style.line(x, plain, name="NC3, pseudo-inverse", color=style.GREY, role="limit", hover=hover, width=1.6)
        | style.marked("derived"),
    ]
    shapes, notes = _terminal(result)
    lines = [_log(values) for name, values in result.metrics.items() if name != "NC4"]
    low, high = min(map(np.nanmin, lines)), max(map(np.nanmax, lines))
    return style.figure(
        data,
        title=_conditions_title(result),
        x_axis=_axis(result),
        y_axis={
            "title": {"text": "0 at the collapse"},
            "range": [max(float(low), _LOWEST) - 0.5, float(high) + 0.5],
            "dtick": 1 if low > -5.0 else 2,
            **style.POWER,
        },
        height=SCENE_HEIGHT,
        shapes=shapes,
        annotations=notes,
        legend=True,
    )


def objective_figure(result: TrainingResult) -> go.Figure:
    """What is minimized, and its closed-form minimum dashed where it is known."""
    x = _moments(result.objective_moments)
    hover = f"{_hover(result)}<br>%{{y:.6g}}"
    data = [style.line(x, result.objective, name="objective", color=style.BLUE, hover=hover)]
    if np.isfinite(result.minimum):
        level = np.full(2, result.minimum)
        data.append(style.line(_decades(x), level, name="global minimum", color=style.GREY, role="theory", hover=hover))
    shapes, notes = _terminal(result)
    return style.figure(
        data,
        title="The objective",
        x_axis=_axis(result),
        y_axis={"title": {"text": "objective"}, "type": "log", "dtick": "D2", "tickformat": "~g"},
        height=COLUMN_HEIGHT,
        shapes=shapes,
        annotations=notes,
        legend=True,
    )


def singular_figure(result: TrainingResult) -> go.Figure:
    """Strength of the modes of unconstrained features, q dashed."""
    x = _moments(result.moments)
    hover = f"{_hover(result)}<br>%{{y:.5g}}"
    data = [
        style.line(x, values, name=f"mode {k + 1}", color=style.PALETTE[k % 8], hover=hover)
        for k, values in enumerate(result.singular.T)
    ]
    level = np.full(2, result.singular_target)
    data.append(style.line(_decades(x), level, name="q, C − 1 times", color=style.GREY, role="theory", hover=hover))
    return style.figure(
        data,
        title=_modes_title(result),
        x_axis=_axis(result),
        y_axis={"title": {"text": "σₖ(W) σₖ(H)"}},
        height=COLUMN_HEIGHT,
        legend=True,
    )


def error_figure(result: TrainingResult) -> go.Figure:
    """Training and test error of the network."""
    x = _moments(result.moments)
    hover = f"{_hover(result)}<br>%{{y:.2f}} %"
    shapes, notes = _terminal(result)
    return style.figure(
        [
            style.line(x, 100.0 * result.train_error, name="training images", color=style.BLUE, hover=hover),
            style.line(x, 100.0 * result.test_error, name="held-out images", color=style.VERMILION, hover=hover),
        ],
        title="Errors",
        x_axis=_axis(result),
        y_axis={"title": {"text": "error, %"}, "rangemode": "tozero"},
        height=COLUMN_HEIGHT,
        shapes=shapes,
        annotations=notes,
        legend=True,
    )


def morph_figure(result: TrainingResult) -> go.Figure:
    """Class means, classifier rows and features along the run; a slider and a play button run through it."""
    morph, last = result.morph, len(result.morph.labels) - 1
    reach = 1.3 * float(max(np.abs(morph.means).max(), np.abs(morph.rows).max()))
    points = zip(morph.features, map(spoke_path, morph.means), morph.rows, strict=True)
    frames = [
        {
            "name": str(i),
            "data": [{"type": "scatter3d", **coordinates(part), **style.marked("measurement")} for part in parts],
            "traces": [1, 2, 3],
        }
        for i, parts in enumerate(points)
    ]
    return space_figure(
        [
            simplex_edges(morph.simplex, role="derived"),
            features_cloud(morph.features[last], morph.classes, role="measurement"),
            mean_spokes(morph.means[last], morph.names, role="measurement"),
            row_marks(morph.rows[last], morph.names),
        ],
        title=_means_title(result),
        reach=reach,
        flat=morph.means.shape[1] <= 3,
        margin={"l": 0, "r": 0, "t": 40, "b": 80},
        frames=frames,
        sliders=[style.frame_slider(morph.labels, prefix="")],
        updatemenus=[style.play_buttons()],
    )


def _fell(result: TrainingResult, share: float) -> list[str]:
    """Which of NC1 to NC3 end below a share of what they were.

    Of free features at the start of the run, of digits at that of the terminal phase; none where a run was stopped, has
    no such phase, or leaves no features.
    """
    of_digits = result.kind == "digits"
    if not result.complete or result.singular_target == 0.0 or (of_digits and not np.isfinite(result.terminal)):
        return []
    start = int(np.searchsorted(result.moments, result.terminal)) if of_digits else 0
    values = {name: result.metrics[name] for name in _FALLING}
    return [name for name, one in values.items() if one[start] > EQUAL and one[-1] < share * one[start]]


def _conditions_title(result: TrainingResult) -> str:
    fell = _fell(result, 0.5)
    if not fell:
        return "The conditions along the run"
    if len(fell) == len(_FALLING):
        return "The collapse, condition by condition"
    listed = " and ".join(filter(None, [", ".join(fell[:-1]), fell[-1]]))
    return f"{listed} {'falls' if len(fell) == 1 else 'fall'} by half and more"


def _means_title(result: TrainingResult) -> str:
    """Whether lengths and angles both came nearer to those of a simplex."""
    nearer = {"NC2 lengths", "NC2 angles"} <= {*_fell(result, 1.0)}
    return "Class means on their way to a simplex" if nearer else "Class means along the run"


def _modes_title(result: TrainingResult) -> str:
    last, most = result.singular[-1], float(result.singular.max())
    if result.complete and result.singular_target == 0.0 and float(last.max()) < _GONE * most:
        return "All modes vanish"
    strong = last[:-1]
    if result.complete and result.singular_target > 0.0 and np.ptp(strong) <= _GONE * float(strong.max()):
        return "One mode is left" if len(strong) == 1 else "C − 1 modes of equal strength"
    return "Strength of the modes"


def _decades(x: Array) -> Array:
    """Ends of a level of theory: whole decades, which do not tell where the run began and ended."""
    return np.array([np.floor(x[0]), np.ceil(x[-1])])


def _moments(values: Array) -> Array:
    """Decimal logarithm of times; epoch 0 stands at half an epoch."""
    return np.asarray(np.log10(np.where(values > 0.0, values, 0.5)))


def _log(values: Array) -> Array:
    return np.asarray(np.log10(np.maximum(values, _FLOOR)))


def _hover(result: TrainingResult) -> str:
    return "t = 10<sup>%{x:.2f}</sup>" if result.kind == "unconstrained" else "epoch 10<sup>%{x:.2f}</sup>"


def _axis(result: TrainingResult) -> dict[str, Any]:
    title = "time t" if result.kind == "unconstrained" else "epoch"
    return {"title": {"text": title}, **style.POWER, "dtick": 1}


def _terminal(result: TrainingResult) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A line at the start of the terminal phase."""
    if not np.isfinite(result.terminal):
        return [], []
    shape, note = style.vertical(float(_moments(np.array([result.terminal]))[0]), "zero training error", height=0.96)
    of_the_run = {"name": "measurement"}
    return [shape | of_the_run], [note | of_the_run]


def describe_training(result: TrainingResult) -> str:
    """One sentence on how far the run collapsed, and how it ended."""
    last = ", ".join(f"{name} {number(float(values[-1]))}" for name, values in result.metrics.items())
    ridge, plain = (number(float(values[-1])) for values in (result.ridge_nc3, result.least_squares_nc3))
    return (
        f"At the end: {last}. NC4 is taken on {_ELSEWHERE[result.kind]}. On the same features NC3 of least squares is "
        f"{ridge} with the training's weight decay as ridge, dashed, and {plain} by the pseudo-inverse, dotted. "
        f"{result.message}"
    )


def describe_morph(result: TrainingResult) -> str:
    """One sentence on what the pictures show."""
    shown = float(result.morph.shown[-1])
    part = "" if not shown < 1.0 - 1e-6 else f" The picture keeps {100 * shown:.0f} % of |M|²."
    return (
        "Lines: class means less their mean; diamonds: rows of the classifier, on the same scale; points: features; "
        f"dashed: the simplex ETF nearest to the last means.{part} Drag to turn."
    )


def describe_objective(result: TrainingResult) -> str:
    """From where to where the objective goes, and how far it is from its minimum."""
    values, moments = result.objective, result.objective_moments
    course = f"The objective is {digits(float(values[-1]), 4)} at {_when(result, moments[-1])}"
    if len(values) > 1:
        course = (
            f"The objective goes from {number(float(values[0]))} at {_when(result, moments[0])} to "
            f"{digits(float(values[-1]), 4)} at {_when(result, moments[-1])}"
        )
    if np.isfinite(result.minimum):
        gap = float(values[-1] / result.minimum - 1.0)
        side = "above" if gap >= 0.0 else "below"
        return f"{course}, {number(100.0 * abs(gap))} % {side} the global minimum, dashed, {digits(result.minimum, 4)}."
    least = int(np.argmin(values))
    lowest = ", its lowest value"
    if values[least] < values[-1]:
        lowest = f"; its lowest value was {digits(float(values[least]), 4)}, at {_when(result, moments[least])}"
    return f"{course}{lowest}.{_since_terminal(result, values)}"


def _since_terminal(result: TrainingResult, values: Array) -> str:
    """What the objective was where the training error became 0 for good."""
    if not np.isfinite(result.terminal):
        return ""
    there = number(float(np.interp(result.terminal, result.objective_moments, values)))
    return f" Where the training error became 0 for good, at {_when(result, result.terminal)}, it was {there}."


def describe_singular(result: TrainingResult) -> str:
    """How strong the modes are at the end, next to q."""
    if not result.singular.size:
        return "The modes of a network are not followed."
    last, end = result.singular[-1], _when(result, result.moments[-1])
    if result.singular_target == 0.0:
        return f"At {end} no mode is stronger than {number(float(last.max()))}; in theory all vanish, q = 0."
    strong, weak = last[:-1], number(float(last[-1]))
    low, high = number(float(strong.min())), number(float(strong.max()))
    between = f"has the strength {low}" if len(strong) == 1 else f"have strengths from {low} to {high}"
    off = float(np.abs(strong / result.singular_target - 1.0).max())
    which = "the first mode" if len(strong) == 1 else f"the first {len(strong)} modes"
    return (
        f"At {end} {which} {between}, {number(100.0 * off)} % from the dashed q = {number(result.singular_target)} at "
        f"most; the last mode has {weak}, in theory 0."
    )


def describe_error(result: TrainingResult) -> str:
    """How many images are wrong at the end, since when none of the training, and when fewest of the held-out."""
    if not result.train_error.size:
        return "Free features have no images to get wrong."
    train, test = 100.0 * result.train_error, 100.0 * result.test_error
    least = int(np.argmin(test))
    fewest = "these were never fewer"
    if test[least] < test[-1]:
        fewest = f"these were fewest, {number(float(test[least]))} %, at {_when(result, result.moments[least])}"
    terminal = "has not become 0 for good"
    if np.isfinite(result.terminal):
        terminal = f"is 0 from {_when(result, result.terminal)} on"
    return (
        f"At {_when(result, result.moments[-1])}, {number(float(train[-1]))} % of the training images and "
        f"{number(float(test[-1]))} % of the held-out ones are wrong; {fewest}. The training error {terminal}."
    )


def _when(result: TrainingResult, moment: float) -> str:
    """A moment in words."""
    return f"t = {number(float(moment))}" if result.kind == "unconstrained" else f"epoch {float(moment):.0f}"
