"""The decision boundary, moment by moment."""

import pandas as pd
import streamlit as st

from core.figures.gradient_flow.boundary import boundary_figure, describe_boundary
from core.gradient_flow.boundary import boundary, is_planar
from core.gradient_flow.result import Boundary
from core.notation import number
from pages._flow.controls import CONTROLS, MORE
from pages._flow.run import source_of, study_of, upload
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.page import Section, Values, View
from pages._ui.runs import Task, shared_result

_CLAIMS = ("Norms keep", "K = 1")  # those that say what becomes of the boundary


def _show(values: Values) -> View | None:
    study = study_of(values)
    if study is None:
        return None
    result = study.result
    if not is_planar(result):
        st.info("The decision boundary is drawn for data with two coordinates; these have another number of them.")
        return None
    task = Task(boundary, result)
    plane = shared_result(task.key, task.compute)
    residual = float(result.kkt_residual[-1])
    kkt = f" KKT residual of the margin problem at the end: {number(residual)} of ‖V‖." if residual == residual else ""
    shown = Chart(
        key="boundary",
        name="Decision boundary",
        call=Call(boundary_figure, Call.known(plane, boundary, result)),
        says=lambda: describe_boundary(plane) + kkt,
        alt="Map of the plane: sign and level of the network, with the samples; those that carry the loss ringed.",
        table=lambda: _table(plane),
        claim="Norms keep",
    )
    claims = [claim for claim in (*study.norm_claims, *study.margin_claims) if claim.name.startswith(_CLAIMS)]
    return View(
        rows=[[shown]], heading="What theory says, and this run", claims=claims, study=study, source=source_of(values)
    )


def _table(plane: Boundary) -> pd.DataFrame:
    """The samples, and the levels of f on the grid at the last moment."""
    samples = pd.DataFrame(
        {"x1": plane.points[:, 0], "x2": plane.points[:, 1], "label": plane.labels, "support": plane.support[-1]}
    )
    grid = pd.DataFrame(plane.levels[-1], index=plane.y, columns=plane.x).rename_axis(index="x2", columns="x1")
    return pd.concat([samples, grid.reset_index().melt("x2", value_name="f / max |f|")])


SECTION = Section(name="Decision boundary", show=_show, controls=CONTROLS, more=MORE, aside=upload)
