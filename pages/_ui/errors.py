"""Errors that nobody foresaw: the rest of the page goes on, a visitor reads a sentence, and the log has the link."""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlencode

import streamlit as st

SENTENCE = "Something went wrong here, and the server has noted it. Other settings and the other sections work."
"""What a visitor reads."""
_LOGGER = logging.getLogger(__name__)
_MOST = 1000  # errors that are told apart
_logged: set[str] = set()


def _address() -> str:
    return urlencode({name: st.query_params.get_all(name) for name in st.query_params}, doseq=True)


@contextmanager
def contained(path: str, query: Callable[[], str] = _address) -> Iterator[None]:
    """Keep an error of the block from the rest of the page, and log it, once for each place where it arises.

    Parameters
    ----------
    path : str
        Last part of the page's address.
    query : callable
        Query of the link that repeats the error.
    """
    try:
        yield
    except Exception as error:  # Streamlit's own for reruns and stops are no subclass
        _log(error, path, query)
        st.error(SENTENCE)


def _log(error: Exception, path: str, query: Callable[[], str]) -> None:
    """Log an error without its message: words of a visitor's file may be in it, and the link brings it back."""
    name, frames = type(error).__name__, traceback.format_tb(error.__traceback__)
    frames += getattr(error, "__notes__", ())  # those in a worker
    if (place := name + frames[-1]) in _logged or len(_logged) >= _MOST:
        return
    _logged.add(place)
    asked = _address()
    with suppress(Exception):  # whatever is broken, the address as it stands is there
        asked = query()
    _LOGGER.error("%s at /%s?%s\n%s", name, path, asked, "".join(frames).rstrip())
