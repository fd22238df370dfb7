"""Figures of a layer of finitely many rows."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array
from core.figures import style
from core.figures.kernels.common import COLUMN_HEIGHT, markers, order_color
from core.figures.style import Trace
from core.kernels.result.layers import NORMAL_95, WidthResult
from core.notation import number

_BINS = {400: 24, 1000: 36, 10_000: 48}  # of the histogram, by how many layers there are
_NORMAL_ENDS = 6.0  # standard deviations: the density is 6e-9 there
_DRAWN = 5  # streams; the error is that of all
_FAR = 1e30  # in standard deviations or kernels: single precision ends at 3e38
_WIDTH_AXIS = {"title": {"text": "rows h of the layer"}, "type": "log", "exponentformat": "power", "dtick": 1}


def estimate_figure(result: WidthResult) -> go.Figure:
    """Running estimates against h, the limit dashed, with the normal band and the quantiles."""
    hover = "h = %{x:.0f}<br>%{y:.4f}"
    x, kernel = result.widths, result.kernel
    band = [
        style.line(
            x, kernel + side * NORMAL_95 * result.std, name="k ± 1.96 σ", color=style.GREY, role="limit", hover=hover
        )
        | {"showlegend": side > 0}
        for side in (1.0, -1.0)
    ]
    exact = [
        style.line(
            x,
            row,
            name="95 % of all layers" if result.exact else "95 % for the rows of (3.2)",
            color=style.GREY,
            role="theory",
            width=1.3,
            hover=hover,
        )
        | {"showlegend": i == 0}
        for i, row in enumerate(result.quantiles)
    ]
    streams = [
        style.line(x, stream, name="layers as they grow", color=order_color(result.order), width=1.5, hover=hover)
        | {"opacity": 0.85, "showlegend": i == 0}
        for i, stream in enumerate(result.streams[:_DRAWN])
    ]
    limit = style.line(
        x[[0, -1]], np.full(2, kernel), name="h → ∞, (3.3)", color=style.GREY, role="theory", width=2.5, hover=hover
    )
    traces = [*band, *exact, *streams, limit]
    if not result.exact and np.isfinite(result.limit):
        tends = np.full(2, result.limit)
        traces.append(
            style.line(
                x[[0, -1]], tends, name="limit of these rows", color=style.ROSE, role="theory", width=2.5, hover=hover
            )
        )
    shape, note = _chosen(result)
    return style.figure(
        traces,
        title=_title(result),
        shapes=[shape],
        annotations=[note],
        x_axis={**_WIDTH_AXIS, "range": [float(np.log10(x[0])), float(np.log10(x[-1]))]},
        y_axis={"title": {"text": "estimate of kₙ"}, "range": _range(result)},
        legend=True,
    )


def _chosen(result: WidthResult) -> tuple[dict[str, Any], dict[str, Any]]:
    """A line at the chosen h; on a logarithmic axis its label wants the logarithm."""
    h, last = float(result.width), float(result.widths[-1])
    shape, note = style.vertical(float(np.log10(h)), f"h = {result.width}", height=0.94, leftward=h > 0.3 * last)
    return shape | {"x0": h, "x1": h}, note


def _title(result: WidthResult) -> str:
    if result.exact:
        return "Random layers scatter around the kernel" if result.nearly_normal else "Too narrow: not yet normal"
    if not np.isfinite(result.limit):
        return "These rows have no limit: their moments are infinite"
    return "These rows compute another kernel" if abs(result.limit / result.kernel - 1.0) > 1e-3 else "The same limit"


def _range(result: WidthResult) -> list[float]:
    """Most of what happens from h = 30 on."""
    late = result.widths >= 30
    values = np.concatenate([result.streams[:, late].ravel(), result.quantiles[:, late].ravel()])
    fixed = [result.kernel, result.limit] if np.isfinite(result.limit) else [result.kernel]
    low, high = min(float(np.quantile(values, 0.01)), *fixed), max(float(np.quantile(values, 0.99)), *fixed)
    pad = 0.08 * (high - low)
    return [max(low - pad, -0.02 * high), high + pad]


def error_figure(result: WidthResult) -> go.Figure:
    """Root-mean-square error of the streams against h, the exact standard deviation dashed: slope -1/2."""
    hover = "h = %{x:.0f}<br>%{y:.3g} of k"
    color = order_color(result.order)
    data = [style.line(result.widths, np.minimum(_errors(result), _FAR), name="measured", color=color, hover=hover)]
    label = "exact σ ∝ 1/√h" if result.exact else "σ of the rows of (3.2)"
    data.append(
        style.line(
            result.widths,
            result.std / result.kernel,
            name=label,
            color=style.GREY,
            role="theory",
            hover=hover,
            width=2.5,
        )
    )
    if np.isfinite(result.limit):
        known = result.rate_std > 0.0
        found = np.minimum(result.rate_std[known] / result.kernel, _FAR)
        data.append(
            markers(result.rate_widths[known], found, name="σ over many layers", color=color, hover=hover, size=8)
        )
    return style.figure(
        data,
        title=_error_title(result),
        x_axis=_WIDTH_AXIS,
        y_axis={"title": {"text": "error / kₙ"}, "type": "log", "exponentformat": "power", "dtick": 1},
        height=COLUMN_HEIGHT,
        legend=True,
    )


def _error_title(result: WidthResult) -> str:
    if result.exact:
        return "The error of the layers, and σ ∝ 1/√h"
    return "The error, against their own limit" if np.isfinite(result.limit) else "These rows have no limit"


def histogram_figure(result: WidthResult) -> go.Figure:
    """Independent layers of one width, normalized, against the normal density dashed."""
    low, high = _span(result.replicates)
    bins = next(bins for most, bins in _BINS.items() if len(result.replicates) <= most)
    edges = np.linspace(low, high, bins + 1)
    if result.order == 0:  # estimates are multiples of 2/h: whole steps in every bin
        step = 2.0 / (result.width * result.width_std)
        size = step * max(1, round((high - low) / bins / step))
        edges = np.arange(-result.kernel / result.width_std - 0.5 * step, high + size, size)
        edges = edges[edges > low - size]
    counts, _ = np.histogram(result.replicates, edges)
    density = counts / (len(result.replicates) * (edges[1] - edges[0]))
    centres = 0.5 * (edges[1:] + edges[:-1])
    bars: Trace = {
        "type": "bar",
        "x": style.compact(centres),
        "y": style.compact(density),
        "width": float(edges[1] - edges[0]),
        "name": f"{len(result.replicates)} layers",
        "marker": {"color": order_color(result.order), "opacity": 0.75, "line": {"width": 0}},
        "hovertemplate": "%{x:.2f} σ<br>density %{y:.3f}<extra></extra>",
        **style.marked("measurement"),
    }
    grid = np.linspace(-_NORMAL_ENDS, _NORMAL_ENDS, 241)
    normal = np.exp(-0.5 * grid**2) / np.sqrt(2.0 * np.pi)
    top = 1.1 * max(float(density.max()), 0.4)
    return style.figure(
        [bars, style.line(grid, normal, name="normal", color=style.GREY, role="theory", width=2.5)],
        title=_histogram_title(result),
        x_axis={"title": {"text": "(estimate − kₙ) / σ"}, "range": [low, high]},
        y_axis={"title": {"text": "density"}, "range": [0.0, top]},
        height=COLUMN_HEIGHT,
        legend=True,
        bargap=0,
    )


def _span(values: Array) -> tuple[float, float]:
    """At least -4 to 5 standard deviations, and all but the outermost hundredth of the layers."""
    low, high = np.quantile(values, [0.005, 0.99])
    return max(min(-4.0, float(low) - 1.0), -_FAR), min(max(5.0, float(high) + 1.0), _FAR)


def _histogram_title(result: WidthResult) -> str:
    if not result.exact:
        return "Not around kₙ" if abs(float(result.replicates.mean())) > 0.5 else "Not the rows of (3.2)"
    if result.nearly_normal:
        return "Nearly normal"
    return "Not normal: a few steps" if result.order == 0 else "Not normal: a heavy right tail"


def describe_width(result: WidthResult) -> str:
    """One sentence on what the charts show."""
    kernel = f"kₙ = {number(result.kernel)} at θ = {_degrees(result.angle)}"
    if not result.exact:
        inside = f"{100 * result.coverage:.1f} %"
        tends = f"layers of these rows tend to {number(result.limit)}"
        if not np.isfinite(result.limit):
            tends = "with these rows the mean is ∞, and layers have no limit"
        but = "and" if abs(result.limit / result.kernel - 1.0) < 1e-3 else "but"
        return f"{kernel} by (3.3), {but} {tends}: {inside} of them lie within 1.96 σ of kₙ at h = {result.width}."
    above = 100.0 * float((result.replicates > NORMAL_95).mean())
    below = 100.0 * float((result.replicates < -NORMAL_95).mean())
    return (
        f"{kernel}, σ = {number(result.width_std)} at h = {result.width}: {above:.1f} % of {len(result.replicates)} "
        f"layers lie above k + 1.96 σ and {below:.1f} % below k − 1.96 σ (2.5 % each if they were normal)."
    )


def describe_histogram(result: WidthResult) -> str:
    """Where the layers lie, in standard deviations from the kernel, next to a normal law."""
    values, (left, right) = result.replicates, _span(result.replicates)
    low, middle, high = (number(float(value)) for value in np.quantile(values, [0.0, 0.5, 1.0]))
    outside = int(((values < left) | (values > right)).sum())
    beyond = f"; the chart leaves {outside} of them out" if outside else ""
    mean, spread = number(float(values.mean())), number(float(values.std()))
    found, normal = f"Mean {mean} σ and standard deviation {spread} σ", "0 and 1"
    if result.exact:
        found = f"Mean {mean} σ, standard deviation {spread} σ and exact skewness {number(result.skewness)}"
        normal = "0, 1 and 0"
    return (
        f"The lowest of {len(values)} layers of {result.width} rows is {low} σ from kₙ, the median {middle} σ and the "
        f"highest {high} σ{'' if result.exact else ', with the σ of the rows of (3.2)'}{beyond}. {found}, versus "
        f"{normal} for a standard normal."
    )


def describe_error(result: WidthResult) -> str:
    """The measured error and σ at both ends, and how fast they fall between them."""
    h = result.widths
    goal, whose = "", "σ"
    if not result.exact:
        goal, whose = f" against their own limit, {number(result.limit)},", "σ of the rows of (3.2)"
        goal = goal if np.isfinite(result.limit) else " against kₙ, as they have no limit,"
    return (
        f"From h = {h[0]:.0f} to h = {h[-1]:.0f} the error of {len(result.streams)} layers{goal} goes "
        f"{_course(h, _errors(result))}; {whose}, dashed, goes {_course(h, result.std / result.kernel)}."
    )


def _course(widths: Array, values: Array) -> str:
    """From where to where, and by which power of h."""
    known = values > 0.0
    power = np.polyfit(np.log(widths[known]), np.log(values[known]), 1)[0] if known.sum() > 1 else 0.0
    ends = f"from {number(float(values[0]))} to {number(float(values[-1]))} kₙ"
    return f"{ends}, like h to the power {number(round(float(power), 2))}"


def _errors(result: WidthResult) -> Array:
    """Root-mean-square error of the streams against what they tend to, or against the kernel, in kernels."""
    goal = result.limit if np.isfinite(result.limit) else result.kernel
    return np.asarray(np.sqrt(np.mean((result.streams - goal) ** 2, axis=0)) / result.kernel)


def _degrees(angle: float) -> str:
    return f"{np.degrees(angle):.0f}° ({angle:.2f} rad)"


def error_columns(result: WidthResult) -> dict[str, Array]:
    """Columns of the numbers behind the errors, in kernels; those of many layers are shorter."""
    columns = {"rows": result.widths, "measured": _errors(result), "exact": result.std / result.kernel}
    found = result.rate_std / result.kernel
    return {**columns, "rows_of_many_layers": result.rate_widths, "std_of_many_layers": found}


def quantile_table(result: WidthResult) -> dict[str, Array]:
    """Columns of the numbers behind the estimates."""
    columns = {f"stream_{i + 1}": stream for i, stream in enumerate(result.streams)}
    low, high = result.quantiles
    return {"rows": result.widths, **columns, "std": result.std, "q025": low, "q975": high}
