from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from core.neural_collapse.least_squares import least_squares_classifier, vanishing_noise_nc3
from core.neural_collapse.metrics import collapse_metrics, equinorm
from core.neural_collapse.params import DIRECTIONS, SyntheticParams
from core.neural_collapse.regions import make_probes
from core.neural_collapse.simplex import simplex_etf
from core.neural_collapse.statistics import feature_statistics
from core.neural_collapse.synthetic import (
    class_counts,
    class_means,
    dial_map,
    make_features,
    make_population,
    noise_factor,
)

SIZES = [(2, 1), (2, 6), (4, 3), (4, 20), (20, 19), (10, 100)]


def metrics_of(params):
    statistics = make_population(params)
    return collapse_metrics(statistics, *least_squares_classifier(statistics))


@pytest.mark.parametrize(("classes", "dimension"), SIZES)
def test_without_departure_the_means_are_the_simplex(classes, dimension):
    params = SyntheticParams(classes=classes, dimension=dimension, seed=3, offset=5.0)
    means = class_means(params)
    center = means.mean(axis=1, keepdims=True)
    assert np.linalg.norm(center) == pytest.approx(5.0, rel=1e-14)
    np.testing.assert_allclose(means - center, simplex_etf(classes, dimension, seed=3), atol=1e-14)


@pytest.mark.parametrize("departure", [0.1, 0.5, 1.0])
@pytest.mark.parametrize(("classes", "dimension"), SIZES)
def test_a_departure_keeps_center_scale_and_span(classes, dimension, departure):
    params = SyntheticParams(classes=classes, dimension=dimension, departure=departure, seed=4)
    means, frame = class_means(params), simplex_etf(classes, dimension, seed=4)
    np.testing.assert_allclose(means.sum(axis=1), 0.0, atol=1e-13)
    assert np.linalg.norm(means) == pytest.approx(np.sqrt(classes), rel=1e-14)
    inside = frame @ np.linalg.pinv(frame, rcond=1e-9)
    np.testing.assert_allclose(inside @ means, means, atol=1e-13)
    assert np.linalg.matrix_rank(means, tol=1e-6) == classes - 1


