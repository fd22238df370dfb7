from itertools import pairwise
from math import comb, pi

import mpmath
import numpy as np
import pytest
from scipy.stats import multivariate_normal

from core.kernels.datasets import KINDS, make_samples
from core.kernels.embedding import Embedding, embedding_for
from core.kernels.regression import JITTERS, prior_draws, regress
from core.kernels.ridge import primal_ridge

EPS = np.finfo(float).eps


def rbf(gamma):
    return lambda p, q: np.exp(-((p[:, None] - q[None]) ** 2).sum(axis=-1) / gamma**2)


def polynomial(degree):
    return lambda p, q: (p @ q.T) ** degree


def arc_cosine(p, q):
    """Order 1, with norms."""
    norms = np.linalg.norm(p, axis=1)[:, None] * np.linalg.norm(q, axis=1)
    theta = np.arctan2(np.abs(p[:, :1] * q[:, 1] - p[:, 1:] * q[:, 0]), p @ q.T)
    return norms * (np.sin(theta) + (pi - theta) * np.cos(theta)) / pi


KERNELS = {
    "rbf 0.1": rbf(0.1),
    "rbf 1": rbf(1.0),
    "linear": polynomial(1),
    "degree 4": polynomial(4),
    "arc-cosine": arc_cosine,
}
UNIT_DIAGONAL = ("rbf 0.1", "rbf 1")


def monomials(points, degree):
    """Features whose inner product is <x, y>^degree."""
    k = np.arange(degree + 1)
    weights = np.sqrt([float(comb(degree, j)) for j in k])
    return weights * points[:, :1] ** k * points[:, 1:] ** (degree - k)


def case(kind="sine", samples=25, seed=0, points=61, normalized=True):
    data = make_samples(kind, samples, 0.2, seed)
    embedding = embedding_for(data.x, normalized=normalized)
    return data, embedding, embedding.grid(points)


def dense(kernel, data, grid, embedding, shift, amplitude=1.0):
    """Mean, variance, tr K A^-1 and A by the textbook's formulas, in units of y's deviation where they have them."""
    p, q = embedding(data.x), embedding(grid)
    gram, cross, prior = (amplitude**2 * kernel(a, b) for a, b in ((p, p), (q, p), (q, q)))
    noisy = gram + shift * np.eye(len(p))
    mean = data.y.mean() + cross @ np.linalg.solve(noisy, data.y - data.y.mean())
    variance = np.diag(prior - cross @ np.linalg.solve(noisy, cross.T))
    return mean, variance, np.trace(np.linalg.solve(noisy, gram)), noisy


# --- where inputs are placed ---


def test_circle_turns_distance_into_angle():
    embedding = Embedding(-3.0, 5.0)
    x = np.linspace(-3.0, 5.0, 33)
    points = embedding(x)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1.0, rtol=1e-15)
    angles = np.arccos(np.clip(points @ points.T, -1.0, 1.0))
    np.testing.assert_allclose(angles, pi * np.abs(x[:, None] - x) / 8.0, atol=3e-8)
    assert (points[:, 0] >= -1e-16).all()


def test_line_keeps_the_norm_of_a_layer_with_a_bias():
    points = Embedding(1.0, 3.0, normalized=False)([1.0, 2.0, 3.0, 7.0])
    np.testing.assert_allclose(points, [[-1.0, 1.0], [0.0, 1.0], [1.0, 1.0], [5.0, 1.0]], atol=1e-15)


@pytest.mark.parametrize("margin", [0.0, 0.1, 1.0])
@pytest.mark.parametrize(("unit", "origin"), [(1.0, 0.0), (1e-6, 3.0), (1e5, -9e5), (5e-324, 0.0)])
def test_margin_is_relative_to_the_range(unit, origin, margin):
    x = origin + unit * np.array([4.0, 0.0, 1.0, 4.0])
    embedding = embedding_for(x, margin=margin, normalized=False)
    inner = 1.0 / (1.0 + 2.0 * margin)
    expected = inner * np.array([1.0, -1.0, -0.5, 1.0])
    np.testing.assert_allclose(embedding(x)[:, 0], expected, atol=1e-8 if unit > 1e-300 else 0.4)
    grid = embedding.grid(5)
    np.testing.assert_allclose(embedding(grid)[[0, -1], 0], [-1.0, 1.0], atol=1e-9)


