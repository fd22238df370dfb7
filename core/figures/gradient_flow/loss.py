"""Figure of the loss: 1/(tL) against log t, where its law is a straight line."""

from fractions import Fraction

import numpy as np
import plotly.graph_objects as go

from core.figures import style
from core.figures.style import Trace
from core.gradient_flow.result import LossLaw
from core.notation import number

_HOVER = "log t = %{x:.4g}<br>1/(tL) = 10<sup>%{y:.3f}</sup>"


def loss_figure(law: LossLaw) -> go.Figure:
    """1/(tL) against log t on logarithmic axes, with K nu^(2/K) (log t)^(2 - 2/K) dashed.

    Parameters
    ----------
    law : LossLaw
        The loss of a run, and what theory says of it.
    """
    x = law.log_time
    data: list[Trace] = [style.line(x, law.log10_growth, name="1/(tL)", color=style.BLUE, width=2.5, hover=_HOVER)]
    if law.late.any():
        points = {"mode": "markers", "marker": {"size": 7, "color": style.BLUE}}
        late = style.line(x[law.late], law.log10_growth[law.late], name="late", color=style.BLUE, hover=_HOVER)
        data.append({**late, **points})
    shown = law.log10_growth
    if np.isfinite(law.log10_constant) and len(x):
        ends = x[[0, -1]]
        theory = law.log10_constant + law.exponent * np.log10(ends)
        name = f"K ν<sup>2/K</sup> (log t)<sup>{_exponent(law)}</sup>"
        data.append(style.line(ends, theory, name=name, color=style.GREY, role="derived", hover=_HOVER))
        shown = np.concatenate([shown, theory])
    low, high = (float(shown.min()), float(shown.max())) if len(shown) else (0.0, 1.0)
    pad = 0.06 * (high - low) + 0.05
    return style.figure(
        data,
        title=_title(law),
        x_axis={"title": {"text": "log t"}, "type": "log", "tickvals": [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000]},
        y_axis={"title": {"text": "1/(tL)"}, "range": [low - pad, high + pad], **style.POWER},
        height=style.SMALL_HEIGHT,
    )


def _exponent(law: LossLaw) -> str:
    """2 - 2/K as a fraction."""
    return str(Fraction(law.exponent).limit_denominator(100))


def _title(law: LossLaw) -> str:
    if not np.isfinite(law.log10_constant):
        return "The loss is not below 1: no law for it"
    if not np.isfinite(law.slope):
        return "1/(tL) and its law"
    return f"1/(tL) grows like (log t)<sup>{law.slope:.2f}</sup>; in the limit {_exponent(law)}"


def describe_loss(law: LossLaw) -> str:
    """The measured slope, and that of the law."""
    if not np.isfinite(law.log10_constant):
        return "Without L < 1 theory promises no rate for the loss."
    if not np.isfinite(law.slope):
        return "The run is too short for a slope to be measured."
    return (
        f"Late (dots) the slope of 1/(tL) against log t is {number(law.slope)}; in the limit it is "
        f"2 − 2/K = {number(law.exponent)} (dashed, with ν of the end); L = 1/t would be horizontal."
    )
