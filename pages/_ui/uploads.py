"""Files of visitors: asked for, read, and either taken or refused, in one way on all pages."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

from pages._ui.runs import forget_earlier
from pages._ui.text import literal

T = TypeVar("T")

_GENERATION = "uploads"


@dataclass(frozen=True, slots=True, eq=False)
class Upload(Generic[T]):
    """A visitor's last file.

    Attributes
    ----------
    filename : str
        Its name.
    value : object
        What was read of it; None where it was refused.
    refused : str
        Why it was refused, in one sentence.
    """

    filename: str
    value: T | None
    refused: str = ""


def ask_for_file(
    key: str,
    label: str,
    read: Callable[[bytes, str], T],
    *,
    megabytes: int,
    about: str,
    taken: Callable[[T], None] = lambda _: None,
) -> None:
    """Draw an uploader, and what is wrong with its file.

    It takes files of any kind, so that it is the reader that says what to do with one of another kind. A new file, read
    or refused, takes the place of the one before, of which nothing is shown any more.

    Parameters
    ----------
    key : str
        Prefix of the page; a page has one uploader.
    label : str
        What is asked for.
    read : callable
        From the bytes of a file and its name to a value, or to a ValueError with one sentence.
    megabytes : int
        The largest file.
    about : str
        What else there is to say of it.
    taken : callable
        Is given the value of each file that was read.
    """

    def take() -> None:
        forget_earlier()
        file = st.session_state.get(upload_key(key))
        if file is None:
            forget_file(key)
            return
        try:
            value = read(file.getvalue(), file.name)
        except ValueError as error:
            keep_file(key, Upload(file.name, None, str(error)))
            return
        keep_file(key, Upload(file.name, value))
        taken(value)

    st.file_uploader(label, key=upload_key(key), max_upload_size=megabytes, on_change=take, help=about)
    upload = last_file(key)
    if upload is not None and upload.refused:
        show_refusal(upload.refused)


def last_file(key: str) -> Upload[Any] | None:
    """The visitor's last file; None where there is none, or it was taken away."""
    upload: Upload[Any] | None = st.session_state.get(f"{key}_file")
    return upload


def keep_file(key: str, upload: Upload[Any]) -> None:
    """Let a file be the last one."""
    st.session_state[f"{key}_file"] = upload


def forget_file(key: str) -> None:
    """Let there be no file."""
    st.session_state.pop(f"{key}_file", None)


def show_refusal(sentence: str) -> None:
    """Say why a file was refused."""
    st.error(literal(sentence))


def show_facts(text: str, words: Iterable[str]) -> None:
    """One line above the charts on how a file was understood: our text, then words that may be a visitor's."""
    st.caption("; ".join([text, *map(literal, words)]) + ".")


def upload_key(name: str) -> str:
    """Key of an uploader; another after a reset and on a server that was restarted.

    A browser goes on to show the files of an uploader whose key stays.
    """
    if _GENERATION not in st.session_state:
        forget_uploads()
    return f"{name}_upload_{st.session_state[_GENERATION]}"


def forget_uploads() -> None:
    """Let all uploaders start empty."""
    st.session_state[_GENERATION] = secrets.token_hex(4)