def test_beyond_the_circle_is_refused_and_rounding_is_not():
    embedding = embedding_for([0.1, 0.7, 1.3], margin=1 / 3)
    embedding([embedding.low - 1e-10, embedding.high + 1e-10])
    for beyond in (embedding.low - 1e-6, embedding.high + 1e-6):
        with pytest.raises(ValueError, match=r"x must be from -0\.3 to 1\.7 on the circle"):
            embedding([beyond])


# --- the posterior ---


@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize("amplitude", [1.0, 0.3])
@pytest.mark.parametrize("name", KERNELS)
def test_posterior_is_that_of_the_dense_formulas(name, amplitude, normalized):
    data, embedding, grid = case(normalized=normalized)
    result = regress(KERNELS[name], data.x, data.y, grid, noise=0.3, embedding=embedding, amplitude=amplitude)
    mean, variance, freedom, _ = dense(KERNELS[name], data, grid, embedding, 0.09, amplitude)
    assert result.jitter == 0.0
    np.testing.assert_allclose(result.mean, mean, atol=1e-11)
    np.testing.assert_allclose(result.band**2, data.y.var() * variance, atol=1e-11)
    prior = amplitude**2 * np.diag(KERNELS[name](embedding(grid), embedding(grid)))
    np.testing.assert_allclose(result.prior_std**2, data.y.var() * prior, rtol=1e-13)
    assert result.degrees_of_freedom == pytest.approx(freedom, abs=1e-10)
    assert (result.offset, result.scale) == pytest.approx((data.y.mean(), data.y.std()), rel=1e-14)


@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize("name", KERNELS)
def test_likelihood_is_a_gaussian_density(name, normalized):
    data, embedding, grid = case(samples=15, normalized=normalized)
    result = regress(KERNELS[name], data.x, data.y, grid, noise=0.2, embedding=embedding)
    covariance = KERNELS[name](embedding(data.x), embedding(data.x)) + 0.04 * np.eye(15)
    target = (data.y - data.y.mean()) / data.y.std()
    expected = multivariate_normal.logpdf(target, cov=covariance)
    assert result.log_marginal_likelihood == pytest.approx(expected, rel=1e-10)


def test_posterior_against_arithmetic_of_forty_digits():
    x, y = [0.0, 0.5, 0.75, 2.0], [1.0, -1.0, 0.5, 3.0]
    embedding, grid = Embedding(-0.5, 2.5), [-0.5, 0.6, 1.4]
    result = regress(rbf(0.8), x, y, grid, noise=0.1, embedding=embedding)
    with mpmath.workdps(40):

        def place(value):
            return mpmath.pi / 2 * (2 * (mpmath.mpf(value) + 0.5) / 3 - 1)

        def kernel(a, b):
            chord = 2 * mpmath.sin((place(a) - place(b)) / 2)
            return mpmath.exp(-(chord**2) / mpmath.mpf(0.8) ** 2)

        mean = mpmath.fsum(y) / 4
        std = mpmath.sqrt(mpmath.fsum((v - mean) ** 2 for v in y) / 4)
        target = mpmath.matrix([(v - mean) / std for v in y])
        noisy = mpmath.matrix([[kernel(a, b) + (mpmath.mpf(0.1) ** 2 if a == b else 0) for b in x] for a in x])
        weights = mpmath.lu_solve(noisy, target)
        for i, g in enumerate(grid):
            cross = mpmath.matrix([kernel(g, a) for a in x])
            spread = 1 - (cross.T * mpmath.lu_solve(noisy, cross))[0]
            assert result.mean[i] == pytest.approx(float(mean + std * (cross.T * weights)[0]), abs=1e-13)
            assert result.band[i] == pytest.approx(float(std * mpmath.sqrt(spread)), abs=1e-13)
        evidence = -((target.T * weights)[0] + mpmath.log(mpmath.det(noisy)) + 4 * mpmath.log(2 * mpmath.pi)) / 2
        assert result.log_marginal_likelihood == pytest.approx(float(evidence), abs=1e-12)