def test_the_departure_moves_nc2_and_the_noise_moves_nc1():
    grid = [metrics_of(SyntheticParams(departure=d, noise=s, seed=1)) for d in (0.0, 0.3, 0.6, 1.0) for s in (0.1, 0.4)]
    equinorm_values, equiangle_values = (
        np.array([getattr(m, name) for m in grid]).reshape(4, 2) for name in ("nc2_equinorm", "nc2_equiangle")
    )
    for values in (equinorm_values, equiangle_values):
        assert values[0, 0] <= 1e-14
        assert (np.diff(values[:, 0]) > 0.03).all()
        np.testing.assert_array_equal(values[:, 0], values[:, 1])
    np.testing.assert_allclose([m.nc1_trace for m in grid], [0.2, 3.2] * 4, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_lengths_and_angles_are_two_parts_of_the_departure(seed):
    params = SyntheticParams(departure=1.0, classes=6, seed=seed)
    both, lengths, angles = (
        equinorm(make_population(replace(params, **part))) for part in ({}, {"angles": 0.0}, {"lengths": 0.0})
    )
    neither = replace(params, lengths=0.0, angles=0.0)
    np.testing.assert_allclose(class_means(neither), simplex_etf(6, 20, seed=seed), atol=1e-14)
    assert min(both, lengths, angles) > 0.02
    assert lengths > angles


def test_two_classes_are_always_a_simplex():
    for departure in (0.0, 0.5, 1.0):
        means = class_means(SyntheticParams(classes=2, dimension=3, departure=departure, seed=8))
        np.testing.assert_allclose(means, simplex_etf(2, 3, seed=8), atol=1e-14)


@pytest.mark.parametrize("anisotropy", [0.0, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_noise_has_its_strength_and_another_along_the_direction(direction, anisotropy):
    params = SyntheticParams(noise=0.2, anisotropy=anisotropy, direction=direction, dimension=7)
    covariance = make_population(params).within
    expected = np.sort([0.04] * 6 + [(0.2 * anisotropy) ** 2])
    np.testing.assert_allclose(np.linalg.eigvalsh(covariance), expected, atol=1e-15)
    if anisotropy != 1.0:
        change = covariance - 0.04 * np.eye(7)
        axis = np.linalg.svd(change)[0][:, 0]
        frame = simplex_etf(4, 7)
        inside = np.linalg.norm(frame @ np.linalg.pinv(frame, rcond=1e-9) @ axis)
        assert inside == pytest.approx({"span": 1.0, "complement": 0.0, "oblique": np.sqrt(0.5)}[direction], abs=1e-7)
        assert abs(axis @ frame[:, 0]) == pytest.approx(inside, abs=1e-7)


@pytest.mark.parametrize("departure", [0.0, 0.7])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_samples_have_the_moments_of_the_population(direction, departure):
    params = SyntheticParams(
        classes=3,
        dimension=5,
        samples=20_000,
        noise=0.5,
        anisotropy=3.0,
        direction=direction,
        departure=departure,
        offset=2.0,
    )
    drawn, law = make_features(params), make_population(params)
    found = feature_statistics(drawn.features, drawn.labels)
    np.testing.assert_array_equal(found.counts, 20_000)
    deviation = 1.5  # the largest of the noise
    np.testing.assert_allclose(found.class_means, law.class_means, atol=5 * deviation / np.sqrt(20_000))
    np.testing.assert_allclose(found.within, law.within, atol=5 * deviation**2 * np.sqrt(2 / 60_000))


def test_a_tail_of_rarer_classes():
    params = SyntheticParams(classes=5, samples=100, imbalance=16.0)
    np.testing.assert_array_equal(class_counts(params), [100, 50, 25, 12, 6])
    np.testing.assert_array_equal(class_counts(replace(params, imbalance=1.0)), 100)
    np.testing.assert_array_equal(class_counts(replace(params, samples=1)), 1)
    drawn = make_features(params)
    np.testing.assert_array_equal(np.bincount(drawn.labels), [100, 50, 25, 12, 6])
    assert drawn.features.shape == (193, 20)


def test_noise_scales_the_same_draws():
    drawn = {noise: make_features(SyntheticParams(noise=noise, departure=0.4)) for noise in (0.0, 0.1, 3.0)}
    means = class_means(SyntheticParams(departure=0.4))
    np.testing.assert_array_equal(drawn[0.0].features, means.T[drawn[0.0].labels])
    apart = [(drawn[noise].features - drawn[0.0].features) / noise for noise in (0.1, 3.0)]
    np.testing.assert_allclose(apart[0], apart[1], atol=1e-13)
    assert np.std(apart[0]) == pytest.approx(1.0, rel=0.05)


def test_more_samples_keep_the_earlier_ones_and_classes_are_independent():
    few, many = (make_features(SyntheticParams(samples=count)) for count in (5, 9))
    for c in range(4):
        np.testing.assert_array_equal(few.features[few.labels == c], many.features[many.labels == c][:5])
    noise = few.features - class_means(SyntheticParams()).T[few.labels]
    assert np.abs(noise[:5] - noise[5:10]).max() > 0.05


def test_everything_comes_from_the_seed():
    params = SyntheticParams(departure=0.5, offset=1.0)
    np.testing.assert_array_equal(make_features(params).features, make_features(params).features)
    other = replace(params, seed=1)
    for function in (class_means, lambda p: make_features(p).features):
        assert np.abs(function(params) - function(other)).max() > 0.1
    # what one dial draws does not depend on another
    moved = class_means(params) - class_means(replace(params, offset=0.0))
    np.testing.assert_allclose(moved, class_means(replace(params, departure=0.0)) - simplex_etf(4, 20), atol=1e-14)


def test_discontinuity_over_many_draws():
    angles, shares = [], []
    for seed in range(60):
        drawn = make_features(SyntheticParams(noise=1e-4, seed=seed))
        statistics = feature_statistics(drawn.features, drawn.labels)
        probes = make_probes(statistics.class_means, 2000, seed=seed)
        found = collapse_metrics(statistics, *least_squares_classifier(statistics), probes)
        angles.append(found.nc3)
        shares.append(found.nc4)
    assert np.mean(angles) == pytest.approx(vanishing_noise_nc3(4, 20, 50), abs=0.015)
    assert np.mean(shares) == pytest.approx(0.168, abs=0.01)
    assert metrics_of(SyntheticParams(noise=1e-4)).nc3 <= 1e-12  # the population has none of it


@pytest.mark.parametrize("space", ["all", "span"])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"anisotropy": 4.0, "offset": 3.0},
        {"anisotropy": 4.0, "direction": "oblique", "classes": 3},
        {"anisotropy": 0.0, "direction": "complement"},
        {"classes": 5, "dimension": 4, "angles": 0.2},
    ],
)
def test_dial_map_is_the_metrics_of_each_population(change, space):
    params = SyntheticParams(**{"dimension": 6, "seed": 2, **change})
    noise, departure = [0.0, 1e-6, 0.1, 2.0], [0.0, 0.35, 1.0]
    found = dial_map(params, noise, departure, probes=300, space=space)
    probes = make_probes(class_means(params), 300, seed=2, space=space)
    assert 0.0 < found.nc4.max() < 1.0
    for i, j in np.ndindex(3, 4):
        statistics = make_population(replace(params, noise=noise[j], departure=departure[i]))
        expected = collapse_metrics(statistics, *least_squares_classifier(statistics), probes)
        for name in ("nc1", "nc2_equinorm", "nc2_equiangle", "nc3", "nc4"):
            value = getattr(found, name)
            assert value.shape == (3, 4)
            assert value[i, j] == pytest.approx(getattr(expected, name), rel=1e-9, abs=1e-12), (name, i, j)


