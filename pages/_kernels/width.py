"""A layer of finitely many rows."""

from collections.abc import Mapping
from math import radians
from typing import Any

import pandas as pd

from core.figures.kernels import width as figures
from core.kernels.params import WidthParams
from core.kernels.result.layers import WidthResult
from core.kernels.studies import study_width
from core.kernels.weights import DISTRIBUTIONS
from pages._kernels.controls import ANGLE, ORDER, SEED, WIDTHS, draw_again
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.controls import Choice
from pages._ui.page import Section, Values, View
from pages._ui.runs import Task, quick_result


def _show(values: Values) -> View | None:
    params = WidthParams(**{**values, "angle": radians(values["angle"])})
    source = Task(study_width, params)
    study = quick_result("ke_width_run", source, heavy=params.width > 10_000)
    if study is None:
        return None
    result = study.result
    estimate = Chart(
        key="width",
        name="Estimates",
        call=Call(figures.estimate_figure, result),
        says=lambda: figures.describe_width(result),
        alt="Line chart: estimates of the kernel by random layers against their width, the limit dashed.",
        table=lambda: pd.DataFrame(figures.quantile_table(result)),
        claim="On average",
    )
    histogram = Chart(
        key="width_histogram",
        name="Histogram",
        call=Call(figures.histogram_figure, result),
        says=lambda: figures.describe_histogram(result),
        alt="Histogram: independent layers of one width, normalized, with the normal density dashed.",
        table=lambda: _replicates(result, histogram.figure.spec["data"][0]),
        claim="95 %",
    )
    error = Chart(
        key="width_error",
        name="Errors",
        call=Call(figures.error_figure, result),
        says=lambda: figures.describe_error(result),
        alt="Line chart on logarithmic axes: error of the estimates against width, the exact one dashed.",
        table=lambda: pd.DataFrame({name: pd.Series(column) for name, column in figures.error_columns(result).items()}),
        claim="The error",
    )
    return View(
        rows=[[estimate], [histogram, error]],
        heading="What theory says, and these layers",
        claims=study.claims,
        study=study,
        source=source,
    )


def _replicates(result: WidthResult, bars: Mapping[str, Any]) -> pd.DataFrame:
    """The estimates, and the bars that they are counted in."""
    counted = pd.DataFrame({"bar": bars["x"], "density": bars["y"]})
    return pd.concat([pd.DataFrame({"normalized_estimate": result.replicates}), counted])


SECTION = Section(
    name="Finite width",
    controls={
        "order": ORDER,
        "angle": ANGLE,
        "width": Choice(
            key="ke_width",
            label="Rows h of the layer",
            default=1000,
            options=WIDTHS,
            widget="slider",
        ),
        "distribution": Choice(
            key="ke_weights",
            label="Law of the weights",
            default="gaussian",
            options=DISTRIBUTIONS,
            help="The derivation turns the axes, which only Gaussian rows allow. The inputs have two coordinates "
            "here; spread over many, with weights that have enough moments, they bring (3.3) back.",
        ),
        "bias": Choice(
            key="ke_bias",
            label="Bias of a row, standard deviation",
            default=0.0,
            options={value: f"{value:g}" for value in (0.0, 0.25, 0.5, 1.0, 2.0)},
            widget="slider",
            help="(3.2) has no bias. A bias is one more coordinate of the inputs.",
        ),
        "seed": SEED,
    },
    show=_show,
    after=draw_again,
)
