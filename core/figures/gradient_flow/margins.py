"""Figures of 1.2: normalized margins."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array, Indices
from core.figures import style
from core.figures.gradient_flow.axis import Axis, moment
from core.figures.style import Trace
from core.gradient_flow.result import FlowResult
from core.notation import number, power_of_ten

_BUNDLE = 140  # points of a thin line: two hundred of them travel to the browser
_STILL = 1e-9  # rates of ν₁ that change nothing that could be seen, and are not drawn


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
            style.line(x[late], lower, name="ν₁ − log n / ρ", color=style.GREY, role="derived", width=1.5, hover=hover)
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
                **style.marked("measurement"),
                "hovertemplate": f"{axis.hover()}<br>ν₁ begins to fall<extra></extra>",
            }
        )
    shapes, labels = axis.events(result, heights=(0.12, 0.04))
    bottom, top = _margin_range(result, axis)
    return style.figure(
        data,
        title=_margin_title(result, len(dips)),
        x_axis=axis.layout(result),
        y_axis={"title": {"text": "normalized margin yf(V; x)"}, "range": [bottom, top]},
        shapes=shapes,
        annotations=labels,
        legend=True,
    )


def _margin_title(result: FlowResult, dips: int) -> str:
    if result.smallest_margin[-1] <= 0.0:
        return "The smallest margin is not positive"
    if not np.isfinite(result.loss_below_one_at):
        return "The loss is not below 1: the margins may fall"
    if dips == 0:
        return "Once L < 1, the smallest margin does not dip"
    return f"Once L < 1, the smallest margin dips {'one time' if dips == 1 else f'{dips} times'}"


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
    place = {
        **style.noted("limit"),
        "xref": "paper",
        "yref": "y",
        "x": 1,
        "y": dominant,
        "xanchor": "right",
        "yanchor": "top",
    }
    return {**place, "text": "1.2 assumes p₁ ≈ 1", "showarrow": False, "font": {"size": 12, "color": style.GREY}}


def margin_growth_figure(result: FlowResult, axis: Axis) -> go.Figure:
    """By d log t: growth of the weighted mean margin, measured and by its brackets; of nu_1, total and own term."""
    x, hover = axis.values(result), f"{axis.hover()}<br>%{{y:.3g}}"
    times, mean, brackets = result.mean_growth()
    between = axis.values(result, times)
    total = result.total_growth
    data = [
        style.line(between, _positive(mean), name="weighted mean", color=style.GREEN, width=3.5, hover=hover),
        style.line(
            between,
            _positive(brackets.sum(axis=1)),
            name="its brackets",
            color=style.GREY,
            role="derived",
            hover=hover,
        ),
        style.line(x, _positive(total), name="ν₁", color=style.SMALLEST, hover=hover),
        style.line(
            x,
            _positive(result.own_growth.sum(axis=1)),
            name="own term of ν₁",
            color=style.SMALLEST,
            role="derived",
            width=1.3,
            hover=hover,
        ),
    ]
    falling = np.flatnonzero(total < -_STILL)
    if len(falling):
        marker = {"color": style.SMALLEST, "symbol": "circle-open", "size": 3}
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": style.compact(x[falling]),
                "y": style.compact(-total[falling]),
                "name": "ν₁, falling",
                "marker": marker,
                **style.marked("measurement"),
                "hovertemplate": f"{axis.hover()}<br>−%{{y:.3g}}<extra>ν₁</extra>",
            }
        )
    shapes, labels = axis.events(result, heights=(0.12, 0.04))
    return style.figure(
        data,
        title="What moves the margins",
        x_axis=axis.layout(result),
        y_axis={"title": {"text": "growth by d log t"}, "type": "log", "exponentformat": "power", "dtick": 2},
        height=style.SMALL_HEIGHT + 60,
        shapes=shapes,
        annotations=labels,
        legend=True,
    )


def _positive(rates: Array) -> Array:
    """Rates that a logarithmic axis can show."""
    return np.where(rates > _STILL, rates, np.nan)


def describe_margins(result: FlowResult) -> str:
    """One sentence on what the margin chart shows."""
    nu, end = result.smallest_margin, f"t = {power_of_ten(float(result.log10_time[-1]))}"
    if nu[-1] <= 0.0:
        wrong = int((result.normalized_margins[-1] <= 0.0).sum())
        return f"At {end}, {wrong} of {len(result.labels)} samples are still on the wrong side, or on the boundary."
    smoothed = number(float(result.smoothed_margin[-1]))
    return f"At {end} the smallest margin is {number(float(nu[-1]))}, the smoothed margin {smoothed}."


def describe_share(result: FlowResult, dominant: float) -> str:
    """One sentence on whether one sample carries the loss."""
    share, times, level = result.smallest_share, result.log10_time, f"the dotted {number(dominant)}"
    end = f"At {moment(times[-1])} one sample carries p₁ = {_near_one(float(share[-1]))} of the loss"
    carried = share >= dominant
    if carried.all():
        return f"{end}; p₁ is never below {level}."
    if carried[-1]:
        since = times[int(np.flatnonzero(~carried)[-1]) + 1]
        return f"{end}; p₁ has not been below {level} since {moment(since)}."
    if carried.any():
        return f"{end}, below {level}, which p₁ reached last at {moment(times[int(np.flatnonzero(carried)[-1])])}."
    top = int(np.argmax(share))
    if share[-1] == share[top]:
        return f"{end}, {'the most of all times, but ' * bool(share[0] < share[top])}below {level}."
    most = f"{_near_one(float(share[top]))} at {moment(times[top])}"
    return f"{end}; the most that one sample ever carries, {most}, is below {level}."


def _near_one(share: float) -> str:
    """A share; near 1 what is missing."""
    return f"1 − {number(1.0 - share)}" if 0.9 < share < 1.0 else number(min(share, 1.0))


def describe_margin_growth(result: FlowResult) -> str:
    """How far the mean has risen; own term of nu_1 against the total where both are last seen, and its sign."""
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
        falls = f"is negative at {len(falling)} of {len(times)} moments, the last at {moment(times[falling[-1]])}"
    return (
        f"At {moment(times[i])} the own term of dν₁/d log t is {_rate(float(own[i]))}"
        f"{layer if own[i] > _STILL else ''}, and the total {_rate(float(total[i]))}{later}. The total {falls}. "
        f"{_mean_rise(result)}"
    )


def _mean_rise(result: FlowResult) -> str:
    """What the weighted mean has risen by, against its brackets."""
    rise, said = float(result.changes.resolved_mean_margin[-1]), float(result.changes.brackets[-1].sum())
    if said <= 0.0:
        return "No step resolves the brackets."
    return f"The mean of all margins, weighted by pᵢ, rises by {number(rise)}, and by its brackets {number(said)}."


def _rate(value: float) -> str:
    """A rate of ν₁, or that it is too small to be drawn."""
    return number(value) if abs(value) > _STILL else f"below {number(_STILL)}"
