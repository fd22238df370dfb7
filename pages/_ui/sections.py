"""A page drawn: presets and actions on top, the controls beside the open section, or the stage of a talk."""

import streamlit as st

from core.figures.variants import without_measurement
from pages._ui import quiz, stage
from pages._ui.actions import draw_actions
from pages._ui.address import check_address
from pages._ui.chart import draw_chart
from pages._ui.claim import claim_cards, verdict_strip
from pages._ui.frame import frame
from pages._ui.page import Page, Section, Values, View
from pages._ui.panel import draw_controls, draw_display
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
    frame(page.title, menu=not presenting)
    if not presenting:
        st.title(page.title, anchor=False)
        with st.container(key="lead"):
            st.markdown(page.lead)
    check_address(page.controls, key=page.key)
    _body(page)


@st.fragment
def _body(page: Page) -> None:
    """Everything that a control may change."""
    if stage.is_turned():
        st.rerun()
    if stage.is_on():
        stage.draw(page)
        return
    top = st.container(key="top", gap="xsmall")
    left, right = st.columns([1, 3.2], gap="large")
    with right:
        tabs = st.tabs([section.name for section in page.sections], key=page.tab.key, bind="query-params")
    index = next((i for i, tab in enumerate(tabs) if tab.open), 0)
    section = page.sections[index]
    with left, st.container(key="controls"):
        values = draw_controls(section)
    with tabs[index], verdict_strip():
        values |= draw_display(section)
        view = section.show(values) or View()
        _draw_view(page, section, values, view)
    with top:
        sentence = _draw_presets(page, section, values)
        with st.container(horizontal=True, vertical_alignment="center", key="said"):
            st.caption(sentence)
            draw_actions(page, section, values, view)
        draw_pins(page.key, section, values)


def _draw_view(page: Page, section: Section, values: Values, view: View) -> None:
    """Draw charts, claims and what comes after them."""
    predicting = bool(view.charts) and quiz.is_predicting(page.key, values)
    if predicting:
        quiz.draw_reveal(page.key, values)
    for row in filter(None, view.rows):
        places = st.columns(len(row), gap="large") if len(row) > 1 else [st.container()]
        for place, chart in zip(places, row, strict=True):
            figure = with_pins(page.key, section, values, chart)
            with place:
                draw_chart(
                    chart, without_measurement(figure, chart.name) if predicting else figure, says=not predicting
                )
    if predicting:
        return
    if view.charts:
        draw_tables(page.key, view)
    if view.claims:
        claim_cards(view.heading, view.claims)
    if view.below is not None:
        view.below()


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
