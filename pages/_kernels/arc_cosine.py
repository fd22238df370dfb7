"""2.3: the arc-cosine kernel."""

from math import radians

import pandas as pd
import streamlit as st

from core.figures.kernels import arc_cosine as figures
from core.kernels.params import AngularParams
from core.kernels.result.kernels import AngularResult
from core.kernels.studies import study_arc_cosine
from pages._kernels.controls import ANGLE, ORDER
from pages._ui.chart import chart, save_menu
from pages._ui.claim import claim_cards
from pages._ui.runs import shared_result
from pages._ui.sections import Section, Values


def _draw(values: Values) -> None:
    params = AngularParams(order=values["order"], angle=radians(values["angle"]))
    study = shared_result(params, lambda: study_arc_cosine(params))
    result = study.result
    left, right = st.columns(2, gap="large")
    with left:
        charts = [
            chart(
                figures.angle_figure(result),
                key="arc_cosine",
                name="Angular functions",
                alt="Line chart: normalized angular functions of several orders against the angle between the inputs.",
                table=lambda: _table(result),
            )
        ]
    with right:
        charts += [
            chart(
                figures.distance_figure(result),
                key="arc_cosine_distance",
                name="Kernels against the distance",
                alt="Line chart: normalized arc-cosine kernels against the distance of two points on the unit sphere.",
                table=lambda: _table(result),
            )
        ]
    st.caption(figures.describe_angular(result))
    left, right = st.columns(2, gap="large")
    with left:
        charts += [
            chart(
                figures.differentiation_figure(result),
                key="arc_cosine_differentiation",
                name="By repeated differentiation",
                alt="Line chart: angular functions got from the first one by differentiating, formulas dashed.",
                table=lambda: _derived(result),
            )
        ]
    with right:
        charts += [
            chart(
                figures.cancellation_figure(result),
                key="arc_cosine_cancellation",
                name="Lost to rounding",
                alt="Line chart: relative error of differentiating in double precision, against the angle.",
                table=lambda: _derived(result),
            )
        ]
    st.caption(figures.describe_differentiation(result))
    save_menu(charts, key="ke_arc_cosine")
    claim_cards("What theory says, and these integrals", study.claims)


def _table(result: AngularResult) -> pd.DataFrame:
    columns = {f"J_{n}": result.values[i] for i, n in enumerate(result.orders)}
    return pd.DataFrame({"angle": result.angle, **columns})


def _derived(result: AngularResult) -> pd.DataFrame:
    columns = {f"J_{n}_differentiated": result.differentiated[i] for i, n in enumerate(result.orders)}
    return pd.DataFrame({"angle": result.angle, **columns})


SECTION = Section(name="2.3 Arc-cosine", controls={"order": ORDER, "angle": ANGLE}, draw=_draw)
