"""Figures of problem 1: norm growth, normalized margins, decision boundary."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array, Indices, Mask
from core.figures import style
from core.figures.style import Trace
from core.gradient_flow.result import FlowResult
from core.notation import number, power_of_ten, subscript

AXES = {"time": "Time t", "loss": "Loss L", "norm": "Norm product ρ"}
"""What the x-axis can be."""
_BUNDLE = 140  # points of a thin line: two hundred of them travel to the browser
_EQUAL = 1.03  # ratio of norms below which two lines cannot be told apart
_EARLY_LOSS = -3.0  # the early zoom ends where log10 L falls below this
_STILL = 1e-9  # rates of ν₁ that change nothing that could be seen, and are not drawn
_SEEN = 0.01  # of the height of a chart: less the eye does not see


@dataclass(frozen=True, slots=True)
class Axis:
    """A choice of the x-axis.

    Attributes
    ----------
    kind : str
        A key of `AXES`.
    early : bool
        Zoom on the time around the separation.
    """

    kind: str = "time"
    early: bool = False

    def values(self, result: FlowResult, log10_time: Array | None = None) -> Array:
        """Abscissae of the grid, or of other times, shape (T,)."""
        match self.kind:
            case "loss":
                grid = result.log10_loss
            case "norm":
                grid = result.norm_product
            case _:
                grid = result.log10_time
        return grid if log10_time is None else np.interp(log10_time, result.log10_time, grid)

    def layout(self, result: FlowResult) -> dict[str, Any]:
        """Plotly axis with title, ticks and range."""
        x = self.values(result)
        early = np.flatnonzero(result.log10_loss < _EARLY_LOSS)
        end = x[early[0]] if self.early and len(early) else x[-1]
        low, high = (x[0], end) if self.kind == "time" else (min(x[0], end), max(x[0], end))
        pad = 0.02 * abs(high - low) + 1e-9
        limits = [high + pad, low - pad] if self.kind == "loss" else [low - pad, high + pad]
        title = {"time": "time t", "loss": "loss L, falling", "norm": "product of the layer norms, ρ"}[self.kind]
        return {"title": {"text": title}, "range": limits, **({} if self.kind == "norm" else style.POWER)}

    def shown(self, result: FlowResult) -> Mask:
        """Which times of the grid the range shows, shape (T,)."""
        early = result.log10_loss >= _EARLY_LOSS
        return early if self.early and early.any() else np.ones_like(early)

    def hover(self) -> str:
        """Hover line for the abscissa."""
        return {"time": "t = 10<sup>%{x:.2f}</sup>", "loss": "L = 10<sup>%{x:.2f}</sup>", "norm": "ρ = %{x:.4g}"}[
            self.kind
        ]

    def events(
        self, result: FlowResult, *, heights: tuple[float, float] = (0.96, 0.88)
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Lines at the first separation and at L = 1, with labels at fractions of the height."""
        marks = ((result.separated_at, "separated"), (result.loss_below_one_at, "L = 1"))
        found = [(float(self.values(result, np.array([time]))[0]), text) for time, text in marks if np.isfinite(time)]
        low, high = self.layout(result)["range"]
        if len(found) == 2 and abs(found[1][0] - found[0][0]) < 0.08 * abs(high - low):
            found = [(found[0][0], ""), (found[1][0], "separated, then L = 1")]
        pairs = [
            style.vertical(x, text, height=height, leftward=(x - low) / (high - low) > 0.7)
            for (x, text), height in zip(found, heights, strict=False)
        ]
        return [shape for shape, _ in pairs], [label for _, label in pairs]


