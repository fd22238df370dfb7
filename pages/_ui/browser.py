"""What a visit asks of the browser: entries in its history, and to say what a server that was restarted has lost."""

from pathlib import Path

import streamlit as st

HELD = {
    **dict.fromkeys(("gf_pins", "ke_pins", "nc_pins"), "your pinned runs"),
    "gf_file": "your table",
    "nc_file": "your features",
    "ke_names": "your points",
}
"""What a server keeps of a visit that is in no link: names in the session, and what visitors call it."""
_LOST = "lost"
_BROWSER = st.components.v2.component("browser", js=Path(__file__).with_name("browser.js").read_text(encoding="utf-8"))


def held() -> list[str]:
    """Names of what the server keeps of the visit now."""
    return [name for name in HELD if st.session_state.get(name)]


def watch_browser() -> None:
    """Keep an eye on the browser's history and connection; after a loss, name what is gone until it is there again."""
    found = _BROWSER(key="browser", on_back_change=lambda: None)
    lost = st.session_state.get(_LOST, [])
    back = found.get("back")
    if back is not None:  # connected again: to a server that knows the visit, or to one that does not
        lost = st.session_state[_LOST] = [*lost, *str(back).split(",")]
    gone = dict.fromkeys(words for name, words in HELD.items() if name in lost and name not in held())
    if gone:
        with st.container(horizontal=True, vertical_alignment="center", key="gone"):
            st.text(
                f"The connection was lost, and the server no longer has {' and '.join(gone)}: "
                "pin or upload again what you still need."
            )
            st.button("Dismiss", key="gone_dismiss", type="tertiary", on_click=st.session_state.pop, args=(_LOST,))
