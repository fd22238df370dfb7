"""A page drawn: its sections as tabs, in each the controls beside the charts, or the stage of a talk.

What a control may change is one fragment, and nothing else is in it: every element of a fragment is sent again with
each change.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import streamlit as st

from core.figures.style import Figure
from core.figures.variants import is_empty, without_measurement
from pages._ui import quiz, stage
from pages._ui.actions import draw_actions, hold_link
from pages._ui.address import check_address, current_values, link
from pages._ui.chart import Chart, draw_chart
from pages._ui.claim import claim_cards, verdict_strip
from pages._ui.errors import contained
from pages._ui.frame import frame
from pages._ui.page import Page, Section, Shown, Values, View
from pages._ui.panel import draw_controls, draw_display, read_controls
from pages._ui.pins import draw_pins, with_pins
from pages._ui.save import draw_tables


def draw_page(page: Page) -> None:
    """Draw a page of sections.

    Parameters
    ----------
    page : Page
        The page.
    """
    presenting = stage.is_on()
    bar = frame(page.title, menu=not presenting)
    if presenting:
        check_address(page.controls, key=page.key)
        _stage(page)
        return
    with bar:
        draw_actions(page)
    st.title(page.title, anchor=False)
    with st.container(key="lead"):
        st.markdown(page.lead)
    check_address(page.controls, key=page.key)
    tabs = st.tabs([section.name for section in page.sections], key=page.tab.key, bind="query-params")
    index = next((i for i, tab in enumerate(tabs) if tab.open), 0)
    with tabs[index]:
        _body(page, page.sections[index])


@st.fragment
def _stage(page: Page) -> None:
    """The page as a talk."""
    if stage.is_turned():
        st.rerun()
    with contained(page.path, partial(_link, page)):
        stage.draw(page)


@st.fragment
def _body(page: Page, section: Section) -> None:
    """Everything that a control may change."""
    guard = partial(contained, page.path, partial(_link, page))
    top = st.container(key="top", gap="xsmall")
    left, right = st.columns([1, 3.2], gap="large")
    values: dict[str, Any] = {}
    view = View()
    with left, st.container(key="controls"), guard():
        values = draw_controls(section)
    with right, verdict_strip(), guard():
        values = (values or read_controls(section)) | draw_display(section)
        view = section.show(values) or View()
        _draw_view(page, section, values, view)
    page.remember(Shown(section, values, view))
    with top, guard():
        sentence = _draw_presets(page, section, values)
        st.caption("" if _is_predicting(page, values, view) else sentence)
        if view.charts and view.source is None:
            st.caption("Your data are not in the link.")
        draw_pins(page.key, section, values)
        hold_link(page, _link(page))


def _link(page: Page) -> str:
    """Query of the link to the page as it stands."""
    modes = {quiz.HIDE: ",".join(sorted(quiz.hidden()))} if quiz.hidden() else {}
    return link(page.controls, current_values(page.controls), modes)


def _draw_view(page: Page, section: Section, values: Values, view: View) -> None:
    """Draw charts, claims and what comes after them."""
    if _is_predicting(page, values, view):
        quiz.draw_reveal(page.key, values)
        _draw_rows(view.rows, lambda chart: without_measurement(chart.figure, chart.name), says=False)
        return
    _draw_rows(view.rows, lambda chart: with_pins(page.key, section, values, chart))
    if view.charts:
        draw_tables(page.key, view)
    if view.claims:
        claim_cards(view.heading, view.claims)
    if view.below is not None:
        view.below()


def _is_predicting(page: Page, values: Values, view: View) -> bool:
    return bool(view.charts) and quiz.is_predicting(page.key, values)


def _draw_rows(rows: Sequence[Sequence[Chart]], version: Callable[[Chart], Figure], *, says: bool = True) -> None:
    """Draw charts, those of a row side by side; one of which nothing is left to see is left out."""
    for row in rows:
        shown = [(chart, figure) for chart in row if not is_empty(figure := version(chart))]
        places = st.columns(len(shown), gap="large") if len(shown) > 1 else [None]
        for place, (chart, figure) in zip(places, shown, strict=False):
            with place or nullcontext():
                draw_chart(chart, figure, says=says)


def _draw_presets(page: Page, section: Section, values: Values) -> str:
    """Draw the section's presets; return the sentence of the one that the controls stand at."""
    names = [name for name, preset in page.presets.items() if preset.section is section]
    current = page.current_preset(section, values)
    if names:
        st.session_state[f"{page.key}_preset"] = current
        st.pills(
            "Situations",
            names,
            key=f"{page.key}_preset",
            on_change=_take_preset,
            args=(page,),
            label_visibility="collapsed",
            wrap=False,
        )
    return page.presets[current].sentence if current else section.sentence or "Your own setting."


def _take_preset(page: Page) -> None:
    name = st.session_state[f"{page.key}_preset"]
    if name is not None:
        stage.apply_preset(page, name)
