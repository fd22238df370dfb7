"""What can be done with a page: copy its link, present it, pin a run, save it, make a quiz, and start over."""

from pathlib import Path

import streamlit as st

from pages._ui import stage
from pages._ui.address import current_values, link, reset
from pages._ui.page import Page, Section, Values, View
from pages._ui.pins import add_pin
from pages._ui.quiz import HIDE, MEASURED, hidden
from pages._ui.save import save_menu

_COPY = st.components.v2.component(
    "copy", js=Path(__file__).with_name("copy.js").read_text(encoding="utf-8"), isolate_styles=False
)


def draw_actions(page: Page, section: Section, values: Values, view: View) -> None:
    """Draw the actions of a page in one row."""
    query = link(page.controls, current_values(page.controls), {HIDE: ",".join(sorted(hidden()))} if hidden() else {})
    with st.container(horizontal=True, vertical_alignment="center", key="actions", gap="small", width="content"):
        if view.charts and view.source is None:
            st.caption("Your data are not in the link.")
        copy_link(query, key=f"{page.key}_link")
        st.button("Present", key=f"{page.key}_present", type="tertiary", on_click=stage.enter)
        if view.charts:
            st.button(
                "Pin",
                key=f"{page.key}_pin",
                type="tertiary",
                help="Keep this run in grey, and draw later ones over it.",
                on_click=add_pin,
                args=(page.key, section, values, view.charts),
            )
            save_menu(page, section, values, view, query)
        _draw_quiz(page, section)
        st.button("Reset", key=f"{page.key}_reset", type="tertiary", on_click=_reset, args=(page,))


def copy_link(query: str, *, key: str, label: str = "Copy link") -> None:
    """Draw a button that copies the page's address with another query."""
    _COPY(key=key, data={"query": query, "label": label}, width="content")


def _reset(page: Page) -> None:
    reset(page.controls, key=page.key)


def _draw_quiz(page: Page, section: Section) -> None:
    """Draw what makes a link that hides something."""
    with st.popover("Quiz", key=f"{page.key}_quiz", type="tertiary", on_change="rerun") as panel:
        if not panel.open:
            return
        st.text("A link for a class that is to think first.")
        labels = {control.key: control.label for control in (section.controls | section.more).values()}
        chosen = st.multiselect(
            "Controls to hide", list(labels), format_func=labels.__getitem__, key=f"{page.key}_hide"
        )
        first = st.toggle("Predict first: hide the measurement until asked", True, key=f"{page.key}_first")
        stand = st.toggle("Open as a presentation", False, key=f"{page.key}_stand")
        names = [*chosen, *([MEASURED] if first else [])]
        modes = ({stage.PRESENT: "1"} if stand else {}) | ({HIDE: ",".join(names)} if names else {})
        query = link(page.controls, current_values(page.controls), modes)
        copy_link(query, key=f"{page.key}_quiz_link", label="Copy the quiz’s link")
