"""How a table is written: what separates its cells, which lines are comments, which rows take several lines."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from core.tables.cells import as_number, has_decimal_comma, is_ambiguous, is_missing

MAX_LINE = 2**18  # characters of one line: 4096 numbers of 64
HEAD = 100
"""Lines that are looked at before all others are read."""

_LINES_OF_A_ROW = 20
_SCORED = 30  # lines
_DELIMITERS = "\t;|, "  # of equal scores the first wins: a comma is in numbers, a blank in names
_BLANK = ' ,;|\t\r\n\x1a"\ufeff'  # a line of these alone has no data
_COMMENT = re.compile(r"\s*#(?!N/A|NA\b|VALUE!|DIV/0!|REF!|NAME\?|NUM!|NULL!)", re.IGNORECASE)
_RULE = "-=|+: \r\n"  # a line of these alone stands below the names of a table in Markdown
_DECLARATION = re.compile(r'"?sep=(.)"?[,;\t ]*', re.IGNORECASE)

Line = tuple[int, str]
"""Number of a line in the file, from 1, and the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How cells are separated.

    Attributes
    ----------
    delimiter : str
        One character; a blank stands for any run of blanks and tabs. Empty where each line is one cell.
    wrapped : bool
        Whether every line is in quotation marks as a whole.
    commas : bool
        Whether decimals have a comma.
    """

    delimiter: str
    wrapped: bool = False
    commas: bool = False

    def cells(self, number: int, line: str) -> list[str]:
        """Cells of a line without the blanks around them.

        Raises
        ------
        ValueError
            With one sentence, for quotation marks that do not close.
        """
        if self.wrapped and line.startswith('"'):
            line = line.strip()[1:-1].replace('""', '"')
        cells = _split(line, self.delimiter)
        if cells is None:
            raise ValueError(
                f"Row {number} cannot be split into cells; look for a quotation mark that is not closed or inside a "
                "cell."
            )
        if "'" in line:
            cells = [cell[1:-1].strip() if len(cell) > 1 and cell[0] == cell[-1] == "'" else cell for cell in cells]
        return cells


def _split(line: str, delimiter: str) -> list[str] | None:
    if not delimiter:
        return [line.strip().strip('"')]
    if '"' not in line:
        return line.split() if delimiter == " " else [cell.strip() for cell in line.split(delimiter)]
    text = line.strip().replace("\t", " ") if delimiter == " " else line
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error:
        return None
    return [cell.strip() for cell in rows[0]] if len(rows) == 1 else None


def lines_of(text: io.TextIOBase, max_lines: int) -> Iterator[Line]:
    """Lines with something in them; those of a cell in quotation marks as one.

    Raises
    ------
    ValueError
        With one sentence, for too many lines and too long ones.
    """
    numbered = enumerate(iter(partial(text.readline, MAX_LINE), ""), start=1)
    for number, first in numbered:
        if number > max_lines:
            raise ValueError(f"The file has more than {max_lines:,} lines; keep a sample of them.")
        line, more = first, 1
        while line.count('"') % 2 and more < _LINES_OF_A_ROW and len(line) < MAX_LINE:
            line, more = line + next(numbered, (0, ""))[1], more + 1
        if len(line) >= MAX_LINE:
            raise ValueError(
                f"Row {number} is longer than {MAX_LINE:,} characters; give every sample a line of its own."
            )
        if line.strip(_BLANK) and not (line[0] in "|+" and not line.strip(_RULE)):
            yield number, line.rstrip("\r\n\x1a")


def declared_delimiter(line: str) -> str:
    """What a first line such as sep=; declares, empty for any other."""
    match = _DECLARATION.fullmatch(line.strip("\r\n "))
    return match[1] if match else ""


def is_comment(line: str) -> bool:
    """Whether a line begins as a comment does, and not with an error of a spreadsheet."""
    return bool(_COMMENT.match(line))


def find_dialect(lines: Sequence[str], declared: str = "") -> Dialect:
    """The dialect in which lines are tables of one width with the most numbers.

    Parameters
    ----------
    lines : sequence of str
        The first ones, without comments.
    declared : str
        The delimiter, where the file names it.
    """
    wrapped = all(line.startswith('"') and _split(line, ",") is not None for line in lines) and all(
        len(_split(line, mark) or "12") == 1 for line in lines for mark in _DELIMITERS.strip()
    )
    base = Dialect(delimiter="", wrapped=wrapped)
    best, score = base, 0.0
    for mark in declared or _DELIMITERS:
        dialect = replace(base, delimiter=mark)
        found = _score(dialect, lines[:_SCORED])
        if found > score:
            best, score = dialect, found
    decimal = [cell for line in lines for cell in _try(best, line) if has_decimal_comma(cell)]
    if best.delimiter == ",":  # quoted cells, where 1,234 may be a thousand and more
        decimal = [cell for cell in decimal if not is_ambiguous(cell)]
    return replace(best, commas=bool(decimal))


def _try(dialect: Dialect, line: str) -> list[str]:
    try:
        return dialect.cells(0, line)
    except ValueError:
        return []


def _score(dialect: Dialect, lines: Sequence[str]) -> float:
    """Share of rows of the usual width, times the share of numbers in them; 0 if that width is 1."""
    rows = [_try(dialect, line) for line in lines]
    width = usual_width(rows)
    if width < 2:
        return 0.0
    usual = [row for row in rows if len(row) == width]
    numbers = sum(_is_value(cell) for row in usual for cell in row)
    return len(usual) / len(rows) * (0.01 + numbers / (width * len(usual)))  # a table of names has a width, too


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """The most frequent number of cells, of several the larger."""
    counts = Counter(map(len, rows))
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _is_value(cell: str) -> bool:
    return bool(cell) and (as_number(cell) is not None or has_decimal_comma(cell) or is_missing(cell))
