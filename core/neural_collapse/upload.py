"""Last-layer features that visitors bring: from the bytes of an `.npz` archive or a CSV table to checked arrays."""

import hashlib
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array, Indices
from core.neural_collapse.npz import MAGIC, MAX_CHARACTERS, StoredArray, open_arrays
from core.tables import as_number, stream_rows

MAX_BYTES = 20 * 2**20
MAX_SAMPLES = 100_000
MAX_COORDINATES = 4096
MAX_NUMBERS = 10_000_000  # 80 MB of float64; a file of 20 MB holds as many float16, or table cells of one digit
MAX_CLASSES = 200
MAX_MAGNITUDE = 1e30  # its fourth power, a squared covariance, is far from overflow, that of its inverse from underflow

_ARRAYS = ("features", "labels", "weights", "bias")
_PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".joblib")
_SAVE = "np.savez(file, features=..., labels=...)"
_LABEL_NAMES = ("label", "class", "y")
_SHOWN = 40  # characters of a stranger's text


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UploadedFeatures:
    """Features of a visitor's network, their labels and, where given, the last layer.

    Attributes
    ----------
    features : Array
        Finite, at most 10^30 in size, not all rows the same, shape (samples, p).
    labels : Indices
        Classes 0 to C-1, each with at least one sample, shape (samples,).
    class_names : tuple of str
        What the file calls the C classes, in ascending order: printable, 1 to 40 characters, all different.
    weights : Array or None
        W, one row for each class in the order of `class_names`, not all zero, shape (C, p).
    bias : Array or None
        b, shape (C,).
    digest : str
        Fingerprint of all of these, for cache keys.
    """

    features: Array
    labels: Indices
    class_names: tuple[str, ...]
    weights: Array | None = None
    bias: Array | None = None
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        fingerprint = hashlib.sha256(repr((self.features.shape, self.class_names)).encode())
        for values in (self.features, self.labels, self.weights, self.bias):
            fingerprint.update(b"none" if values is None else np.ascontiguousarray(values).data)
        object.__setattr__(self, "digest", fingerprint.hexdigest())


