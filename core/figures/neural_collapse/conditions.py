"""Figure of the four conditions."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from core.figures import style
from core.figures.neural_collapse.common import COLUMN_HEIGHT, CONDITION_COLORS
from core.figures.style import Trace
from core.neural_collapse.result import EQUAL, Conditions
from core.notation import number

_FLOOR = -16.0  # decades; where a bar begins
_OPACITY = (1.0, 0.5)  # of the bars of the first and of the second classifier


def conditions_figure(measured: Mapping[str, Conditions], *, height: int = COLUMN_HEIGHT) -> go.Figure:
    """The conditions with one classifier or two, by their names, as bars on a logarithmic axis."""
    bars = [
        _bars(name, conditions, opacity)
        for (name, conditions), opacity in zip(measured.items(), _OPACITY, strict=False)
    ]
    top = max(float(np.max(bar["x"])) + _FLOOR for bar in bars)
    return style.figure(
        bars[::-1],  # the last one is drawn on top
        title="The conditions, as measured",
        x_axis={
            "title": {"text": "0 at the collapse"},
            "range": [_FLOOR - 0.2, max(top, 0.0) + 3.0],
            "dtick": 4,
            **style.POWER,
        },
        y_axis={"type": "category", "showgrid": False},
        height=height,
        legend=len(bars) > 1,
        barmode="group",
    )


def values_of(conditions: Conditions) -> dict[str, float]:
    """The conditions by their names."""
    return {
        "NC1": conditions.nc1,
        "NC2 lengths": conditions.nc2_equinorm,
        "NC2 angles": conditions.nc2_equiangle,
        "NC3": conditions.nc3,
        "NC4": conditions.nc4,
    }


def _bars(name: str, conditions: Conditions, opacity: float) -> Trace:
    values = dict(reversed(values_of(conditions).items()))
    decades = np.log10(np.fmax(list(values.values()), 10.0**_FLOOR))  # no bar for what is not defined
    return {
        "type": "bar",
        "orientation": "h",
        "base": _FLOOR,
        "x": style.compact(decades - _FLOOR),
        "y": list(values),
        "marker": {"color": [CONDITION_COLORS[key] for key in values]},
        "opacity": opacity,
        "text": [number(value) if np.isfinite(value) else "not defined" for value in values.values()],
        "textposition": "outside",
        "cliponaxis": False,
        "name": name,
        "hoverinfo": "skip",
        **style.marked("measurement"),
    }


def describe_conditions(measured: Mapping[str, Conditions]) -> str:
    """The conditions as the bars have them, with both classifiers where they differ, and the largest."""
    shown = {name: values_of(one) for (name, one), _ in zip(measured.items(), _OPACITY, strict=False)}
    parts = [_part(key, {name: values[key] for name, values in shown.items()}) for key in CONDITION_COLORS]
    sizes = {key: max(values[key] for values in shown.values()) for key in CONDITION_COLORS}
    known = {key: size for key, size in sizes.items() if np.isfinite(size)}
    end = "none of them is defined"
    if known:
        largest = max(known, key=lambda key: known[key])
        small = f"all {'that are defined ' * (len(known) < len(sizes))}are 0 but for rounding"
        end = f"{largest} is the largest" if known[largest] > EQUAL else small
    who = f"With {next(iter(shown))}" if len(shown) == 1 else "With both classifiers"
    return f"{who}: {', '.join(parts)}; {end}."


def _part(key: str, values: Mapping[str, float]) -> str:
    """A condition by the classifiers; once, where they agree."""
    texts = {name: number(value) if np.isfinite(value) else "not defined" for name, value in values.items()}
    if len(set(texts.values())) == 1:
        return f"{key} {next(iter(texts.values()))}"
    return f"{key} {' and '.join(f'{text} ({name})' for name, text in texts.items())}"
