"""Overview: what the instrument shows, and the ways in."""

import streamlit as st

from pages._ui.frame import frame


def main() -> None:
    """Draw the page."""
    frame("Overview")
    st.title("Deep learning theory, to touch", anchor=False)
    with st.container(key="lead"):
        st.markdown(
            "Theorems of deep learning, computed live: **theory dashed, measurement solid**. Move one control and the "
            "theorem holds before your eyes; switch one assumption off and it fails."
        )
    st.subheader("Deep ReLU networks under the exponential loss", anchor=False)
    st.markdown(
        "All layers' norms grow at one rate, and the smallest normalized margin does not decrease: followed to losses "
        "of 10⁻¹⁰⁰⁰⁰."
    )
    st.page_link("pages/gradient_flow.py", label="Open norm growth and margins", icon=":material/arrow_forward:")


main()
