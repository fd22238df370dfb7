import numpy as np
import pytest
from scipy.optimize import minimize

from core.gradient_flow.separability import (
    angle_between_directions,
    contradiction,
    hard_margin_direction,
    linearly_separable,
)

XOR = np.array([[1.0, 1.0], [-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0]]), np.array([1.0, 1.0, -1.0, -1.0])
SHIFTED = np.array([[1.0], [2.0]]), np.array([-1.0, 1.0])  # separable on the line, not through the origin


def separable_data(seed, samples=12, dimension=3):
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((samples, dimension))
    return points, np.sign(points @ rng.standard_normal(dimension))


def with_bias(points):
    return np.column_stack([points, np.ones(len(points))])


@pytest.mark.parametrize(
    ("points", "labels", "separable"),
    [
        (*XOR, False),
        (with_bias(XOR[0]), XOR[1], False),
        (*SHIFTED, False),
        (with_bias(SHIFTED[0]), SHIFTED[1], True),
        (np.array([[1.0, 0.0], [1.0, 1e-3]]), np.array([-1.0, 1.0]), True),
        (np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([-1.0, 1.0]), False),
        (np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([-1.0, 1.0]), False),
        (np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([1.0, 1.0]), False),
        (np.array([[2.0, 5.0]]), np.array([-1.0]), True),
    ],
)
def test_known_cases(points, labels, separable):
    assert linearly_separable(points, labels) is separable
    assert (hard_margin_direction(points, labels) is None) is not separable


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("seed", range(5))
def test_separability_has_no_unit(seed, scale):
    points, labels = separable_data(seed)
    assert linearly_separable(scale * points, labels)
    assert not linearly_separable(scale * np.vstack([points, points[:1]]), np.append(labels, -labels[0]))


def hard_margin_program(points, labels):
    """Minimize |w|^2 subject to y_i <w, x_i> >= 1."""
    signed = labels[:, None] * points
    start = np.linalg.lstsq(signed, np.ones(len(signed)), rcond=None)[0]
    constraint = {"type": "ineq", "fun": lambda w: signed @ w - 1.0, "jac": lambda w: signed}
    options = {"maxiter": 1000, "ftol": 1e-11}
    solution = minimize(
        lambda w: w @ w, start, jac=lambda w: 2.0 * w, constraints=constraint, method="SLSQP", options=options
    )
    assert solution.success
    return solution.x


@pytest.mark.parametrize("seed", range(8))
def test_hard_margin_against_a_quadratic_program(seed):
    points, labels = separable_data(seed)
    w = hard_margin_program(points, labels)
    direction = hard_margin_direction(points, labels)
    np.testing.assert_allclose(direction, w / np.linalg.norm(w), atol=1e-5)
    assert np.linalg.norm(direction) == pytest.approx(1.0, abs=1e-14)
    assert (labels * (points @ direction)).min() == pytest.approx(1.0 / np.linalg.norm(w), rel=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_hard_margin_is_locally_the_widest(seed):
    points, labels = separable_data(seed, samples=30, dimension=5)
    direction = hard_margin_direction(points, labels)
    rng = np.random.default_rng(seed)
    for size in (1e-4, 1e-2, 1.0):
        other = direction + size * rng.standard_normal((200, 5))
        margins = (labels[:, None] * points) @ (other / np.linalg.norm(other, axis=1, keepdims=True)).T
        assert margins.min(axis=0).max() <= (labels * (points @ direction)).min() + 1e-12


def test_hard_margin_of_mirrored_points():
    points = np.array([[1.0, 3.0], [1.0, -3.0], [-4.0, 1.0]])
    np.testing.assert_allclose(hard_margin_direction(points, np.array([1.0, 1.0, -1.0])), [1.0, 0.0], atol=1e-12)


def test_contradictions():
    labels = np.array([1.0, -1.0, -1.0])
    assert contradiction(np.array([[1.0, 2.0], [0.0, 1.0], [1.0, 2.0]]), labels) == (2, 0)
    assert contradiction(np.array([[1.0, 2.0], [0.5, 1.0], [3.0, 1.0]]), labels) == (1, 0)
    assert contradiction(np.array([[1.0, 2.0], [0.0, 0.0], [3.0, 1.0]]), labels) == (1, 1)
    assert contradiction(np.array([[1.0, 2.0], [-1.0, -2.0], [3.0, 1.0]]), labels) is None
    assert contradiction(np.array([[1.0, 2.0], [1.0, 2.0]]), np.ones(2)) is None


@pytest.mark.parametrize("angle", [1e-15, 1e-12, 1e-8, 1e-3, 1.0, np.pi / 2, 3.0, np.pi - 1e-8])
def test_angle_is_accurate_at_both_ends(angle):
    first, second = np.array([5.0, 0.0]), 0.2 * np.array([np.cos(angle), np.sin(angle)])
    assert angle_between_directions(first, second) == pytest.approx(angle, rel=1e-7 if angle > 3.0 else 1e-12)


def test_angle_of_opposite_directions_is_pi():
    v = np.array([0.3, -2.0, 0.7])
    assert angle_between_directions(v, -3.0 * v) == pytest.approx(np.pi, abs=1e-15)
    assert angle_between_directions(v, 3.0 * v) == pytest.approx(0.0, abs=1e-15)
