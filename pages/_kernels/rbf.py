"""2.2: composed RBF kernels."""

import pandas as pd
import streamlit as st

from core.figures.kernels import rbf as figures
from core.kernels.params import RbfParams
from core.kernels.result.kernels import RbfResult
from core.kernels.studies import study_rbf
from pages._kernels.controls import GAMMA_SQUARED
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.controls import Number
from pages._ui.page import Section, Values, View
from pages._ui.prose import steps
from pages._ui.runs import Task, shared_result


def _show(values: Values) -> View:
    params = RbfParams(**values)
    source = Task(study_rbf, params)
    study = shared_result(source.key, source.compute)
    result = study.result
    distance = Chart(
        key="rbf",
        name="Kernels against the distance",
        call=Call(figures.distance_figure, result),
        says=lambda: figures.describe_rbf(result),
        alt="Line chart: the RBF kernel and its compositions against distance, with their floors dotted.",
        table=lambda: _table(result),
        claim="The composition",
    )
    cobweb = Chart(
        key="rbf_cobweb",
        name="One layer at a time",
        call=Call(figures.cobweb_figure, result),
        says=lambda: figures.describe_cobweb(result),
        alt="Cobweb: the map from a kernel value to the next layer's, with the staircase of the chosen pair.",
        table=lambda: pd.DataFrame({"layer": range(1, len(result.orbit) + 1), "kernel": result.orbit}),
        claim="γ²",
    )
    small = Chart(
        key="rbf_small",
        name="Small distances",
        call=Call(figures.small_distance_figure, result),
        says=lambda: figures.describe_small_distance(result),
        alt="Line chart on logarithmic axes: one minus the kernel against distance, predictions dashed.",
        table=lambda: _small_distances(result),
        claim="Small distances",
    )
    transition = Chart(
        key="rbf_transition",
        name="The transition",
        call=Call(figures.transition_figure, result),
        says=lambda: figures.describe_transition(result),
        alt="Line chart: the stable fixed point of the composition against gamma squared, and fifty layers.",
        table=lambda: _transition(result),
        claim="γ²",
    )
    return View(
        rows=[[distance], [cobweb, small], [transition]],
        heading="What theory says, and this kernel",
        claims=study.claims,
        study=study,
        source=source,
        below=_derivation,
    )


def _derivation() -> None:
    st.markdown(f"### The derivation\n\n{steps('rbf')['composition']}")


def _transition(result: RbfResult) -> pd.DataFrame:
    columns = {"fixed_point": result.fixed_points, "after_50_layers": result.iterated}
    return pd.DataFrame({"gamma_squared": result.gamma_squared, **columns})


def _table(result: RbfResult) -> pd.DataFrame:
    columns = {f"kernel_{depth}": result.values[i] for i, depth in enumerate(result.depths)}
    features = {f"measured_{depth}": result.measured[i] for i, depth in enumerate(result.depths)}
    points = pd.DataFrame({"distance": result.measured_distance, **features})
    return pd.concat([pd.DataFrame({"distance": result.distance, **columns}), points])


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
    show=_show,
)
