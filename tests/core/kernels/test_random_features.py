from itertools import pairwise, product
from math import comb, cos, hypot, inf, isnan, pi, sin, sqrt

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, ks_2samp

from core.kernels.angular import angular_function
from core.kernels.feature_law import (
    coverage,
    estimate_quantiles,
    estimate_skewness,
    normal_band_coverage,
    normal_band_is_right,
)
from core.kernels.random_features import (
    MAX_DRAWS,
    independent_estimates,
    layer_std,
    log_spaced_widths,
    random_feature_std,
    replicates,
    running_estimate,
)
from core.kernels.result.layers import NORMAL_95
from core.kernels.weights import DISTRIBUTIONS, Layer, draw_rows, infinite_width_limit, input_pair, row_terms

BIASED = Layer(bias=0.8, norms=(1.5, 0.7))
OTHERS = [name for name in DISTRIBUTIONS if name != "gaussian"]


def moment(power, theta):
    """E Theta Theta u^m v^m for Gaussian rows, in polar coordinates, relative to the largest value of cos cos."""
    theta = mp.mpf(theta)
    half, peak = (mp.pi - theta) / 2, mp.cos(theta / 2) ** 2

    def integrand(s):
        p = theta / 2 + half * s
        return (mp.cos(p) * mp.cos(p - theta) / peak) ** power

    return (2 * peak) ** power * mp.factorial(power) * half * mp.quad(integrand, [-1, 0, 1]) / (2 * mp.pi)


def polar_mean(order, layer, angle, radial):
    """2 E Theta Theta u^n v^n for a plane density by its radial integrals, quadrature between the axes."""
    x, y = input_pair(angle, layer)
    edges = {np.arctan2(*vector[::-1]) + turn for vector in (x, y) for turn in (-pi / 2, pi / 2)}
    breaks = sorted({float(e) % (2 * pi) for e in edges} | {i * pi / 4 for i in range(9)})

    def integrand(p):
        u, v = x @ [cos(p), sin(p)], y @ [cos(p), sin(p)]
        return 2.0 * (u * v) ** order * radial(p) if u > 0.0 and v > 0.0 else 0.0

    return sum(quad(integrand, a, b, epsabs=1e-12, epsrel=1e-11)[0] for a, b in pairwise(breaks))


def uniform_radial(order):
    def radial(p):
        reach = sqrt(3.0) / max(abs(cos(p)), abs(sin(p)))
        return reach ** (2 * order + 2) / (2 * order + 2) / 12.0

    return radial


def heavy_radial(order):
    density = 8.0 / (3.0 * pi * sqrt(5.0)) * sqrt(5.0 / 3.0)  # of t_5 at 0, scaled to variance 1

    def radial(p):
        def integrand(s):  # r = s / (1 - s)
            r = s / (1.0 - s)
            tails = (1.0 + (r * cos(p)) ** 2 / 3.0) * (1.0 + (r * sin(p)) ** 2 / 3.0)
            return r ** (2 * order + 1) / tails**3 / (1.0 - s) ** 2

        return density**2 * quad(integrand, 0.0, 1.0, epsabs=1e-13, epsrel=1e-10, limit=200)[0]

    return radial


def mean_by_draws(order, angle, layer, count=400_000):
    pair = input_pair(angle, layer)
    terms = row_terms(order, draw_rows(np.random.default_rng(5), layer.distribution, (count, pair.shape[1])), pair)
    return terms.mean(), terms.std() / sqrt(count)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 7, 20, 50])
def test_std_against_second_moments_by_quadrature(order):
    angles = [0.0, 1e-8, 0.3, 1.2, pi / 2, 2.5, 3.03, 3.05, 3.14, pi - 1e-5]
    got = random_feature_std(order, angles, 37)
    with mp.workdps(30):
        for theta, value in zip(angles, got, strict=True):
            first, second = moment(order, theta), moment(2 * order, theta)
            exact = mp.sqrt((4 * second - (2 * first) ** 2) / 37)
            if exact > 1e-300:
                assert abs(value / exact - 1) < 1e-13


