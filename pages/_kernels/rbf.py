"""2.2: composed RBF kernels."""

import pandas as pd
import streamlit as st

from core.figures.kernels import rbf as figures
from core.kernels.params import RbfParams
from core.kernels.result.kernels import RbfResult
from core.kernels.studies import study_rbf
from pages._kernels.controls import GAMMA_SQUARED
from pages._ui.chart import chart, save_menu
from pages._ui.claim import claim_cards
from pages._ui.controls import Number
from pages._ui.prose import steps
from pages._ui.runs import shared_result
from pages._ui.sections import Section, Values


def _draw(values: Values) -> None:
    params = RbfParams(**values)
    study = shared_result(params, lambda: study_rbf(params))
    result = study.result
    charts = [
        chart(
            figures.distance_figure(result),
            key="rbf",
            name="Kernels against the distance",
            alt="Line chart: the RBF kernel and its compositions against distance, with their floors dashed.",
            table=lambda: _table(result),
        )
    ]
    st.caption(figures.describe_rbf(result))
    left, right = st.columns(2, gap="large")
    with left:
        charts += [
            chart(
                figures.cobweb_figure(result),
                key="rbf_cobweb",
                name="One layer at a time",
                alt="Cobweb: the map from a kernel value to the next layer's, with the staircase of the chosen pair.",
                table=lambda: pd.DataFrame({"layer": range(1, len(result.orbit) + 1), "kernel": result.orbit}),
            )
        ]
    with right:
        charts += [
            chart(
                figures.small_distance_figure(result),
                key="rbf_small",
                name="Small distances",
                alt="Line chart on logarithmic axes: one minus the kernel against distance, predictions dashed.",
                table=lambda: _small_distances(result),
            )
        ]
    charts += [
        chart(
            figures.transition_figure(result),
            key="rbf_transition",
            name="The transition",
            alt="Line chart: the stable fixed point of the composition against gamma squared, and fifty layers.",
            table=lambda: pd.DataFrame(
                {
                    "gamma_squared": result.gamma_squared,
                    "fixed_point": result.fixed_points,
                    "after_50_layers": result.iterated,
                }
            ),
        )
    ]
    st.caption(figures.describe_transition(result))
    save_menu(charts, key="ke_rbf")
    claim_cards("What theory says, and this kernel", study.claims)
    st.subheader("The derivation", anchor=False)
    st.markdown(steps("rbf")["composition"])


def _table(result: RbfResult) -> pd.DataFrame:
    columns = {f"kernel_{depth}": result.values[i] for i, depth in enumerate(result.depths)}
    return pd.DataFrame({"distance": result.distance, **columns})


def _small_distances(result: RbfResult) -> pd.DataFrame:
    columns = {f"log10_complement_{depth}": result.log10_complement[i] for i, depth in enumerate(result.depths)}
    columns |= {f"log10_predicted_{depth}": result.log10_near[i] for i, depth in enumerate(result.depths)}
    return pd.DataFrame({"log10_distance": result.log10_distance, **columns})


SECTION = Section(
    name="2.2 RBF",
    controls={
        "gamma_squared": GAMMA_SQUARED,
        "depth": Number(key="ke_rbf_depth", label="Depth ℓ", default=5, low=1, high=50, step=1),
        "distance": Number(
            key="ke_r",
            label="Distance r of a pair to follow",
            default=1.0,
            low=0.05,
            high=4.0,
            step=0.05,
            format="%.2f",
        ),
    },
    draw=_draw,
)