def test_what_the_dials_say():
    grid = np.linspace(0.0, 1.0, 5)
    plain = dial_map(SyntheticParams(), grid, grid)
    np.testing.assert_array_equal(plain.nc1[:, 0], 0.0)
    np.testing.assert_array_equal(plain.nc4[0], 0.0)
    assert plain.nc3[0].max() <= 1e-12  # isotropic noise keeps NC3 and NC4
    assert (plain.nc3[1:] > 0.03).all()  # without NC2 they break, even where NC1 holds
    assert (plain.nc4[1:] > 0.01).all()
    bent = dial_map(SyntheticParams(anisotropy=5.0), grid, grid)
    assert max(bent.nc3[0, 0], bent.nc4[0, 0]) <= 1e-12
    assert (bent.nc3[0, 1:] > 0.1).all()  # without NC1, anisotropic noise breaks them
    assert (bent.nc4[0, 1:] > 0.05).all()


@pytest.mark.parametrize(
    ("noise", "departure", "message"),
    [
        ([[0.1]], [0.1], r"^noise_grid must be a list of 1 to 201 numbers, got shape \(1, 1\)$"),
        ([], [0.1], r"^noise_grid must be real numbers|^noise_grid must be a list"),
        ([0.1], np.zeros(202), r"^departure_grid must be a list of 1 to 201 numbers, got shape \(202,\)$"),
        ([0.1, -0.1], [0.1], "^noise must be a number from 0 to 10, got -0.1$"),
        ([0.1], [0.1, 1.1], "^departure must be a number from 0 to 1, got 1.1$"),
        ([np.nan], [0.1], "^noise_grid must be finite"),
    ],
)
def test_other_dials_are_refused(noise, departure, message):
    with pytest.raises(ValueError, match=message):
        dial_map(SyntheticParams(), noise, departure)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": 1}, "^classes must be an integer from 2 to 20, got 1$"),
        ({"classes": 20, "dimension": 18}, "^dimension must be at least classes - 1 = 19, got 18: 20 unit vectors"),
        ({"samples": 0}, "^samples must be an integer from 1 to 100000, got 0$"),
        ({"samples": 2.0}, "^samples must be an integer"),
        (
            {"samples": 100_000, "dimension": 1000},
            "^samples .* must be at most 10,000,000, got 400,000,000; take fewer",
        ),
        ({"imbalance": 0.5}, "^imbalance must be a number from 1 to 1000, got 0.5$"),
        ({"noise": -0.1}, "^noise must be a number from 0 to 10, got -0.1$"),
        ({"noise": float("nan")}, "^noise must be a number from 0 to 10, got nan$"),
        ({"anisotropy": 101.0}, "^anisotropy must be a number from 0 to 100, got 101.0$"),
        ({"direction": "up"}, "^direction must be one of span, complement, oblique, got 'up'$"),
        ({"direction": "oblique", "dimension": 3}, "^direction must be span where dimension is classes - 1 = 3"),
        ({"departure": 1.5}, "^departure must be a number from 0 to 1, got 1.5$"),
        ({"lengths": -1.0}, "^lengths must be a number from 0 to 1, got -1.0$"),
        ({"angles": 2.0}, "^angles must be a number from 0 to 1, got 2.0$"),
        ({"offset": 1e4}, "^offset must be a number from 0 to 1000, got 10000.0$"),
        ({"seed": -1}, "^seed must be an integer from 0 to 1000000, got -1$"),
    ],
)
def test_other_parameters_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        SyntheticParams(**change)


def test_parameters_are_a_key():
    assert hash(SyntheticParams(noise=0.3)) == hash(SyntheticParams(noise=0.3))
    assert SyntheticParams(noise=0.3) != SyntheticParams(noise=0.4)
    with pytest.raises(FrozenInstanceError):
        SyntheticParams().noise = 1.0


def test_a_simplex_in_the_plane_has_noise_in_every_direction():
    factor = noise_factor(SyntheticParams(classes=3, dimension=2, noise=0.3, anisotropy=2.0))
    axis = simplex_etf(3, 2)[:, 0]
    np.testing.assert_allclose(factor @ axis, 0.6 * axis, atol=1e-15)
