"""Derivations and explanations: Markdown files, cut into named steps."""

from functools import cache
from pathlib import Path

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
