"""How far a series that should not decrease falls."""

import numpy as np
from numpy.typing import NDArray


def largest_drop(values: NDArray[np.float64], where: NDArray[np.bool_] | None = None) -> float:
    """Largest fall below the running maximum, which a slow decrease adds up to.

    Parameters
    ----------
    values : Array
        Series along the first axis, shape (T, ...); each column has a running maximum of its own.
    where : Array of bool, optional
        Times that count, shape (T,). Each of their unbroken stretches is a series of its own; all count if omitted.

    Returns
    -------
    float
        Not negative, in the unit of the values; NaN where no stretch has two times.
    """
    counts = np.ones(len(values), dtype=bool) if where is None else np.asarray(where, dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], counts, [False]]).astype(int)))
    stretches = [values[a:b] for a, b in edges.reshape(-1, 2) if b - a > 1]
    drops = [float((np.maximum.accumulate(stretch, axis=0) - stretch).max()) for stretch in stretches]
    return max(drops, default=float("nan"))
