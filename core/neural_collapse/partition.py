"""Partitions of a square into convex polygons: where which affine score is largest, exactly and without a grid."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.arrays import Array

_NOWHERE = np.empty((0, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """Where each score is the largest; polygons have their corners (x, y) in rows, counter-clockwise.

    Attributes
    ----------
    scores : Array
        Rows (a, b, c) of the scores a + b x + c y, shape (C, 3).
    reach : float
        Half a side of the square about 0.
    error : float
        What rounding may have changed a score by, anywhere on the square.
    groups : tuple of tuple of int
        The C classes, together where their scores are one to within rounding: they tie everywhere.
    cells : tuple of Array
        The region of each group; of no rows where it has none.
    """

    scores: Array
    reach: float
    error: float
    groups: tuple[tuple[int, ...], ...]
    cells: tuple[Array, ...]

    @classmethod
    def of(cls, scores: Array, reach: float, error: float = 0.0) -> "Partition":
        """The partition of a square by scores."""
        square = reach * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
        corners = scores[:, :1] + scores[:, 1:] @ square.T
        groups = _groups(corners, 2.0 * error)
        leaders = [group[0] for group in groups]
        cells = tuple(_region(square, scores, leader, leaders) for leader in leaders)
        return cls(scores, reach, error, groups, cells)

    @property
    def polygons(self) -> tuple[Array, ...]:
        """The region of each of the C classes; classes that tie have the same."""
        found = {label: cell for group, cell in zip(self.groups, self.cells, strict=True) for label in group}
        return tuple(found[label] for label in range(len(self.scores)))

    @property
    def borders(self) -> Array:
        """Edges between the regions, each once, as pairs of end points, shape (k, 2, 2)."""
        return np.array([edge for edge, _ in self._edges()]).reshape(-1, 2, 2)

    @property
    def rounding(self) -> float:
        """What rounding of the scores may move from one region to another, as a share of the square; at most 1.

        Scores of two classes that are both off by the error move their border by twice that over the slope of their
        difference, and the area is its length times that.
        """
        moved = sum(
            float(np.linalg.norm(edge[1] - edge[0])) * 2.0 * self.error / slope for edge, slope in self._edges()
        )
        return min(1.0, moved / (2.0 * self.reach) ** 2)

    def _edges(self) -> Iterator[tuple[Array, float]]:
        """Each border once, with the slope of the difference of the two scores that tie on it."""
        leaders = [group[0] for group in self.groups]
        for place, (leader, polygon) in enumerate(zip(leaders, self.cells, strict=True)):
            for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
                differences = self.scores[leaders[place + 1 :]] - self.scores[leader]
                steep = np.linalg.norm(differences[:, 1:], axis=1)
                distances = np.abs(differences @ np.concatenate([[1.0], (start + end) / 2.0]))
                on_border = np.flatnonzero(distances <= 1e-9 * self.reach * steep + 2.0 * self.error)
                if on_border.size and not np.allclose(start, end, rtol=0.0, atol=1e-12 * self.reach):
                    rival = on_border[distances[on_border].argmin()]
                    yield np.stack([start, end]), float(steep[rival])

    def differences(self, other: "Partition") -> tuple[tuple[Array, ...], float]:
        """Where two partitions of a square name different classes, as polygons, and their share of the square.

        Where classes tie everywhere a part counts with 1 - |A and B| / |A or B|, for the sets A and B of classes that
        the two partitions name there.
        """
        leaders = [group[0] for group in other.groups]
        parts, total = [], 0.0
        for group, cell in zip(self.groups, self.cells, strict=True):
            for rivals in other.groups:
                apart = 1.0 - len({*group} & {*rivals}) / len({*group} | {*rivals})
                part = _region(cell, other.scores, rivals[0], leaders) if apart else _NOWHERE
                if len(part):
                    parts.append(part)
                    total += apart * area(part)
        return tuple(parts), total / (2.0 * self.reach) ** 2


def area(polygon: Array) -> float:
    """Of a polygon with corners in rows, counter-clockwise.

    Taken from one of its corners, so that a sliver keeps its digits wherever it lies.
    """
    if len(polygon) < 3:
        return 0.0
    x, y = (polygon[1:] - polygon[0]).T
    return 0.5 * float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def _groups(corners: Array, tie: float) -> tuple[tuple[int, ...], ...]:
    """Classes whose scores (C, 4) at all corners are within a tie of the first one's of their group."""
    left, groups = list(range(len(corners))), []
    while left:
        same = np.abs(corners[left] - corners[left[0]]).max(axis=1) <= tie
        groups.append(tuple(label for label, one in zip(left, same, strict=True) if one))
        left = [label for label, one in zip(left, same, strict=True) if not one]
    return tuple(groups)


def _region(polygon: Array, scores: Array, label: int, rivals: list[int]) -> Array:
    """The part of a convex polygon where one score is at least as large as those of its rivals."""
    for other in rivals:
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
