"""Keys of file uploaders: after a reset they are others, since a browser keeps the files of one that stays."""

import streamlit as st

_GENERATION = "uploads"


def upload_key(name: str) -> str:
    """Key of an uploader."""
    return f"{name}_upload_{st.session_state.get(_GENERATION, 0)}"


def forget_uploads() -> None:
    """Let all uploaders start empty."""
    st.session_state[_GENERATION] = st.session_state.get(_GENERATION, 0) + 1
