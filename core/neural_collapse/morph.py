"""A training run as pictures in three dimensions that turn into each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space

from core.arrays import Array, Indices, Mask
from core.neural_collapse.simplex import nearest_simplex

FRAMES = 41
"""Pictures of a run, at most."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Morph:
    """A run as S pictures in three dimensions, all seen from one side.

    Attributes
    ----------
    frames : Indices
        Which of the run's T times they show, rising, shape (S,).
    means : Array
        Centred class means, shape (S, C, 3).
    rows : Array
        Rows of the classifier, shape (S, C, 3).
    simplex : Array
        The simplex ETF nearest to the last means, shape (C, 3).
    features : Array
        Some features, centred at the mean of the class means, shape (S, n, 3).
    labels : Indices
        Their classes, shape (n,).
    held_out : Mask
        Those that were not trained on, shape (n,).
    mean_norms, row_norms : Array
        |M|_F and |W|_F, by which the two are compared in NC3, shape (S,).
    shown : Array
        Share of |M|^2 that the projection keeps: 3/(C-1) of a simplex ETF that fills it, shape (S,); NaN where M = 0.
    projection : Array
        Orthonormal rows; rows of zeros where p < 3; shape (3, p).
    """

    frames: Indices
    means: Array
    rows: Array
    simplex: Array
    features: Array
    labels: Indices
    held_out: Mask
    mean_norms: Array
    row_norms: Array
    shown: Array
    projection: Array


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a picture is made of.

    Attributes
    ----------
    class_means : Array
        Columns, shape (p, C).
    weights : Array
        W, shape (C, p).
    features : Array
        The features shown, rows, shape (n, p).
    """

    class_means: Array
    weights: Array
    features: Array


def crown(classes: int) -> Array:
    """Where the corners of a simplex ETF of C classes are drawn, shape (3, C), or (C - 1, C) for C below 4.

    A simplex has no principal directions, so any three are as good; these orthonormal rows, each with the sum 0, make
    the picture the same in every run: a circle on which every other class is raised. For even C all corners are
    equally long: a tetrahedron for 4, an octahedron for 6, a pentagonal antiprism for 10.
    """
    around = 2.0 * np.pi * np.arange(classes) / classes
    rows = [np.cos(around)] if classes == 2 else [np.cos(around), np.sin(around)]
    if classes > 3:
        rows.append(np.cos(around * (classes // 2)))
    return np.array([row / np.linalg.norm(row) for row in rows])


def projection(centered_means: Array, features: Array) -> Array:
    """Three orthonormal directions of feature space for a picture of centred means (p, C), shape (3, p).

    The orthonormal P that brings P M nearest to a multiple of the `crown`: the polar factor of crown M^T. Fewer than
    four classes leave directions; these go to the largest spread of features (n, p) outside of the first ones.
    """
    dimension = len(centered_means)
    aim = crown(centered_means.shape[1])
    left, _, right = np.linalg.svd(aim @ centered_means.T, full_matrices=False)
    rows = left @ right
    if len(rows) < min(3, dimension):
        outside = null_space(rows)
        spread = np.linalg.svd((features - features.mean(axis=0)) @ outside, full_matrices=False)[2]
        rows = np.vstack([rows, spread @ outside.T])[:3]
    return np.vstack([rows, np.zeros((3 - len(rows), dimension))])


def make_morph(moments: Sequence[Moment], frames: Indices, labels: Indices, held_out: Mask) -> Morph:
    """Draw moments with the projection that suits the last one.

    Parameters
    ----------
    moments : sequence of Moment
        S of them, all with the same samples.
    frames : Indices
        Their places in the run, shape (S,).
    labels, held_out
        As in `Morph`.
    """
    centers = [moment.class_means.mean(axis=1) for moment in moments]
    centered = [moment.class_means - center[:, None] for moment, center in zip(moments, centers, strict=True)]
    view = projection(centered[-1], moments[0].features)
    means = np.array([(view @ one).T for one in centered])
    norms = np.array([np.linalg.norm(one) for one in centered])
    seen = np.linalg.norm(means, axis=(1, 2))
    return Morph(
        frames=frames,
        means=means,
        rows=np.array([moment.weights @ view.T for moment in moments]),
        simplex=(view @ nearest_simplex(centered[-1])).T,
        features=np.array([(moment.features - c) @ view.T for moment, c in zip(moments, centers, strict=True)]),
        labels=labels,
        held_out=held_out,
        mean_norms=norms,
        row_norms=np.array([np.linalg.norm(moment.weights) for moment in moments]),
        shown=np.divide(seen**2, norms**2, out=np.full_like(norms, np.nan), where=norms > 0.0),
        projection=view,
    )


def spread_frames(times: int) -> Indices:
    """At most `FRAMES` places of T, evenly spread, the first and the last among them."""
    return np.unique(np.linspace(0, times - 1, min(FRAMES, times)).round().astype(np.intp))


def some_of_each(labels: Indices, count: int) -> Indices:
    """Places of the first `count` samples of each class, in the order of the samples."""
    places = [np.flatnonzero(labels == label)[:count] for label in np.unique(labels)]
    return np.sort(np.concatenate(places))