@pytest.mark.parametrize("name", ["rbf 0.1", "arc-cosine"])
def test_posterior_interpolates_as_the_noise_vanishes(name):
    """The misfit is noise^2 times weights that stay bounded: it falls with the square of the noise."""
    data, embedding, _ = case(samples=10)
    misfits = []
    for noise in (1e-2, 1e-3, 1e-4, 0.0):
        result = regress(KERNELS[name], data.x, data.y, data.x, noise=noise, embedding=embedding)
        misfits.append(np.abs(result.mean - data.y).max())
        assert result.jitter == 0.0
        assert (result.band <= data.y.std() * noise + 1e-6).all()
    assert misfits[0] / misfits[1] == pytest.approx(100.0, rel=0.3)
    assert misfits[1] / misfits[2] == pytest.approx(100.0, rel=0.05)
    assert misfits[3] < 1e-9


def test_band_is_nothing_at_data_without_noise_and_the_prior_far_away():
    x = np.array([-1.0, -0.95, 0.9, 1.0])
    embedding = embedding_for(x)
    result = regress(rbf(0.05), x, [0.0, 1.0, 3.0, 2.0], [*x, 0.0], noise=0.0, embedding=embedding)
    np.testing.assert_allclose(result.band[:4], 0.0, atol=1e-7)
    np.testing.assert_allclose(result.mean[:4], [0.0, 1.0, 3.0, 2.0], atol=1e-12)
    assert result.band[4] == pytest.approx(result.prior_std[4], rel=1e-14)
    assert result.mean[4] == pytest.approx(1.5, rel=1e-14)


@pytest.mark.parametrize("noise", [0.0, 1e-6, 0.1, 10.0])
@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("kind", KINDS)
def test_data_never_widen_the_band(kind, name, noise):
    data, embedding, grid = case(kind, samples=40)
    few = regress(KERNELS[name], data.x[::3], data.y[::3], grid, noise=noise, embedding=embedding)
    more = regress(KERNELS[name], data.x, data.y, grid, noise=noise, embedding=embedding)
    slack = 1e-6 + np.sqrt(few.jitter + more.jitter)  # roots of rounding, and of jitter, in units of the deviation
    for result in (few, more):
        assert (result.band >= 0.0).all()
        assert (result.band <= result.prior_std * (1.0 + 1e-14)).all()
        assert np.isfinite(result.mean).all()
    assert (more.band / more.scale <= few.band / few.scale + slack).all()


@pytest.mark.parametrize("name", KERNELS)
def test_degrees_of_freedom_fall_with_the_noise_from_the_rank_to_0(name):
    data, embedding, grid = case(samples=12)
    rank = {"linear": 2, "degree 4": 5}.get(name, 12)
    values = [
        regress(KERNELS[name], data.x, data.y, grid, noise=noise, embedding=embedding, amplitude=100.0)
        for noise in (1e-4, 1e-2, 1.0, 10.0)
    ]
    assert values[0].degrees_of_freedom == pytest.approx(rank, abs=0.3 if name == "rbf 1" else 0.01)
    freedoms = [result.degrees_of_freedom for result in values if not result.jitter]  # jitter is more noise
    assert len(freedoms) > 2
    assert all(later < earlier + 1e-9 for earlier, later in pairwise(freedoms))
    flat = regress(KERNELS[name], data.x, data.y, grid, noise=10.0, embedding=embedding, amplitude=1e-3)
    assert 0.0 < flat.degrees_of_freedom < 1e-5