def read_features(content: bytes, name: str) -> UploadedFeatures:
    """Read features and labels from a file of at most 20 MB.

    At most 100,000 samples, 4096 coordinates, 10^7 numbers and 200 classes. Labels are whole numbers or names; their
    ascending order is the order of the classes.

    Parameters
    ----------
    content : bytes
        An `.npz` archive with the arrays `features` (samples, p), `labels` (samples,) and, if wanted, `weights` (C, p)
        and `bias` (C,); or a table as UTF-8 text, comma, semicolon or tab separated, one sample a line, the label last
        or in a column named label, class or y. Archives are known by their content.
    name : str
        Name of the file.

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
    if name.lower().endswith(_PICKLES):
        raise ValueError(f"Pickles can run code and are never opened; save the arrays with {_SAVE}.")
    if content.startswith(MAGIC):
        raise ValueError(f"The file is a single array without labels; save both with {_SAVE}.")
    if content.startswith(b"PK") or name.lower().endswith(".npz"):
        return _from_archive(content)
    return _from_table(content)


def _from_archive(content: bytes) -> UploadedFeatures:
    arrays, present = open_arrays(content, _ARRAYS)
    for name in ("features", "labels"):
        if name not in arrays:
            holds = f"it holds “{_shown(', '.join(present))}”" if present else "it is empty"
            raise ValueError(f"The archive has no array `{name}`; {holds}, so save it with {_SAVE}.")
    _check_features(arrays["features"].shape)
    _check_labels(arrays["labels"].shape, arrays["features"].shape)
    labels, class_names = _classes_of_array(arrays["labels"])
    _check_classifier(arrays, (len(class_names), arrays["features"].shape[1]))
    loaded = {name: _loaded(arrays[name]) for name in _ARRAYS if name in arrays and name != "labels"}
    _check_spread(loaded["features"])
    return UploadedFeatures(labels=labels, class_names=class_names, **loaded)


def _check_features(shape: tuple[int, ...]) -> None:
    if len(shape) != 2:
        raise ValueError(
            f"The array `features` has {len(shape)} dimension{'s' * (len(shape) != 1)}, shape {_shown(str(shape))}; "
            "it needs two, samples and coordinates, so reshape it."
        )
    samples, coordinates = shape
    if not samples or not coordinates:
        raise ValueError(f"The array `features` is empty, shape {shape}; it needs a row for each sample.")
    _check_extent(samples, coordinates)


def _check_extent(samples: int, coordinates: int) -> None:
    if coordinates > MAX_COORDINATES:
        raise ValueError(
            f"The samples have {coordinates:,} coordinates; at most {MAX_COORDINATES:,} can be used, "
            "so project them on principal components."
        )
    if samples > MAX_SAMPLES or samples * coordinates > MAX_NUMBERS:
        raise ValueError(
            f"The features have shape ({samples}, {coordinates}); at most {MAX_SAMPLES:,} samples and {MAX_NUMBERS:,} "
            "numbers can be used, so keep a random part of the samples."
        )


def _check_labels(shape: tuple[int, ...], features: tuple[int, ...]) -> None:
    samples, coordinates = features
    if shape in ((samples,), (samples, 1)):
        return
    if len(shape) == 2 and shape[0] == samples:
        advice = "it needs one label a sample, so save labels.argmax(axis=1) if they are one-hot"
    elif shape == (coordinates,):
        advice = f"`features` has shape {features}, which looks transposed, so save features.T"
    else:
        advice = f"it needs shape ({samples},), one label for each row of `features`"
    raise ValueError(f"The array `labels` has shape {_shown(str(shape))}; {advice}.")


def _check_classifier(arrays: Mapping[str, StoredArray], shape: tuple[int, int]) -> None:
    weights, bias = arrays.get("weights"), arrays.get("bias")
    if bias and not weights:
        raise ValueError("The archive has a `bias` but no `weights`; save both or neither.")
    if weights and weights.shape != shape:
        advice = f"it needs shape {shape}, a row for each class that has samples and a column for each coordinate"
        if weights.shape == shape[::-1]:
            advice = "it is transposed, so save weights.T"
        raise ValueError(f"The array `weights` has shape {_shown(str(weights.shape))}; {advice}.")
    if bias and bias.shape != shape[:1]:
        raise ValueError(
            f"The array `bias` has shape {_shown(str(bias.shape))}; it needs shape ({shape[0]},), "
            "one number for each class that has samples."
        )


def _loaded(stored: StoredArray) -> Array:
    if stored.dtype.kind in "US":
        raise ValueError(f"The array `{stored.name}` holds text; save it as numbers, with .astype(float).")
    values: Array = stored.load(np.float64)
    _check_numbers(values, lambda index: f"{_position(index)} of `{stored.name}`")
    if stored.name == "weights" and not values.any():
        raise ValueError("The array `weights` holds only zeros; save the trained weights or leave it out.")
    return values


def _position(index: tuple[int, ...]) -> str:
    row, *column = (i + 1 for i in index)
    return f"Row {row}, column {column[0]}," if column else f"Entry {row}"


def _check_numbers(values: Array, where: Callable[[tuple[int, ...]], str]) -> None:
    """Refuse numbers that are not finite or too large, naming the first."""
    if max(-float(values.min()), float(values.max())) <= MAX_MAGNITUDE:  # false for NaN, which both are
        return
    for row, numbers in enumerate(values):
        bad = ~(np.abs(np.atleast_1d(numbers)) <= MAX_MAGNITUDE)
        if bad.any():
            index = (row, int(bad.argmax()))[: values.ndim]
            raise ValueError(
                f"{where(index)} holds {values[index]:g}; numbers must be finite and at most 10³⁰, so repair it."
            )


def _check_spread(features: Array) -> None:
    spread = float(np.ptp(features, axis=0).max())
    if spread <= 1e-12 * max(float(features.max()), -float(features.min())):  # of the rounding of sums
        raise ValueError("All samples have the same features; save features that vary.")
    if spread < 1.0 / MAX_MAGNITUDE:
        raise ValueError(f"The features vary by only {spread:.1g}; multiply them by a constant.")


def _classes_of_array(stored: StoredArray) -> tuple[Indices, tuple[str, ...]]:
    values = stored.load().reshape(-1)
    if values.dtype.kind in "US":
        return _classes_of_texts(_texts(values), lambda row: f"Row {row + 1} of `labels`")
    if values.dtype.kind == "f":
        _check_whole(values)
    distinct, labels = np.unique(values, return_inverse=True)
    names = distinct.tolist() if values.dtype.kind == "b" else [int(value) for value in distinct.tolist()]
    return labels.astype(np.intp), _class_names([str(name) for name in names])


def _texts(values: NDArray[np.str_] | NDArray[np.bytes_]) -> list[str]:
    texts = [text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text for text in values.tolist()]
    return [text.strip() for text in texts]


@np.errstate(invalid="ignore")  # signalling NaNs
def _check_whole(values: NDArray[np.floating]) -> None:
    bad = ~(np.isfinite(values) & (values == np.floor(values)))
    if bad.any():
        row = int(bad.argmax())
        raise ValueError(f"Row {row + 1} of `labels` holds {values[row]:g}; labels must be whole numbers or names.")


def _classes_of_texts(texts: Sequence[str], where: Callable[[int], str]) -> tuple[Indices, tuple[str, ...]]:
    """Classes of labels without blanks around them: by number if all are numbers, otherwise by name."""
    numbers = {text: as_number(text) for text in set(texts)}
    if "" in numbers:
        raise ValueError(f"{where(texts.index(''))} is empty; give every sample a label.")
    keys: dict[str, Any] = {text: text for text in numbers}
    if None not in numbers.values():
        if wrong := {text for text, number in numbers.items() if number is not None and not number.is_integer()}:
            row = next(row for row, text in enumerate(texts) if text in wrong)
            raise ValueError(f"{where(row)} holds {_shown(texts[row])}; labels must be whole numbers or names.")
        keys = {text: _exact(text) for text in numbers}
    distinct = sorted(set(keys.values()))
    index = {key: i for i, key in enumerate(distinct)}
    return np.array([index[keys[text]] for text in texts], np.intp), _class_names([str(key) for key in distinct])


def _exact(text: str) -> int:
    """The whole number that a text holds, beyond 2^53 too."""
    try:
        return int(text)
    except ValueError:
        return int(float(text))


def _class_names(names: Sequence[str]) -> tuple[str, ...]:
    if not 2 <= len(names) <= MAX_CLASSES:
        raise ValueError(
            f"The labels name {len(names):,} class{'es' * (len(names) != 1)}; 2 to {MAX_CLASSES} can be used, "
            "so check that the label is the class of each sample."
        )
    cut = [_shown(name) for name in names]
    twin = next((name for i, name in enumerate(cut) if name in cut[:i]), None)
    if twin is not None:
        raise ValueError(f"Two classes are called “{twin}” in their first {_SHOWN} characters; give them other names.")
    return tuple(cut)


def _shown(text: str) -> str:
    """Some characters of a stranger's text, without those that cannot be seen or encoded."""
    return "".join(character if character.isprintable() else "�" for character in text[:_SHOWN])


