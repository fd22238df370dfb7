"""The frame of every page: configuration, menu, and what a server does once."""

import gc
from pathlib import Path

import pandas as pd  # noqa: F401  threads that race for plotly's lazy import of it crash a cold server
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.figures import style
from pages._ui.browser import watch_browser
from pages._ui.runs import warm_up
from pages._ui.work.once import once

MENU = {
    "app.py": "Overview",
    "pages/gradient_flow.py": "Norms and margins",
    "pages/kernels.py": "Kernels",
    "pages/neural_collapse.py": "Neural Collapse",
}
"""Pages and their names in the menu."""

LEAD_WIDTH = 1088
"""Pixels of the words below a title: 68 rem, the longest line that reads well at this size."""

_ON_SCREEN, _ARRIVED = "on_screen", "arrived"
_STYLE = Path(__file__).with_name("style.css")


@once
def _warm_up() -> None:
    """Load what the first visitor would wait for, and keep the collector away from it for good."""
    style.figure([], title="", x_axis={}, y_axis={}).to_json()
    warm_up()
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)  # a rerun has several by default; with ten times this, each takes up to 80 ms


def frame(title: str, *, menu: bool = True) -> DeltaGenerator:
    """Begin a page: its title in the browser, the style sheet and the menu.

    Parameters
    ----------
    title : str
        Title of the page.
    menu : bool
        Whether the way to the other pages is shown.

    Returns
    -------
    DeltaGenerator
        Place for what can be done with the page, beside the menu.
    """
    st.set_page_config(page_title=f"{title} · Deep learning theory", layout="wide", initial_sidebar_state="collapsed")
    _warm_up()
    before, st.session_state[_ON_SCREEN] = st.session_state.get(_ON_SCREEN), title
    st.session_state[_ARRIVED] = before != title
    st.html(_STYLE)
    bar = _menu() if menu else st.container()
    watch_browser()
    return bar


def has_arrived() -> bool:
    """Whether the visitor has just come from another page."""
    return bool(st.session_state[_ARRIVED])


def _menu() -> DeltaGenerator:
    with st.container(horizontal=True, vertical_alignment="center", key="menu", gap="medium"):
        for page, name in MENU.items():
            st.page_link(page, label=name)
        return st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="right", key="actions", gap="small"
        )