def test_std_where_its_square_underflows():
    angle = pi - 1e-4
    with mp.workdps(30):
        exact = mp.sqrt(4 * moment(80, angle) - 4 * moment(40, angle) ** 2)
        assert exact**2 < 1e-320
        assert abs(float(random_feature_std(40, angle, 1)) / exact - 1) < 1e-13


def test_std_keeps_the_shape_of_the_angles_and_falls_like_the_root_of_the_width():
    angles = np.linspace(0.0, pi, 12).reshape(3, 4)
    wide = random_feature_std(2, angles, 10**8)
    assert wide.shape == (3, 4)
    assert random_feature_std(2, 1.0, 5).shape == ()
    np.testing.assert_allclose(random_feature_std(2, angles, 1), 1e4 * wide, rtol=1e-15)


@pytest.mark.parametrize(("order", "angle"), [(0, 0.4), (1, 0.0), (1, 1.2), (2, 2.4)])
@pytest.mark.parametrize("layer", [Layer(), BIASED])
def test_spread_of_replicates_is_the_exact_std(order, angle, layer):
    z = replicates(order, angle, 400, 5000, 3, layer=layer)
    error = sqrt(((z**4).mean() - 1.0) / z.size)
    assert abs(z.std() - 1.0) < 4.0 * error / 2.0
    assert abs(z.mean()) < 4.0 / sqrt(z.size)


@pytest.mark.parametrize("distribution", OTHERS)
@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("bias", [0.0, 0.6])
def test_exact_mean_and_std_of_other_rows(distribution, order, bias):
    layer = Layer(distribution=distribution, bias=bias, tilt=0.3, norms=(1.2, 0.9))
    values = independent_estimates(order, 1.0, 100, 20_000, 8, layer=layer)
    std = layer_std(order, 1.0, 100, layer)
    assert abs(values.mean() - infinite_width_limit(order, 1.0, layer)) < 4.0 * std / sqrt(values.size)
    tolerance = 0.1 if distribution == "heavy" else 0.03  # the sample deviation itself has heavy tails
    assert abs(values.std() / std - 1.0) < tolerance


@pytest.mark.parametrize("order", [0, 1, 2])
def test_error_falls_with_order_one_half(order):
    widths = log_spaced_widths(100, 30_000, 12)
    run = running_estimate(order, 1.2, widths, 11, streams=60)
    error = np.sqrt(((run.estimates - infinite_width_limit(order, 1.2)) ** 2).mean(axis=0))
    slope = np.polyfit(np.log(widths), np.log(error), 1)[0]
    assert abs(slope + 0.5) < 0.1


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("bias", [0.0, 0.5])
def test_streams_do_not_depend_on_chunks_or_on_each_other(distribution, bias):
    layer = Layer(distribution=distribution, bias=bias)
    widths = [1, 7, 100, 101, 999, 3000]
    whole = running_estimate(3, 1.0, widths, 4, streams=3, layer=layer)
    for chunk in (1, 13, 100, 4096):
        parts = running_estimate(3, 1.0, widths[:5] if chunk == 1 else widths, 4, streams=3, layer=layer, chunk=chunk)
        np.testing.assert_array_equal(parts.estimates, whole.estimates[:, : parts.widths.size])
    more = running_estimate(3, 1.0, [*widths, 5000], 4, streams=5, layer=layer)
    np.testing.assert_array_equal(more.estimates[:3, :6], whole.estimates)
    assert len({float(v) for v in more.estimates[:, -1]}) > 3  # sums of signs may coincide


def test_a_running_estimate_is_the_formula_on_its_rows():
    layer = Layer(tilt=0.2, norms=(2.0, 3.0))
    generator = np.random.default_rng(9).spawn(1)[0]
    rows = generator.standard_normal((50, 2))
    x, y = 2.0 * np.array([cos(0.2), sin(0.2)]), 3.0 * np.array([cos(1.3), sin(1.3)])
    u, v = rows @ x, rows @ y
    expected = 2.0 / 50 * sum(a**3 * b**3 for a, b in zip(u, v, strict=True) if a > 0 and b > 0)
    run = running_estimate(3, 1.1, [50], 9, streams=1, layer=layer)
    assert run.estimates[0, 0] == pytest.approx(expected, rel=1e-12)


