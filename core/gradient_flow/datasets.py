"""Data for two classes: five generators with one signature, and a reader for the user's own table."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.arrays import Array
from core.notation import subscript
from core.tables import Limits, as_number, few_samples, read_labelled, shown

MAX_ROWS, MAX_COLUMNS = 200, 10
LIMITS = Limits(size=1_000_000, rows=MAX_ROWS, columns=MAX_COLUMNS, numbers=MAX_ROWS * (MAX_COLUMNS + 1), magnitude=1e6)
"""Of a user's own table; squares and products of its numbers are far from overflow."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Points with labels.

    Attributes
    ----------
    points : Array
        Inputs without a bias coordinate, shape (n, d).
    labels : Array
        +1 or -1, shape (n,).
    names : tuple of str
        Names of the d coordinates.
    classes : tuple of str
        What -1 and +1 stand for.
    label : str
        Name of the column of the label; empty for generated data.
    notes : tuple of str
        How a table was understood where that is not obvious: columns left out, an encoding guessed.
    """

    points: Array
    labels: Array
    names: tuple[str, ...]
    classes: tuple[str, str] = ("−1", "+1")
    label: str = ""
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Fingerprint of the numbers, for cache keys."""
        return hashlib.sha256(self.points.tobytes() + self.labels.tobytes()).hexdigest()


def _halves(samples: int) -> tuple[int, int]:
    return samples // 2, samples - samples // 2


def _two_gaussians(samples: int, noise: float, dimension: int, rng: np.random.Generator) -> tuple[Array, Array]:
    labels = np.repeat([-1.0, 1.0], _halves(samples))
    # means at distance 1 from the origin along the diagonal, in any dimension
    means = labels[:, None] * np.full(dimension, 1.0 / np.sqrt(dimension))
    return means + noise * rng.standard_normal((samples, dimension)), labels


