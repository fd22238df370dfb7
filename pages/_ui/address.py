"""The address of a page: links that carry everything, what of them is no use, and the way back to the defaults."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages._ui.controls import Control, set_control
from pages._ui.quiz import HIDE, MEASURED, hidden
from pages._ui.uploads import forget_uploads

VERSION = "1"
"""Of the links; it changes when a name or a meaning does, and old ones are then translated."""
MODES = ("v", "present", "stage", "hide")
"""Names in the address that are no controls: the version, and how the page is shown."""
_SHOWN = 40  # characters of a value in a notice
_NOTICES = 8  # named one by one


def link(controls: Iterable[Control], values: Mapping[str, Any], modes: Mapping[str, str] | None = None) -> str:
    """Query of a link that carries every parameter.

    Parameters
    ----------
    controls : iterable of Control
        All controls of the page.
    values : mapping
        Values by the controls' keys; where there is none, the control's default.
    modes : mapping, optional
        How the page is shown.

    Returns
    -------
    str
        Without the question mark.
    """
    texts = {control.key: control.text(values.get(control.key, control.default)) for control in controls}
    return urlencode({"v": VERSION, **(modes or {}), **texts})


def current_values(controls: Iterable[Control]) -> dict[str, Any]:
    """Values by the controls' keys as they stand, of those too that are not drawn."""
    return {control.key: control.value() for control in controls}


def check_address(controls: Sequence[Control], *, key: str) -> None:
    """Replace values of the address that cannot be used, and say so; call it before the controls are drawn.

    The widgets drop such values silently, or keep them off their grid. The first run of a visit sees the
    address as it came.

    Parameters
    ----------
    controls : sequence of Control
        All controls of the page.
    key : str
        Name of the page's notice.
    """
    notices = st.session_state.setdefault(f"{key}_notices", [])
    if f"{key}_seen" not in st.session_state:
        st.session_state[f"{key}_seen"] = True
        notices += _unknown({control.key for control in controls})
    for control in controls:
        texts = st.query_params.get_all(control.key)
        if texts and control.key not in st.session_state:
            notices += _replace(control, texts)
    if notices:
        _show(notices, key)


def _show(notices: list[str], key: str) -> None:
    """One line that can be dismissed; words of the address are shown as they are."""
    named, more = notices[:_NOTICES], len(notices) - _NOTICES
    rest = [f"and {more} more"] if more > 0 else []
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_notice"):
        st.text("From the link: " + "; ".join(named + rest) + ".")
        st.button("Dismiss", key=f"{key}_dismiss", type="tertiary", on_click=notices.clear)


def _unknown(known: set[str]) -> list[str]:
    """Notices on names that mean nothing on this page, and on another version; such names leave the address."""
    notices = []
    version = st.query_params.get("v", VERSION)
    if version != VERSION:
        notices.append(f"v={version[:_SHOWN]} is another version of links than {VERSION}, using what is understood")
    if (mode := st.query_params.get("present", "1")) not in ("", "1"):
        notices.append(f"present={mode[:_SHOWN]} is not 1, showing the whole page")
    unknown = [name for name in st.query_params if name not in known and name not in MODES]
    if unknown:
        notices += [f"{name[:_SHOWN]} means nothing here" for name in unknown]
        kept = {name: st.query_params.get_all(name) for name in st.query_params if name not in unknown}
        with suppress(StreamlitAPIException):  # raised where a widget has owned one of them
            st.query_params.from_dict(kept)  # all at once: each change sends the whole address
    notices += [f"{HIDE}={name[:_SHOWN]} hides nothing here" for name in sorted(hidden() - known - {MEASURED})]
    return notices


def _replace(control: Control, texts: list[str]) -> list[str]:
    """Set a control to what its last text in the address can stand for; a notice where that is something else."""
    text = texts[-1]
    value = control.parse(text)
    used = control.default if value is None else value
    if texts == [control.text(used)] and value is not None:
        return []  # the widget reads it itself
    set_control(control, used)
    if value is not None and (text == control.text(value) or control.means(text, value)):
        return [f"{control.key} is there {len(texts)} times, using {control.text(used)}"] if len(texts) > 1 else []
    return [f"{control.key}={text[:_SHOWN]} is not {control.allowed()}, using {control.text(used)}"]


def reset(controls: Iterable[Control], *, key: str) -> None:
    """Bring a page back to a fresh visit: defaults, address, and all that a visitor has left in it.

    Call it from a callback.

    Parameters
    ----------
    controls : iterable of Control
        All controls of the page.
    key : str
        Prefix of what the page keeps.
    """
    own = {control.key: control for control in controls}  # one that is forgotten would be read from the address again
    for name in [str(name) for name in st.session_state if str(name).startswith(f"{key}_")]:
        if name not in own:
            del st.session_state[name]
    for control in own.values():
        set_control(control, control.default)
    for name in MODES:
        st.query_params.pop(name, None)
    forget_uploads()
