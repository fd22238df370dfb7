"""Features and a classifier as a picture in three dimensions."""

import numpy as np

from core.arrays import Array, Indices
from core.neural_collapse.morph import projection, some_of_each
from core.neural_collapse.result import Scene
from core.neural_collapse.simplex import MAX_CLASSES, nearest_simplex
from core.neural_collapse.statistics import FeatureStatistics

VIEWS = {"all": "All classes", "four": "Classes 1 to 4"}
"""Projections to three dimensions, in words."""
_SHOWN = 600  # features


def make_scene(
    statistics: FeatureStatistics, weights: Array, features: Array, labels: Indices, view: str = "all"
) -> Scene:
    """Project class means, classifier and some features of each class.

    Parameters
    ----------
    statistics : FeatureStatistics
        Of the features or of their population.
    weights : Array
        W, shape (C, p).
    features : Array
        Shape (n, p).
    labels : Indices
        Their classes, shape (n,).
    view : str
        A key of `VIEWS`: "all" treats the classes alike, "four" looks at the span of the first four means.
    """
    means = statistics.centered_means
    dimension, classes = means.shape
    kept = some_of_each(labels, max(1, _SHOWN // classes))
    cloud = features[kept] - statistics.global_mean
    chosen = means[:, :4] if view == "four" else means
    plane = projection(chosen - chosen.mean(axis=1, keepdims=True), cloud)
    size, length = float(np.linalg.norm(weights)), float(np.linalg.norm(means))
    fits = dimension >= classes - 1 and classes <= MAX_CLASSES
    return Scene(
        means=(plane @ means).T,
        rows=(weights * (length / size if size else 0.0)) @ plane.T,
        simplex=(plane @ nearest_simplex(means)).T if fits else np.empty((0, 3)),
        features=cloud @ plane.T,
        labels=labels[kept],
        shown=(float(np.linalg.norm(plane @ means)) / length) ** 2 if length else float("nan"),
    )
