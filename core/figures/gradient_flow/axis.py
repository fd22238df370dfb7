"""The x-axis of the figures against time, and how layers and moments are named."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.arrays import Array, Mask
from core.figures import style
from core.gradient_flow.result import FlowResult
from core.notation import power_of_ten, subscript

AXES = {"time": "Time t", "loss": "Loss L", "norm": "Norm product ρ"}
"""What the x-axis can be."""
EARLY_LOSS = -3.0  # the early zoom ends where log10 L falls below this


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
        early = np.flatnonzero(result.log10_loss < EARLY_LOSS)
        end = x[early[0]] if self.early and len(early) else x[-1]
        low, high = (x[0], end) if self.kind == "time" else (min(x[0], end), max(x[0], end))
        pad = 0.02 * abs(high - low) + 1e-9
        limits = [high + pad, low - pad] if self.kind == "loss" else [low - pad, high + pad]
        title = {"time": "time t", "loss": "loss L, falling", "norm": "product of the layer norms, ρ"}[self.kind]
        return {"title": {"text": title}, "range": limits, **({} if self.kind == "norm" else style.POWER)}

    def shown(self, result: FlowResult) -> Mask:
        """Which times of the grid the range shows, shape (T,)."""
        early = result.log10_loss >= EARLY_LOSS
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
            style.vertical(x, text, height=height, leftward=(x - low) / (high - low) > 0.7, role="measurement")
            for (x, text), height in zip(found, heights, strict=False)
        ]
        return [shape for shape, _ in pairs], [label for _, label in pairs]


def layer(k: int) -> str:
    """The norm of a layer, counted from 0, as it is written."""
    return f"‖W{subscript(k + 1)}‖"


def moment(log10_time: float) -> str:
    """A time, as it is written."""
    return f"t = {power_of_ten(float(log10_time))}"
