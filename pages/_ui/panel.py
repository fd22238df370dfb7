"""The controls of a section: drawn beside it, or only read."""

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st

from pages._ui.controls import Control
from pages._ui.page import Section
from pages._ui.quiz import hidden


def draw_controls(section: Section) -> dict[str, Any]:
    """Draw the controls that play a part and are not hidden; return the values of all by the parameters' names."""
    values, hiding = dict[str, Any](), hidden()
    if section.aside is not None:
        section.aside()
    for name, control in section.controls.items():
        values |= _draw({name: control}, section.idle(values), hiding)
    if section.more:
        values |= _draw_more(section, section.idle(values), hiding)
    if section.after is not None:
        section.after()
    return values


def _draw_more(section: Section, idle: Collection[str], hiding: Collection[str]) -> dict[str, Any]:
    """Draw those under "More", from when it is first opened on.

    They stay when it is closed: a widget that vanishes takes its value out of the address.
    """
    key = f"{next(iter(section.more.values())).key.split('_')[0]}_more"
    with st.expander("More", key=key, on_change="rerun") as place:
        if place.open or st.session_state.get(f"{key}_seen"):
            st.session_state[f"{key}_seen"] = True
            return _draw(section.more, idle, hiding)
    return {name: control.default if name in idle else control.value() for name, control in section.more.items()}


def draw_display(section: Section) -> dict[str, Any]:
    """Draw the controls that stand above the charts, in one row; return their values by name."""
    if not section.display:
        return {}
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        return _draw(section.display, (), hidden())


def read_controls(section: Section) -> dict[str, Any]:
    """Values of a section's parameters by name, without drawing a control."""
    values: dict[str, Any] = {}
    for name, control in section.parameters.items():
        values[name] = control.default if name in section.idle(values) else control.value()
    return values


def _draw(controls: Mapping[str, Control], idle: Collection[str], hiding: Collection[str]) -> dict[str, Any]:
    """Draw controls; one that is hidden keeps its value, one that plays no part has its default."""
    values = {}
    for name, control in controls.items():
        if name in idle:
            values[name] = control.default
        else:
            values[name] = control.value() if control.key in hiding else control.draw()
    return values
