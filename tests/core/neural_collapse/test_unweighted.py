"""Least squares that weighs samples, not classes."""

import numpy as np
import pytest

from core.neural_collapse import feature_statistics, least_squares_classifier
from core.neural_collapse.least_squares import unweighted_classifier


def samples(counts: list[int], dimension: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(counts)), counts)
    means = rng.standard_normal((len(counts), dimension))
    return means[labels] + noise * rng.standard_normal((len(labels), dimension)), labels


def by_moments(features: np.ndarray, labels: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    statistics = feature_statistics(features, labels)
    factor = (features - statistics.class_means.T[labels]) / np.sqrt(len(labels))
    return unweighted_classifier(statistics.class_means, factor, statistics.counts / len(labels), ridge=ridge)


@pytest.mark.parametrize("counts", [[30, 7, 2], [50, 50], [9, 1, 4, 20]])
@pytest.mark.parametrize(("dimension", "noise"), [(3, 0.5), (6, 0.1), (80, 0.3)])
def test_it_is_the_least_squares_fit_of_all_samples_with_a_constant(counts, dimension, noise):
    features, labels = samples(counts, dimension, noise)
    targets = np.eye(len(counts))[labels]
    center, mean = features.mean(axis=0), targets.mean(axis=0)
    expected = np.linalg.lstsq(features - center, targets - mean, rcond=1e-12)[0].T
    weights, bias = by_moments(features, labels, 0.0)
    assert weights == pytest.approx(expected, rel=1e-8, abs=1e-9)
    assert bias == pytest.approx(mean - expected @ center, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("ridge", [1e-6, 0.01, 3.0])
def test_a_ridge_is_added_to_the_covariance_of_all_samples(ridge):
    features, labels = samples([30, 7, 2], 5, 0.4)
    apart = features - features.mean(axis=0)
    covariance = apart.T @ apart / len(apart) + ridge * np.eye(5)
    targets = np.eye(3)[labels] - np.eye(3)[labels].mean(axis=0)
    weights, _ = by_moments(features, labels, ridge)
    assert weights == pytest.approx(np.linalg.solve(covariance, apart.T @ targets / len(apart)).T, rel=1e-9)


@pytest.mark.parametrize("noise", [0.3, 1e-8])
@pytest.mark.parametrize("ridge", [0.0, 0.01])
def test_in_balanced_classes_nothing_changes(noise, ridge):
    features, labels = samples([12, 12, 12], 5, noise)
    weights, bias = by_moments(features, labels, ridge)
    expected, constant = least_squares_classifier(feature_statistics(features, labels), ridge=ridge)
    assert weights == pytest.approx(expected, rel=1e-6 if noise < 1e-6 else 1e-10)
    assert bias == pytest.approx(constant, rel=1e-6 if noise < 1e-6 else 1e-10)
