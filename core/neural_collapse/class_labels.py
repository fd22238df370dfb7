"""Classes from labels: whole numbers or words, in their ascending order."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import Indices
from core.neural_collapse.npz import StoredArray
from core.neural_collapse.uploaded import MAX_CLASSES
from core.tables import MAX_SHOWN, as_number, is_missing, shown

_WHOLE = "labels must be whole numbers or names"


def classes_of_array(stored: StoredArray) -> tuple[Indices, tuple[str, ...]]:
    """Class of each sample, 0 to C - 1, and the names of the classes, from an array of an archive.

    Raises
    ------
    ValueError
        With one sentence, for labels that are none and for too few or too many classes.
    """
    values = stored.load().reshape(-1)
    if values.dtype.kind in "US":
        return classes_of_texts(_texts(values), lambda row: f"Row {row + 1} of `labels`")
    if values.dtype.kind == "f":
        _check_whole(values)
    distinct, labels = np.unique(values, return_inverse=True)
    names = distinct.tolist() if values.dtype.kind == "b" else [int(value) for value in distinct.tolist()]
    return labels.astype(np.intp), _class_names([str(name) for name in names], len(values))


def _texts(values: NDArray[np.str_] | NDArray[np.bytes_]) -> list[str]:
    texts = [text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text for text in values.tolist()]
    return [text.strip() for text in texts]


@np.errstate(invalid="ignore")  # signalling NaNs
def _check_whole(values: NDArray[np.floating]) -> None:
    bad = ~(np.isfinite(values) & (values == np.floor(values)))
    if bad.any():
        row = int(bad.argmax())
        remedy = "give every sample a label" if np.isnan(values[row]) else _WHOLE
        raise ValueError(f"Row {row + 1} of `labels` holds {values[row]:g}; {remedy}.")


def classes_of_texts(
    texts: Sequence[str], where: Callable[[int], str], advice: str = ""
) -> tuple[Indices, tuple[str, ...]]:
    """The same from labels without blanks around them: by number if all are numbers, otherwise by name.

    Parameters
    ----------
    texts : sequence of str
        A label for each sample.
    where : callable
        From the number of a sample to its place in the file.
    advice : str
        What to do if these are no classes, to follow what is said of them.
    """
    numbers = {text: as_number(text) for text in set(texts)}
    if missing := {text for text in numbers if is_missing(text)}:
        row = next(row for row, text in enumerate(texts) if text in missing)
        what = f"holds {texts[row]}" if texts[row] else "is empty"
        raise ValueError(f"{where(row)} {what}; give every sample a label.")
    keys: dict[str, Any] = {text: text for text in numbers}
    if None not in numbers.values():
        if wrong := {text for text, number in numbers.items() if number is not None and not number.is_integer()}:
            row = next(row for row, text in enumerate(texts) if text in wrong)
            raise ValueError(f"{where(row)} holds {shown(texts[row])}; {_WHOLE}{advice}.")
        keys = {text: _exact(text) for text in numbers}
    distinct = sorted(set(keys.values()))
    index = {key: i for i, key in enumerate(distinct)}
    labels = np.array([index[keys[text]] for text in texts], np.intp)
    return labels, _class_names([str(key) for key in distinct], len(texts), advice)


def _exact(text: str) -> int:
    """The whole number that a text holds, beyond 2^53 too."""
    try:
        return int(text)
    except ValueError:
        return int(float(text))


def _class_names(names: Sequence[str], samples: int, advice: str = "") -> tuple[str, ...]:
    if len(names) < 2:
        raise ValueError(f"All samples have the same label; add samples of another class{advice}.")
    if len(names) > MAX_CLASSES:
        remedy = f"keep the samples of {MAX_CLASSES} of them"
        if 2 * len(names) > samples:
            remedy = "with so few samples each, check that the label is the class, no measured value and no identifier"
        raise ValueError(
            f"The labels name {len(names):,} classes; at most {MAX_CLASSES} can be used, so {remedy}{advice}."
        )
    cut = [shown(name) for name in names]
    twin = next((name for i, name in enumerate(cut) if name in cut[:i]), None)
    if twin is not None:
        raise ValueError(
            f"Two classes are called “{twin}” in their first {MAX_SHOWN} characters; give them other names."
        )
    return tuple(cut)
