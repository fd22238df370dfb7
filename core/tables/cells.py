"""One cell of a table: the number it holds, whether it says that there is none, and what is wrong with it."""

import re
from math import isnan

MAX_SHOWN = 40
"""Characters of a stranger's text that are shown."""

_MISSING = frozenset(
    ("", "na", "n/a", "n.a.", "nan", "-nan", "null", "nil", "<na>", "#n/a", "#na", "#value!", "#div/0!", "#ref!", "?")
)
_GROUPED = re.compile(  # 1.234,5 and 1.234.567, or groups set off by blanks and apostrophes: 1 234,5
    r"[+-]?\d{1,3}(?:(?:\.\d{3})+,\d*|(?:\.\d{3}){2,}|(?:[ \u00a0\u202f'’]\d{3})+(?:[,.]\d*)?)"
)
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")


def shown(text: str) -> str:
    """Some characters of a stranger's text, without those that cannot be seen or encoded."""
    return "".join(character if character.isprintable() else "�" for character in text[:MAX_SHOWN])


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value: it is empty, NA, nan, null, None and the like."""
    text = cell.strip()
    return text == "None" or text.casefold() in _MISSING


def as_number(cell: str) -> float | None:
    """The number that a cell holds, NaN and infinity included; None where it holds none.

    Decimals have a point. A minus sign may be a typographic one.
    """
    if "_" in cell:  # Python reads 12_3 as 123
        return None
    try:
        return float(cell.replace("−", "-"))
    except ValueError:
        return None


def decimal_comma_number(cell: str, *, pointed: bool = True) -> float | None:
    """The number of a cell in which decimals may have a comma and thousands a point or a blank.

    Parameters
    ----------
    cell : str
        The cell.
    pointed : bool
        Whether decimals may have a point as well: 1.234 could be either where other cells have commas.
    """
    text = cell.strip().replace("−", "-")
    if _GROUPED.fullmatch(text):
        return float(re.sub(r"[. \u00a0\u202f'’](?=\d{3})", "", text).replace(",", "."))
    if _DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    return as_number(text) if pointed or "." not in text else None


def has_decimal_comma(cell: str) -> bool:
    """Whether a cell holds a number that only a decimal comma explains."""
    text = cell.strip()
    return "," in text and bool(_DECIMAL_COMMA.fullmatch(text) or _GROUPED.fullmatch(text))


def is_ambiguous(cell: str) -> bool:
    """Whether the commas of a cell may set off thousands: 1,234."""
    return bool(_THOUSANDS.fullmatch(cell.strip()))


def cell_number(line: int, name: str, cell: str, limit: float) -> float:
    """The number that a cell holds.

    Parameters
    ----------
    line, name
        Its row, counted from 1, and the name of its column, for the error.
    cell : str
        The cell, decimals with a point.
    limit : float
        The largest size of a number.

    Returns
    -------
    float
        Finite and at most `limit` in size.

    Raises
    ------
    ValueError
        With one sentence that names row, column and cell, and says what to do.
    """
    value = as_number(cell)
    if value is None or isnan(value):
        raise ValueError(complaint(line, name, cell))
    if not abs(value) <= limit:
        raise ValueError(too_large(line, name, shown(cell.strip()), limit))
    return value


def too_large(line: int, name: str, cell: str, limit: float) -> str:
    """What is said about a number that is not finite or beyond the limit."""
    power = "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in f"{limit:e}".split("+")[1].lstrip("0"))
    return f"Row {line}, column “{shown(name)}” holds {cell}; numbers must be finite and at most 10{power} in size."


def complaint(line: int, name: str, cell: str, *, in_text_column: bool = False, mixed: bool = False) -> str:
    """One sentence about a cell that holds no number.

    Parameters
    ----------
    line, name, cell
        Where it is, and what it holds.
    in_text_column : bool
        Whether the cells around it hold no numbers, either.
    mixed : bool
        Whether the table has decimal commas elsewhere.
    """
    place, text = f"Row {line}, column “{shown(name)}”", shown(" ".join(cell.split()))
    if not text:
        return f"{place} is empty; fill it in or leave out the row."
    if is_missing(text):
        return f"{place} holds {text}, a missing value; fill it in or leave out the row."
    if mixed and as_number(text) is not None:
        return f"{place} holds “{text}” where other numbers have a decimal comma; write all decimals alike."
    return f"{place} holds “{text}”, which is not a number; {_remedy(text, in_text_column=in_text_column)}."


def _remedy(text: str, *, in_text_column: bool) -> str:
    if is_ambiguous(text):
        return "write it without a separator of thousands and decimals with a point"
    if has_decimal_comma(text):
        return "write decimals with a point, or separate the columns by semicolons"
    if text.casefold() in ("true", "false", "yes", "no"):
        return "write 1 and 0"
    if text.endswith("%") and as_number(text[:-1]) is not None:
        return "write it without the sign"
    if in_text_column:
        return "leave out that column, or name the column of the label “label”"
    return "write a number, decimals with a point, or leave out the row"
