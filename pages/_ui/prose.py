"""Derivations and explanations: Markdown files, cut into named steps."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent.parent / "_prose"


@cache
def steps(name: str) -> dict[str, str]:
    """Read a text.

    Parameters
    ----------
    name : str
        File name without ending. Each step begins with a line ``<!-- key -->``.

    Returns
    -------
    dict of str to str
        Markdown of each step by its key, in order.
    """
    parts = (_FOLDER / f"{name}.md").read_text(encoding="utf-8").split("<!-- ")[1:]
    return {key.strip(): text.strip() for key, text in (part.split(" -->", 1) for part in parts)}


def draw_steps(name: str, checks: Mapping[str, str], without: str = "") -> None:
    """Draw a text in one element, with HTML of the program's own below some of its steps.

    Parameters
    ----------
    name : str
        Of the text.
    checks : mapping of str to str
        HTML by the steps' keys; Markdown in it stands between empty lines.
    without : str
        Ending of the keys of steps that are left out.
    """
    shown = {key: text for key, text in steps(name).items() if not without or not key.endswith(without)}
    parts = (part for key, text in shown.items() for part in (text, checks.get(key, "")))
    st.markdown("\n\n".join(filter(None, parts)), unsafe_allow_html=True)
