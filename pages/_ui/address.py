"""The address of a page: links that carry everything, what of them is no use, and the way back to the defaults."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages._ui.controls import Control, set_control
from pages._ui.quiz import HIDE, MEASURED, SEAL, hidden_by, seal, unseal
from pages._ui.spelling import bare, parameters
from pages._ui.uploads import forget_uploads

VERSION = "1"
"""Of the links; it changes when a name or a meaning does, and old ones are then translated."""
MODES = ("v", "present", "stage", HIDE, SEAL)
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
        How the page is shown; the values of controls that it hides are sealed.

    Returns
    -------
    str
        Without the question mark.
    """
    texts = {control.key: control.text(values.get(control.key, control.default)) for control in controls}
    sealed = {key: texts.pop(key) for key in sorted(hidden_by(modes or {})) if key in texts}
    return urlencode({"v": VERSION, **(modes or {}), **({SEAL: seal(sealed)} if sealed else {}), **texts})


def current_values(controls: Iterable[Control]) -> dict[str, Any]:
    """Values by the controls' keys as they stand, of those too that are not drawn."""
    return {control.key: control.value() for control in controls}


def check_address(controls: Sequence[Control], *, key: str) -> None:
    """Bring the address of a visit into the form that Streamlit's widgets read; call it before they are drawn.

    What stands for something is understood however it is spelled, what does not is replaced, and named: the widgets
    would drop it without a word, or keep it off their grid. The run begins again with the address as it then is.

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
        said = {name: st.query_params.get_all(name) for name in st.query_params}
        values, modes, ignored = _understood(controls, said)
        notices += ignored
        st.session_state.update(values)  # for those that are not drawn
        hiding = hidden_by(modes)
        texts = {
            one.key: one.text(values[one.key])
            for one in controls
            if one.key not in hiding and values.get(one.key, one.default) != one.default
        }
        wanted = {name: [text] for name, text in (modes | texts).items()}
        if wanted != said:
            with suppress(StreamlitAPIException):  # raised where a widget of another page has owned a parameter
                st.query_params.from_dict(wanted)  # all at once: each change is a message, and an entry of the history
                st.rerun()
    if notices:
        _show(notices, key)


def _show(notices: list[str], key: str) -> None:
    """One line that can be dismissed; words of the address are shown as they are."""
    named, more = notices[:_NOTICES], len(notices) - _NOTICES
    rest = [f"and {more} more"] if more > 0 else []
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_notice"):
        st.text("From the link: " + "; ".join(named + rest) + ".")
        st.button("Dismiss", key=f"{key}_dismiss", type="tertiary", on_click=notices.clear)


def _understood(
    controls: Sequence[Control], said: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """Values of the controls that an address names, the ways to show the page, and notices on what means nothing."""
    texts: dict[str, list[str]] = {}
    pairs, keys = ((name, text) for name in said for text in said[name]), {control.key for control in controls}
    for name, text in parameters(pairs, {*MODES, *keys}):
        texts.setdefault(name, []).append(text)
    modes = {name: _bared(texts.pop(name)[-1], {VERSION, "1", MEASURED, *keys}) for name in MODES if name in texts}
    values, notices = dict[str, Any](), _unusual(modes)
    hiding = hidden_by(modes)
    sealed = {key: text for key, text in unseal(modes.get(SEAL, "")).items() if key in hiding}
    for control in controls:
        if control.key in texts:
            values[control.key], notice = _value(control, texts.pop(control.key))
            notices += notice
        elif control.key in sealed:
            values[control.key], notice = _value(control, [sealed[control.key]])
            notices += [f"{SEAL} holds a value that is none of {control.key}"] if notice else []
    _seal_hidden(modes, [control for control in controls if control.key in hiding], values)
    unknown = [f"{name[:_SHOWN]} means nothing here" for name in texts]
    hides = hiding - {*keys, MEASURED}
    nothing = [f"{HIDE}={name[:_SHOWN]} hides nothing here" for name in sorted(hides)]
    return values, modes, [*notices, *unknown, *nothing]


def _seal_hidden(modes: dict[str, str], hidden: Iterable[Control], values: Mapping[str, Any]) -> None:
    """Put the values of hidden controls into the seal, those too that came in clear."""
    texts = {control.key: control.text(values[control.key]) for control in hidden if control.key in values}
    modes.pop(SEAL, None)
    modes |= {SEAL: seal(texts)} if texts else {}


def _bared(text: str, known: Collection[str]) -> str:
    """Words with commas between, those that mean something without what stands around them."""
    return ",".join(bare(word) if bare(word) in known else word for word in text.split(","))


def _unusual(modes: Mapping[str, str]) -> list[str]:
    """Notices on another version, and on a way to show the page that there is not."""
    notices = []
    if (version := modes.get("v", VERSION)) != VERSION:
        notices.append(f"v={version[:_SHOWN]} is another version of links than {VERSION}, using what is understood")
    if modes.get(SEAL) and not unseal(modes[SEAL]):
        notices.append(f"{SEAL} cannot be read, using defaults")
    if (mode := modes.get("present", "1")) not in ("", "1"):
        notices.append(f"present={mode[:_SHOWN]} is not 1, showing the whole page")
    return notices


def _value(control: Control, texts: Sequence[str]) -> tuple[Any, list[str]]:
    """What a control's last text stands for, or its default; a notice where that is something else than it says."""
    text = texts[-1]
    value = control.parse(text)
    used = control.text(control.default if value is None else value)
    if value is None or not control.means(text, value):
        notice = [f"{control.key}={text[:_SHOWN]} is not {control.allowed()}, using {used}"]
    else:
        notice = [f"{control.key} is there {len(texts)} times, using {used}"] if len(texts) > 1 else []
    return control.default if value is None else value, notice


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
        if name not in own and name != f"{key}_seen":
            del st.session_state[name]
    for control in own.values():
        set_control(control, control.default)
    for name in MODES:
        st.query_params.pop(name, None)
    forget_uploads()
