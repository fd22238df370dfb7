"""Last-layer features that visitors bring: from the bytes of an `.npz` archive or a table to checked arrays."""

from core.neural_collapse.archive import read_archive
from core.neural_collapse.class_labels import classes_of_texts
from core.neural_collapse.npz import MAGIC
from core.neural_collapse.uploaded import (
    MAX_BYTES,
    MAX_COORDINATES,
    MAX_MAGNITUDE,
    MAX_NUMBERS,
    MAX_SAMPLES,
    SAVE,
    UploadedFeatures,
    check_extent,
    check_spread,
)
from core.tables import Limits, Watch, few_samples, foreign_kind, read_labelled, shown, unpacked

LIMITS = Limits(size=MAX_BYTES, rows=MAX_SAMPLES, columns=MAX_COORDINATES, numbers=MAX_NUMBERS, magnitude=MAX_MAGNITUDE)
_PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".joblib", ".ckpt")
_ARCHIVES = ("", "a zip archive", "a single NumPy array")


def read_features(content: bytes, filename: str, *, watch: Watch = lambda _: True) -> UploadedFeatures:
    """Read features and labels from a file of at most 20 MB.

    At most 100,000 samples, 4096 coordinates, 10^7 numbers and 200 classes. Labels are whole numbers or names; their
    ascending order is the order of the classes, and of the rows of a last layer.

    Parameters
    ----------
    content : bytes
        An `.npz` archive as `core.neural_collapse.archive.read_archive` reads it; or a table as
        `core.tables.read_labelled` does, one sample a line. Archives are known by their content.
    filename : str
        Name of the file.
    watch : callable
        Is told which share of a table is read, and says whether to go on.

    Returns
    -------
    UploadedFeatures
        Numbers as float64.

    Raises
    ------
    ValueError
        With one sentence that says what is wrong and what to do.
    """
    if not content:
        raise ValueError("The file is empty; it needs features and a label for each sample.")
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"The file has {len(content):,} bytes; at most {MAX_BYTES:,} can be read, "
            "so keep a sample of the rows or save float32."
        )
    name = filename.lower().removesuffix(".gz")
    if name.endswith(_PICKLES):
        raise ValueError(f"Pickles can run code and are never opened; save the arrays with {SAVE}.")
    content = unpacked(content, MAX_BYTES)
    if content.startswith(MAGIC):
        raise ValueError(f"The file is a single array without labels; save both with {SAVE}.")
    if name.endswith(".npz") or (content.startswith(b"PK") and foreign_kind(content, name) in _ARCHIVES):
        return read_archive(content)
    return _from_table(content, name, watch)


def _from_table(content: bytes, name: str, watch: Watch) -> UploadedFeatures:
    table = read_labelled(content, name, LIMITS, watch, advice=f"save {SAVE}, or a table as CSV UTF-8")
    check_extent(*table.numbers.shape)
    check_spread(table.numbers)
    where = shown(table.label)
    labels, class_names = classes_of_texts(
        table.labels, lambda row: f"Row {table.lines[row]}, column “{where}”,", table.advice
    )
    return UploadedFeatures(
        features=table.numbers,
        labels=labels,
        class_names=class_names,
        label=table.label,
        notes=(*table.notes, *few_samples(table.labels, table.label)),
    )