def _from_table(content: bytes) -> UploadedFeatures:
    rows = stream_rows(content, max_lines=2 * MAX_SAMPLES)
    first = next(rows, None)
    if first is None:
        raise ValueError("The file is empty; it needs features and a label for each sample.")
    names = [_shown(cell.strip()) for cell in first[1]]
    if not 2 <= len(names) <= MAX_COORDINATES + 1:
        raise ValueError(
            f"The file has {len(names):,} column{'s' * (len(names) != 1)}; it needs 1 to {MAX_COORDINATES:,} columns "
            "of numbers and the label, separated by commas, semicolons or tabs."
        )
    column = _label_column(names)
    if not _is_header(names, column):
        rows, column = chain([first], rows), len(names) - 1
        names = [f"column {i + 1}" for i in range(len(names))]
    return _collected(rows, names, column)


def _label_column(names: Sequence[str]) -> int:
    """The column named label, class or y (but not the y of a point x, y), otherwise the last."""
    folded = [name.casefold() for name in names]
    candidates = [name for name in _LABEL_NAMES if name in folded and not (name == "y" and "x" in folded)]
    return folded.index(candidates[0]) if candidates else len(names) - 1


def _is_header(names: Sequence[str], column: int) -> bool:
    """Whether no other cell holds a number, or the label has its name and the others count 0, 1, 2 or 1, 2, 3."""
    rest = [name for i, name in enumerate(names) if i != column and name]
    if not any(as_number(name) is not None for name in rest):
        return bool(rest)
    counts = ([str(i + start) for i in range(len(rest))] for start in (0, 1))
    return names[column].casefold() in _LABEL_NAMES and rest in counts


def _collected(rows: Iterable[tuple[int, list[str]]], names: Sequence[str], column: int) -> UploadedFeatures:
    """Features and labels of the rows of a table; `column` holds the label."""
    numbers, lines, texts = array("d"), array("q"), list[str]()
    coordinates = [name for i, name in enumerate(names) if i != column]
    for line, cells in rows:
        if len(cells) != len(names):
            raise ValueError(
                f"Row {line} has {len(cells):,} column{'s' * (len(cells) != 1)}, the first has {len(names):,}; "
                "give every row the same."
            )
        texts.append(_label(line, cells.pop(column)))
        _append(numbers, line, coordinates, cells)
        lines.append(line)
        _check_extent(len(lines), len(coordinates))
    if not lines:
        raise ValueError("The file has a line of names but no data; add one row for each sample.")
    features = np.frombuffer(numbers).reshape(len(lines), -1)
    _check_numbers(features, lambda index: f"Row {lines[index[0]]}, column “{coordinates[index[1]]}”,")
    _check_no_index(coordinates[0], features[:, 0])
    _check_spread(features)
    labels, class_names = _classes_of_texts(texts, lambda row: f"Row {lines[row]}, column “{names[column]}”,")
    return UploadedFeatures(features=features, labels=labels, class_names=class_names)


def _label(line: int, cell: str) -> str:
    text = cell.strip()
    if len(text) > MAX_CHARACTERS:
        raise ValueError(
            f"Row {line} has a label of {len(text):,} characters; at most {MAX_CHARACTERS} are read, so shorten it."
        )
    return text


def _append(numbers: "array[float]", line: int, names: Sequence[str], cells: Sequence[str]) -> None:
    try:
        numbers.extend(map(float, cells))
    except ValueError as error:
        i = next(i for i, cell in enumerate(cells) if as_number(cell) is None)
        cell = _shown(cells[i].strip())
        what = f"holds “{cell}”, which is not a number; write decimals with a point" if cell else "is empty; fill it in"
        raise ValueError(f"Row {line}, column “{names[i]}”, {what} or leave out that row.") from error


def _check_no_index(name: str, column: Array) -> None:
    """Refuse the counter that pandas writes before the first column."""
    counter = np.arange(len(column)) + column[0]
    if name.casefold() in ("", "unnamed: 0") and np.array_equal(column, counter):
        raise ValueError("The first column has no name and counts the rows; leave it out, with to_csv(index=False).")
