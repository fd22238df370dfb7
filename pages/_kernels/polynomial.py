"""2.1: composed polynomial kernels."""

import pandas as pd
import streamlit as st

from core.figures.kernels import polynomial as figures
from core.kernels.params import PolynomialParams
from core.kernels.result.kernels import PolynomialResult
from core.kernels.studies import study_polynomial
from pages._kernels.controls import DEGREE
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.controls import Choice, Number
from pages._ui.page import Section, Values, View
from pages._ui.prose import steps
from pages._ui.runs import Task, shared_result


def _show(values: Values) -> View:
    params = PolynomialParams(**values)
    source = Task(study_polynomial, params)
    study = shared_result(source.key, source.compute)
    result = study.result
    inner = Chart(
        key="polynomial",
        name="Kernels against the inner product",
        call=Call(figures.inner_product_figure, result),
        says=lambda: f"{figures.describe_polynomial(result)} {figures.describe_norm(result)}",
        alt="Line chart: the polynomial kernel and its compositions against the inner product of the inputs.",
        table=lambda: _table(result),
        claim="Composition",
    )
    sphere = Chart(
        key="polynomial_sphere",
        name="Kernels against the distance",
        call=Call(figures.sphere_figure, result),
        says=lambda: figures.describe_sphere(result),
        alt="Line chart: the polynomial kernel and its compositions against the distance of two inputs.",
        table=lambda: pd.DataFrame(figures.distance_columns(result)),
        claim="On the sphere",
    )
    degree = Chart(
        key="polynomial_degree",
        name="Degrees",
        call=Call(figures.degree_figure, result),
        says=lambda: figures.describe_degree(result),
        alt="Line chart on logarithmic axes: straight lines whose slope is the degree of each composition.",
        table=lambda: pd.DataFrame(figures.degree_columns(result)),
        claim="Composition",
    )
    return View(
        rows=[[inner], [sphere, degree]],
        heading="What theory says, and these features",
        claims=study.claims,
        study=study,
        source=source,
        below=_derivation,
    )


def _derivation() -> None:
    st.markdown(f"### The derivation\n\n{steps('polynomial')['composition']}")


def _table(result: PolynomialResult) -> pd.DataFrame:
    columns = {f"sign_{depth}": result.sign[i] for i, depth in enumerate(result.depths)}
    columns |= {f"log_kernel_{depth}": result.log_magnitude[i] for i, depth in enumerate(result.depths)}
    features = {f"explicit_features_{depth}": result.measured[i] for i, depth in enumerate(result.depths)}
    points = pd.DataFrame({"inner_product": result.measured_inner, **features})
    return pd.concat([pd.DataFrame({"inner_product": result.inner, **columns}), points])


SECTION = Section(
    name="2.1 Polynomial",
    controls={
        "degree": DEGREE,
        "depth": Number(key="ke_poly_depth", label="Depth ℓ", default=3, low=1, high=6, step=1),
        "norm": Choice(
            key="ke_poly_norm",
            label="Norm of the inputs",
            default=1.0,
            options={0.5: "0.5", 0.8: "0.8", 1.0: "1, unit sphere", 1.25: "1.25", 2.0: "2"},
            widget="slider",
            help="The statements on decay are about the unit sphere.",
        ),
    },
    show=_show,
)
