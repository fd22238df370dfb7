"""A file whose first lines have been understood: its dialect, its columns, and the rows that are still to be read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from core.tables.cells import as_number, shown
from core.tables.columns import (
    check_not_sparse,
    check_not_spread,
    counts_rows,
    find_label,
    is_header,
    is_number_like,
    is_numbering,
    text_columns,
)
from core.tables.content import as_text, foreign_kind, unpacked
from core.tables.dialect import HEAD, Dialect, Line, declared_delimiter, find_dialect, is_comment, lines_of, usual_width

Row = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a reader takes.

    Attributes
    ----------
    size : int
        Bytes of the file, packed and unpacked.
    rows, columns, numbers : int
        Samples, columns of numbers, and numbers in all.
    magnitude : float
        The largest size of a number.
    """

    size: int
    rows: int
    columns: int
    numbers: int
    magnitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is known of a file before its rows are read.

    Attributes
    ----------
    dialect : Dialect
        What separates its cells.
    names : tuple of str
        Of the columns, all of them: as in the file, or column 1, column 2 and so on.
    named : bool
        Whether the file names them.
    label : int or None
        The column of the label.
    label_named : bool
        Whether it is known by its name.
    numeric : tuple of int
        The columns of numbers.
    words : frozenset of int
        Columns of numbers in which the first lines have none.
    blank : frozenset of int
        Columns without a name and with nothing in them, as a delimiter at the end of each row makes.
    limits : Limits
        What is taken.
    lines : iterator
        The rows.
    position : callable
        The share of the file that was read.
    notes : tuple of str
        As in `Table`.
    """

    dialect: Dialect
    names: tuple[str, ...]
    named: bool
    label: int | None
    label_named: bool
    numeric: tuple[int, ...]
    words: frozenset[int]
    blank: frozenset[int]
    limits: Limits
    lines: Iterator[Line]
    position: Callable[[], float]
    notes: tuple[str, ...]

    def called(self, column: int) -> str:
        """Name of a column as it can be shown, or its place where it has none."""
        return shown(self.names[column]) or f"column {column + 1}"

    def cells(self, number: int, line: str) -> list[str]:
        """Cells of a row, as many as there are names.

        Raises
        ------
        ValueError
            With one sentence, for a row that has others.
        """
        cells, width = self.dialect.cells(number, line), len(self.names)
        if len(cells) > width and not any(cells[width:]):
            del cells[width:]
        while len(cells) < width and len(cells) in self.blank:
            cells.append("")
        if len(cells) != width or any(cells[i] for i in self.blank):
            self._complain(number, cells)
        return cells

    def _complain(self, number: int, cells: Row) -> None:
        width = len(self.names) - len(self.blank)
        count = len(cells) - sum(not cells[i] for i in self.blank if i < len(cells))
        advice = "give every row the same, or leave it out"
        if self.dialect.delimiter == "," and count > width:
            advice = "if decimals have a comma, write a point or separate the columns by semicolons"
        above = "but there are names for" if self.named else "the others have"
        raise ValueError(f"Row {number} has {count:,} column{'s' * (count != 1)}, {above} {width:,}; {advice}.")


def open_sheet(content: bytes, filename: str, limits: Limits, *, labelled: bool, advice: str) -> Sheet:
    """Understand the first lines of a file.

    Parameters
    ----------
    content, filename, limits
        As in `read_labelled`.
    labelled : bool
        Whether one column is a label.
    advice : str
        What to do with a file of another kind: it follows "The file is an image; ".

    Raises
    ------
    ValueError
        With one sentence that says what is wrong and what to do.
    """
    if len(content) > limits.size:
        raise ValueError(f"The file has {len(content):,} bytes; at most {limits.size:,} can be read.")
    content = unpacked(content, limits.size)
    if kind := foreign_kind(content, filename.removesuffix(".gz")):
        raise ValueError(f"The file is {kind}; {advice}.")
    source, stream, encoding_note = as_text(content)
    lines = lines_of(stream, 2 * limits.rows)
    head = list(islice(lines, HEAD))
    declared = declared_delimiter(head[0][1]) if head else ""
    data, comments = _without_comments(head[1:] if declared else head)
    if not data:
        raise ValueError("The file is empty; it needs one row for each sample.")
    rest = lines if comments is None else (line for line in lines if not is_comment(line[1]))
    dialect = find_dialect([line for _, line in data], declared)
    rows = [dialect.cells(*line) for line in data]
    before = [dialect.cells(n, line.lstrip().lstrip("#")) for n, line in comments or () if n < data[0][0]]
    names, skipped = _names(rows, before, labelled=labelled)
    width = usual_width(rows[skipped:]) or len(rows[0])
    body = [row for row in rows[skipped:] if len(row) == width]
    if names is not None and (len(names) > width or any(any(row[len(names) :]) for row in body)):
        width = len(names)  # the rows are complained about when they are read
    body = [_filled(row, width) for row in body]
    padded = _filled(names, width) if names is not None else [f"column {i + 1}" for i in range(width)]
    blank = frozenset(i for i in range(width) if body and not (names and padded[i]) and not any(row[i] for row in body))
    roles = _with_roles(padded, body, blank, named=names is not None, labelled=labelled)
    within = sum(n > data[0][0] for n, _ in comments or ())
    notes = (
        *([encoding_note] if encoding_note else ()),
        *([f"{within} line{'s' * (within != 1)} with # left out"] if within else ()),
        *(["row 1 was read as the numbers of the columns"] if names and is_numbering(names) else ()),
    )
    return Sheet(
        dialect=dialect,
        limits=limits,
        lines=chain(data[skipped:], rest),
        position=lambda: (source.tell() if not stream.closed else 0) / max(1, len(content)),
        named=names is not None,
        blank=blank,
        names=tuple(padded),
        notes=(*notes, *roles[-1]),
        label=roles[0],
        label_named=roles[1],
        numeric=roles[2],
        words=roles[3],
    )


def _without_comments(head: list[Line]) -> tuple[list[Line], list[Line] | None]:
    """The lines that are data, and the comments; None for these where # begins every row, as of a colour it does."""
    if len(head) > 1 and all(is_comment(line) for _, line in head[1:]):
        return head, None
    return [line for line in head if not is_comment(line[1])], [line for line in head if is_comment(line[1])]