@pytest.mark.parametrize("noise", [1e-3, 0.1])
@pytest.mark.parametrize("name", KERNELS)
def test_condition_is_estimated_to_a_small_factor(name, noise):
    data, embedding, grid = case()
    result = regress(KERNELS[name], data.x, data.y, grid, noise=noise, embedding=embedding)
    noisy = dense(KERNELS[name], data, grid, embedding, noise**2)[3]
    exact = np.linalg.cond(noisy, 1)
    assert exact / 3.0 <= result.condition <= exact * (1.0 + 1e-6)


# --- symmetries ---


@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize(("unit", "origin"), [(1e-4, 0.0), (1e5, 0.0), (2.5, -1e3), (-1.0, 0.0)])
def test_units_of_x_leave_the_predictions_unchanged(unit, origin, normalized):
    data, embedding, grid = case(normalized=normalized)
    moved = embedding_for(origin + unit * data.x, normalized=normalized)
    first = regress(arc_cosine, data.x, data.y, grid, noise=0.1, embedding=embedding)
    second = regress(arc_cosine, origin + unit * data.x, data.y, origin + unit * grid, noise=0.1, embedding=moved)
    np.testing.assert_allclose(second.mean, first.mean, atol=1e-9)
    np.testing.assert_allclose(second.band, first.band, atol=1e-9)
    assert second.log_marginal_likelihood == pytest.approx(first.log_marginal_likelihood, abs=1e-8)


@pytest.mark.parametrize(("unit", "origin"), [(1e-4, 0.0), (1e5, 0.0), (2.5, -1e3), (-1.0, 7.0), (1e-200, 0.0)])
def test_predictions_move_and_scale_with_y(unit, origin):
    data, embedding, grid = case()
    first = regress(arc_cosine, data.x, data.y, grid, noise=0.1, embedding=embedding)
    second = regress(arc_cosine, data.x, origin + unit * data.y, grid, noise=0.1, embedding=embedding)
    np.testing.assert_allclose((second.mean - origin) / unit, first.mean, atol=1e-9)
    np.testing.assert_allclose(second.band / abs(unit), first.band, atol=1e-10)
    np.testing.assert_allclose(second.prior_std / abs(unit), first.prior_std, atol=1e-10)
    assert second.log_marginal_likelihood == pytest.approx(first.log_marginal_likelihood, abs=1e-8)
    assert second.degrees_of_freedom == first.degrees_of_freedom


def test_order_of_the_data_does_not_matter():
    data, embedding, grid = case()
    first = regress(rbf(0.5), data.x, data.y, grid, noise=0.1, embedding=embedding)
    second = regress(rbf(0.5), data.x[::-1], data.y[::-1], grid, noise=0.1, embedding=embedding)
    np.testing.assert_allclose(second.mean, first.mean, atol=1e-11)
    np.testing.assert_allclose(second.band, first.band, atol=1e-11)


def test_amplitude_and_noise_together_leave_the_mean():
    data, embedding, grid = case()
    first = regress(rbf(0.5), data.x, data.y, grid, noise=0.1, embedding=embedding)
    second = regress(rbf(0.5), data.x, data.y, grid, noise=0.3, embedding=embedding, amplitude=3.0)
    np.testing.assert_allclose(second.mean, first.mean, atol=1e-11)
    np.testing.assert_allclose(second.band, 3.0 * first.band, atol=1e-11)


def test_constant_data_are_predicted_everywhere():
    data, embedding, grid = case()
    result = regress(rbf(0.5), data.x, np.full_like(data.x, 0.1), grid, noise=0.1, embedding=embedding)
    np.testing.assert_allclose(result.mean, 0.1, rtol=1e-14)
    assert result.scale == 1.0
    assert 0.0 < result.band.min() < result.band.max() <= 1.0