def test_one_seed_gives_one_set_of_numbers():
    for draw in (
        lambda seed: running_estimate(2, 1.0, [10, 200], seed).estimates,
        lambda seed: replicates(2, 1.0, 50, 300, seed),
        lambda seed: independent_estimates(1, 1.0, 20_000, 3, seed),
    ):
        np.testing.assert_array_equal(draw(1), draw(1))
        assert not np.array_equal(draw(1), draw(2))


def test_replicates_are_as_many_as_the_rows_allow():
    assert replicates(1, 1.0, 100, 250, 0).shape == (250,)
    assert independent_estimates(0, 1.0, 10**6, 100, 0).shape == (MAX_DRAWS // 10**6,)


@pytest.mark.parametrize("sigma", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("order", [0, 1, 2, 5])
def test_limit_of_gaussian_rows_with_a_bias(sigma, order):
    for angle in (0.0, 0.4, 1.2, 3.0):
        biased = np.arccos(min(1.0, (cos(angle) + sigma**2) / (1.0 + sigma**2)))
        expected = (1.0 + sigma**2) ** order * angular_function(order, biased) / pi
        assert infinite_width_limit(order, angle, Layer(bias=sigma)) == pytest.approx(float(expected), rel=1e-7)


def test_bias_keeps_the_angle_of_nearly_parallel_inputs():
    near = infinite_width_limit(0, 1e-9, Layer(bias=1.0))
    assert 1.0 - near == pytest.approx(1e-9 / sqrt(2.0) / pi, rel=1e-6)


@pytest.mark.parametrize("order", [0, 1, 3])
def test_limit_of_gaussian_rows_with_a_bias_and_unequal_norms_by_draws(order):
    mean, error = mean_by_draws(order, 1.9, BIASED)
    assert abs(mean - infinite_width_limit(order, 1.9, BIASED)) < 4.0 * error


@pytest.mark.parametrize("bias", [0.0, 0.7])
@pytest.mark.parametrize("order", [0, 1, 4])
def test_limit_of_signs_is_the_mean_over_all_rows(order, bias):
    layer, angle = Layer(distribution="signs", bias=bias, tilt=0.35), 0.9
    values = []
    for s in product((-1, 1), repeat=3):
        u = s[0] * cos(0.35) + s[1] * sin(0.35) + s[2] * bias
        v = s[0] * cos(1.25) + s[1] * sin(1.25) + s[2] * bias
        values.append(2.0 * (u * v) ** order if u > 0 and v > 0 else 0.0)
    assert infinite_width_limit(order, angle, layer) == pytest.approx(np.mean(values), rel=1e-14)


@pytest.mark.parametrize(("angle", "tilt"), [(0.0, 0.0), (1.2, 0.0), (2.5, 0.4), (pi / 2, 2.9)])
def test_limit_of_uniform_rows_by_quadrature(angle, tilt):
    layer = Layer(distribution="uniform", tilt=tilt)
    for order in (0, 1, 2, 6):
        expected = polar_mean(order, layer, angle, uniform_radial(order))
        assert infinite_width_limit(order, angle, layer) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("order", "angle", "tilt"),
    [(0, 1.2, 0.0), (1, 0.0, 0.3), (1, 2.5, 0.0), (2, 1.2, 0.5), (2, 2.5, 0.0), (4, pi / 2, 0.0), (4, 2.6, 0.0)],
)
def test_limit_of_heavy_tailed_rows_by_quadrature(order, angle, tilt):
    layer = Layer(distribution="heavy", tilt=tilt)
    expected = polar_mean(order, layer, angle, heavy_radial(order))
    assert infinite_width_limit(order, angle, layer) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("distribution", ["uniform", "heavy"])
@pytest.mark.parametrize("order", [0, 1])
def test_limit_of_other_rows_with_a_bias_by_draws_and_by_continuity(distribution, order):
    layer = Layer(distribution=distribution, bias=1.3, tilt=0.2, norms=(0.8, 1.4))
    mean, error = mean_by_draws(order, 1.9, layer)
    assert abs(mean - infinite_width_limit(order, 1.9, layer)) < 4.0 * error
    none, little = (infinite_width_limit(order, 1.9, Layer(distribution=distribution, bias=b)) for b in (0.0, 1e-4))
    assert 0.0 < abs(little - none) < 1e-4


def test_heavy_tails_have_no_fifth_moment():
    heavy, steep = Layer(distribution="heavy"), Layer(distribution="heavy", tilt=0.4)
    assert infinite_width_limit(2, 1.0, heavy) < inf
    assert infinite_width_limit(3, 1.0, heavy) == inf
    assert infinite_width_limit(4, 2.0, heavy) < inf
    assert infinite_width_limit(4, 2.0, steep) == inf
    assert infinite_width_limit(5, 2.0, heavy) == inf
    assert infinite_width_limit(3, 2.0, Layer(distribution="heavy", bias=0.1)) == inf
    assert layer_std(1, 1.0, 10, heavy) < inf
    assert layer_std(2, 1.0, 10, heavy) == inf
    with pytest.raises(ValueError, match="finite variance"):
        replicates(2, 1.0, 10, 10, 0, layer=heavy)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_norms_are_a_factor(distribution):
    for order in (0, 1, 2):
        unit = infinite_width_limit(order, 1.0, Layer(distribution=distribution))
        scaled = infinite_width_limit(order, 1.0, Layer(distribution=distribution, norms=(3.0, 0.5)))
        assert scaled == pytest.approx(1.5**order * unit, rel=1e-12)
    scaled, unit = (layer_std(1, 1.0, 7, Layer(distribution=distribution, norms=n)) for n in ((3.0, 0.5), (1.0, 1.0)))
    assert scaled == pytest.approx(1.5 * unit, rel=1e-12)


def test_weights_have_unit_variance():
    for distribution in DISTRIBUTIONS:
        w = draw_rows(np.random.default_rng(0), distribution, (400_000,))
        assert abs(w.mean()) < 0.01
        assert abs(w.var() - 1.0) < 0.03


def test_only_gaussian_rows_are_blind_to_the_tilt():
    def estimates(distribution, tilt, seed):
        return independent_estimates(1, 1.0, 400, 3000, seed, layer=Layer(distribution=distribution, tilt=tilt))

    assert ks_2samp(estimates("gaussian", 0.0, 1), estimates("gaussian", 0.7, 2)).pvalue > 1e-3
    for distribution in ("uniform", "signs"):
        assert ks_2samp(estimates(distribution, 0.0, 1), estimates(distribution, 0.7, 2)).pvalue < 1e-6
    for distribution in OTHERS:
        straight, tilted = (infinite_width_limit(1, 1.0, Layer(distribution=distribution, tilt=t)) for t in (0.0, 0.7))
        assert abs(straight - tilted) > 0.01
    assert infinite_width_limit(1, 1.0, Layer(tilt=0.7)) == infinite_width_limit(1, 1.0)


@pytest.mark.parametrize("order", [0, 1, 3, 10, 50])
@pytest.mark.parametrize("angle", [0.0, 1.2, 3.1415])
def test_skewness_against_moments_by_quadrature(order, angle):
    with mp.workdps(30):
        first, second, third = (2**m * moment(m * order, angle) for m in (1, 2, 3))
        central = third - 3 * first * second + 2 * first**3
        exact = float(central / (second - first**2) ** 1.5 / 10)
    assert estimate_skewness(order, angle, 100) == pytest.approx(exact, rel=1e-9, abs=1e-12)


def test_skewness_of_a_cubic_term_is_46_and_undefined_without_any():
    assert estimate_skewness(3, 0.0, 1) == pytest.approx(46.4, abs=0.05)
    assert isnan(estimate_skewness(3, pi, 1))


@pytest.mark.parametrize("order", [0, 1, 2])
def test_normal_band_covers_for_low_orders(order):
    found = coverage(order, 1.2, 1000, 4000, 21)
    error = sqrt(0.05 * 0.95 / found.count)
    assert abs(found.normal - normal_band_coverage(order, 1.2, [1000])[0]) < 4.0 * error
    assert 0.935 < found.normal < 0.965
    assert normal_band_is_right(order, 1.2, 1000)


def test_normal_band_misses_above_only_where_quantiles_are_right_on_both_sides():
    values = independent_estimates(3, 1.2, 100, 40_000, 6)
    limit, std = infinite_width_limit(3, 1.2), layer_std(3, 1.2, 100)
    low, middle, high = estimate_quantiles(3, 1.2, [100])[:, 0]
    error = sqrt(0.025 * 0.975 / values.size)
    assert abs((values < low).mean() - 0.025) < 4.0 * error
    assert abs((values > high).mean() - 0.025) < 4.0 * error
    assert abs((values < middle).mean() - 0.5) < 4.0 * sqrt(0.25 / values.size)
    assert (values < limit - NORMAL_95 * std).sum() == 0
    assert not normal_band_is_right(3, 1.2, 100)
    inside = (np.abs(values - limit) < NORMAL_95 * std).mean()
    assert abs(inside - normal_band_coverage(3, 1.2, [100])[0]) < 4.0 * error


@pytest.mark.parametrize(
    ("order", "angle", "width", "layer"),
    [
        (1, 0.0, 10, Layer()),
        (2, 2.8, 300, Layer()),
        (3, 0.5, 1000, Layer()),
        (5, 1.2, 100, Layer()),
        (10, 0.3, 1000, Layer()),
        (3, 2.0, 100, BIASED),
    ],
)
def test_quantiles_cover_fresh_estimates(order, angle, width, layer):
    found = coverage(order, angle, width, 20_000, 13, layer=layer)
    assert abs(found.quantiles - 0.95) < 4.0 * sqrt(0.05 * 0.95 / found.count)
    assert 0.0 < found.normal <= 1.0


@pytest.mark.parametrize(("order", "angle", "width"), [(5, 2.0, 50), (10, 0.3, 30), (10, 0.3, 300)])
def test_quantiles_far_below_the_mean_are_resolved(order, angle, width):
    values = independent_estimates(order, angle, width, 20_000, 17)
    levels = (0.025, 0.1, 0.5)
    quantiles = estimate_quantiles(order, angle, [width], levels=levels)[:, 0]
    assert quantiles[0] < 1e-2 * infinite_width_limit(order, angle)
    for level, quantile in zip(levels, quantiles, strict=True):
        assert abs((values < quantile).mean() - level) < 4.0 * sqrt(level * (1.0 - level) / values.size)


@pytest.mark.parametrize("order", [1, 3])
def test_quantiles_of_one_row_invert_its_law(order):
    angle = 1.2
    quantile = estimate_quantiles(order, angle, [1], levels=(0.975,))[0, 0]
    threshold = (quantile / 2.0) ** (1.0 / order)  # of u v
    above, _ = quad(lambda p: np.exp(-threshold / (cos(angle) + cos(p))) / (2 * pi), 0.0, pi - angle - 1e-12)
    assert above == pytest.approx(0.025, abs=3e-4)


@pytest.mark.parametrize("width", [20_000, 10**6])
def test_quantiles_of_wide_layers_tend_to_the_cornish_fisher_expansion(width):
    low, middle, high = (estimate_quantiles(1, 1.2, [width])[:, 0] - infinite_width_limit(1, 1.2)) / layer_std(
        1, 1.2, width
    )
    skewness = estimate_skewness(1, 1.2, width)
    shift = skewness * (NORMAL_95**2 - 1.0) / 6.0
    np.testing.assert_allclose([low, middle, high], [shift - NORMAL_95, -skewness / 6.0, shift + NORMAL_95], atol=3e-3)


def test_quantiles_without_a_power_are_binomial():
    widths, active = np.array([1, 3, 40, 1000, 10**6]), (pi - 1.2) / (2.0 * pi)
    levels = (0.025, 0.3, 0.5, 0.975)
    got = estimate_quantiles(0, 1.2, widths, levels=levels)
    for row, level in zip(got, levels, strict=True):
        np.testing.assert_allclose(row, 2.0 * binom.ppf(level, widths, active) / widths, rtol=1e-12)
    reach = NORMAL_95 * sqrt(40 * active * (1 - active))
    inside = sum(comb(40, k) * active**k * (1 - active) ** (40 - k) for k in range(41) if abs(k - 40 * active) <= reach)
    assert normal_band_coverage(0, 1.2, [40])[0] == pytest.approx(inside, rel=1e-9)


def test_quantiles_are_ordered_and_close_in_on_the_limit():
    widths = log_spaced_widths()
    for order, angle in product((1, 2, 4), (0.0, 1.5, 3.0)):
        low, middle, high = estimate_quantiles(order, angle, widths)
        assert ((low <= middle) & (middle <= high)).all()
        assert (np.diff((high - low)[20:]) < 0.0).all()
        assert low[-1] < infinite_width_limit(order, angle) < high[-1]


def test_quantiles_scale_with_bias_and_norms():
    scale = hypot(1.5, 0.8) * hypot(0.7, 0.8)
    angle = float(np.arccos((1.05 * cos(2.0) + 0.64) / scale))
    expected = scale**2 * estimate_quantiles(2, angle, [10, 100])
    np.testing.assert_allclose(estimate_quantiles(2, 2.0, [10, 100], layer=BIASED), expected, rtol=1e-9)


def test_normal_band_becomes_right_with_width():
    covered = normal_band_coverage(2, 0.5, [100, 10_000, 10**6])
    assert abs(covered[2] - 0.95) < 2e-4
    assert (np.diff(np.abs(covered - 0.95)) < 0.0).all()


@pytest.mark.parametrize("order", [0, 1, 50])
def test_opposite_inputs_share_no_active_row(order):
    widths = [10, 1000]
    assert (running_estimate(order, pi, widths, 0).estimates == 0.0).all()
    assert (estimate_quantiles(order, pi, widths) == 0.0).all()
    assert (normal_band_coverage(order, pi, widths) == 1.0).all()
    assert np.abs(replicates(order, pi, 100, 50, 0)).max() < 1e-6


def test_widths_are_increasing_integers_evenly_spaced_on_a_log_scale():
    widths = log_spaced_widths()
    assert (widths[0], widths[-1], len(widths)) == (10, 100_000, 60)
    steps = np.diff(np.log(widths[20:]))
    assert steps.max() / steps.min() < 1.05


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: random_feature_std(51, 1.0, 10), "order must be an integer from 0 to 50, got 51"),
        (lambda: random_feature_std(1, 1.0, 0), "width must be an integer from 1 to 1000000000, got 0"),
        (lambda: random_feature_std(1, [1.0, 4.0], 10), "angle must be from 0 to pi, got 4"),
        (lambda: running_estimate(1, 1.0, [10, 10], 0), "widths must be increasing integers"),
        (lambda: running_estimate(1, 1.0, 10, 0), "widths must be increasing integers"),
        (lambda: running_estimate(1, 1.0, [], 0), "widths must be increasing integers"),
        (lambda: running_estimate(1, 1.0, [0, 10], 0), "widths must be an integer from 1 to 1000000, got 0"),
        (lambda: running_estimate(1, 1.0, [1.5], 0), "widths must be increasing integers"),
        (lambda: running_estimate(1, 1.0, [10], -1), "seed must be an integer from 0"),
        (lambda: running_estimate(1, 1.0, [10], 0, streams=0), "streams must be an integer from 1 to 100, got 0"),
        (lambda: independent_estimates(1, 1.0, 10, 0, 0), "count must be an integer from 1 to 1000000, got 0"),
        (lambda: independent_estimates(1, -0.1, 10, 5, 0), "angle must be from 0 to pi, got -0.1"),
        (
            lambda: estimate_quantiles(1, 1.0, [10], levels=(1.0,)),
            "levels must be a number from 0.001 to 0.999, got 1.0",
        ),
        (
            lambda: estimate_quantiles(1, 1.0, [10], layer=Layer(distribution="signs")),
            "distribution must be one of gaussian",
        ),
        (
            lambda: Layer(distribution="cauchy"),
            "distribution must be one of gaussian, uniform, signs, heavy, got 'cauchy'",
        ),
        (lambda: Layer(bias=-1.0), "bias must be a number from 0 to 10, got -1.0"),
        (lambda: Layer(tilt=4.0), "tilt must be a number from"),
        (lambda: Layer(norms=(1.0, 0.0)), "norms must be a number from 0.1 to 10, got 0.0"),
        (lambda: infinite_width_limit(101, 1.0), "order must be an integer from 0 to 100, got 101"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
