"""Partitions of a square into convex polygons: the class whose affine score is largest, exactly and without a grid."""

from collections.abc import Sequence

import numpy as np

from core.arrays import Array

_SLIVER = 1e-9  # of the square's area: what rounding leaves between two partitions that coincide


def partition(scores: Array, reach: float) -> tuple[Array, ...]:
    """Where each score is the largest.

    Parameters
    ----------
    scores : Array
        Rows (a, b, c) of the scores a + b x + c y, shape (C, 3).
    reach : float
        Half a side of the square about 0.

    Returns
    -------
    tuple of Array
        C convex polygons, corners (x, y) in rows, counter-clockwise; of no rows where a class has no region.
    """
    square = reach * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    return tuple(_region(square, scores, label) for label in range(len(scores)))


def overlaps(polygons: Sequence[Array], scores: Array, reach: float) -> tuple[Array, ...]:
    """Where a partition names another class than the largest of other scores does, as convex polygons.

    Parameters
    ----------
    polygons : sequence of Array
        C polygons of the partition.
    scores : Array
        Shape (C, 3), as in `partition`.
    reach : float
        Half a side of the square that is partitioned.
    """
    smallest = _SLIVER * (2.0 * reach) ** 2
    parts = (
        _region(polygon, scores, other)
        for label, polygon in enumerate(polygons)
        for other in range(len(scores))
        if other != label
    )
    return tuple(part for part in parts if area(part) > smallest)


def borders(polygons: Sequence[Array], scores: Array) -> Array:
    """Edges between the regions of a partition, each once, as pairs of end points, shape (k, 2, 2)."""
    edges = []
    for label, polygon in enumerate(polygons):
        ends = np.roll(polygon, -1, axis=0)
        for start, end in zip(polygon, ends, strict=True):
            values = scores @ np.concatenate([[1.0], (start + end) / 2.0])
            scale = np.abs(values).max() or 1.0
            rivals = np.flatnonzero(np.abs(values - values[label]) < 1e-9 * scale)
            if (rivals > label).any() and not np.allclose(start, end):
                edges.append(np.stack([start, end]))
    return np.array(edges).reshape(-1, 2, 2)


def area(polygon: Array) -> float:
    """Of a polygon with corners in rows, counter-clockwise."""
    x, y = polygon.T
    return 0.5 * float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def _region(polygon: Array, scores: Array, label: int) -> Array:
    """The part of a convex polygon where one score is at least as large as all others."""
    for other in range(len(scores)):
        if other != label and len(polygon):
            polygon = _clip(polygon, scores[label] - scores[other])
    return polygon


def _clip(polygon: Array, score: Array) -> Array:
    """The part of a convex polygon where an affine function is not negative (Sutherland & Hodgman 1974)."""
    values = score[0] + polygon @ score[1:]
    inside, following = values >= 0.0, np.roll(values, -1)
    crosses = inside != (following >= 0.0)
    if not crosses.any():
        return polygon if inside.all() else polygon[:0]
    share = np.divide(values, values - following, out=np.zeros_like(values), where=crosses)
    cuts = polygon + share[:, None] * (np.roll(polygon, -1, axis=0) - polygon)
    # corners in order: each kept one, followed by the cut of the edge that starts there
    corners: Array = np.stack([polygon, cuts], axis=1)[np.stack([inside, crosses], axis=1)]
    return corners