def test_repeated_inputs_count_as_their_mean_with_less_noise():
    """Four values at one x say what their mean says with half the noise; in one unit of y on both sides."""
    x, y = np.array([-1.0, 0.0, 0.2, 1.0]), np.array([0.0, 1.0, -2.0, 0.5])
    scatter = np.array([-0.3, -0.1, 0.1, 0.3])
    many = np.repeat(x, 4), (y[:, None] + scatter).ravel()
    embedding, grid = embedding_for(x), embedding_for(x).grid(40)
    first = regress(rbf(0.5), *many, grid, noise=0.2 / many[1].std(), embedding=embedding, amplitude=1 / many[1].std())
    second = regress(rbf(0.5), x, y, grid, noise=0.1 / y.std(), embedding=embedding, amplitude=1 / y.std())
    np.testing.assert_allclose(first.mean, second.mean, atol=1e-12)
    np.testing.assert_allclose(first.band, second.band, atol=1e-12)


# --- matrices that are singular to rounding ---


SINGULAR = {
    "linear": (polynomial(1), np.linspace(-1.0, 1.0, 40)),
    "degree 4": (polynomial(4), np.linspace(-1.0, 1.0, 40)),
    "wide rbf": (rbf(3.0), np.linspace(-1.0, 1.0, 40)),
    "repeated x": (rbf(0.2), np.repeat(np.linspace(-1.0, 1.0, 8), 5)),
    "nearly repeated x": (rbf(0.2), np.linspace(-1.0, 1.0, 16) + 1e-9 * np.repeat([[0.0], [1.0]], 16, axis=0)),
    "200 samples": (rbf(0.5), np.linspace(-1.0, 1.0, 200)),
}


@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize("name", SINGULAR)
def test_singular_matrix_gets_the_jitter_that_is_stated(name, normalized):
    """The smoother is K (K + jitter I)^-1, here by the eigenvectors, to the rounding that the condition allows."""
    kernel, x = SINGULAR[name][0], SINGULAR[name][1].ravel()
    y = np.sin(3.0 * x)
    embedding = embedding_for(x, normalized=normalized)
    grid = embedding.grid(50)
    result = regress(kernel, x, y, grid, noise=0.0, embedding=embedding)
    points = embedding(x)
    gram = kernel(points, points)
    assert result.jitter > 0.0
    relative = result.jitter / np.diag(gram).mean()
    assert min(abs(relative / known - 1.0) for known in JITTERS[1:]) < 1e-14
    assert relative <= 1e-10
    assert result.condition <= 1e-3 / EPS
    assert (result.band <= result.prior_std).all()
    values, vectors = np.linalg.eigh(gram + result.jitter * np.eye(len(x)))
    smoothed = y.mean() + (gram @ vectors / values) @ vectors.T @ (y - y.mean())
    at_data = regress(kernel, x, y, x, noise=0.0, embedding=embedding)
    np.testing.assert_allclose(at_data.mean, smoothed, atol=EPS * result.condition)


@pytest.mark.parametrize("name", SINGULAR)
def test_jitter_scales_with_the_kernel(name):
    """It is relative to the diagonal; by a power of two nothing else changes, not even by rounding."""
    kernel, x = SINGULAR[name][0], SINGULAR[name][1].ravel()
    embedding = embedding_for(x, normalized=False)
    one, large = (
        regress(kernel, x, np.cos(x), x, noise=0.0, embedding=embedding, amplitude=amplitude)
        for amplitude in (1.0, 256.0)
    )
    assert large.jitter == 256.0**2 * one.jitter
    assert large.condition == pytest.approx(one.condition, rel=1e-6)
    assert large.degrees_of_freedom == pytest.approx(one.degrees_of_freedom, abs=1e-9)
    np.testing.assert_allclose(large.band, 256.0 * one.band, rtol=1e-6)


