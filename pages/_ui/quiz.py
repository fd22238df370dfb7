"""Predict first: controls that a link hides, and a measurement that is not shown before somebody asks for it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from pages._ui.controls import Control

HIDE = "hide"
"""Name in the address: keys of controls, with commas between, and `MEASURED`."""
SEAL = "seal"
"""Name in the address: the hidden controls with their values, not to be read at a glance."""
MEASURED = "measured"
QUESTION = "Predict first: what will be measured?"
HIDDEN = "Some controls are hidden: find out from the charts where they stand."


def hidden() -> frozenset[str]:
    """What the address hides."""
    return hidden_by(st.query_params)


def hidden_by(modes: Mapping[str, str]) -> frozenset[str]:
    """What an address with these ways to show a page hides."""
    return frozenset(filter(None, modes.get(HIDE, "").split(",")))


def sealed() -> dict[str, str]:
    """Texts of the hidden controls, from the seal of the address."""
    return {key: text for key, text in unseal(st.query_params.get(SEAL, "")).items() if key in hidden()}


def hides(controls: Iterable[Control]) -> bool:
    """Whether the address hides one of some controls, so that what names their values is to stay hidden, too."""
    return not hidden().isdisjoint(control.key for control in controls)


def modes() -> dict[str, str]:
    """How the address says what it hides; empty where that is nothing."""
    return {HIDE: ",".join(sorted(hiding))} if (hiding := hidden()) else {}


def seal(texts: Mapping[str, str]) -> str:
    """Texts of controls in a form that tells nobody the answer who merely reads the address; no secret from others."""
    return urlsafe_b64encode(urlencode(texts).encode()).decode().rstrip("=")


def unseal(text: str) -> dict[str, str]:
    """The texts in a seal; none where it is damaged."""
    try:
        return dict(parse_qsl(urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode(), keep_blank_values=True))
    except ValueError:
        return {}


def is_predicting(key: str, values: Mapping[str, Any]) -> bool:
    """Whether the measurement is still to be guessed: at other settings it is so anew."""
    return MEASURED in hidden() and st.session_state.get(_revealed(key)) != _at(values)


def draw_reveal(key: str, values: Mapping[str, Any]) -> None:
    """Ask for a guess, with the button that shows the measurement."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_predict"):
        st.markdown(f"**{QUESTION}**")
        st.button("Show the measurement", type="primary", key=f"{key}_reveal", on_click=_reveal, args=(key, values))


def _reveal(key: str, values: Mapping[str, Any]) -> None:
    st.session_state[_revealed(key)] = _at(values)


def _revealed(key: str) -> str:
    return f"{key}_revealed"


def _at(values: Mapping[str, Any]) -> frozenset[tuple[str, Any]]:
    return frozenset(values.items())
