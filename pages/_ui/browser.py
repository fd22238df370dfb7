"""What a visit asks of the browser: entries in its history, and to say what a server that was restarted has lost."""

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

HELD = {
    **dict.fromkeys(("gf_pins", "ke_pins", "nc_pins"), "your pinned runs"),
    "gf_table": "your table",
    "nc_features": "your features",
    "ke_names": "your points",
}
"""What a server keeps of a visit that is in no link: names in the session, and what visitors call it."""
_GONE = "gone"
_BROWSER = st.components.v2.component("browser", js=Path(__file__).with_name("browser.js").read_text(encoding="utf-8"))


def held() -> list[str]:
    """Names of what the server keeps of the visit now."""
    return [name for name in HELD if st.session_state.get(name)]


def watch_browser() -> None:
    """Keep an eye on the browser's history and connection; after a loss, name what is gone."""
    found = _BROWSER(key="browser", on_back_change=lambda: None)
    if found.back is not None:  # connected again: to the same server, or to one that does not know the visit
        _note(set(str(found.back).split(",")) - set(held()))
    if gone := st.session_state.get(_GONE):
        with st.container(horizontal=True, vertical_alignment="center", key="gone_notice"):
            st.text(
                f"The connection was lost, and the server no longer has {' and '.join(gone)}: "
                "please pin or upload again what you still need."
            )
            st.button("Dismiss", key="gone_dismiss", type="tertiary", on_click=st.session_state.pop, args=(_GONE,))


def _note(names: Iterable[str]) -> None:
    words = [HELD[name] for name in sorted(names) if name in HELD]
    if words:
        st.session_state[_GONE] = list(dict.fromkeys([*st.session_state.get(_GONE, ()), *words]))
