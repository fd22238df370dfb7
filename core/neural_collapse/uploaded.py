"""Features that a visitor brought, as checked arrays, and the limits they keep."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from core.arrays import Array, Indices

MAX_BYTES = 20 * 2**20
MAX_SAMPLES = 100_000
MAX_COORDINATES = 4096
MAX_NUMBERS = 10_000_000  # 80 MB of float64; a file of 20 MB holds as many float16, or table cells of one digit
MAX_CLASSES = 200
MAX_MAGNITUDE = 1e30  # its fourth power, a squared covariance, is far from overflow, that of its inverse from underflow

SAVE = "np.savez(file, features=..., labels=...)"


class RefusedFileError(ValueError):
    """A file that cannot be used; the message is one sentence for whoever brought it."""


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
    label : str
        Name of the column of the labels in a table; empty for an archive.
    notes : tuple of str
        How the file was understood where that is not obvious: columns left out, arrays not read.
    digest : str
        Fingerprint of the numbers and the classes, for cache keys.
    """

    features: Array
    labels: Indices
    class_names: tuple[str, ...]
    weights: Array | None = None
    bias: Array | None = None
    label: str = ""
    notes: tuple[str, ...] = ()
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        fingerprint = hashlib.sha256(repr((self.features.shape, self.class_names)).encode())
        for values in (self.features, self.labels, self.weights, self.bias):
            fingerprint.update(b"none" if values is None else np.ascontiguousarray(values).data)
        object.__setattr__(self, "digest", fingerprint.hexdigest())


def check_extent(samples: int, coordinates: int) -> None:
    """Refuse more samples, coordinates or numbers than can be used."""
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


def check_numbers(values: Array, where: Callable[[tuple[int, ...]], str]) -> None:
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


def check_spread(features: Array) -> None:
    """Refuse features that do not vary, or by too little."""
    spread = float(np.ptp(features, axis=0).max())
    if spread <= 1e-12 * max(float(features.max()), -float(features.min())):  # of the rounding of sums
        raise ValueError("All samples have the same features; save features that vary.")
    if spread < 1.0 / MAX_MAGNITUDE:
        raise ValueError(f"The features vary by only {spread:.1g}; multiply them by a constant.")
