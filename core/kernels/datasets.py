"""Samples of a function of one variable: five generators with one signature, and readers for the user's own table."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from core.arrays import Array
from core.tables import Limits, cell_number, read_numbers, shown
from core.validation import check_choice, check_integer, check_number

MIN_SAMPLES, MAX_SAMPLES = 3, 200
MAX_NOISE = 2.0
MAX_MAGNITUDE = 1e6
LIMITS = Limits(size=1_000_000, rows=MAX_SAMPLES, columns=2, numbers=3 * MAX_SAMPLES, magnitude=MAX_MAGNITUDE)
"""Of a file of points."""
_GAP = 0.35  # half of what "gap" leaves out: the rise of the sine between its two bumps, a third of [-1, 1]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Values of an unknown function, in the user's units.

    Attributes
    ----------
    x : Array
        Inputs, shape (m,), in any order; they may repeat but are not all equal.
    y : Array
        Values, shape (m,).
    names : tuple of str
        Names of x and y.
    notes : tuple of str
        How a file was understood where that is not obvious: a column left out, an encoding guessed.
    """

    x: Array
    y: Array
    names: tuple[str, str] = ("x", "y")
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Fingerprint of numbers and names, for cache keys."""
        return hashlib.sha256(self.x.tobytes() + self.y.tobytes() + repr(self.names).encode()).hexdigest()


def _sine(x: Array) -> Array:
    return np.sin(np.pi * x)


def _step(x: Array) -> Array:
    return np.where(x < 0.0, -1.0, 1.0)


def _chirp(x: Array) -> Array:
    return np.sin(2.0 * np.pi * (x + 1.0) ** 2)


def _kink(x: Array) -> Array:
    return 2.0 * np.abs(x) - 1.0


@dataclass(frozen=True, slots=True)
class SamplesKind:
    """One of the built-in functions on [-1, 1].

    Attributes
    ----------
    title : str
        Its name on the page.
    truth : Callable
        The function without noise, on arrays of any shape, with values in [-1, 1].
    gap : float
        No input x with |x| below this is drawn.
    """

    title: str
    truth: Callable[[Array], Array]
    gap: float = 0.0

    def generate(self, samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
        """Inputs, one uniform in each of equal cells, and values with Gaussian noise of this standard deviation."""
        even = 2.0 * (np.arange(samples) + rng.random(samples)) / samples - 1.0
        x = np.copysign(self.gap + (1.0 - self.gap) * np.abs(even), even)
        return x, self.truth(x) + noise * rng.standard_normal(samples)


KINDS = {
    "sine": SamplesKind("Sine, one period", _sine),
    "step": SamplesKind("Step", _step),
    "chirp": SamplesKind("Chirp, growing frequency", _chirp),
    "kink": SamplesKind("Kink, |x|", _kink),
    "gap": SamplesKind("Sine with a gap", _sine, _GAP),
}


def make_samples(kind: str, samples: int, noise: float, seed: int) -> Samples:
    """Draw samples of a built-in function.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    samples : int
        How many, m, from 3 to 200.
    noise : float
        Standard deviation of the Gaussian noise on y, from 0 to 2; the functions range over [-1, 1].
    seed : int
        Seed of inputs and noise. The noise is one draw, scaled.

    Returns
    -------
    Samples
        With x in [-1, 1], ascending.

    Raises
    ------
    ValueError
        For another kind or a number out of range.
    """
    check_choice("kind", kind, KINDS)
    check_integer("samples", samples, MIN_SAMPLES, MAX_SAMPLES)
    check_number("noise", noise, 0.0, MAX_NOISE)
    check_integer("seed", seed, 0, 10**6)
    return Samples(*KINDS[kind].generate(samples, noise, np.random.default_rng(seed)))


def truth(kind: str, x: ArrayLike) -> Array:
    """The function behind a built-in data set, without noise, where |x| <= 1.

    sine, gap: sin(pi x); step: -1 for x < 0, else 1; chirp: sin(2 pi (x+1)^2), whose frequency grows from 0 to 4;
    kink: 2|x| - 1.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    x : array_like
        Inputs, any shape.

    Returns
    -------
    Array
        Of the inputs' shape.

    Raises
    ------
    ValueError
        For another kind.
    """
    check_choice("kind", kind, KINDS)
    return KINDS[kind].truth(np.asarray(x, dtype=np.float64))


def read_samples(content: bytes, filename: str = "") -> Samples:
    """Read a table of two columns of numbers, x and y.

    Parameters
    ----------
    content : bytes
        The file, as `core.tables.read_numbers` reads it; beside x and y it may have a column that counts the rows.
    filename : str
        Its name.

    Returns
    -------
    Samples
        In the file's units and order, 3 to 200 rows.

    Raises
    ------
    ValueError
        With one sentence that names the row or column and says what to do.
    """
    table = read_numbers(content, filename, LIMITS)
    width = len(table.names)
    if width != 2:
        raise ValueError(
            f"The file has {width} column{'s' * (width != 1)}; it needs two, x and y, separated by a comma, "
            "a semicolon or a tab."
        )
    header = [shown(name) for name in table.names] if table.named else ["", ""]
    samples = _checked(table.numbers.tolist(), (header[0] or "x", header[1] or "y"))
    return replace(samples, notes=table.notes)


def samples_from_rows(rows: Iterable[Iterable[Any]]) -> Samples:
    """Samples from the rows of an editable table.

    Parameters
    ----------
    rows : iterable of pairs
        x and y of each row as numbers or text; empty cells are None, NaN or blank, and rows of them are skipped.

    Returns
    -------
    Samples
        3 to 200 rows, in their order.

    Raises
    ------
    ValueError
        With one sentence that names the row, counted from 1 with the empty ones, and says what to do.
    """
    pairs = []
    for line, row in enumerate(rows, start=1):
        cells = ["" if pd.isna(cell) else str(cell).strip() for cell in row]
        if len(cells) != 2:
            raise ValueError(f"Row {line} has {len(cells)} column{'s' * (len(cells) != 1)}; it needs two, x and y.")
        if not any(cells):
            continue
        if not all(cells):
            given, missing = ("x", "y") if cells[0] else ("y", "x")
            raise ValueError(f"Row {line} has {given} but no {missing}; fill in both or empty the row.")
        pairs.append([cell_number(line, name, cell, MAX_MAGNITUDE) for name, cell in zip("xy", cells, strict=True)])
    if len(pairs) > MAX_SAMPLES:
        raise ValueError(
            f"The table has {len(pairs)} rows; at most {MAX_SAMPLES} can be used, so keep a sample of them."
        )
    return _checked(pairs, ("x", "y"))


def _checked(pairs: list[list[float]], names: tuple[str, str]) -> Samples:
    count = len(pairs)
    if count < MIN_SAMPLES:
        raise ValueError(
            f"The table has {count} row{'s' * (count != 1)} of numbers; at least {MIN_SAMPLES} are needed, so add some."
        )
    x, y = np.array(pairs).T.copy()
    if not has_range(x):
        raise ValueError(f"All rows have the same x, {x[0]:g}; give at least two different values of x.")
    return Samples(x, y, names)


def has_range(values: Array) -> bool:
    """Whether values differ by more than the rounding of a table's decimals, 1e-12 of their size."""
    return float(np.ptp(values)) > 1e-12 * float(np.abs(values).max())
