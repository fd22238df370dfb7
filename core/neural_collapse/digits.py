"""1797 handwritten digits of 8 x 8 pixels, shipped with the project (see digits.md beside this file)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array, Indices
from core.validation import check_integer

CLASSES, PIXELS = 10, 64
LARGEST = 16
"""Largest pixel: the number of dark pixels of a 4 x 4 block of the bitmap."""
MAX_PER_CLASS = 150
"""Training images of a class; the rarest digit, 8, has 174 images."""


@dataclass(frozen=True, slots=True, eq=False)
class Digits:
    """The images.

    Attributes
    ----------
    images : NDArray
        Pixels from 0 (white) to 16, read-only, shape (1797, 8, 8).
    labels : Indices
        The digit that each shows, read-only, shape (1797,).
    """

    images: NDArray[np.uint8]
    labels: Indices


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Places of images to train on and of those held out.

    Attributes
    ----------
    train : Indices
        As many of each digit, one digit after the other, shape (n,).
    test : Indices
        All others, rising, shape (1797 - n,).
    """

    train: Indices
    test: Indices


@cache
def load_digits() -> Digits:
    """The images of E. Alpaydin and C. Kaynak (1998); read once."""
    with np.load(Path(__file__).with_name("digits.npz"), allow_pickle=False) as archive:
        images, labels = archive["images"], archive["labels"].astype(np.intp)
    images.flags.writeable = labels.flags.writeable = False
    return Digits(images, labels)


def split_digits(per_class: int, seed: int) -> Split:
    """Draw training images, as many of each digit.

    Parameters
    ----------
    per_class : int
        N, from 2 to 150.
    seed : int
        Of the draw. A larger N keeps the images of a smaller one.

    Raises
    ------
    ValueError
        For an argument outside its range.
    """
    check_integer("per_class", per_class, 2, MAX_PER_CLASS)
    check_integer("seed", seed, 0, 10**6)
    labels = load_digits().labels
    generator = np.random.default_rng(seed)
    train = np.concatenate([generator.permutation(np.flatnonzero(labels == k))[:per_class] for k in range(CLASSES)])
    return Split(train, np.setdiff1d(np.arange(len(labels)), train))


def pixels(places: Indices, mean: Array | None = None) -> Array:
    """Images as inputs of a network: rows of pixels from 0 to 1, less a mean image, shape (n, 64)."""
    rows = load_digits().images[places].reshape(-1, PIXELS) / LARGEST
    return np.asarray(rows if mean is None else rows - mean)