@pytest.mark.parametrize("degree", [1, 2, 4])
@pytest.mark.parametrize("repeats", [1, 3])
def test_singular_polynomial_is_least_squares_by_the_monomials(degree, repeats):
    """Without noise the jitter alone regularizes, and the dual solution is the polynomial fitted by numpy."""
    x = np.repeat(np.linspace(-1.0, 1.0, 40 // repeats), repeats)
    y = np.exp(x) + np.tile([0.1, -0.1], len(x))[: len(x)]
    embedding = embedding_for(x, normalized=False)
    grid = embedding.grid(30)
    result = regress(polynomial(degree), x, y, grid, noise=0.0, embedding=embedding)
    assert 0.0 < result.jitter < 1e-9
    fitted = np.polynomial.Polynomial.fit(x, y, degree)(grid)
    np.testing.assert_allclose(result.mean, fitted, atol=EPS * result.condition)
    assert result.degrees_of_freedom == pytest.approx(degree + 1, abs=0.01)


def test_noise_makes_jitter_needless():
    for kernel, x in SINGULAR.values():
        inputs = x.ravel()
        embedding = embedding_for(inputs)
        assert regress(kernel, inputs, inputs, inputs, noise=1e-3, embedding=embedding).jitter == 0.0


def test_indefinite_kernel_is_refused():
    x = np.linspace(-1.0, 1.0, 10)
    embedding = embedding_for(x)

    def hat(p, q):
        return 1.0 - ((p[:, None] - q[None]) ** 2).sum(axis=-1) ** 2

    with pytest.raises(ValueError, match="not positive definite, not even with 1e-06 of its mean diagonal"):
        regress(hat, x, x, x, noise=0.0, embedding=embedding)
    with pytest.raises(ValueError, match="negative eigenvalues on the grid"):
        prior_draws(hat, x, count=1, seed=0, embedding=embedding)


# --- functions drawn from the prior ---


@pytest.mark.parametrize("name", KERNELS)
def test_covariance_of_the_draws_tends_to_the_kernel(name):
    """The mean squared error of the sample second moment is (|K|^2 + (tr K)^2)/count: the rate is 1/sqrt(count)."""
    embedding = Embedding(-1.0, 1.0, normalized=False)
    grid = embedding.grid(12)
    covariance = 4.0 * KERNELS[name](embedding(grid), embedding(grid))
    expected = (covariance**2).sum() + np.trace(covariance) ** 2
    for count in (100, 10_000):
        errors = []
        for seed in range(40):
            draws = prior_draws(KERNELS[name], grid, count=count, seed=seed, embedding=embedding, amplitude=2.0).values
            errors.append(((draws.T @ draws / count - covariance) ** 2).sum())
        # each relative error squared scatters by at most sqrt(8) about 1, the mean of 40 by 0.45
        assert count * np.mean(errors) / expected == pytest.approx(1.0, abs=1.0)
        assert count * np.mean(errors) / expected > 0.4


def test_draws_have_mean_0_and_gaussian_values():
    embedding = Embedding(-1.0, 1.0)
    values = prior_draws(rbf(0.3), embedding.grid(7), count=10_000, seed=1, embedding=embedding).values
    np.testing.assert_allclose(values.mean(axis=0), 0.0, atol=0.04)
    np.testing.assert_allclose((values**4).mean(axis=0), 3.0, atol=0.4)


def test_smooth_kernel_draws_smooth_functions():
    """No jitter roughens a draw: fourth differences of an analytic kernel's draws are of order h^4."""
    embedding = Embedding(-1.0, 1.0)
    sizes = []
    for points in (51, 101, 201):
        draws = prior_draws(rbf(1.0), embedding.grid(points), count=200, seed=2, embedding=embedding)
        assert 0.0 <= draws.clipped < 1e-13
        sizes.append(np.sqrt((np.diff(draws.values, 4, axis=1) ** 2).mean()))
    orders = np.log2(np.divide(sizes[:-1], sizes[1:]))
    np.testing.assert_allclose(orders, 4.0, atol=0.3)


@pytest.mark.parametrize("name", KERNELS)
def test_draws_change_continuously_and_more_keep_the_earlier(name):
    embedding = Embedding(-1.0, 1.0)
    grid = embedding.grid(60)

    def draw(change, count=3):
        def kernel(p, q):
            return (1.0 - change) * KERNELS[name](p, q) + change * (p @ q.T)

        return prior_draws(kernel, grid, count=count, seed=3, embedding=embedding).values

    near, nearer = (np.abs(draw(change) - draw(0.0)).max() for change in (1e-4, 1e-8))
    assert near < 0.1
    assert nearer < 1e-3
    np.testing.assert_allclose(draw(0.0, 5)[:3], draw(0.0), atol=1e-12)
    again = prior_draws(KERNELS[name], grid, count=3, seed=4, embedding=embedding).values
    assert (np.abs(again - draw(0.0)).max(axis=1) > 0.1).all()


def test_low_rank_kernel_draws_from_its_feature_space():
    embedding = Embedding(0.0, 1.0, normalized=False)
    grid = embedding.grid(50)
    draws = prior_draws(polynomial(2), grid, count=4, seed=0, embedding=embedding).values
    for draw in draws:
        fit = np.polynomial.Polynomial.fit(grid, draw, 2)
        np.testing.assert_allclose(fit(grid), draw, atol=1e-5)


# --- the primal problem ---


@pytest.mark.parametrize("noise", [10.0, 0.3, 1e-2])
@pytest.mark.parametrize("degree", [1, 3, 30])
@pytest.mark.parametrize("normalized", [True, False])
def test_primal_and_dual_solutions_agree(degree, noise, normalized):
    """Fewer features than samples (2 and 4) and more (31)."""
    data, embedding, grid = case(normalized=normalized)
    dual = regress(polynomial(degree), data.x, data.y, grid, noise=noise, embedding=embedding)
    features, outputs = (monomials(embedding(x), degree) for x in (data.x, grid))
    assert dual.jitter == 0.0
    largest = np.linalg.norm(features, 2) ** 2
    tolerance = 100.0 * EPS * max(1.0, largest / noise**2) * max(1.0, np.abs(dual.mean).max())
    np.testing.assert_allclose(primal_ridge(features, outputs, data.y, noise), dual.mean, atol=tolerance + 1e-12)


@pytest.mark.parametrize("count", [3, 25, 400])
@pytest.mark.parametrize("noise", [1e-6, 0.1, 3.0])
def test_primal_minimizes_the_ridge_functional(count, noise):
    """Against LAPACK's least squares on the stacked system [Phi; noise I]."""
    rng = np.random.default_rng(5)
    features, outputs, y = rng.standard_normal((25, count)), rng.standard_normal((9, count)), rng.standard_normal(25)
    stacked = np.vstack([features, noise * np.eye(count)])
    weights = np.linalg.lstsq(stacked, np.concatenate([y - y.mean(), np.zeros(count)]), rcond=None)[0]
    np.testing.assert_allclose(primal_ridge(features, outputs, y, noise), y.mean() + outputs @ weights, atol=1e-8)


@pytest.mark.parametrize("count", [3, 400])
def test_primal_without_noise_is_the_least_norm_solution(count):
    rng = np.random.default_rng(6)
    features, y = rng.standard_normal((25, count)), rng.standard_normal(25)
    features = np.hstack([features, features[:, :2]])  # a rank that is not full
    expected = y.mean() + features[:4] @ np.linalg.pinv(features) @ (y - y.mean())
    np.testing.assert_allclose(primal_ridge(features, features[:4], y, 0.0), expected, atol=1e-12)
    np.testing.assert_allclose(primal_ridge(np.zeros((25, 2)), np.ones((3, 2)), y, 0.0), y.mean())


@pytest.mark.parametrize("noise", [0.1, 1.0])
def test_random_features_tend_to_the_kernel_machine(noise):
    """Rows of a random ReLU layer, 2/h times their inner products: the error falls like 1/sqrt(h)."""
    data, embedding, grid = case()
    exact = regress(arc_cosine, data.x, data.y, grid, noise=noise, embedding=embedding).mean
    errors = []
    for width in (200, 800, 3200):
        squares = []
        for seed in range(100):
            rows = np.random.default_rng(seed).standard_normal((2, width))
            first, second = (np.sqrt(2.0 / width) * np.maximum(embedding(x) @ rows, 0.0) for x in (data.x, grid))
            squares.append(((primal_ridge(first, second, data.y, noise) - exact) ** 2).mean())
        errors.append(np.sqrt(np.mean(squares)))
    np.testing.assert_allclose(np.log2(np.divide(errors[:-1], errors[1:])), 1.0, atol=0.2)


# --- arguments ---


def bad_shape(p, q):
    return np.ones((len(p), len(q) + 1))


def not_finite(p, q):
    return np.full((len(p), len(q)), np.nan)


X = np.linspace(-1.0, 1.0, 5)
BAD = {
    "noise": (lambda: regress(rbf(1), X, X, X, noise=-1.0, embedding=Embedding(-1, 1)), "noise must be a number"),
    "amplitude": (
        lambda: regress(rbf(1), X, X, X, noise=0.1, embedding=Embedding(-1, 1), amplitude=0.0),
        "amplitude must be a number from 0.001 to 1000, got 0.0",
    ),
    "lengths": (lambda: regress(rbf(1), X, X[1:], X, noise=0.1, embedding=Embedding(-1, 1)), "y must have 5 values"),
    "NaN in y": (lambda: regress(rbf(1), X, X * np.nan, X, noise=0.1, embedding=Embedding(-1, 1)), "y must be a 1-dim"),
    "no data": (lambda: regress(rbf(1), [], [], X, noise=0.1, embedding=Embedding(-1, 1)), r"x must .* shape \(0,\)"),
    "grid": (lambda: regress(rbf(1), X, X, [1.1], noise=0.1, embedding=Embedding(-1, 1)), "x must be from -1 to 1"),
    "shape": (lambda: regress(bad_shape, X, X, X, noise=0.1, embedding=Embedding(-1, 1)), r"in shape \(5, 5\)"),
    "values": (lambda: regress(not_finite, X, X, X, noise=0.1, embedding=Embedding(-1, 1)), "kernel must give numbers"),
    "count": (lambda: prior_draws(rbf(1), X, count=0, seed=0, embedding=Embedding(-1, 1)), "count must be an integer"),
    "seed": (lambda: prior_draws(rbf(1), X, count=1, seed=-1, embedding=Embedding(-1, 1)), "seed must be an integer"),
    "columns": (lambda: primal_ridge(np.ones((5, 2)), np.ones((5, 3)), X, 0.1), "grid_features must have 2 columns"),
    "rows": (lambda: primal_ridge(np.ones((4, 2)), np.ones((5, 2)), X, 0.1), "y must have 4 values"),
    "one x": (lambda: embedding_for([2.0, 2.0]), "at least two different values"),
    "margin": (lambda: embedding_for(X, margin=-0.1), "margin must be a number from 0 to 10, got -0.1"),
    "order": (lambda: Embedding(1.0, -1.0), "low must be below high"),
    "infinite": (lambda: Embedding(0.0, np.inf), "low must be below high and both finite"),
    "flag": (lambda: Embedding(0.0, 1.0, 1), "normalized must be True or False"),
    "points": (lambda: Embedding(0.0, 1.0).grid(1), "points must be an integer"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_argument_is_named(name):
    call, words = BAD[name]
    with pytest.raises(ValueError, match=words):
        call()