def _layer(k: int) -> str:
    return f"‖W{subscript(k + 1)}‖"


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
        style.line(x, norm, name=_layer(k), color=style.LAYERS[k], width=_nested_width(k, depth), hover=hover)
        for k, norm in enumerate(result.layer_norms.T)
    ]
    data += _growth_law(result, axis)
    shapes, labels = axis.events(result)
    last = int(np.flatnonzero(axis.shown(result))[-1])
    x_axis = axis.layout(result)
    labels += _end_labels(x_axis["range"][1], result.layer_norms[last])  # beyond the lines, which go on to the edge
    return style.figure(
        data,
        title=_growth_title(result),
        x_axis=x_axis,
        y_axis={
            "title": {"text": "norm ‖Wₖ‖"},
            "range": [0.0, 1.08 * float(result.layer_norms[axis.shown(result)].max())],
        },
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
    return [style.line(axis.values(result)[later], law, name=name, color=style.GREY, role="theory", hover=hover)]


def _end_labels(x: float, norms: Array) -> list[dict[str, Any]]:
    """Labels at the right ends, one for each group that the eye cannot tell apart."""
    order = np.argsort(norms)
    groups = np.split(order, np.flatnonzero(np.diff(norms[order]) > (_EQUAL - 1.0) * norms.max()) + 1)
    labels = []
    for group in groups:
        layers = np.sort(group)
        text = (
            " = ".join(_layer(k) for k in layers) if len(layers) < 3 else f"{_layer(layers[0])} … {_layer(layers[-1])}"
        )
        labels.append(style.end_label(x, float(norms[group].mean()), text, style.LAYERS[int(layers[-1])]))
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
    """Half the height of the chart, 1 % of the squared norms at least: below it the eye would see rounding."""
    return max(1.15 * float(np.abs(result.balance).max()), 0.01 * float((result.layer_norms[-1] ** 2).max()))


def rate_figure(result: FlowResult, axis: Axis) -> go.Figure:
    """d|W_k|^2/dt of each layer, measured, against 2 sum y f exp(-y f), as logarithms."""
    x = axis.values(result, result.rate_log10_time)
    hover = f"{axis.hover()}<br>10<sup>%{{y:.3f}}</sup>"
    data = [
        style.line(
            x,
            np.where(np.isfinite(result.measured_rates[1, :, k]), result.measured_rates[1, :, k], np.nan),
            name=f"d{_layer(k)}²/dt",
            color=style.LAYERS[k],
            width=_nested_width(k, result.depth),
            hover=hover,
        )
        for k in range(result.depth)
    ]
    predicted = result.predicted_rates[1]
    data.append(style.line(x, predicted, name="2 Σ y f e<sup>−yf</sup>", color=style.GREY, role="theory", hover=hover))
    shapes, labels = axis.events(result, heights=(0.14, 0.04))
    shrinking = np.flatnonzero(result.predicted_rates[0] < 0.0)
    if len(shrinking):
        ends = float(x[shrinking[0]]), float(x[shrinking[-1]])
        wide = abs(ends[1] - ends[0]) > 0.2 * abs(np.diff(axis.layout(result)["range"])[0])
        shape, label = style.band(*ends, "norms shrink" if wide else "")
        shapes, labels = [*shapes, shape], [*labels, label]
    y_axis: dict[str, Any] = {"title": {"text": "size of d‖Wₖ‖²/dt"}, **style.POWER}
    if axis.early and len(predicted):
        shown = predicted[np.interp(result.rate_log10_time, result.log10_time, result.log10_loss) > _EARLY_LOSS]
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


def margins_figure(result: FlowResult, axis: Axis, dips: Indices) -> go.Figure:
    """Normalized margins of all samples, the smallest emphasised, with the smoothed margin and its bounds.

    Parameters
    ----------
    result : FlowResult
        The run.
    axis : Axis
        The x-axis.
    dips : Array
        Indices of the times at which the smallest margin begins to fall.
    """
    x, nu = axis.values(result), result.smallest_margin
    hover = f"{axis.hover()}<br>ν = %{{y:.4g}}"
    thin = np.unique(np.linspace(0, len(x) - 1, min(len(x), _BUNDLE)).round().astype(int))
    data = [_bundle(x[thin], result.normalized_margins[thin], result.labels, sign) for sign in (-1.0, 1.0)]
    late = result.log10_time >= result.loss_below_one_at  # nowhere, if that is NaN
    count = len(result.labels)
    if late.any():
        lower = nu[late] - np.log(count) / result.norm_product[late]
        data.append(
            style.line(x[late], lower, name="ν₁ − log n / ρ", color=style.GREY, role="theory", width=1.5, hover=hover)
        )
    data.append(style.line(x, nu, name="smallest margin ν₁", color=style.SMALLEST, width=4.5, hover=hover))
    if late.any():  # on top: late in a run it lies within the line of the smallest one
        smoothed = result.smoothed_margin[late]
        data.append(style.line(x[late], smoothed, name="smoothed margin γ̃", color=style.GREEN, width=2, hover=hover))
    if len(dips):
        marker = {"color": style.SMALLEST, "symbol": "triangle-down", "size": 9}
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": style.compact(x[dips]),
                "y": style.compact(nu[dips]),
                "name": f"dips ({len(dips)})",
                "marker": marker,
                "hovertemplate": f"{axis.hover()}<br>ν₁ begins to fall<extra></extra>",
            }
        )
    shapes, labels = axis.events(result, heights=(0.12, 0.04))
    bottom, top = _margin_range(result, axis)
    return style.figure(
        data,
        title=_margin_title(nu, len(dips)),
        x_axis=axis.layout(result),
        y_axis={"title": {"text": "normalized margin yf(V; x)"}, "range": [bottom, top]},
        shapes=shapes,
        annotations=labels,
        legend=True,
    )


