"""Overview: what the instrument shows, and the ways in."""

import pandas as pd
import streamlit as st

from core.figures import gradient_flow as figures
from core.gradient_flow import FlowParams
from core.gradient_flow.study import Study, study_flow
from pages._ui.chart import chart
from pages._ui.frame import frame
from pages._ui.runs import result_of

WAYS_IN = {
    "1.1 Norm growth": "Norm growth",
    "1.2 Normalized margins": "Margins",
    "The decision boundary, moment by moment": "Decision boundary",
    "The derivation, each step checked on a run": "Derivation",
}
"""Links and the sections of problem 1 that they open."""


def main() -> None:
    """Draw the page."""
    frame("Overview")
    st.title("Deep learning theory, to touch", anchor=False)
    with st.container(key="lead"):
        st.markdown(
            "Theorems computed live, **theory dashed, measurement solid**. Move one control and the theorem holds "
            "before your eyes; switch one assumption off and it fails."
        )
    left, right = st.columns([1, 1.6], gap="large")
    with left:
        st.header("Deep ReLU networks under the exponential loss", anchor=False)
        st.markdown(
            "Once the loss is below 1, the squared norms of all layers grow at one rate, for ever, and the smoothed "
            "margin never decreases. Here the flow is followed until the loss is 10⁻¹⁰⁰⁰⁰."
        )
        with st.container(key="ways", gap="xxsmall"):
            for name, section in WAYS_IN.items():
                st.page_link("pages/gradient_flow.py", label=name, query_params={"gf_section": section})
        st.subheader("In class", anchor=False)
        st.markdown(
            "1. Open a problem and read the sentence on top.\n"
            "2. Click a situation: each has a sentence to say.\n"
            "3. Ask what will happen, then move one control.\n"
            "4. Below the charts stand the claims, with their verdicts.\n"
            "5. Copy the address: it opens the same picture."
        )
    with right:
        _growth()


def _growth() -> None:
    """Draw problem 1 at its default settings; its page finds the run done."""
    params = FlowParams()
    study: Study = result_of("overview_run", (params, None), lambda _: study_flow(params), lambda _: True)
    result = study.result
    chart(
        figures.norm_growth_figure(result, figures.Axis()),
        key="overview_growth",
        name="Norms of the layers",
        alt="Line chart: the norm of each layer against time, with the law of growth dashed.",
        table=lambda: pd.DataFrame(result.layer_norms),
    )
    st.caption(figures.describe_norms(result))


main()
