from math import cos, inf, log, pi, sin, sqrt

import numpy as np
import pytest
from scipy.stats import ks_2samp

from core.kernels.angular import double_factorial, normalized_angular_function
from core.kernels.deep_features import deep_correlations


def explicit_nets(order, angle, width, depth, nets, seed):
    """Nets with their weight matrices: log squared norms of x's features and correlations, shape (nets, depth)."""
    generator = np.random.default_rng(seed)
    features = np.broadcast_to(np.array([[1.0, cos(angle)], [0.0, sin(angle)]]), (nets, 2, 2))
    logs, correlations = [], []
    for _ in range(depth):
        rows = generator.standard_normal((nets, width, features.shape[1]))
        z = rows @ features
        features = sqrt(2.0 / width) * (z > 0.0) * z**order
        xx, yy, xy = ((features[..., i] * features[..., j]).sum(axis=1) for i, j in ((0, 0), (1, 1), (0, 1)))
        with np.errstate(invalid="ignore", divide="ignore"):
            logs.append(np.log(xx))
            correlations.append(xy / np.sqrt(xx) / np.sqrt(yy))
    return np.stack(logs, axis=1), np.stack(correlations, axis=1)


def recursion(order, angle, depth):
    values = [normalized_angular_function(order, angle)]
    for _ in range(1, depth):
        values.append(normalized_angular_function(order, np.arccos(values[-1])))
    return np.array(values, dtype=float)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("angle", [0.3, 1.2, 2.9])
def test_nets_have_the_law_of_nets_with_explicit_matrices(order, angle):
    width, depth, nets = 8, 4, 3000
    logs, correlations = explicit_nets(order, angle, width, depth, nets, 1)
    got = deep_correlations(order, angle, width, depth, nets, 2)
    for layer in range(depth):
        dead = np.isnan(correlations[:, layer])
        share = (dead.mean() + got.dead[layer] / nets) / 2.0
        assert abs(dead.sum() - got.dead[layer]) <= 4.0 * sqrt(2.0 * nets * share * (1.0 - share))
        mine = got.correlations[:, layer]
        # rounded, so that equal values tie: the correlations of n = 0 take few values
        assert ks_2samp(correlations[~dead, layer].round(9), mine[~np.isnan(mine)].round(9)).pvalue > 1e-3
        explicit, own = (np.maximum(values[:, layer], -1e6).round(9) for values in (logs, got.log_norms))
        assert ks_2samp(explicit, own).pvalue > 1e-3


def test_layers_of_one_net_hang_together_as_in_explicit_nets():
    _, correlations = explicit_nets(1, 1.2, 20, 3, 4000, 3)
    got = deep_correlations(1, 1.2, 20, 3, 4000, 4).correlations
    error = 4.0 * sqrt(2.0 / 4000)
    assert np.abs(np.corrcoef(correlations.T) - np.corrcoef(got.T)).max() < error
    assert np.corrcoef(got.T)[0, 2] > 0.3


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_wide_nets_follow_the_recursion(order):
    nets = deep_correlations(order, 1.2, 50_000, 6, 10, 5)
    tolerance = {0: 0.01, 1: 0.01, 2: 0.03, 3: 0.08}[order]
    assert np.abs(nets.correlations - recursion(order, 1.2, 6)).max() < tolerance


@pytest.mark.parametrize("order", [0, 1, 2])
def test_nets_approach_the_recursion_with_order_one_half(order):
    widths, limit = np.array([100, 400, 1600, 6400]), recursion(order, 1.2, 3)
    errors = []
    for width in widths:
        nets = deep_correlations(order, 1.2, int(width), 3, 150, 6)
        errors.append(np.sqrt(((nets.correlations - limit) ** 2).mean(axis=0)))
    slopes = np.polyfit(np.log(widths), np.log(errors), 1)[0]
    assert np.abs(slopes + 0.5).max() < 0.1


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_first_norm_is_right_in_the_mean(order):
    norms = np.exp(deep_correlations(order, 0.5, 200, 1, 4000, 7).log_norms[:, 0])
    assert abs(norms.mean() - double_factorial(2 * order - 1)) < 4.0 * norms.std() / sqrt(norms.size)


@pytest.mark.parametrize("order", [1, 2])
def test_norms_follow_their_recursion_in_logarithms(order):
    got = deep_correlations(order, 0.5, 100_000, 5, 2, 8, norm=0.7).log_norms
    q = 2.0 * log(0.7)
    for layer in range(5):
        q = log(double_factorial(2 * order - 1)) + order * q
        assert np.abs(got[:, layer] - q).max() < 0.05 * (layer + 1) * order**layer


