"""Features, labels and a last layer from an archive of arrays."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from core.arrays import Array
from core.neural_collapse.class_labels import classes_of_array
from core.neural_collapse.npz import StoredArray, open_arrays
from core.neural_collapse.uploaded import SAVE, UploadedFeatures, check_extent, check_numbers, check_spread
from core.tables import shown

_WEIGHTS = ("weights", "weight", "w")
_LAYER_WEIGHTS = re.compile(r"(.*[\W_])weights?", re.IGNORECASE)
_BIASES = ("bias", "b", "biases")


def read_archive(content: bytes) -> UploadedFeatures:
    """Read an `.npz` archive.

    Parameters
    ----------
    content : bytes
        With the arrays `features` and `labels`, and, if wanted, a last layer: `weights` and `bias`, also `weight`, `W`
        or `<name>.weight` with `b` or `<name>.bias`.

    Raises
    ------
    ValueError
        With one sentence that says what is wrong and what to do.
    """
    arrays, present = open_arrays(content, _wanted)
    for name in ("features", "labels"):
        if name not in arrays:
            holds = f"it holds “{shown(', '.join(present))}”" if present else "it is empty"
            raise ValueError(f"The archive has no array `{name}`; {holds}, so save it with {SAVE}.")
    _check_features(arrays["features"].shape)
    _check_labels(arrays["labels"].shape, arrays["features"].shape)
    labels, class_names = classes_of_array(arrays["labels"])
    weights, bias = _last_layer(arrays, (len(class_names), arrays["features"].shape[1]))
    features = _loaded(arrays["features"])
    check_spread(features)
    rows = None if weights is None else _loaded(weights)
    if rows is not None and not rows.any():
        raise ValueError(f"The array {_called(weights)} holds only zeros; save the trained weights or leave it out.")
    used = ("features", "labels", *(one.name for one in (weights, bias) if one is not None))
    return UploadedFeatures(
        features=features,
        labels=labels,
        class_names=class_names,
        weights=rows,
        bias=None if bias is None else _loaded(bias),
        notes=(*_layer_note(weights, bias), *_left_note([name for name in present if name not in used])),
    )


def _wanted(present: Sequence[str]) -> list[str]:
    return ["features", "labels", *_weights_names(present), *(name for name in present if _is_bias(name))]


def _weights_names(present: Sequence[str]) -> list[str]:
    """Arrays that may be those of a last layer, the likeliest first."""
    plain = [name for name in present if name.casefold() in _WEIGHTS]
    return [
        *sorted(plain, key=lambda name: _WEIGHTS.index(name.casefold())),
        *(name for name in present if name not in plain and _LAYER_WEIGHTS.fullmatch(name)),
    ]


def _is_bias(name: str) -> bool:
    return name.casefold() in _BIASES or bool(re.fullmatch(r"(?i:.*[\W_]bias)", name))


def _last_layer(
    arrays: Mapping[str, StoredArray], shape: tuple[int, int]
) -> tuple[StoredArray | None, StoredArray | None]:
    """Weights of the right shape with their bias, where there are some."""
    candidates = [arrays[name] for name in _weights_names(list(arrays))]
    if not candidates:
        if "bias" in arrays:
            raise ValueError("The archive has a `bias` but no weights; add them as `weights`, or leave out the bias.")
        return None, None
    weights = next((one for one in candidates if one.shape == shape), None)
    if weights is None:
        if len(candidates) == 1 or candidates[0].name.casefold() in _WEIGHTS:
            _refuse_weights(candidates[0], shape)
        return None, None
    bias = next((arrays[name] for name in _bias_names(weights.name, list(arrays))), None)
    if bias is not None and bias.shape != shape[:1]:
        raise ValueError(
            f"The array {_called(bias)} has shape {shown(str(bias.shape))}; it needs shape ({shape[0]},), "
            "one number for each class that has samples."
        )
    return weights, bias


def _bias_names(weights: str, present: Sequence[str]) -> list[str]:
    """The bias that belongs to some weights."""
    if layer := _LAYER_WEIGHTS.fullmatch(weights):
        return [name for name in present if name.casefold() == f"{layer[1]}bias".casefold()]
    plain = [name for name in present if name.casefold() in _BIASES]
    return sorted(plain, key=lambda name: _BIASES.index(name.casefold()))


def _refuse_weights(weights: StoredArray, shape: tuple[int, int]) -> None:
    advice = f"it needs shape {shape}, a row for each class that has samples and a column for each coordinate"
    if weights.shape == shape[::-1]:
        advice = "it is transposed, so save weights.T"
    raise ValueError(f"The array {_called(weights)} has shape {shown(str(weights.shape))}; {advice}.")


def _called(stored: StoredArray | None) -> str:
    return f"`{shown(stored.name)}`" if stored is not None else ""


def _layer_note(weights: StoredArray | None, bias: StoredArray | None) -> list[str]:
    if weights is None:
        return []
    with_bias = f"with the bias “{shown(bias.name)}”" if bias is not None else "without a bias"
    return [f"last layer: “{shown(weights.name)}” {with_bias}"]


def _left_note(names: Sequence[str]) -> list[str]:
    return [f"not read: {', '.join(f'“{shown(name)}”' for name in names)}"] if names else []


def _check_features(shape: tuple[int, ...]) -> None:
    if len(shape) != 2:
        raise ValueError(
            f"The array `features` has {len(shape)} dimension{'s' * (len(shape) != 1)}, shape {shown(str(shape))}; "
            "it needs two, samples and coordinates, so reshape it."
        )
    samples, coordinates = shape
    if not samples or not coordinates:
        raise ValueError(f"The array `features` is empty, shape {shape}; it needs a row for each sample.")
    check_extent(samples, coordinates)


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
    raise ValueError(f"The array `labels` has shape {shown(str(shape))}; {advice}.")


def _loaded(stored: StoredArray) -> Array:
    if stored.dtype.kind in "US":
        raise ValueError(f"The array {_called(stored)} holds text; save it as numbers, with .astype(float).")
    values: Array = stored.load(np.float64)
    check_numbers(values, lambda index: f"{_position(index)} of {_called(stored)}")
    return values


def _position(index: tuple[int, ...]) -> str:
    row, *column = (i + 1 for i in index)
    return f"Row {row}, column {column[0]}," if column else f"Entry {row}"
