"""Runs that are pinned: later ones are drawn over them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.figures.style import Figure, Trace, words
from core.figures.variants import Earlier, overlaid, to_keep
from pages._ui.chart import Chart
from pages._ui.page import Page, Section, Values
from pages._ui.quiz import hidden
from pages._ui.text import literal

MOST = 3
"""Pins at a time."""
_NAMED = 3  # differing parameters in a legend


@dataclass(frozen=True, slots=True, eq=False)
class Pin:
    """A run as it was: the section, the values of its parameters, and what is kept of its charts."""

    section: str
    values: dict[str, Any]
    traces: dict[str, tuple[Trace, ...]]


def pins_of(key: str, section: Section) -> list[Pin]:
    """The pins of a section."""
    return [pin for pin in st.session_state.get(_place(key), ()) if pin.section == section.name]


def add_pin(page: Page) -> None:
    """Pin what is on a page; the oldest pin of a section gives way to a fourth."""
    shown = page.shown()
    if shown is None or not shown.view.charts:
        return
    pin = Pin(shown.section.name, shown.values, {chart.key: to_keep(chart.figure) for chart in shown.view.charts})
    others = [old for old in st.session_state.get(_place(page.key), ()) if old.section != pin.section]
    st.session_state[_place(page.key)] = [*others, *pins_of(page.key, shown.section)[1 - MOST :], pin]


def draw_pins(key: str, section: Section, values: Values) -> None:
    """Name the pins, each with a button that takes it out; nothing where there is none."""
    pins = pins_of(key, section)
    if not pins:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_pinned"):
        st.text("Pinned, in grey:")
        for number, pin in enumerate(pins):
            label = f"{difference(section, pin, values) or 'this run'} ✕"
            st.button(literal(label), key=f"{key}_unpin_{number}", type="tertiary", on_click=_remove, args=(key, pin))


def _remove(key: str, pin: Pin) -> None:
    st.session_state[_place(key)] = [one for one in st.session_state[_place(key)] if one is not pin]


def with_pins(key: str, section: Section, values: Values, chart: Chart) -> Figure:
    """A chart's figure over the pinned runs that differ from it."""
    pins = pins_of(key, section)
    earlier = [
        Earlier(words(name), pin.traces.get(chart.key, ()))
        for pin in pins
        if (name := difference(section, pin, values))
    ]
    return overlaid(chart.figure, earlier) if earlier else chart.figure


def difference(section: Section, pin: Pin, values: Mapping[str, Any]) -> str:
    """In what a pinned run differs from the run on screen, in the words of the controls; empty where in nothing."""
    computed, hiding = section.controls | section.more, hidden()
    differing = [
        f"{control.label} {'hidden' if control.key in hiding else control.text(pin.values[name])}"
        for name, control in computed.items()
        if pin.values[name] != values[name]
    ]
    more = [f"and {len(differing) - _NAMED} more"] if len(differing) > _NAMED else []
    return ", ".join(differing[:_NAMED] + more)


def _place(key: str) -> str:
    return f"{key}_pins"
