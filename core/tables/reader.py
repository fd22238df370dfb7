"""Tables with and without labels: plain rows are read many at a time, others one by one, to name what is wrong."""

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from core.tables.cells import as_number, complaint, decimal_comma_number, is_missing, shown, too_large
from core.tables.columns import counts_rows, label_rank
from core.tables.dialect import Line
from core.tables.sheet import Limits, Sheet, open_sheet

Watch = Callable[[float], bool]
"""Is given the share of a file that is read, and says whether to go on."""

MAX_LABEL = 100  # characters
_CHUNK = 500_000  # characters of rows read at a time
_SAVE = "save the table as CSV UTF-8"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Table:
    """What a table holds.

    Attributes
    ----------
    numbers : NDArray
        Finite numbers, shape (n, d), d at least 1.
    labels : tuple of str
        Labels without the blanks around them, none of them a word for a missing one; empty where there is no label.
    lines : tuple of int
        Lines of the file in which the samples stand, from 1.
    names : tuple of str
        Of the d columns; empty where the file has names but none for that column.
    named : bool
        Whether the file names its columns.
    label : str
        Name of the label's column.
    label_named : bool
        Whether the label was known by its name.
    notes : tuple of str
        What a reader has to know of how the file was understood, such as a column that was left out.
    """

    numbers: NDArray[np.float64]
    labels: tuple[str, ...]
    lines: tuple[int, ...]
    names: tuple[str, ...]
    named: bool
    label: str
    label_named: bool
    notes: tuple[str, ...]

    @property
    def advice(self) -> str:
        """What to do where the labels are not those of classes."""
        return "" if self.label_named else "; if another column holds the class, name it “label”"


def read_labelled(
    content: bytes, filename: str, limits: Limits, watch: Watch = lambda _: True, *, advice: str = _SAVE
) -> Table:
    """Read a table of numbers with one column of labels.

    Parameters
    ----------
    content : bytes
        The file: comma, semicolon, tab, bar or blank separated, in UTF-8, UTF-16 or Windows-1252, also packed by gzip.
        Decimals may have a comma where that separates no cells. Lines that begin with # are comments.
    filename : str
        Its name.
    limits : Limits
        What is taken.
    watch : callable
        Is told how far the reading is, and says whether to go on.
    advice : str
        What to do with a file of another kind.

    Returns
    -------
    Table
        Columns that only count or name the rows are left out.

    Raises
    ------
    ValueError
        With one sentence that says what is wrong and what to do.
    """
    sheet = open_sheet(content, filename, limits, labelled=True, advice=advice)
    _check_columns(sheet)
    table = _read(sheet, watch)
    _check_not_transposed(table)
    if not table.label_named and sheet.label == max(set(range(len(sheet.names))) - sheet.blank):
        _check_one_hot(table)
    table = _without_counters(table, kept=1, first=0 in sheet.numeric)
    _check_magnitude(table, limits)
    return table


def read_numbers(content: bytes, filename: str, limits: Limits) -> Table:
    """Read a table of numbers without a label; otherwise as `read_labelled`.

    A column that counts the rows is left out only where there are more columns than the limits allow.
    """
    sheet = open_sheet(content, filename, limits, labelled=False, advice=_SAVE)
    table = _read(sheet, lambda _: True)
    if len(table.names) > limits.columns:
        table = _without_counters(table, kept=limits.columns, first=True)
    _check_magnitude(table, limits)
    return table


def few_samples(labels: Sequence[str], name: str) -> tuple[str, ...]:
    """A note where most classes have one sample, as they do where the label is none; otherwise nothing."""
    counts = Counter(labels).values()
    alone = sum(count == 1 for count in counts)
    if 2 * alone <= len(counts):
        return ()
    return (f"{alone:,} of {len(counts):,} classes have one sample, so check that “{shown(name)}” is the label",)


