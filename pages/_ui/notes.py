"""Notes for the teacher, as the last tab of a page; names of presets in them become links."""

import re
from collections.abc import Callable

import streamlit as st

from pages._ui.page import Page, Section, View
from pages._ui.prose import steps
from pages._ui.runs import shared_result

NAME = "For the teacher"
"""Of the tab."""
_PRESET = re.compile(r"\{\{(.+?)\}\}")


def notes_section(text: str, page: Callable[[], Page]) -> Section:
    """The section that shows a page's notes.

    Parameters
    ----------
    text : str
        Name of the text; a preset's name in double braces stands for a link to it.
    page : callable
        Returns the page, which is not there yet when its sections are made.

    Returns
    -------
    Section
        Without controls.
    """

    def draw() -> None:
        with st.container(key="notes"):
            st.markdown(shared_result(("notes", text), lambda: linked(steps(text)["notes"], page())))

    return Section(
        name=NAME, show=lambda _: View(below=draw), sentence="One page to read before class.", measures=False
    )


def linked(text: str, page: Page) -> str:
    """A text with its presets as links."""
    return _PRESET.sub(lambda found: f"[{found[1]}]({page.path}?{page.preset_link(found[1])})", text)