def _margin_title(nu: Array, dips: int) -> str:
    if nu[-1] <= 0.0:
        return "The smallest margin is not positive"
    if dips == 0:
        return "Here the smallest margin does not dip once L < 1"
    return f"The smallest margin dips {'once' if dips == 1 else f'{dips} times'}"


def _margin_range(result: FlowResult, axis: Axis) -> tuple[float, float]:
    """Range of the margins: all of the smallest one where it matters, most of the others at the end."""
    shown = axis.shown(result)
    nu = result.smallest_margin[shown]
    separated = np.isfinite(result.loss_below_one_at)
    low = float(nu.min()) if axis.early or not separated else min(float(np.quantile(nu, 0.05)), 0.0)
    high = float(np.quantile(result.normalized_margins[shown][-1], 0.9))
    span = max(high - low, 1e-12)
    return low - 0.05 * span, high + 0.1 * span


def _bundle(x: Array, margins: Array, labels: Array, sign: float) -> Trace:
    """All samples of one class as one trace, with gaps between them."""
    chosen = margins[:, labels == sign]
    gap = np.full((1, chosen.shape[1]), np.nan)
    y = np.concatenate([chosen, gap]).T.ravel()
    name, color = ("class −1", style.NEGATIVE) if sign < 0 else ("class +1", style.POSITIVE)
    abscissa = np.tile(np.append(x, np.nan), chosen.shape[1])
    return style.line(
        abscissa, y, name=name, color=color, width=1.0, opacity=0.65, hoverinfo="skip", hovertemplate=None
    )


def share_figure(result: FlowResult, axis: Axis, dominant: float) -> go.Figure:
    """Share of the loss that the sample with the smallest margin carries, and the level that 1.2 assumes."""
    x = axis.values(result)
    hover = f"{axis.hover()}<br>p₁ = %{{y:.4f}}"
    data = [
        style.line(x, result.smallest_share, name="p₁", color=style.SMALLEST, hover=hover),
        style.line(x[[0, -1]], np.full(2, dominant), name=f"{dominant:g}", color=style.GREY, role="limit", width=1.5),
    ]
    shapes, labels = axis.events(result, heights=(0.7, 0.62))
    return style.figure(
        data,
        title="The share of one sample",
        x_axis=axis.layout(result),
        y_axis={"title": {"text": "largest share p₁"}, "range": [0, 1.05]},
        height=style.SMALL_HEIGHT,
        shapes=shapes,
        annotations=[*labels, _assumed(dominant)],
    )


def _assumed(dominant: float) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "y", "x": 1, "y": dominant, "xanchor": "right", "yanchor": "top"}
    return {**place, "text": "1.2 assumes p₁ ≈ 1", "showarrow": False, "font": {"size": 12, "color": style.GREY}}


