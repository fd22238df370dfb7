"""Whether the rows of a visitor's classifier are in another order than the classes."""

from collections.abc import Iterator

import numpy as np
from scipy.optimize import linear_sum_assignment

from core.arrays import Array, Indices
from core.neural_collapse.metrics import self_duality
from core.neural_collapse.regions import point_disagreements
from core.neural_collapse.result import HeadOrder
from core.neural_collapse.statistics import FeatureStatistics
from core.neural_collapse.uploaded import UploadedFeatures

_SUSPECT = 0.1  # NC4 on the features from which another order is looked for
_VANISHES = 0.25  # of that NC4 that may be left in the other order


def find_head_order(
    uploaded: UploadedFeatures, statistics: FeatureStatistics, bias: Array, given_nc4: float
) -> HeadOrder | None:
    """The order of the rows in which NC4 on the features vanishes, if the given one is another.

    Tried are the order of the names as text (1, 10, 2), in which folders are listed; that in which the classes first
    appear in the file; and the one that matches rows and class means best.

    Parameters
    ----------
    uploaded : UploadedFeatures
        With weights.
    statistics : FeatureStatistics
        Of its features.
    bias : Array
        b, shape (C,).
    given_nc4 : float
        NC4 on the features with the rows as they are.

    Returns
    -------
    HeadOrder or None
        None where the rows seem to be right, or no order makes them so.
    """
    weights = uploaded.weights
    if weights is None or not given_nc4 >= _SUSPECT:
        return None
    best, least = None, _VANISHES * given_nc4
    for rule, order in _orders(uploaded, weights, statistics):
        place = np.argsort(order)  # row of each class
        rows, constants = weights[place], bias[place]
        nc4 = float(point_disagreements(rows, constants, statistics.class_means, uploaded.features).mean())
        if nc4 < least or (best is None and nc4 <= least):
            least = nc4
            best = HeadOrder(
                names=tuple(uploaded.class_names[i] for i in order),
                rule=rule,
                nc3=float(self_duality(rows, statistics.centered_means)),
                nc4=nc4,
                given_nc3=float(self_duality(weights, statistics.centered_means)),
                given_nc4=given_nc4,
            )
    return best


def _orders(uploaded: UploadedFeatures, weights: Array, statistics: FeatureStatistics) -> Iterator[tuple[str, Indices]]:
    """Class of each row, with words for the order."""
    names = uploaded.class_names
    yield "the order of the names as text", np.array(sorted(range(len(names)), key=names.__getitem__))
    yield "the order in which they first appear in the file", _first_seen(uploaded.labels)
    centred = weights - weights.mean(axis=0)
    matched = linear_sum_assignment(centred @ statistics.centered_means, maximize=True)[1]
    yield "another order", np.asarray(matched)


def _first_seen(labels: Indices) -> Indices:
    """Classes by their first sample."""
    found, first = np.unique(labels, return_index=True)
    return np.asarray(found[np.argsort(first)])
