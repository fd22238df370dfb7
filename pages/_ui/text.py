"""Words on their ways out: those of visitors as they are, never as Markdown, HTML, a formula or a part of a program.

HTML has `html.escape`, addresses have `urllib.parse.urlencode`, texts of charts `core.figures.style.words`.
"""

import re
from urllib.parse import quote, urlsplit

import pandas as pd

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$~:&=])")
# Streamlit makes links, symbols and pictures of these after it has taken the backslashes away
_JOINED = re.compile(r"(?<=[:@])(?=\S)|(?<=\bwww)(?=\.)|(?<=[-<>=~])(?=[-<>=~])", re.IGNORECASE)
_JOINER = "\N{WORD JOINER}"
_FORMULA = re.compile(r"[\s'＝＋－＠]*[=+\-@＝＋－＠]|[\t\r\n]")
_SAFE = "/:?#[]@!$&'()*+,;=%-._~"  # in an address, besides letters and digits


def literal(text: str) -> str:
    """Markdown that shows a text as it is, in one paragraph."""
    return _SPECIAL.sub(r"\\\1", _JOINED.sub(_JOINER, " ".join(text.split())))


def literal_table(table: pd.DataFrame) -> pd.DataFrame:
    """A table for `st.table`, which takes heads and texts for Markdown, with its words as they are."""
    shown = table.map(lambda cell: literal(cell) if isinstance(cell, str) else cell)
    return shown.rename(columns=_literal_name, index=_literal_name)


def _literal_name(name: object) -> object:
    return literal(name) if isinstance(name, str) else name


def csv(table: pd.DataFrame) -> str:
    """A table as CSV in which no word begins a formula; numbers stay numbers."""
    return str(without_formulas(table).to_csv(index=False))


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """A table for `st.dataframe`, which the browser saves as CSV, with no word that begins a formula."""
    safe = table.map(lambda cell: _no_formula(cell) if isinstance(cell, str) else cell)
    return safe.set_axis([_no_formula(str(name)) for name in table.columns], axis=1)


def _no_formula(text: str) -> str:
    """A cell of a spreadsheet that stays text: an apostrophe goes before what would be a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()


def docstring(text: str) -> str:
    """A text inside a Python docstring, in one line."""
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')


def web_address(url: str) -> str:
    """An address of the web that a browser says it is at; empty where it is none."""
    return quote(url, safe=_SAFE) if urlsplit(url).scheme in ("http", "https") else ""


def unbroken(text: str) -> str:
    """The text with each percent sign in the line of its number."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")
