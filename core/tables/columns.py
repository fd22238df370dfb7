"""What the columns of a table are: which row names them, which one is the label, which ones only count the rows."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.tables.cells import as_number, has_decimal_comma, is_missing

Row = Sequence[str]

_LABELS = ("label", "labels", "target", "targets", "class", "classes", "y")
_COMPOUND = re.compile(
    r"(class|target|true)[\W_]*(labels?|names?|ids?)|(labels?|y|class)[\W_]*(true|ids?)|(class|label|target|y)[\W_]*\(.*\)"
)
_SPARSE = re.compile(r"\d+:[-+.\deE]+")
_SPREAD = re.compile(r"(?i:label|class|target|species|category)[\W_]?\w+")
_KINDS = ("species", "category", "diagnosis", "outcome", "kind", "variety", "type", "group")
_COUNTERS = ("index", "id", "ids", "idx", "row", "rowid", "rownames", "rowname", "rownumber", "rowindex", "level0")
_LIKELY_COUNTERS = ("no", "nr", "n", "number", "obs", "observation", "sample", "sampleid", "case", "sno", "srno")
_ID = re.compile(r"(?i:.*[\W_]id|unnamed:[\d_. ]*)|\w*[a-z](?:Id|ID)|[#№]")


def _folded(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def label_rank(name: str) -> int:
    """How surely a name is that of a label: 0 for the surest, -1 for none."""
    text = name.strip().casefold()
    if text in _LABELS:
        return _LABELS.index(text)
    return len(_LABELS) if _COMPOUND.fullmatch(text) else -1


def named_label(names: Row) -> int | None:
    """The column whose name says that it is the label, but not the y of points x, y with more columns behind."""
    ranks = {i: label_rank(name) for i, name in enumerate(names)}
    folded = [name.strip().casefold() for name in names]
    for i in range(1, len(names) - 1):
        if folded[i] == "y" and folded[i - 1] == "x":
            ranks[i] = -1
    found = [i for i, rank in ranks.items() if rank >= 0]
    return min(found, key=lambda i: (ranks[i], i)) if found else None


def is_number_like(cell: str) -> bool:
    """Whether a cell belongs into a column of numbers: a number, or a word for a missing one."""
    return as_number(cell) is not None or has_decimal_comma(cell) or (is_missing(cell) and bool(cell))


def find_label(names: Row | None, body: Sequence[Row], width: int) -> tuple[int, bool]:
    """The column of the label, and whether its name says so.

    Without such a name it is the last column, unless that holds numbers and one other alone holds words that repeat,
    or its name is that of a kind of things, such as species.
    """
    if names is not None and (named := named_label(names)) is not None:
        return named, True
    words = text_columns(body, width)
    if width - 1 in words:
        return width - 1, False
    repeating = [i for i in words if len({row[i] for row in body}) < len(body)]
    if len(repeating) == 1:
        return repeating[0], False
    kinds = [i for i, name in enumerate(names or ()) if _folded(name) in _KINDS]
    return (kinds[0] if len(kinds) == 1 else width - 1), False


def text_columns(body: Sequence[Row], width: int) -> list[int]:
    """Columns in which nothing is a number."""
    return [
        i
        for i in range(width)
        if any(row[i] for row in body) and not any(is_number_like(row[i]) for row in body if row[i])
    ]


def is_header(first: Row, body: Sequence[Row], *, labelled: bool) -> bool:
    """Whether the first row names the columns.

    Names are words above numbers. Numbers above numbers are names only where the label has its own name.
    """
    width = len(first)
    if not body:
        cells = first[:-1] if labelled and width > 1 else first
        return not any(is_number_like(cell) for cell in cells) and any(cells)
    label = find_label(first, body, width)[0] if labelled else None
    if label is not None and is_numbering(first) and first[-1] not in {row[-1] for row in body}:
        return True
    words = text_columns(body, width)
    above = [i for i in range(width) if i not in words and i != label]
    has_words = any(first[i] and not is_number_like(first[i]) for i in above)
    has_numbers = any(is_number_like(first[i]) for i in above)
    if has_words and not has_numbers:
        return True
    if label is not None and _names_label(first, body, label):
        return True
    if has_words or has_numbers or not labelled:
        return False
    return any(first) and not any(is_number_like(cell) for cell in first) and (bool(words) and len(words) > 1)


def is_numbering(names: Row) -> bool:
    """Whether names are the numbers of three columns or more, which pandas writes for an array; one before has none."""
    numbered = [name for i, name in enumerate(names) if name or i]
    return len(numbered) > 2 and numbered in ([str(i + start) for i in range(len(numbered))] for start in (0, 1))


def _names_label(first: Row, body: Sequence[Row], label: int) -> bool:
    """Whether the first row's label is the name of a label and not a label, as the y of yes would be."""
    name, below = first[label], {row[label] for row in body}
    if name in below or is_number_like(name) or not name:
        return False
    if all(is_number_like(cell) for cell in below):
        return True  # a word above numbers
    if label_rank(name) < 0 and _folded(name) not in _KINDS:
        return False
    if name.casefold() != "y":
        return True
    rest = [cell for i, cell in enumerate(first) if i != label and cell]
    return rest in ([str(i + start) for i in range(len(rest))] for start in (0, 1))


def counts_rows(name: str, values: NDArray[np.float64], *, named: bool, first: bool) -> bool:
    """Whether a column only counts the rows.

    Parameters
    ----------
    name : str
        Of the column.
    values : NDArray
        What it holds.
    named : bool
        Whether the file names its columns. Where it does not, only the first column can be a counter, from 0 or 1.
    first : bool
        Whether it is the first column.

    Returns
    -------
    bool
        True for whole numbers that go up by one under a name such as Id, row or none; under such a name also for any
        whole numbers that are all different, as they are once rows were shuffled or left out.
    """
    likely = _folded(name) in _LIKELY_COUNTERS
    sure = not name.strip() or _folded(name) in _COUNTERS or bool(_ID.fullmatch(name.strip()))
    if not (likely or sure if named else first) or not np.array_equal(values, np.floor(values)):
        return False
    consecutive = bool((np.diff(values) == 1.0).all())
    if not named:
        return consecutive and len(values) > 2 and values[0] in (0.0, 1.0)
    return consecutive or (sure and len(np.unique(values)) == len(values))


def check_not_sparse(cells: Row) -> None:
    """Refuse the sparse rows of LIBSVM, 1:0.5 3:0.2, which leave out zeros.

    Raises
    ------
    ValueError
        With one sentence.
    """
    if any(_SPARSE.fullmatch(cell) for cell in cells):
        raise ValueError("The file has the sparse format of LIBSVM; write every number into a column of its own.")


def check_not_spread(names: Row, body: Sequence[Row]) -> None:
    """Refuse a label that was spread over columns such as class_a and class_b.

    Raises
    ------
    ValueError
        With one sentence.
    """
    found = [i for i, name in enumerate(names) if _SPREAD.fullmatch(name)]
    flags = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}
    sums = {sum(flags.get(row[i].casefold(), 2) for i in found) for row in body}
    if len(found) > 1 and sums == {1}:
        raise ValueError(
            f"The columns “{names[found[0]][:20]}” to “{names[found[-1]][:20]}” look like a one-hot label; write the "
            "class into one column, and name it “label”."
        )
