"""What every kernel of unit vectors has, at every depth: properties over one list."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from core.kernels import (
    angle_between,
    angular_function,
    arc_cosine_kernel,
    composed_arc_cosine,
    composed_arc_cosine_complement,
    composed_polynomial,
    composed_rbf,
    composed_rbf_complement,
    normalized_angular_function,
    rbf_fixed_point,
)
from core.kernels.rbf import rbf_map
from core.kernels.studies import machine

DEPTHS = (1, 2, 5)


class Kernel(NamedTuple):
    gram: Callable  # of points (m, d), points (k, d) and a depth
    slope: float  # of the map of correlations at 1: rounding of nearly coinciding points grows with it
    end: float = np.pi  # angle up to which the kernel falls
    order: float = 2.0  # of 1 - k in the angle, as it vanishes, at depth 1


def polynomial(degree):
    def gram(x, y, depth):
        sign, log_magnitude = composed_polynomial(x @ y.T, degree, depth)
        return sign * np.exp(log_magnitude)

    return Kernel(gram, degree, np.pi if degree % 2 else np.pi / 2)


def rbf(gamma):
    def gram(x, y, depth):
        return composed_rbf(np.linalg.norm(x[:, None] - y, axis=-1), gamma, depth)

    return Kernel(gram, 2.0 / gamma**2)


def arc_cosine(order):
    def gram(x, y, depth):
        return composed_arc_cosine(angle_between(x, y), order, depth)

    return Kernel(gram, order**2 / (2 * order - 1) if order else 1.0, order=2.0 if order else 1.0)


KERNELS = (
    {f"polynomial {degree}": polynomial(degree) for degree in (1, 2, 3, 8)}
    | {f"rbf {gamma:.3g}": rbf(gamma) for gamma in (0.5, np.sqrt(2.0), 2.0)}
    | {f"arc-cosine {order}": arc_cosine(order) for order in (0, 1, 2, 5)}
)


def sphere(count=24, dimension=3, seed=0):
    points = np.random.default_rng(seed).standard_normal((count, dimension))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def with_twins_and_antipodes(seed=0):
    points = sphere(seed=seed)
    near = points[:3] + 1e-6 * sphere(3, seed=seed + 1)
    return np.concatenate([points, points[:2], -points[2:5], near / np.linalg.norm(near, axis=1, keepdims=True)])


def circle(angles):
    angles = np.asarray(angles)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def rounding(kernel, depth):
    """What a change of 1e-15 in a correlation near 1 becomes."""
    return 1e-14 * max(1.0, kernel.slope) ** depth


every = pytest.mark.parametrize("name", KERNELS)
at_depths = pytest.mark.parametrize("depth", DEPTHS)


@every
@at_depths
def test_symmetric(name, depth):
    kernel, x, y = KERNELS[name], sphere(9), sphere(7, seed=1)
    values = kernel.gram(x, y, depth)
    assert values.shape == (9, 7)
    np.testing.assert_allclose(values, kernel.gram(y, x, depth).T, rtol=1e-12, atol=rounding(kernel, depth))
    assert np.ptp(values) > 0.0


@every
@at_depths
def test_diagonal_is_1(name, depth):
    kernel, x = KERNELS[name], sphere()
    np.testing.assert_allclose(np.diag(kernel.gram(x, x, depth)), 1.0, rtol=0.0, atol=rounding(kernel, depth))


@every
@at_depths
@pytest.mark.parametrize("seed", range(3))
def test_positive_semidefinite(name, depth, seed):
    kernel, x = KERNELS[name], with_twins_and_antipodes(seed)
    gram = kernel.gram(x, x, depth)
    assert np.linalg.eigvalsh((gram + gram.T) / 2.0).min() >= -len(x) * rounding(kernel, depth)


@every
@at_depths
def test_bounded_by_the_diagonal(name, depth):
    kernel, x = KERNELS[name], with_twins_and_antipodes()
    gram = kernel.gram(x, x, depth)
    bound = np.sqrt(np.outer(np.diag(gram), np.diag(gram)))
    assert (np.abs(gram) <= bound + 2.0 * rounding(kernel, depth)).all()
    apart = np.abs(x @ x.T) < 0.99
    assert (np.abs(gram) < bound)[apart].all()


@every
@pytest.mark.parametrize(("first", "second"), [(1, 1), (1, 2), (2, 1), (1, 4), (3, 2)])
def test_depths_add_up(name, first, second):
    """A Gram matrix has vectors with its inner products: the kernel of those is the composed kernel."""
    kernel, x = KERNELS[name], sphere(12)
    gram = kernel.gram(x, x, first)
    values, vectors = np.linalg.eigh((gram + gram.T) / 2.0)
    features = vectors * np.sqrt(np.maximum(values, 0.0))
    expected = kernel.gram(x, x, first + second)
    composed = kernel.gram(features, features, second)
    np.testing.assert_allclose(composed, expected, rtol=0.0, atol=rounding(kernel, first + second))
    assert np.abs(expected - gram).max() > 1e-4 or name == "polynomial 1"


@every
@at_depths
def test_isotropic(name, depth):
    kernel, x, y = KERNELS[name], sphere(9, 5), sphere(7, 5, seed=1)
    rotation = np.linalg.qr(np.random.default_rng(2).standard_normal((5, 5)))[0]
    values, turned = kernel.gram(x, y, depth), kernel.gram(x @ rotation, y @ rotation, depth)
    assert np.abs(x @ rotation - x).max() > 0.5
    np.testing.assert_allclose(turned, values, rtol=0.0, atol=rounding(kernel, depth))


@every
@at_depths
def test_continuous_where_points_coincide(name, depth):
    """1 - k vanishes with the square of the angle; for step neurons with its root of 2^(depth - 1)."""
    kernel = KERNELS[name]
    h = 10.0 ** np.array([-9.0, -10.0]) if kernel.order == 1.0 else np.array([2e-4, 1e-4])
    rest = 1.0 - kernel.gram(circle(h), circle([0.0]), depth)[:, 0]
    order = kernel.order if kernel.order == 2.0 else 2.0 ** (1 - depth)
    assert np.log(rest[0] / rest[1]) / np.log(h[0] / h[1]) == pytest.approx(order, rel=0.03)
    assert rest[0] < 1e-2 or (kernel.order == 1.0 and depth == 5)


@every
@at_depths
def test_falls_with_the_distance(name, depth):
    kernel = KERNELS[name]
    values = kernel.gram(circle(np.linspace(0.0, kernel.end, 200)), circle([0.0]), depth)[:, 0]
    assert (np.diff(values) <= 2e-15).all()
    assert values[0] - values[-1] > 0.02
    assert values[1] < values[0]


@at_depths
@pytest.mark.parametrize("degree", [2, 8])
def test_even_powers_rise_again_beyond_a_right_angle(degree, depth):
    values = polynomial(degree).gram(circle(np.linspace(np.pi / 2, np.pi, 50)), circle([0.0]), depth)[:, 0]
    assert (np.diff(values) >= 0.0).all()
    assert values[-1] == pytest.approx(1.0, rel=1e-11)


# --- a correlation is never above 1, nor below -1, and 1 - rho is not clipped away ---

CLOSE = np.concatenate(
    [
        [0.0, 0.5 * np.pi, np.pi],
        np.geomspace(1e-170, 1.0, 341),
        np.linspace(0.0, np.pi, 300),
        np.pi - np.geomspace(1e-15, 1.0, 100),
    ]
)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 5, 7, 10, 17, 50, 99, 100])
def test_arc_cosine_correlations_stay_within_one(order):
    assert composed_arc_cosine(0.0, order, 1) == 1.0
    for depth in (1, 2, 3, 10, 50):
        correlation, complement = (
            f(CLOSE, order, depth) for f in (composed_arc_cosine, composed_arc_cosine_complement)
        )
        assert correlation.max() == 1.0
        assert correlation.min() >= -1.0
        assert (complement >= 0.0).all()
        assert (complement <= 1.0).all()
        assert np.isfinite(np.arccos(correlation)).all()
        near = complement < 0.5
        np.testing.assert_allclose(1.0 - correlation[near], complement[near], atol=1.2e-16)  # half a unit of 1
    normalized = normalized_angular_function(order, CLOSE)
    assert (normalized.max(), normalized[0]) == (1.0, 1.0)
    assert (angular_function(order, CLOSE) <= angular_function(order, 0.0)).all()


@pytest.mark.parametrize("dimension", [2, 3, 9, 30])
@pytest.mark.parametrize("order", [0, 1, 2, 5])
def test_kernels_of_points_have_correlations_within_one(dimension, order):
    points = np.random.default_rng(dimension).standard_normal((40, dimension))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points = np.vstack([points, points * (1.0 + 1e-15), points + 1e-9 * points[::-1]])
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    correlation = composed_arc_cosine(angle_between(unit, unit), order, 1)
    gram = arc_cosine_kernel(unit, unit, order)
    assert correlation.max() == 1.0
    assert (gram <= float(angular_function(order, 0.0)) / np.pi * (1.0 + 1e-14)).all()
    assert np.isfinite(np.arccos(correlation)).all()


@pytest.mark.parametrize("gamma", [1e-3, 0.3, 1.0, 2.0**0.5, 3.0, 1e3])
def test_rbf_values_stay_within_one(gamma):
    distances = np.concatenate([[0.0], np.geomspace(1e-160, 1e3, 500)])
    for depth in (1, 2, 3, 10, 50):
        values, complements = (f(distances, gamma, depth) for f in (composed_rbf, composed_rbf_complement))
        assert values[0] == values.max() == 1.0
        assert values.min() >= 0.0
        assert (complements >= 0.0).all()
        assert (complements <= 1.0).all()
    assert rbf_map(1.0 + 2e-16, gamma) == 1.0
    assert 0.0 <= rbf_fixed_point(gamma) <= 1.0


@pytest.mark.parametrize(("degree", "depth"), [(2, 1), (3, 6), (8, 6)])
def test_powers_on_the_unit_circle_stay_within_one(degree, depth):
    """A rounded product 1 + 2e-16 to the power 8^6 would be 1 + 6e-11."""
    angles = np.concatenate([np.linspace(0.0, 2.0 * np.pi, 400), [1.0 + 1e-9]])
    points = np.column_stack([np.cos(angles), np.sin(angles)])
    gram = machine._polynomial(points, points, degree=degree, depth=depth)
    assert np.abs(gram).max() == 1.0
    apart = np.linalg.norm(points[-1] - points[:1])
    point = np.array([[np.cos(1.0), np.sin(1.0)]])
    close = machine._polynomial(point, points[-1:], degree=degree, depth=depth)[0, 0]
    assert 1.0 - close == pytest.approx(degree**depth * 0.5e-18, abs=2e-16)
    assert apart > 0.0
