"""Tables that users bring: from the bytes of a file to checked numbers and labels, with one wording for what is wrong.

One reader serves all problems. `content` gets to the text, `dialect` finds what separates the cells, `columns` which
row holds names and which column the label, `cells` reads one cell; `sheet` puts them together for the first lines,
`reader` for all.
"""

from core.tables.cells import MAX_SHOWN, as_number, cell_number, is_missing, shown
from core.tables.content import Content, foreign_kind, unpacked
from core.tables.reader import Table, Watch, few_samples, read_labelled, read_numbers
from core.tables.sheet import Limits

__all__ = [
    "MAX_SHOWN",
    "Content",
    "Limits",
    "Table",
    "Watch",
    "as_number",
    "cell_number",
    "few_samples",
    "foreign_kind",
    "is_missing",
    "read_labelled",
    "read_numbers",
    "shown",
    "unpacked",
]
