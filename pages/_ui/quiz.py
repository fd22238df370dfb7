"""Predict first: controls that a link hides, and a measurement that is not shown before somebody asks for it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

HIDE = "hide"
"""Name in the address: keys of controls, with commas between, and `MEASURED`."""
MEASURED = "measured"
QUESTION = "Predict first: what will be measured?"


def hidden() -> frozenset[str]:
    """What the address hides."""
    return frozenset(filter(None, st.query_params.get(HIDE, "").split(",")))


def is_predicting(key: str, values: Mapping[str, Any]) -> bool:
    """Whether the measurement is still to be guessed: at other settings it is so anew."""
    return MEASURED in hidden() and st.session_state.get(_revealed(key)) != _at(values)


def draw_reveal(key: str, values: Mapping[str, Any]) -> None:
    """Ask for a guess, with the button that shows the measurement."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_predict"):
        st.markdown(f"**{QUESTION}**")
        st.button("Show the measurement", type="primary", key=f"{key}_reveal", on_click=_reveal, args=(key, values))


def _reveal(key: str, values: Mapping[str, Any]) -> None:
    st.session_state[_revealed(key)] = _at(values)


def _revealed(key: str) -> str:
    return f"{key}_revealed"


def _at(values: Mapping[str, Any]) -> frozenset[tuple[str, Any]]:
    return frozenset(values.items())