def two_gaussians(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two Gaussian clouds in the plane, of standard deviation `noise`, means at distance 2."""
    return _two_gaussians(samples, noise, 2, rng)


def gaussians_10d(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two Gaussian clouds in ten dimensions, of standard deviation `noise`, means at distance 2."""
    return _two_gaussians(samples, noise, 10, rng)


def two_moons(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two interleaved half circles of radius 1 with Gaussian noise, centred at the origin."""
    lower, upper = _halves(samples)
    first, second = np.pi * np.linspace(0, 1, lower), np.pi * np.linspace(0, 1, upper)
    outer = np.column_stack([np.cos(first), np.sin(first)])
    inner = np.column_stack([1.0 - np.cos(second), 0.5 - np.sin(second)])
    points = np.concatenate([outer, inner]) - np.array([0.5, 0.25])
    return points + noise * rng.standard_normal(points.shape), np.repeat([-1.0, 1.0], [lower, upper])


def circles(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two concentric circles, of radius 1/2 (-1) and 1 (+1), with Gaussian noise."""
    sizes = _halves(samples)
    angles = np.concatenate([2 * np.pi * np.arange(size) / size for size in sizes])
    labels = np.repeat([-1.0, 1.0], sizes)
    radius = np.where(labels > 0, 1.0, 0.5)[:, None]
    points = radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return points + noise * rng.standard_normal(points.shape), labels


def xor(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Four clouds at (±1, ±1), labelled by the sign of the product of the coordinates."""
    corners = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    points = corners[np.arange(samples) % 4]
    labels = points.prod(axis=1)
    return points + noise * rng.standard_normal(points.shape), labels


@dataclass(frozen=True, slots=True)
class DatasetKind:
    """One of the built-in data sets: its generator, its title, and the defaults that suit it."""

    title: str
    generate: Callable[[int, float, np.random.Generator], tuple[Array, Array]]
    noise: float
    bias: bool


KINDS = {
    "gaussians": DatasetKind("Two Gaussians", two_gaussians, 0.3, False),
    "moons": DatasetKind("Two moons", two_moons, 0.1, True),
    "circles": DatasetKind("Concentric circles", circles, 0.05, True),
    "xor": DatasetKind("XOR", xor, 0.3, False),
    "gaussians10": DatasetKind("Gaussians, d = 10", gaussians_10d, 0.3, False),
}


def make_dataset(kind: str, samples: int, noise: float, flipped: int, seed: int) -> Dataset:
    """Generate a built-in data set.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    samples : int
        Number of points n.
    noise : float
        Standard deviation of the Gaussian noise, in the units of the coordinates.
    flipped : int
        How many labels to flip, at random.
    seed : int
        Seed of points and flips. More flips keep the earlier ones.

    Returns
    -------
    Dataset
        The points, not shuffled.
    """
    rng = np.random.default_rng(seed)
    points, labels = KINDS[kind].generate(samples, noise, rng)
    labels[rng.permutation(samples)[:flipped]] *= -1.0
    return Dataset(points, labels, tuple(f"x{subscript(i + 1)}" for i in range(points.shape[1])))


def with_bias(points: Array) -> Array:
    """Points with a coordinate that is 1 everywhere, which gives a bias-free network its bias."""
    return np.column_stack([points, np.ones(len(points))])


def read_table(content: bytes, filename: str = "") -> Dataset:
    """Read a user's table of numbers with a label of two classes.

    The label is the column named label, target, class or y, otherwise the last, or the only one of words. A column that
    counts the rows is left out. Each column is centred and all are divided by one scale, the root-mean-square distance
    from the centre, so that the ranges of the controls fit any unit.

    Parameters
    ----------
    content : bytes
        The file, as `core.tables.read_labelled` reads it.
    filename : str
        Its name.

    Returns
    -------
    Dataset
        The smaller label (as a number, otherwise as text) is -1.

    Raises
    ------
    ValueError
        With one sentence that names the row or column and says what to do.
    """
    table = read_labelled(content, filename, LIMITS)
    if len(table.names) > MAX_COLUMNS:
        raise ValueError(
            f"The file has {len(table.names) + 1} columns; it needs 1 to {MAX_COLUMNS} columns of numbers and one "
            "label, so leave some out."
        )
    labels, classes = _labels(table.labels, table.label, table.advice)
    points = table.numbers
    centred = points - points.mean(axis=0)
    scale = float(np.sqrt((centred**2).sum(axis=1).mean()))
    if scale <= 1e-12 * float(np.abs(points).max()):
        raise ValueError("All rows are the same point; the columns must vary.")
    names = tuple(shown(name) or f"column {i + 1}" for i, name in enumerate(table.names))
    notes = (*table.notes, *few_samples(table.labels, table.label))
    return Dataset(centred / scale, labels, names, classes, table.label, notes)


def _labels(cells: Sequence[str], name: str, advice: str) -> tuple[Array, tuple[str, str]]:
    found = sorted(set(cells), key=_label_order)
    count = len({_label_order(cell) for cell in found})
    if count != 2:
        remedy = "keep the rows of two of them" if count > 2 else "add rows of another"
        raise ValueError(
            f"The label column “{name}” holds {count} different value{'s' * (count != 1)}; exactly two classes are "
            f"needed, so {remedy}{advice}."
        )
    low = _label_order(found[0])
    labels = np.array([-1.0 if _label_order(cell) == low else 1.0 for cell in cells])
    return labels, (_class_name(found[0]), _class_name(found[-1]))


def _class_name(cell: str) -> str:
    """A label as the file has it, but for zeros and ones with twenty digits, as NumPy writes them."""
    number = as_number(cell)
    return shown(cell) if number is None or len(cell) < 9 else f"{number:g}"


def _label_order(cell: str) -> tuple[bool, Any]:
    number = as_number(cell)
    return (False, number) if number is not None and number == number else (True, cell)
