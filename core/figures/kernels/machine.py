"""Figures of the kernel machine: regression with kernels of any depth."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array
from core.figures import style
from core.figures.kernels.common import COLUMN_HEIGHT, markers
from core.figures.style import Trace
from core.kernels.result.layers import NORMAL_95
from core.kernels.result.machine import MachineFit, MachineResult
from core.notation import number

_SAME = 5e-4  # of log p(y): as probable
_SHOWN = 60.0  # of log p(y) below the best
KERNEL_COLORS = {"polynomial": style.AMBER, "rbf": style.BLUE, "arc_cosine": style.VERMILION}


def fit_figure(result: MachineResult, fit: MachineFit, *, prior: bool) -> go.Figure:
    """Posterior mean with its 95 % band and the data, or else draws from the prior."""
    data = _draws(result, fit) if prior else _posterior(result, fit)
    names = [style.words(name) for name in result.names]  # a file's
    return style.figure(
        data,
        title=_title(fit),
        x_axis={"title": {"text": names[0]}, "range": [float(result.grid[0]), float(result.grid[-1])]},
        y_axis={"title": {"text": names[1]}, "range": _range(result)},
        height=COLUMN_HEIGHT,
        legend=not prior,
    )


def _title(fit: MachineFit) -> str:
    largest = " (its largest)" if fit.depth < fit.wanted_depth else ""
    return f"{fit.name}, ℓ = {fit.depth}{largest}"


def _posterior(result: MachineResult, fit: MachineFit) -> list[Trace]:
    color, x = KERNEL_COLORS[fit.key], result.grid
    low, high = fit.mean - NORMAL_95 * fit.std, fit.mean + NORMAL_95 * fit.std
    hover = "x = %{x:.3g}<br>y = %{y:.3g}"
    band: Trace = {
        "type": "scatter",
        "mode": "lines",
        "x": style.compact(np.concatenate([x, x[::-1]])),
        "y": style.compact(np.concatenate([high, low[::-1]])),
        "fill": "toself",
        "fillcolor": color,
        "opacity": 0.18,
        "line": {"width": 0},
        "name": "95 % band",
        "hoverinfo": "skip",
        **style.marked("measurement"),
    }
    traces = [band, {**markers(result.x, result.y, name="data", color=style.GREY, hover=hover, size=6), **style.GIVEN}]
    if result.truth is not None:
        traces.append(style.line(x, result.truth, name="the function", color=style.GREY, role="theory", hover=hover))
    if fit.depth > 1:
        traces.append(style.line(x, fit.shallow_mean, name="at ℓ = 1", color=style.GREY, width=1.2, hover=hover))
    traces.append(style.line(x, fit.mean, name="mean", color=color, width=2.8, hover=hover))
    return traces


def _draws(result: MachineResult, fit: MachineFit) -> list[Trace]:
    color = KERNEL_COLORS[fit.key]
    return [
        style.line(result.draw_grid, draw, name=f"draw {i + 1}", color=color, width=1.8, hover="%{y:.3g}")
        | {"opacity": 0.45 + 0.5 * (i == 0)}
        for i, draw in enumerate(fit.draws)
    ]


def _range(result: MachineResult) -> list[float]:
    """The data with a margin; the bands may leave it."""
    values: list[Array] = [result.y] if result.truth is None else [result.y, result.truth]
    low, high = min(float(v.min()) for v in values), max(float(v.max()) for v in values)
    pad = 0.45 * (high - low) if high > low else 1.0
    return [low - pad, high + pad]


def evidence_figure(result: MachineResult) -> go.Figure:
    """Log marginal likelihood against depth for the three kernels: which depth the data prefer."""
    hover = "ℓ = %{x:.0f}<br>log p(y) = %{y:.2f}"
    data: list[Trace] = []
    for fit in result.fits:
        x, color = np.array(fit.evidence_depths, dtype=np.float64), KERNEL_COLORS[fit.key]
        line = style.line(x, fit.evidence, name=fit.name, color=color, hover=hover)
        data.append({**line, "mode": "lines+markers"})
    best = max(float(np.nanmax(fit.evidence)) for fit in result.fits)
    worst = min(float(np.nanmin(fit.evidence)) for fit in result.fits)
    depth, low = float(result.fits[-1].wanted_depth), max(worst, best - _SHOWN) - 2.0
    shape, label = style.vertical(float(np.log10(depth)), "chosen ℓ", height=0.96, leftward=depth > 5)
    return style.figure(
        data,
        title="Which depth the data prefer",
        x_axis={"title": {"text": "depth ℓ"}, "type": "log", "tickvals": [1, 2, 3, 5, 10, 20, 50]},
        y_axis={
            "title": {"text": "log marginal likelihood"},
            "range": [low, best + 3.0],
        },
        height=COLUMN_HEIGHT,
        shapes=[shape | {"x0": depth, "x1": depth}],
        annotations=[label, *(note for fit in result.fits for note in _below(fit, low))],
        legend=True,
    )


def _below(fit: MachineFit, low: float) -> list[dict[str, Any]]:
    """Where a curve leaves the chart, and how far down it goes."""
    gone = np.flatnonzero(fit.evidence < low)
    if not len(gone):
        return []
    x = float(np.log10(fit.evidence_depths[int(gone[0])]))
    place = {**style.noted("measurement"), "xref": "x", "yref": "paper", "x": x, "y": 0.0, "yanchor": "bottom"}
    place |= {"showarrow": False}
    return [{**place, "text": f"↓ {number(float(np.nanmin(fit.evidence)))}", "font": {"color": KERNEL_COLORS[fit.key]}}]


def describe_evidence(result: MachineResult) -> str:
    """Which kernel and depth the data prefer."""
    best = max(result.fits, key=lambda fit: float(np.nanmax(fit.evidence)))
    top = float(np.nanmax(best.evidence))
    depths = [depth for depth, value in zip(best.evidence_depths, best.evidence, strict=True) if top - value < _SAME]
    where = f"ℓ = {depths[0]}" if len(depths) == 1 else f"ℓ = {depths[0]} to {depths[-1]} alike"
    return f"Of all these, the data are most probable under {best.name}, at {where}: log p(y) = {number(top)}."


def describe_fit(result: MachineResult, fit: MachineFit, *, prior: bool) -> str:
    """One sentence on a regression, or on the draws."""
    if prior:
        return f"{len(fit.draws)} functions drawn before seeing any data."
    jitter = f" A jitter of {number(fit.jitter)} was added to the diagonal." if fit.jitter else ""
    return (
        f"Effective parameters: {number(fit.effective_parameters)} of {len(result.x)} samples. "
        f"log p(y) = {number(fit.log_evidence)}.{jitter}"
    )
