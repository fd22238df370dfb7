"""A layer of finitely many rows."""

from math import radians

import pandas as pd
import streamlit as st

from core.figures.kernels import width as figures
from core.kernels.params import WidthParams
from core.kernels.studies import study_width
from core.kernels.weights import DISTRIBUTIONS
from pages._kernels.controls import ANGLE, ORDER, SEED, WIDTHS, draw_again
from pages._ui.chart import chart, save_menu
from pages._ui.claim import claim_cards
from pages._ui.controls import Choice
from pages._ui.runs import shared_result
from pages._ui.sections import Section, Values


def _draw(values: Values) -> None:
    params = WidthParams(**{**values, "angle": radians(values["angle"])})
    study = shared_result(params, lambda: study_width(params))
    result = study.result
    charts = [
        chart(
            figures.estimate_figure(result),
            key="width",
            name="Estimates",
            alt="Line chart: estimates of the kernel by random layers against their width, the limit dashed.",
            table=lambda: pd.DataFrame(figures.quantile_table(result)),
        )
    ]
    st.caption(figures.describe_width(result))
    draw_again()
    left, right = st.columns(2, gap="large")
    with left:
        charts += [
            chart(
                figures.histogram_figure(result),
                key="width_histogram",
                name="Histogram",
                alt="Histogram: independent layers of one width, normalized, with the normal density dashed.",
                table=lambda: pd.DataFrame({"normalized_estimate": result.replicates}),
            )
        ]
    with right:
        charts += [
            chart(
                figures.error_figure(result),
                key="width_error",
                name="Errors",
                alt="Line chart on logarithmic axes: error of the estimates against width, the exact one dashed.",
                table=lambda: pd.DataFrame({"rows": result.widths, "std": result.std}),
            )
        ]
    save_menu(charts, key="ke_width")
    claim_cards("What theory says, and these layers", study.claims)


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
    draw=_draw,
)
