"""Keys of file uploaders: they are others after a reset, and on a server that was restarted.

A browser goes on to show the files of an uploader whose key stays.
"""

import secrets

import streamlit as st

_GENERATION = "uploads"


def upload_key(name: str) -> str:
    """Key of an uploader."""
    if _GENERATION not in st.session_state:
        forget_uploads()
    return f"{name}_upload_{st.session_state[_GENERATION]}"


def forget_uploads() -> None:
    """Let all uploaders start empty."""
    st.session_state[_GENERATION] = secrets.token_hex(4)
