"""Back, Forward and links within the app: a page takes over what the address says, although it was there before."""

from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages._ui.frame import has_arrived
from pages._ui.page import Page
from pages._ui.quiz import sealed


def is_restoring() -> bool:
    """Whether the page runs because of Back or Forward."""
    context = get_script_run_ctx()  # no other name of Streamlit's tells
    return context is not None and context.is_history_navigation


def follow_address(page: Page) -> None:
    """Set the page's controls to what the address says after Back, Forward or a link; call it before they are drawn.

    Streamlit does so when it draws a control: until then it has the value of before, as one that is not drawn. What
    the address leaves out has its default after Back and Forward, in the open section, and elsewhere is as it was.
    """
    restoring = is_restoring()
    if not (restoring or has_arrived()):
        return
    texts = {**st.query_params, **sealed()}
    named = [control for control in page.controls if control.key in texts]
    said = {one.key: value for one in named if (value := one.parse(texts[one.key])) is not None}
    st.session_state.update(_left_out(page, said) | said if restoring else said)


def _left_out(page: Page, said: dict[str, Any]) -> dict[str, Any]:
    """Defaults of the open section's controls that play a part, and of the tab."""
    section = page.section(said.get(page.tab.key, page.tab.default))
    values = {name: said.get(control.key, control.default) for name, control in section.parameters.items()}
    idle = section.idle(values)
    drawn = {control.key: control.default for name, control in section.parameters.items() if name not in idle}
    return {page.tab.key: page.tab.default} | drawn
