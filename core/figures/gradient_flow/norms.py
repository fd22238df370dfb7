"""Figures of 1.1: norm growth."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array
from core.figures import style
from core.figures.gradient_flow.axis import EARLY_LOSS, Axis, layer, moment
from core.figures.style import Trace
from core.gradient_flow.result import FlowResult
from core.notation import number, power_of_ten, subscript, superscript

_EQUAL = 1.03  # ratio of norms below which they count as equal
_ONE_LINE = 0.012  # of the largest norm, some 4 pixels: lines that are closer cover each other
_PLOT_HEIGHT = style.HEIGHT - 120.0  # pixels between the axes, less title, ticks and their title
_LINE_HEIGHT = 18.0  # pixels of a label
_SEEN = 0.001  # of the largest difference at the start: less counts as no change
_ROUNDING = 1e-9  # of the largest squared norm: less is no difference


def _nested_width(k: int, depth: int) -> float:
    """Lines that may coincide are drawn as stripes, the first the widest."""
    return 2.0 + min(3.5, 12.0 / max(depth - 1, 1)) * (depth - 1 - k)


def norm_growth_figure(result: FlowResult, axis: Axis) -> go.Figure:
    """Layer norms against time, with the law (log t / nu)^(1/K) dashed.

    Parameters
    ----------
    result : FlowResult
        The run.
    axis : Axis
        The x-axis.
    """
    x, depth = axis.values(result), result.depth
    hover = f"{axis.hover()}<br>%{{y:.4g}}"
    data = [
        style.line(x, norm, name=layer(k), color=style.LAYERS[k], width=_nested_width(k, depth), hover=hover)
        for k, norm in enumerate(result.layer_norms.T)
    ]
    data += _growth_law(result, axis)
    shapes, labels = axis.events(result)
    last = int(np.flatnonzero(axis.shown(result))[-1])
    x_axis = axis.layout(result)
    top = 1.08 * float(result.layer_norms[axis.shown(result)].max())
    labels += _end_labels(x_axis["range"][1], result.layer_norms[last], top)  # beyond the lines, which go to the edge
    return style.figure(
        data,
        title=_growth_title(result),
        x_axis=x_axis,
        y_axis={"title": {"text": "norm ‖Wₖ‖"}, "range": [0.0, top]},
        shapes=shapes,
        annotations=labels,
        margin={"l": 8, "r": 96, "t": 44, "b": 8},
    )


def _growth_title(result: FlowResult) -> str:
    if not np.isfinite(result.loss_below_one_at):
        return "The loss is not below 1: no growth is promised"
    if result.depth == 1:
        return "The norm of the only layer grows for ever"
    if result.layer_norms[0].max() / result.layer_norms[0].min() > _EQUAL:
        return "Unequal norms: only their squares grow at one rate"
    return "The norms of all layers grow as one"


def _growth_law(result: FlowResult, axis: Axis) -> list[Trace]:
    """(log t / nu)^(1/K) with the margin nu at the end, for t > 1; nothing without separation."""
    later = result.log10_time > 0.0
    nu = float(result.smoothed_margin[-1])
    if not np.isfinite(result.loss_below_one_at) or nu <= 0.0 or not later.any():
        return []
    law = (result.log10_time[later] * np.log(10.0) / nu) ** (1.0 / result.depth)
    name = f"(log t / ν){'' if result.depth == 1 else f'<sup>1/{result.depth}</sup>'}"
    hover = f"{axis.hover()}<br>%{{y:.4g}}"
    return [style.line(axis.values(result)[later], law, name=name, color=style.GREY, role="derived", hover=hover)]


def _end_labels(x: float, norms: Array, top: float) -> list[dict[str, Any]]:
    """Labels at the right ends, one for each group that the eye cannot tell apart, and none over another."""
    order = np.argsort(norms)
    groups = np.split(order, np.flatnonzero(np.diff(norms[order]) > _ONE_LINE * norms.max()) + 1)
    ends = np.array([float(norms[group].mean()) for group in groups])
    shifts = style.apart(ends * _PLOT_HEIGHT / top, _LINE_HEIGHT) - ends * _PLOT_HEIGHT / top
    labels = []
    for group, end, shift in zip(groups, ends, shifts, strict=True):
        layers = np.sort(group)
        text = " = ".join(layer(k) for k in layers) if len(layers) < 3 else f"{layer(layers[0])} … {layer(layers[-1])}"
        labels.append(style.end_label(x, float(end), text, style.LAYERS[int(layers[-1])], shift=float(shift)))
    return labels


def balance_figure(result: FlowResult, axis: Axis) -> go.Figure:
    """|W_k|^2 - |W_1|^2, measured, and its initial value dashed."""
    x = axis.values(result)
    hover = f"{axis.hover()}<br>%{{y:.6g}}"
    data: list[Trace] = []
    for k in range(1, result.depth):
        name = f"‖W{subscript(k + 1)}‖² − ‖W₁‖²"
        width = _nested_width(k, result.depth)
        data.append(style.line(x, result.balance[:, k], name=name, color=style.LAYERS[k], width=width, hover=hover))
        start = np.full(2, result.balance[0, k])
        data.append(style.line(x[[0, -1]], start, name="at the start", color=style.GREY, role="theory", width=1.5))
    reach = _reach(result)
    shapes, labels = axis.events(result, heights=(0.96, 0.86))
    return style.figure(
        data,
        title="Conserved differences",
        x_axis=axis.layout(result),
        y_axis={"title": {"text": "‖Wₖ‖² − ‖W₁‖²"}, "range": [-reach, reach]},
        height=style.SMALL_HEIGHT,
        shapes=shapes,
        annotations=labels,
    )


def _reach(result: FlowResult) -> float:
    """Half the height of the chart, 1 % of the squared norms where the differences are rounding."""
    largest, size = float((result.layer_norms**2).max()), float(np.abs(result.balance).max())
    return 1.15 * size if size > _ROUNDING * largest else 0.01 * largest


def rate_figure(result: FlowResult, axis: Axis) -> go.Figure:
    """d|W_k|^2/dt of each layer, measured, against 2 sum y f exp(-y f), as logarithms."""
    x = axis.values(result, result.rate_log10_time)
    hover = f"{axis.hover()}<br>10<sup>%{{y:.3f}}</sup>"
    data = [
        style.line(
            x,
            np.where(np.isfinite(result.measured_rates[1, :, k]), result.measured_rates[1, :, k], np.nan),
            name=f"d{layer(k)}²/dt",
            color=style.LAYERS[k],
            width=_nested_width(k, result.depth),
            hover=hover,
        )
        for k in range(result.depth)
    ]
    predicted = result.predicted_rates[1]
    data.append(style.line(x, predicted, name="2 Σ y f e<sup>−yf</sup>", color=style.GREY, role="derived", hover=hover))
    shapes, labels = axis.events(result, heights=(0.14, 0.04))
    shrinking = np.flatnonzero(result.predicted_rates[0] < 0.0)
    if len(shrinking):
        ends = float(x[shrinking[0]]), float(x[shrinking[-1]])
        wide = abs(ends[1] - ends[0]) > 0.2 * abs(np.diff(axis.layout(result)["range"])[0])
        shape, label = style.band(*ends, "norms shrink" if wide else "")
        shapes, labels = [*shapes, shape], [*labels, label]
    y_axis: dict[str, Any] = {"title": {"text": "size of d‖Wₖ‖²/dt"}, **style.POWER}
    if axis.early and len(predicted):
        shown = predicted[np.interp(result.rate_log10_time, result.log10_time, result.log10_loss) > EARLY_LOSS]
        if len(shown) and np.isfinite(shown).all():
            y_axis["range"] = [float(shown.min()) - 0.5, float(shown.max()) + 0.5]
    return style.figure(
        data,
        title="One rate for every layer" if result.depth > 1 else "The rate of the squared norm",
        x_axis=axis.layout(result),
        y_axis=y_axis,
        height=style.SMALL_HEIGHT,
        shapes=shapes,
        annotations=labels,
    )


def describe_norms(result: FlowResult) -> str:
    """One sentence on what the norm chart shows."""
    norms = result.layer_norms
    end = f"t = {power_of_ten(float(result.log10_time[-1]))}"
    if (norms.max(axis=1) / norms.min(axis=1)).max() < _EQUAL:
        which = {1: "The norm moves", 2: "Both norms move"}.get(result.depth, f"All {result.depth} norms move")
        return f"{which} from {number(norms[0, 0])} to {number(norms[-1, 0])} at {end}."
    moves = [
        f"{layer(k)} from {number(a)} to {number(b)}" for k, (a, b) in enumerate(zip(*norms[[0, -1]], strict=True))
    ]
    return f"Until {end} the norms move at different rates: {', '.join(moves)}."


def describe_law(result: FlowResult) -> str:
    """What the dashed line of the norm chart is, where there is one."""
    if not _growth_law(result, Axis()):
        return ""
    law = {1: "log t / ν", 2: "√(log t / ν)"}.get(result.depth, f"{superscript(result.depth)}√(log t / ν)")
    return f"Dashed: the law {law}, with the smoothed margin ν of the end."


def describe_balance(result: FlowResult) -> str:
    """One sentence on the differences of the squared norms, and what keeps them."""
    if result.depth == 1:
        return "A single layer has no difference to conserve."
    starts, largest = result.balance[0, 1:], float((result.layer_norms**2).max())
    change = float(np.abs(result.balance - result.balance[0]).max())
    begun = float((result.layer_norms[0] ** 2).max())
    low, high = (number(_seen(float(value), begun)) for value in (starts.min(), starts.max()))
    name = "‖W₂‖² − ‖W₁‖²" if result.depth == 2 else f"Each of the {result.depth - 1} differences"
    where = f"at {low}" if low == high else f"between {low} and {high}"
    scale = max(float(np.abs(starts).max()), _ROUNDING * largest)
    verb = "stays" if change < _SEEN * scale else "moves away"
    put_right = float(np.ptp(result.changes.corrections[-1]))
    kept = (
        "The layers are rescaled against each other after each step, which leaves f as it is: "
        f"{number(put_right)} in all."
        if result.dynamics == "plain"
        else "The normalized flow has one number for all norms, which keeps them."
    )
    return (
        f"{name} starts {where} and {verb}{' there' * (verb == 'stays')}: until {moment(result.log10_time[-1])} the "
        f"largest change is {number(change)}, next to squared norms of up to {number(largest)}. {kept}"
    )


def _seen(value: float, scale: float) -> float:
    """A value, or 0 where it is rounding next to a scale."""
    return value if abs(value) > _ROUNDING * scale else 0.0


def describe_rate(result: FlowResult) -> str:
    """What the rate does, and how close the measured rates of the layers come to it."""
    times, (sign, size) = result.rate_log10_time, result.predicted_rates
    known = np.flatnonzero(np.isfinite(size))
    if not len(known):
        return "The flow stands still: there is no rate to measure."
    top, end = int(np.argmax(size)), int(known[-1])
    falling = np.flatnonzero(sign < 0.0)
    shrinks = ""
    if len(falling):
        what = "the norm shrinks" if result.depth == 1 else "the norms shrink"
        steps = f"{len(falling)} of {len(times)} steps, the last at {moment(times[falling[-1]])}"
        shrinks = f"; it is negative, and {what}, at {steps}"
    last = f"{'−' if sign[end] < 0.0 else ''}{power_of_ten(float(size[end]))}"
    return (
        f"The rate 2 Σ y f e⁻ʸᶠ, dashed, has its largest size, {power_of_ten(float(size[top]))}, at "
        f"{moment(times[top])} and ends at {last}{shrinks}. {_rate_errors(result)}"
    )


def _rate_errors(result: FlowResult) -> str:
    """How far the measured rates are from the predicted one: all of them, and half."""
    (sign, size), (signs, sizes) = result.predicted_rates, result.measured_rates
    with np.errstate(invalid="ignore", over="ignore"):
        errors = np.abs((signs * sign[:, None]) * 10.0 ** (sizes - size[:, None]) - 1.0)
    errors = 100.0 * errors[np.isfinite(errors)]
    if not len(errors):
        return "Relative to it no measured rate is defined."
    layers = {1: "the only layer", 2: "both layers"}.get(result.depth, f"all {result.depth} layers")
    return (
        f"The measured rates of {layers} are off it by {number(float(errors.max()))} % at most, and half of them by no "
        f"more than {number(float(np.median(errors)))} %."
    )
