"""What can be done with a page: copy its link, present it, pin a run, save it, make a quiz, and start over.

They stand outside of what a control changes, and read what is shown when somebody asks.
"""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from pages._ui import stage
from pages._ui.address import reset
from pages._ui.page import Page
from pages._ui.pins import add_pin
from pages._ui.quiz import HIDE, MEASURED
from pages._ui.save import save_menu

_HERE = Path(__file__).parent
_COPY = st.components.v2.component("copy", js=(_HERE / "copy.js").read_text(encoding="utf-8"), isolate_styles=False)


def draw_actions(page: Page) -> None:
    """Draw the actions of a page in one row."""
    copy_link(key=f"{page.key}_link")
    st.button("Present", key=f"{page.key}_present", type="tertiary", on_click=stage.enter)
    st.button(
        "Pin",
        key=f"{page.key}_pin",
        type="tertiary",
        help="Keep this run in grey, and draw later ones over it.",
        on_click=add_pin,
        args=(page,),
    )
    save_menu(page)
    _draw_quiz(page)
    st.button("Reset", key=f"{page.key}_reset", type="tertiary", on_click=_reset, args=(page,))


def copy_link(*, key: str, label: str = "Copy link", modes: Mapping[str, str] | None = None) -> None:
    """Draw a button that copies the page's link, with every parameter, and with ways to show it."""
    _COPY(key=key, data={"label": label, "modes": dict(modes or {})}, width="content")


def _reset(page: Page) -> None:
    reset(page.controls, key=page.key)


def _draw_quiz(page: Page) -> None:
    """Draw what makes a link that hides something."""
    with st.popover("Quiz", key=f"{page.key}_quiz", type="tertiary", on_change="rerun") as panel:
        if not panel.open:
            return
        st.text("A link for a class that is to think first.")
        section = page.section(page.tab.value())
        labels = {control.key: control.label for control in (section.controls | section.more).values()}
        hide = f"{page.key}_hide"
        chosen = st.multiselect("Controls to hide", list(labels), format_func=labels.__getitem__, key=hide)
        first = st.toggle("Predict first: hide the measurement until asked", True, key=f"{page.key}_first")
        stand = st.toggle("Open as a presentation", False, key=f"{page.key}_stand")
        names = [*chosen, *([MEASURED] if first else [])]
        modes = ({stage.PRESENT: "1"} if stand else {}) | ({HIDE: ",".join(names)} if names else {})
        copy_link(key=f"{page.key}_quiz_link", label="Copy the quiz’s link", modes=modes)