def margin_growth_figure(result: FlowResult, axis: Axis) -> go.Figure:
    """dnu_1/d log t: the own term with its layer parts (dashed), and the total (solid)."""
    x = axis.values(result)
    hover = f"{axis.hover()}<br>%{{y:.3g}}"
    data = [
        style.line(
            x,
            np.where(part > _STILL, part, np.nan),
            name=f"own term, layer {k + 1}",
            color=style.LAYERS[k],
            role="theory",
            width=1.3,
            hover=hover,
        )
        for k, part in enumerate(result.own_growth.T)
    ]
    own, total = result.own_growth.sum(axis=1), result.total_growth
    positive = np.where(own > _STILL, own, np.nan)
    data.append(style.line(x, positive, name="own term", color=style.GREY, role="theory", hover=hover))
    rising = np.where(total > _STILL, total, np.nan)
    data.append(style.line(x, rising, name="total", color=style.SMALLEST, width=3.0, hover=hover))
    falling = np.flatnonzero(total < -_STILL)
    if len(falling):
        marker = {"color": style.SMALLEST, "symbol": "circle-open", "size": 3}
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": style.compact(x[falling]),
                "y": style.compact(-total[falling]),
                "name": "total, negative",
                "marker": marker,
                "hovertemplate": f"{axis.hover()}<br>−%{{y:.3g}}<extra>total</extra>",
            }
        )
    shapes, labels = axis.events(result, heights=(0.12, 0.04))
    return style.figure(
        data,
        title="What moves ν₁",
        x_axis=axis.layout(result),
        y_axis={"title": {"text": "dν₁ / d log t"}, "type": "log", "exponentformat": "power", "dtick": 2},
        height=style.SMALL_HEIGHT + 60,
        shapes=shapes,
        annotations=labels,
        legend=True,
    )


def describe_norms(result: FlowResult) -> str:
    """One sentence on what the norm chart shows."""
    norms = result.layer_norms
    end = f"t = {power_of_ten(float(result.log10_time[-1]))}"
    if (norms.max(axis=1) / norms.min(axis=1)).max() < _EQUAL:
        which = {1: "The norm moves", 2: "Both norms move"}.get(result.depth, f"All {result.depth} norms move")
        return f"{which} from {number(norms[0, 0])} to {number(norms[-1, 0])} at {end}."
    moves = [
        f"{_layer(k)} from {number(a)} to {number(b)}" for k, (a, b) in enumerate(zip(*norms[[0, -1]], strict=True))
    ]
    return f"Until {end} the norms move at different rates: {', '.join(moves)}."


def describe_law(result: FlowResult) -> str:
    """What the dashed line of the norm chart is, where there is one."""
    if not _growth_law(result, Axis()):
        return ""
    root = "" if result.depth == 1 else f"^(1/{result.depth})"
    return f"Dashed: the law (log t / ν){root}, with the smoothed margin ν of the end."


def describe_margins(result: FlowResult) -> str:
    """One sentence on what the margin chart shows."""
    nu, end = result.smallest_margin, f"t = {power_of_ten(float(result.log10_time[-1]))}"
    if nu[-1] <= 0.0:
        wrong = int((result.normalized_margins[-1] <= 0.0).sum())
        return f"At {end}, {wrong} of {len(result.labels)} samples are still on the wrong side, or on the boundary."
    smoothed = number(float(result.smoothed_margin[-1]))
    return f"At {end} the smallest margin is {number(float(nu[-1]))}, the smoothed margin {smoothed}."


