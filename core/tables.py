"""Tables that users bring: from the bytes of a CSV file to checked numbers, with one wording for what is wrong."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

MAX_BYTES = 1_000_000
MAX_LINE = 2**18  # characters of one line of a large table: 4096 numbers of 64
MAX_MAGNITUDE = 1e6  # keeps squares and products of a table's numbers far from overflow

_EMPTY = ' ,;\t\r\n"'  # a line of these alone has no data
_NOT_TEXT = "The file is not UTF-8 text; save the table as CSV."


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a file.

    Attributes
    ----------
    header : tuple of str or None
        The first line, where it holds names.
    lines : tuple of int
        Line of the file in which each row stands, from 1.
    rows : tuple of tuple of str
        Cells of each row without blanks around them; at least one row, not all of one length.
    """

    header: tuple[str, ...] | None
    lines: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns: the header, or column 1, column 2 and so on, as many as the first row has."""
        return self.header or tuple(f"column {i + 1}" for i in range(len(self.rows[0])))

    def numbers(self, columns: int) -> list[list[float]]:
        """The first columns of every row as numbers.

        Parameters
        ----------
        columns : int
            How many columns, at most as many as there are names.

        Returns
        -------
        list of list of float
            Finite and at most 10^6 in size.

        Raises
        ------
        ValueError
            For a row of another length or a cell that holds no such number, with one sentence that names it.
        """
        return [self._numbers(line, row, columns) for line, row in zip(self.lines, self.rows, strict=True)]

    def _numbers(self, line: int, row: tuple[str, ...], columns: int) -> list[float]:
        names = self.names
        if len(row) != len(names):
            raise ValueError(f"Row {line} has {len(row)} columns, the first has {len(names)}; give every row the same.")
        return [cell_number(line, name, cell) for name, cell in zip(names[:columns], row[:columns], strict=True)]


def read_table(content: bytes, *, max_rows: int, labelled: bool = False) -> Table:
    """Read a table of numbers; a first line of names is allowed.

    Parameters
    ----------
    content : bytes
        The file, comma, semicolon or tab separated, UTF-8; empty lines are skipped.
    max_rows : int
        How many rows may follow the names.
    labelled : bool
        The last column is a label, which need not be a number.

    Returns
    -------
    Table
        The cells, not yet read as numbers.

    Raises
    ------
    ValueError
        With one sentence that says what is wrong and what to do.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(f"The file has {len(content):,} bytes; at most {MAX_BYTES:,} can be read.")
    rows = _parse(content)
    header = tuple(rows.pop(0)[1]) if _is_header(rows[0][1], labelled) else None
    if not rows:
        raise ValueError("The file has a line of names but no data; add one row for each sample.")
    if len(rows) > max_rows:
        raise ValueError(f"The file has {len(rows)} rows; at most {max_rows} can be used, so keep a sample of them.")
    return Table(header, tuple(line for line, _ in rows), tuple(tuple(cells) for _, cells in rows))


def stream_rows(content: bytes, *, max_lines: int) -> Iterator[tuple[int, list[str]]]:
    """Rows of a table too large to be held as text, one at a time.

    Parameters
    ----------
    content : bytes
        The file, comma, semicolon or tab separated, UTF-8; empty lines are skipped. A quoted cell ends on its line.
    max_lines : int
        How many lines the file may have, the empty ones with them.

    Yields
    ------
    tuple of int and list of str
        Line of the file, from 1, and its cells with the blanks around them.

    Raises
    ------
    ValueError
        With one sentence that says what is wrong and what to do.
    """
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    delimiter = ""
    try:
        for number, line in enumerate(iter(partial(text.readline, MAX_LINE), ""), start=1):
            _check_extent(number, line, max_lines)
            if line.strip(_EMPTY):
                delimiter = delimiter or _delimiter(line)
                yield number, _cells(number, line.rstrip("\r\n"), delimiter)
    except UnicodeDecodeError as error:
        raise ValueError(_NOT_TEXT) from error


def _check_extent(number: int, line: str, max_lines: int) -> None:
    if number > max_lines:
        raise ValueError(f"The file has more than {max_lines:,} lines; keep a sample of them.")
    if len(line) == MAX_LINE:
        raise ValueError(f"Row {number} is longer than {MAX_LINE:,} characters; give every sample a line of its own.")


def _cells(number: int, line: str, delimiter: str) -> list[str]:
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader((line,), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ValueError(
            f"Row {number} cannot be split into cells; look for a quotation mark that is not closed or inside a cell."
        ) from error


def as_number(cell: str) -> float | None:
    """The number that a cell holds, NaN and infinity included; None where it holds none."""
    try:
        return float(cell)
    except ValueError:
        return None


def cell_number(line: int, name: str, cell: str) -> float:
    """The number that a cell holds.

    Parameters
    ----------
    line, name
        Its row, counted from 1, and the name of its column, for the error.
    cell : str
        The cell.

    Returns
    -------
    float
        Finite and at most 10^6 in size.

    Raises
    ------
    ValueError
        With one sentence that names row, column and cell.
    """
    value = as_number(cell)
    if value is None:
        shown = " ".join(cell[:40].split())
        raise ValueError(f"Row {line}, column “{name[:40]}” holds “{shown}”, which is not a number.")
    if not abs(value) <= MAX_MAGNITUDE:
        raise ValueError(
            f"Row {line}, column “{name[:40]}” holds {cell[:40]}; numbers must be finite and at most 10⁶ in size."
        )
    return value


def _delimiter(line: str) -> str:
    """What separates the cells of the first line that has any."""
    return max(",;\t", key=line.count)


def _parse(content: bytes) -> list[tuple[int, list[str]]]:
    """Non-empty lines as (line number, cells)."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(_NOT_TEXT) from error
    delimiter = _delimiter(next((line for line in text.splitlines() if line.strip()), ""))
    try:
        lines = list(enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1))
    except csv.Error as error:
        raise ValueError(f"The file is not a CSV table: {error}.") from error
    rows = [(line, [cell.strip() for cell in cells]) for line, cells in lines if any(cell.strip() for cell in cells)]
    if not rows:
        raise ValueError("The file is empty; it needs one row for each sample.")
    return rows


def _is_header(cells: list[str], labelled: bool) -> bool:
    """Whether no cell in a column of numbers holds one."""
    numeric = cells[:-1] if labelled else cells
    return all(as_number(cell) is None for cell in numeric) and any(numeric)
