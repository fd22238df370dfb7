"""Overview: what the instrument shows, and the ways in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from core.figures.gradient_flow import norms as flow_figures
from core.figures.gradient_flow.axis import Axis
from core.figures.kernels import rbf as rbf_figures
from core.figures.neural_collapse import simplex as simplex_figures
from core.figures.style import Figure
from core.figures.variants import small
from core.gradient_flow import FlowParams
from core.gradient_flow.study import Study, study_flow
from core.kernels.params import RbfParams
from core.kernels.studies import study_rbf
from core.neural_collapse.params import SyntheticParams
from core.neural_collapse.studies import study_simplex
from pages._ui.actions import copy_link
from pages._ui.address import check_address, link
from pages._ui.errors import contained
from pages._ui.frame import LEAD_WIDTH, frame
from pages._ui.plot import Picture, draw, picture_of
from pages._ui.runs import Task, result_of, shared_result
from pages._ui.text import literal, unbroken

FLOWS = {
    "1.1 Norm growth": "Norm growth",
    "1.2 Normalized margins": "Margins",
    "The decision boundary, moment by moment": "Decision boundary",
    "The derivation, each step checked on a run": "Derivation",
}
"""Links and the sections of problem 1 that they open."""
KERNELS = {
    "2.1 Polynomial kernels, composed": "2.1 Polynomial",
    "2.2 RBF kernels, composed": "2.2 RBF",
    "2.3 Arc-cosine kernels": "2.3 Arc-cosine",
    "The derivation of 2.3 in four pictures": "Derivation",
    "Layers of finite width": "Finite width",
    "What depth does": "Depth",
    "A kernel machine at any depth": "Kernel machine",
}
"""Links and the sections of problem 2 that they open."""
COLLAPSE = {
    "The simplex ETF": "Simplex ETF",
    "NC1 + NC2 ⇒ NC3 + NC4": "NC1 + NC2 ⇒ NC3 + NC4",
    "Decision regions": "Decision regions",
    "Watch it collapse": "Watch it collapse",
    "Features of your own network": "Your features",
    "The derivation, each equality in numbers": "Derivation",
}
"""Links and the sections of problem 3 that they open."""


def main() -> None:
    """Draw the page."""
    with frame("Overview"):
        copy_link(key="overview_link")
    st.title("Deep learning theory, to touch", anchor=False)
    st.markdown(
        "Three problems of a graduate course, computed live: **theory dashed, measurement solid or in points**. "
        "Open one, move a control and watch the theorem hold; switch one assumption off and watch it fail.",
        width=LEAD_WIDTH,
    )
    check_address([], key="overview")
    for column, problem in zip(st.columns(3, gap="large"), (_flows, _kernels, _collapse), strict=True):
        with column, contained(""):
            problem()
    st.subheader("In class", anchor=False)
    st.markdown(
        "1. Open a problem and read the sentence on top.\n"
        "2. Click a situation: each has a sentence to say. **Present** turns them into a talk, on the arrow keys.\n"
        "3. Ask what will happen, then move one control. **Quiz** makes a link that hides the answer.\n"
        "4. Below the charts stand the claims, with their verdicts; the last tab of a page has notes for you.\n"
        "5. **Copy link** gives the class the same picture, on any laptop or phone."
    )


def _flows() -> None:
    """Draw problem 1 at its default settings; its page finds the run done."""
    st.header("1. Deep ReLU networks under the exponential loss", anchor=False)
    task = Task(study_flow, FlowParams(), dataset=None)
    study: Study | None = result_of("overview_run", task, complete=lambda done: done.result.status.reached, quick=True)
    says = ""
    if study is not None and study.result.status.reached:  # the picture is kept for all: not that of a stopped run
        result = study.result
        says = _picture(
            task,
            lambda: flow_figures.norm_growth_figure(result, Axis()),
            lambda: flow_figures.describe_norms(result),
            key="overview_growth",
            alt="Line chart: the norm of each layer against time, with the law of growth dashed.",
        )
    st.markdown(
        "Once the loss is below 1, the squared norms of all layers grow at one rate, for ever, and the smoothed margin "
        "never decreases. Here the loss falls to 10⁻⁸⁰⁰; the page goes on to 10⁻¹⁰⁰⁰⁰."
    )
    _ways("pages/gradient_flow.py", "gf_section", FLOWS)
    st.caption(literal(says))


def _kernels() -> None:
    """Draw problem 2 at its default settings."""
    st.header("2. Deep networks as kernel machines", anchor=False)
    task = Task(study_rbf, RbfParams())
    result = shared_result(task.key, task.compute).result
    says = _picture(
        task,
        lambda: rbf_figures.distance_figure(result),
        lambda: rbf_figures.describe_rbf(result),
        key="overview_kernels",
        alt="Line chart: the RBF kernel and its compositions against distance, with their floors dashed.",
    )
    st.markdown(
        "Apply a kernel’s feature map again and again: one number, the slope at k = 1, decides whether depth makes "
        "inputs alike or tears them apart. A wide random layer computes such a kernel."
    )
    _ways("pages/kernels.py", "ke_section", KERNELS)
    st.caption(literal(says))


def _collapse() -> None:
    """Draw problem 3 with some noise, which shows classes as clouds."""
    st.header("3. Neural Collapse and the simplex ETF", anchor=False)
    task = Task(study_simplex, SyntheticParams(), "all")
    result = shared_result(task.key, task.compute).result
    says = _picture(
        task,
        lambda: simplex_figures.simplex_figure(result),
        lambda: simplex_figures.describe_simplex(result),
        key="overview_simplex",
        alt="Scene in three dimensions: class means, rows of the classifier and clouds of features.",
    )
    st.markdown(
        "When the features of each class become one point and these points a simplex, the least-squares weight vectors "
        "align with the class means. After its last training error on handwritten digits a small network’s NC1 falls "
        "from 0.05 to 0.0006, and NC3 from 0.84 to 0.24."
    )
    _ways("pages/neural_collapse.py", "nc_section", COLLAPSE)
    st.caption(literal(says))


def _picture(task: Task[Any], figure: Callable[[], Figure], says: Callable[[], str], *, key: str, alt: str) -> str:
    """Draw a chart of a problem, small: for reading, not for work. Return its sentence, which stands further down."""

    def made() -> Picture:
        return picture_of(small(figure()), name=key, alt=alt, says=unbroken(says()))

    picture = shared_result((key, task.key), made)
    draw([[replace(picture, says="")]], key=key, link=link((), {}))
    return picture.says


def _ways(page: str, parameter: str, sections: dict[str, str]) -> None:
    """Links into the sections of a page."""
    with st.container(key=f"ways_{parameter}", gap="xxsmall"):
        for name, section in sections.items():
            st.page_link(page, label=name, query_params={parameter: section})


main()