def _names(rows: list[list[str]], comments: list[list[str]], *, labelled: bool) -> tuple[list[str] | None, int]:
    """Names of the columns, None where there are none, and how many rows they take."""
    first = _ended(rows[0])
    usual = usual_width(rows[1:])
    body = [row for row in rows[1:] if len(row) == usual]
    while body and usual > 1 and len(first) < usual and not any(row[usual - 1] for row in body):
        usual, body = usual - 1, [row[: usual - 1] for row in body]
    words = not any(map(is_number_like, first))
    if body and len(first) == usual - 1 and all(first) and words and _names_rows(body):
        return ["", *first], 1
    if not body or len(first) == usual or len(first) < usual <= len(rows[0]):
        width = max(len(first), usual)
        if is_header([*first, *[""] * (width - len(first))], [_filled(row, width) for row in body], labelled=labelled):
            return first, 1
    every = [_filled(row, len(first)) for row in rows if len(_ended(row)) == len(first)]
    fitting = [_ended(cells) for cells in comments if len(_ended(cells)) == len(first)]
    if fitting and is_header(fitting[-1], every, labelled=labelled):
        return fitting[-1], 0
    if body and words and len(first) > 1 and len(first) != usual:
        return first, 1  # the rows are then complained about
    return None, 0


def _ended(cells: list[str]) -> list[str]:
    """Cells without empty ones at the end, of which one at least stays."""
    count = len(cells)
    while count > 1 and not cells[count - 1]:
        count -= 1
    return cells[:count]


def _filled(cells: list[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))][:width]


def _names_rows(body: Sequence[Row]) -> bool:
    """Whether the first column names or counts the rows, as R writes them under names that are one fewer."""
    numbers = [as_number(row[0]) for row in body]
    if None in numbers:
        return len({row[0] for row in body}) == len(body)
    return (
        numbers[0] in (0.0, 1.0)
        and len(body) > 1
        and counts_rows("number", np.array(numbers, float), named=True, first=True)
    )


def _with_roles(
    names: list[str], body: list[list[str]], blank: frozenset[int], *, named: bool, labelled: bool
) -> tuple[int | None, bool, tuple[int, ...], frozenset[int], list[str]]:
    """Column of the label, whether its name says so, columns of numbers, those without any, and notes."""
    used = [i for i in range(len(names)) if i not in blank]
    texts = [i for i in text_columns(body, len(names)) if i not in blank]
    if not labelled:
        return None, False, tuple(used), frozenset(texts), []
    found, label_named = find_label(
        [names[i] for i in used] if named else None, [[row[i] for i in used] for row in body], len(used)
    )
    label = used[found]
    if named and not label_named:
        check_not_spread(names, body)
    check_not_sparse([row[i] for row in body for i in texts])
    distinct = {i for i in texts if i != label and len(body) > 1 and len({row[i] for row in body}) == len(body)}
    numeric = tuple(i for i in used if i != label and i not in distinct)
    notes = [
        f"column {f'“{shown(names[i])}”' if named and names[i] else i + 1} names the rows and was left out"
        for i in sorted(distinct)
    ]
    return label, label_named, numeric, frozenset(texts), notes