def test_the_inputs_norm_moves_the_logarithm_by_its_power_and_nothing_else():
    unit, double = (deep_correlations(3, 1.0, 40, 4, 5, 9, norm=norm) for norm in (1.0, 2.0))
    np.testing.assert_array_equal(unit.angles, double.angles)
    shift = [3.0**l * 2.0 * log(2.0) for l in (1, 2, 3, 4)]  # noqa: E741
    np.testing.assert_allclose(double.log_norms - unit.log_norms, np.tile(shift, (5, 1)), rtol=1e-12)


def test_norms_far_beyond_doubles_stay_finite():
    nets = deep_correlations(10, 1.0, 50, 50, 4, 10)
    assert np.isfinite(nets.log_norms).all()
    assert np.abs(nets.log_norms[:, -1]).min() > 1e40


@pytest.mark.parametrize("order", [1, 2, 5])
def test_nearly_parallel_inputs_keep_their_relative_angle(order):
    ratio = deep_correlations(order, 1e-9, 60, 5, 20, 11).angles / 1e-9
    for angle in (1e-12, 1e-15, 1e-100):
        nets = deep_correlations(order, angle, 60, 5, 20, 11)
        np.testing.assert_allclose(nets.angles / angle, ratio, rtol=1e-4)
        np.testing.assert_allclose(nets.complements, 0.5 * nets.angles**2, rtol=1e-12)
    assert 0.1 < ratio[:, 0].mean() / (order / sqrt(2 * order - 1)) < 2.0  # the slope of the map at rho = 1, rooted


def test_parallel_inputs_stay_parallel_and_single_neurons_make_all_inputs_so():
    assert (deep_correlations(2, 0.0, 30, 4, 10, 12).angles == 0.0).all()
    single = deep_correlations(1, 1.0, 1, 1, 100, 12)
    assert np.nanmax(single.angles) < 1e-15


def test_dead_nets_are_counted_and_stay_dead():
    nets = deep_correlations(1, 1.0, 2, 6, 2000, 13)
    dead = np.isnan(nets.correlations)
    np.testing.assert_array_equal(dead.sum(axis=0), nets.dead)
    assert (np.diff(nets.dead) >= 0).all()
    assert (dead[:, 1:] >= dead[:, :-1]).all()
    # either input is off in a row with probability 1/2, both with (pi - theta)/(2 pi)
    expected = 2.0 * 0.25 - ((pi - 1.0) / (2.0 * pi)) ** 2
    assert abs(nets.dead[0] / 2000 - expected) < 4.0 * sqrt(expected * (1.0 - expected) / 2000)


@pytest.mark.parametrize("order", [0, 1, 3])
def test_a_net_that_is_dead_for_y_alone_goes_on_for_x(order):
    nets = deep_correlations(order, 2.5, 3, 5, 3000, 14)
    gone = nets.log_norms == -inf
    assert (gone[:, 1:] >= gone[:, :-1]).all()
    assert not (gone & ~np.isnan(nets.angles)).any()
    for layer in range(5):  # x lives in a layer with probability 1 - 2^-3
        expected = 0.875 ** (layer + 1)
        assert abs((~gone[:, layer]).mean() - expected) < 4.0 * sqrt(expected * (1.0 - expected) / 3000)


def test_opposite_inputs_never_meet():
    # no row is on for both, so the features are orthogonal, or one of the inputs is dead
    first = deep_correlations(2, pi, 20, 1, 50, 15).correlations
    assert np.abs(first).max() < 1e-15


def test_one_seed_gives_one_set_of_nets():
    first, again, other = (deep_correlations(2, 1.0, 30, 3, 40, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.angles, again.angles)
    np.testing.assert_array_equal(first.log_norms, again.log_norms)
    assert not np.array_equal(first.angles, other.angles)
    assert np.unique(first.angles[:, 0]).size == 40


def test_nets_wider_than_a_block_are_as_good_as_narrow_ones():
    nets = deep_correlations(1, 1.2, 200_000, 2, 3, 16)
    assert nets.correlations.shape == (3, 2)
    assert np.abs(nets.correlations - recursion(1, 1.2, 2)).max() < 0.01


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((51, 1.0, 10, 2, 1, 0), "order must be an integer from 0 to 50, got 51"),
        ((1, 4.0, 10, 2, 1, 0), "angle must be from 0 to pi, got 4"),
        ((1, 1.0, 0, 2, 1, 0), "width must be an integer from 1 to 1000000, got 0"),
        ((1, 1.0, 10, 0, 1, 0), "depth must be an integer from 1 to 50, got 0"),
        ((1, 1.0, 10, 2, 0, 0), "nets must be an integer from 1 to 10000, got 0"),
        ((1, 1.0, 10, 2, 1, -1), "seed must be an integer from 0"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        deep_correlations(*arguments)
    with pytest.raises(ValueError, match="norm must be a number from"):
        deep_correlations(1, 1.0, 10, 2, 1, 0, norm=0.0)