def _check_columns(sheet: Sheet) -> None:
    count, most = len(sheet.names) - len(sheet.blank), sheet.limits.columns
    if count == 1:
        raise ValueError(
            "The file has 1 column; it needs columns of numbers and a label, separated by commas, semicolons or tabs."
        )
    if not sheet.numeric:
        raise ValueError("The file has no column of numbers beside the label; add the features.")
    if len(sheet.numeric) > most + 1:  # one may count the rows
        raise ValueError(
            f"The file has {count:,} columns; it needs 1 to {most:,} columns of numbers and one label, "
            "so leave some out."
        )


def _read(sheet: Sheet, watch: Watch) -> Table:
    numbers, labels, lines = array("d"), list[str](), array("q")
    limits = sheet.limits
    most = max(1, min(limits.rows, limits.numbers // max(1, len(sheet.numeric))))
    while chunk := _chunk(sheet):
        if len(lines) + len(chunk) > most:
            _refuse_rows(len(lines) + len(chunk) + sum(1 for _ in sheet.lines), most, limits)
        values, found = _plain(sheet, chunk) or _one_by_one(sheet, chunk)
        numbers.frombytes(values.tobytes())
        lines.extend(number for number, _ in chunk)
        labels += found
        if not watch(sheet.position()):
            raise ValueError("The reading was ended before it was done; upload a smaller file.")
    if not lines:
        raise ValueError("The file has a line of names but no data; add one row for each sample.")
    return Table(
        numbers=np.frombuffer(numbers).reshape(len(lines), len(sheet.numeric)),
        labels=tuple(labels),
        lines=tuple(lines),
        names=tuple(" ".join(sheet.names[i].split()) for i in sheet.numeric),
        named=sheet.named,
        label="" if sheet.label is None else sheet.called(sheet.label),
        label_named=sheet.label_named,
        notes=sheet.notes,
    )


def _chunk(sheet: Sheet) -> list[Line]:
    """The next rows, some at a time."""
    chunk, size = [], 0
    for line in sheet.lines:
        chunk.append(line)
        size += len(line[1])
        if size > _CHUNK:
            break
    return chunk


def _refuse_rows(count: int, most: int, limits: Limits) -> None:
    why = f"{most:,} can be used" if most == limits.rows else f"{limits.numbers:,} numbers can be used"
    raise ValueError(f"The file has {count:,} rows; at most {why}, so keep a sample of them.")


def _plain(sheet: Sheet, chunk: Sequence[Line]) -> tuple[NDArray[np.float64], list[str]] | None:
    """Numbers and labels of rows in which nothing is out of the ordinary; None where something may be."""
    mark, label = sheet.dialect.delimiter, sheet.label
    texts = [line for _, line in chunk]
    if mark in ("", " ") or sheet.dialect.wrapped or sheet.blank or not sheet.numeric:
        return None
    if any('"' in line or "'" in line or line.count(mark) != len(sheet.names) - 1 for line in texts):
        return None
    if label is None:
        found = []
    elif label == len(sheet.names) - 1:
        found = [line[line.rindex(mark) + 1 :].strip() for line in texts]
    else:
        found = [line.split(mark, label + 1)[label].strip() for line in texts]
    if any(is_missing(text) or len(text) > MAX_LABEL for text in found):
        return None
    if sheet.dialect.commas:
        if any("." in line for line in texts):
            return None
        texts = [line.replace(",", ".") for line in texts]
    try:
        values = np.loadtxt(texts, delimiter=mark, usecols=sheet.numeric, comments=None, ndmin=2)
    except ValueError:
        return None
    return (values, found) if np.isfinite(values).all() else None


def _one_by_one(sheet: Sheet, chunk: Sequence[Line]) -> tuple[NDArray[np.float64], list[str]]:
    values, found = array("d"), list[str]()
    for number, line in chunk:
        cells = sheet.cells(number, line)
        values.extend(_number(sheet, number, i, cells) for i in sheet.numeric)
        if sheet.label is not None:
            found.append(_label(sheet, number, cells[sheet.label]))
    return np.frombuffer(values), found


def _number(sheet: Sheet, number: int, column: int, cells: Sequence[str]) -> float:
    cell, commas = cells[column], sheet.dialect.commas
    if commas or sheet.dialect.delimiter != ",":
        value = decimal_comma_number(cell, pointed=not commas)
    else:
        value = as_number(cell)
    if value is not None and abs(value) < float("inf"):
        return value
    if value is not None and value == value:
        raise ValueError(too_large(number, sheet.called(column), shown(cell), sheet.limits.magnitude))
    if label_rank(cells[0]) >= 0 and column > 0:
        raise ValueError(
            f"Row {number} begins with “{shown(cells[0])}”, so the table looks transposed; write one sample in each "
            "row."
        )
    if sheet.named and cells == list(sheet.names):
        raise ValueError(f"Row {number} repeats the names; leave it out.")
    raise ValueError(complaint(number, sheet.called(column), cell, in_text_column=column in sheet.words, mixed=commas))


def _label(sheet: Sheet, number: int, text: str) -> str:
    if is_missing(text):
        assert sheet.label is not None
        place = f"Row {number}, column “{sheet.called(sheet.label)}”"
        what = f"holds {text}" if text else "is empty"
        raise ValueError(f"{place} {what}; give every sample a label, or leave out the row.")
    if len(text) > MAX_LABEL:
        raise ValueError(
            f"Row {number} has a label of {len(text):,} characters; at most {MAX_LABEL} are read, so shorten it."
        )
    return text


def _check_not_transposed(table: Table) -> None:
    """Refuse a table whose names repeat, as labels do, while every row has a label of its own."""
    names = [name for name in table.names if name]
    if table.label_named and len(set(table.labels)) == len(table.labels) and 2 * len(set(names)) <= len(names):
        raise ValueError(
            "The table looks transposed: its names repeat and its labels do not; write one sample in each row."
        )


def _check_one_hot(table: Table) -> None:
    """Refuse a label spread over the last columns, one of which would be taken for the label and one for a feature."""
    if len(table.labels) < 3 or set(table.labels) - {"0", "1", "0.0", "1.0"}:
        return
    total = np.array([float(label) for label in table.labels])
    for count, column in enumerate(table.numbers.T[::-1], start=2):
        if not np.isin(column, (0.0, 1.0)).all():
            return
        total += column
        if (total == 1.0).all():
            raise ValueError(
                f"The last {count} columns look like a one-hot label, with a single 1 in each row; write the class "
                "into one column."
            )


def _without_counters(table: Table, *, kept: int, first: bool) -> Table:
    """The table without columns that only count the rows, of which it needs some; `first` if the file's is in it."""
    counters = [
        i
        for i, name in enumerate(table.names)
        if counts_rows(name, table.numbers[:, i], named=table.named, first=first and i == 0)
    ]
    left = [i for i in range(len(table.names)) if i not in counters]
    if not counters or (len(left) < kept and not table.named):
        return table
    if len(left) < kept:
        raise ValueError("The only column beside the label counts the rows; add the features.")
    called = [f"“{shown(table.names[i])}”" if table.named and table.names[i] else str(i + 1) for i in counters]
    notes = [f"column {name} counts the rows and was left out" for name in called]
    return replace(
        table,
        numbers=np.ascontiguousarray(table.numbers[:, left]),
        names=tuple(table.names[i] for i in left),
        notes=(*table.notes, *notes),
    )


def _check_magnitude(table: Table, limits: Limits) -> None:
    rows, columns = np.nonzero(~(np.abs(table.numbers) <= limits.magnitude))
    for row, column in islice(zip(rows.tolist(), columns.tolist(), strict=True), 1):
        name = table.names[column] or f"column {column + 1}"
        cell = f"{table.numbers[row, column]:.12g}"
        raise ValueError(too_large(table.lines[row], name, cell, limits.magnitude))
