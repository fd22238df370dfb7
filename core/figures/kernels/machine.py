"""Figures of the kernel machine: regression with kernels of any depth."""

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array
from core.figures import style
from core.figures.kernels.common import COLUMN_HEIGHT, markers
from core.figures.style import Trace
from core.kernels.result.layers import NORMAL_95
from core.kernels.result.machine import MachineFit, MachineResult
from core.notation import number

KERNEL_COLORS = {"polynomial": style.AMBER, "rbf": style.BLUE, "arc_cosine": style.VERMILION}


def fit_figure(result: MachineResult, fit: MachineFit, *, prior: bool) -> go.Figure:
    """Posterior mean with its 95 % band and the data, or else draws from the prior."""
    data = _draws(result, fit) if prior else _posterior(result, fit)
    return style.figure(
        data,
        title=f"{fit.name}{f', ℓ = {fit.depth}'}",
        x_axis={"title": {"text": result.names[0]}, "range": [float(result.grid[0]), float(result.grid[-1])]},
        y_axis={"title": {"text": result.names[1]}, "range": _range(result)},
        height=COLUMN_HEIGHT,
    )


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
    }
    traces = [band]
    if result.truth is not None:
        traces.append(style.line(x, result.truth, name="the function", color=style.GREY, role="theory", hover=hover))
    if fit.depth > 1:
        traces.append(style.line(x, fit.shallow_mean, name="mean at ℓ = 1", color=style.GREY, width=1.2, hover=hover))
    traces.append(style.line(x, fit.mean, name="posterior mean", color=color, width=2.8, hover=hover))
    traces.append(markers(result.x, result.y, name="data", color=style.GREY, hover=hover, size=7))
    return traces


def _draws(result: MachineResult, fit: MachineFit) -> list[Trace]:
    color = KERNEL_COLORS[fit.key]
    return [
        style.line(result.grid, draw, name=f"draw {i + 1}", color=color, width=1.8, hover="%{y:.3g}")
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
    best = max(float(fit.evidence.max()) for fit in result.fits)
    worst = min(float(fit.evidence.min()) for fit in result.fits)
    depth = float(result.fits[-1].depth)  # the polynomial, which stops at 6, comes first
    shape, label = style.vertical(float(np.log10(depth)), "chosen ℓ", height=0.06)
    return style.figure(
        data,
        title="Which depth the data prefer",
        x_axis={"title": {"text": "depth ℓ"}, "type": "log", "tickvals": [1, 2, 3, 5, 10, 20, 50]},
        y_axis={
            "title": {"text": "log marginal likelihood"},
            "range": [max(worst, best - 60.0) - 2.0, best + 3.0],
        },
        height=COLUMN_HEIGHT,
        shapes=[shape | {"x0": depth, "x1": depth}],
        annotations=[label],
        legend=True,
    )


def describe_evidence(result: MachineResult) -> str:
    """Which kernel and depth the data prefer."""
    best = max(result.fits, key=lambda fit: float(fit.evidence.max()))
    depth = best.evidence_depths[int(best.evidence.argmax())]
    return (
        f"These points are most probable under {best.name} at ℓ = {depth}, with log p(y) = "
        f"{number(float(best.evidence.max()))}. Kernel ridge regression has the same mean."
    )


def describe_fit(fit: MachineFit) -> str:
    """One sentence on a regression."""
    jitter = f"jitter {number(fit.jitter)} of the diagonal" if fit.jitter else "no jitter needed"
    return (
        f"Log marginal likelihood {number(fit.log_evidence)}, {number(fit.effective_parameters)} effective "
        f"parameters, {jitter}."
    )
