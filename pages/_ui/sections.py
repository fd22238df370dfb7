"""A page drawn: its sections as tabs, in each the controls beside the charts, or the stage of a talk.

What a control may change is one fragment, and nothing else is in it: every element of a fragment is sent again with
each change.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from typing import Any

import streamlit as st

from core.figures.variants import is_empty, without_measurement
from pages._ui import quiz, stage
from pages._ui.actions import draw_actions
from pages._ui.address import check_address, current_values, link
from pages._ui.chart import picture
from pages._ui.claim import claim_cards, verdict_chips
from pages._ui.errors import contained
from pages._ui.frame import LEAD_WIDTH, frame
from pages._ui.history import follow_address, is_restoring
from pages._ui.page import Page, Section, Shown, Values, View
from pages._ui.panel import draw_controls, draw_display, read_controls
from pages._ui.pins import draw_pins, pins_of, with_pins
from pages._ui.plot import Picture, draw
from pages._ui.runs import forget_earlier, noting_stand_ins, shared_result
from pages._ui.save import draw_tables

Guard = Callable[[], AbstractContextManager[None]]
"""Keeps an error of a block from the rest of the page."""


def draw_page(page: Page) -> None:
    """Draw a page of sections.

    Parameters
    ----------
    page : Page
        The page.
    """
    presenting = stage.is_on()
    bar = frame(page.title, menu=not presenting)
    follow_address(page)
    if presenting:
        check_address(page.controls, key=page.key)
        if is_restoring():
            forget_earlier()
        _stage(page)
        return
    with bar:
        draw_actions(page)
    st.title(page.title, anchor=False)
    st.markdown(page.lead, width=LEAD_WIDTH)
    check_address(page.controls, key=page.key)
    tabs = st.tabs([section.name for section in page.sections], key=page.tab.key, bind="query-params")
    index = next((i for i, tab in enumerate(tabs) if tab.open), 0)
    section = page.sections[index]
    others = {control.key for control in page.controls} - {control.key for control in section.parameters.values()}
    with tabs[index]:
        _body(page, section, current_values(control for control in page.controls if control.key in others))


@st.fragment
def _stage(page: Page) -> None:
    """The page as a talk."""
    if stage.is_turned():
        st.rerun()
    with contained(page.path, partial(_link, page)):
        stage.draw(page)


@st.fragment
def _body(page: Page, section: Section, elsewhere: Values) -> None:
    """Everything that a control may change; beside it the values of the controls of other sections, which it cannot."""
    guard = partial(contained, page.path, partial(_link, page))
    values: dict[str, Any] = {}
    with guard():
        _draw_situation(page, section)
    with st.container(key="body"):
        with st.container(key="controls"), guard():
            values = draw_controls(section)
        with st.container(key="view"):
            _draw_view(page, section, values, elsewhere, guard)


def _draw_view(page: Page, section: Section, values: dict[str, Any], elsewhere: Values, guard: Guard) -> None:
    """Draw what the controls lead to, part by part: an error in one leaves the others."""
    view, predicting = View(), False
    rows: list[list[Picture]] = []
    with noting_stand_ins() as stand_ins, guard():
        values = (values or read_controls(section)) | draw_display(section)
        view = section.show(values) or View()
        predicting = bool(view.charts) and quiz.is_predicting(page.key, values)
    with guard():
        if predicting:
            quiz.draw_reveal(page.key, values)
        if not predicting and not stand_ins:
            rows = _kept_pictures(page, section, values, view)
        rows = rows or _pictures(page, section, values, view, guard, predicting=predicting)
    with guard():
        idle = section.idle(values)
        own = {
            control.key: control.value() if name in idle else values.get(name, control.default)
            for name, control in section.parameters.items()
        }
        above = "" if predicting else verdict_chips(view.claims)
        draw(rows, key=page.key, above=above, link=_link(page, {**elsewhere, **own}))
    with guard():
        if not predicting:
            _draw_below(page, view)
    page.remember(Shown(section, values, view))


def _draw_situation(page: Page, section: Section) -> None:
    """Draw the presets, the sentence to say where the controls stand at one, and the pins."""
    values = read_controls(section)
    sentence = _draw_presets(page, section, values)
    st.caption("" if section.measures and quiz.is_predicting(page.key, values) else sentence)
    draw_pins(page.key, section, values)


def _link(page: Page, values: Values | None = None) -> str:
    """Query of the link to the page as it stands, or for some values by the controls' keys."""
    return link(page.controls, current_values(page.controls) if values is None else values, quiz.modes())


def _kept_pictures(page: Page, section: Section, values: Values, view: View) -> list[list[Picture]]:
    """The charts as every visitor sees them at these values, made once for all; nothing where they are one's own."""
    task = view.source or view.private
    if task is None or pins_of(page.key, section):
        return []
    key = "pictures", page.key, section.name, task.key, frozenset(values.items())
    with suppress(Exception):  # one that fails is met again, and logged, where the others are made without it
        return shared_result(key, partial(_pictures, page, section, values, view, nullcontext, predicting=False))
    return []


def _pictures(
    page: Page, section: Section, values: Values, view: View, guard: Guard, *, predicting: bool
) -> list[list[Picture]]:
    """The charts as they are shown, less those that fail, and those, but the main, of which nothing is left to see."""
    rows = []
    for row in view.rows:
        shown = []
        for chart in row:
            with guard():
                if predicting:
                    figure = without_measurement(chart.figure, chart.name)
                else:
                    figure = with_pins(page.key, section, values, chart)
                if chart is view.charts[0] or not is_empty(figure):
                    shown.append(picture(chart, figure, says=not predicting))
        rows += [shown] if shown else []
    return rows


def _draw_below(page: Page, view: View) -> None:
    """Draw what stands below the charts."""
    if view.charts and view.source is None:
        st.caption("Your data are not in the link.")
    if view.charts:
        draw_tables(page.key, view)
    if view.claims:
        claim_cards(view.heading, view.claims)
    if view.below is not None:
        view.below()


def _draw_presets(page: Page, section: Section, values: Values) -> str:
    """Draw the section's presets; return the sentence of the one that the controls stand at."""
    names = [name for name, preset in page.presets.items() if preset.section is section]
    current = None if quiz.hides(section.parameters.values()) else page.current_preset(section, values)
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
    if quiz.hides(section.parameters.values()):
        return quiz.HIDDEN
    return page.presets[current].sentence if current else section.sentence or "Your own setting."


def _take_preset(page: Page) -> None:
    name = st.session_state[f"{page.key}_preset"]
    if name is not None:
        stage.apply_preset(page, name)