def describe_balance(result: FlowResult) -> str:
    """One sentence on how far the differences of the squared norms move."""
    if result.depth == 1:
        return "A single layer has no difference to conserve."
    starts, largest = result.balance[0, 1:], float((result.layer_norms**2).max())
    change = float(np.abs(result.balance - result.balance[0]).max())
    low, high = (number(_seen(float(value), largest)) for value in (starts.min(), starts.max()))
    name = "‖W₂‖² − ‖W₁‖²" if result.depth == 2 else f"Each of the {result.depth - 1} differences"
    where = f"at {low}" if low == high else f"between {low} and {high}"
    verb = "stays" if change < _SEEN * _reach(result) else "moves away"
    return (
        f"{name} starts {where} and {verb}{' there' * (verb == 'stays')}: until {_moment(result.log10_time[-1])} the "
        f"largest change is {number(change)}, next to squared norms of up to {number(largest)}."
    )


def _seen(value: float, scale: float) -> float:
    """A value, or 0 where it is rounding next to a scale."""
    return value if abs(value) > 1e-6 * scale else 0.0


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
        steps = f"{len(falling)} of {len(times)} steps, the last at {_moment(times[falling[-1]])}"
        shrinks = f"; it is negative, and {what}, at {steps}"
    last = f"{'−' if sign[end] < 0.0 else ''}{power_of_ten(float(size[end]))}"
    return (
        f"The rate 2 Σ y f e^(−yf), dashed, has its largest size, {power_of_ten(float(size[top]))}, at "
        f"{_moment(times[top])} and ends at {last}{shrinks}. {_rate_errors(result)}"
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


def describe_share(result: FlowResult, dominant: float) -> str:
    """One sentence on whether one sample carries the loss."""
    share, times, level = result.smallest_share, result.log10_time, f"the dotted {number(dominant)}"
    end = f"At {_moment(times[-1])} one sample carries p₁ = {_near_one(float(share[-1]))} of the loss"
    carried = share >= dominant
    if carried.all():
        return f"{end}; p₁ is never below {level}."
    if carried[-1]:
        since = times[int(np.flatnonzero(~carried)[-1]) + 1]
        return f"{end}; p₁ has not been below {level} since {_moment(since)}."
    if carried.any():
        return f"{end}, below {level}, which p₁ reached last at {_moment(times[int(np.flatnonzero(carried)[-1])])}."
    top = int(np.argmax(share))
    if share[-1] == share[top]:
        return f"{end}, {'the most of all times, but ' * bool(share[0] < share[top])}below {level}."
    most = f"{_near_one(float(share[top]))} at {_moment(times[top])}"
    return f"{end}; the most that one sample ever carries, {most}, is below {level}."


def _near_one(share: float) -> str:
    """A share; near 1 what is missing."""
    return f"1 − {number(1.0 - share)}" if 0.9 < share < 1.0 else number(min(share, 1.0))


def describe_margin_growth(result: FlowResult) -> str:
    """The own term against the total where both are last seen, and whether the total was ever negative."""
    own, total, times = result.own_growth.sum(axis=1), result.total_growth, result.log10_time
    drawn = np.flatnonzero(np.maximum(own, np.abs(total)) > _STILL)
    if not len(drawn):
        return f"Nothing moves ν₁: its own term and its total rate stay below {number(_STILL)}."
    i, parts = int(drawn[-1]), result.own_growth[drawn[-1]]
    layer = f", its largest part from layer {int(parts.argmax()) + 1} of {result.depth}" if result.depth > 1 else ""
    later = "" if i == len(times) - 1 else "; later both are too small to be drawn"
    falling = np.flatnonzero(total < -_STILL)
    falls = f"is never {'negative' if total.min() >= 0.0 else f'below −{number(_STILL)}'}"
    if len(falling):
        falls = f"is negative at {len(falling)} of {len(times)} moments, the last at {_moment(times[falling[-1]])}"
    return (
        f"At {_moment(times[i])} the own term of dν₁/d log t is {_rate(float(own[i]))}"
        f"{layer if own[i] > _STILL else ''}, and the total {_rate(float(total[i]))}{later}. The total {falls}."
    )


def _rate(value: float) -> str:
    """A rate of ν₁, or that it is too small to be drawn."""
    return number(value) if abs(value) > _STILL else f"below {number(_STILL)}"


def _moment(log10_time: float) -> str:
    return f"t = {power_of_ten(float(log10_time))}"
