import numpy as np
import pytest

from core.gradient_flow import gradient_rows as module
from core.gradient_flow.gradient_rows import gradient_rows
from core.gradient_flow.relu_network import evaluate, weighted_gradient
from core.gradient_flow.systems import softmin
from tests.core.gradient_flow.helpers import small_network


def sliding_rows(gate_width=0.1, step=1e9):
    """Rows of a net with wide gates, so that several of them are at their kinks."""
    weights, points, labels = small_network(3)
    signals = evaluate(weights, points, labels, gate_width)
    _, shares = softmin(signals.margins)
    return gradient_rows(weights, signals, shares, gate_width, step), signals, shares


@pytest.fixture(params=["formed", "not formed"])
def rows(request, monkeypatch):
    if request.param == "not formed":
        monkeypatch.setattr(module, "_FORM_ENTRIES", 0)
    result, _, _ = sliding_rows()
    assert (result.matrix is None) == (request.param == "not formed")
    assert len(result.kinks) > 0
    return result


def test_products_are_those_of_the_formed_matrix(rows):
    formed, rng = rows.form(), np.random.default_rng(0)
    x, v = rng.standard_normal(formed.shape[1]), rng.standard_normal(len(formed))
    np.testing.assert_allclose(rows.dot(x), formed @ x, atol=1e-12)
    np.testing.assert_allclose(rows.transpose_dot(v), v @ formed, atol=1e-12)
    np.testing.assert_allclose(rows.gram(), formed @ formed.T, atol=1e-12)


def test_root_squares_to_s(rows):
    """E E' = blockdiag(diag(p) - pp', diag(kappa))."""
    split, size = len(rows.shares), len(rows.shares) + len(rows.kinks)
    expected = np.diag(np.concatenate([rows.shares, rows.kinks]))
    expected[:split, :split] -= np.outer(rows.shares, rows.shares)
    root = rows.root_dot(np.eye(size))
    np.testing.assert_allclose(root @ root.T, expected, atol=1e-14 * expected.max())
    np.testing.assert_allclose(rows.root_transpose_dot(np.eye(size)), root.T, atol=1e-14 * expected.max())


def test_sample_rows_are_margin_gradients():
    rows, signals, shares = sliding_rows()
    gradients = weighted_gradient(signals, np.eye(len(shares)))
    expected = np.concatenate([gradient.reshape(len(shares), -1) for gradient in gradients], axis=1)
    np.testing.assert_allclose(rows.form()[: len(shares)], expected, atol=1e-14)
    np.testing.assert_allclose(rows.shares, shares)


def test_kinks_are_positive_and_only_where_the_margin_pushes_back():
    weights, points, _ = small_network(2, samples=1)
    weights[0][:] = [-points[0, 1], points[0, 0], 0.0]  # all neurons exactly at their kink
    for label in (-1.0, 1.0):
        signals = evaluate(weights, points, np.full(1, label), 1e-3)
        rows = gradient_rows(weights, signals, np.ones(1), 1e-3, 1e9)
        assert len(rows.kinks) == (label * weights[1] < 0.0).sum()
        lengths = np.linalg.norm(weights[0], axis=1) * np.linalg.norm(points[0])
        force = -(label * weights[1][0]) / (2e-3 * lengths)
        np.testing.assert_allclose(np.sort(rows.kinks), np.sort(force[force > 0.0]), rtol=1e-12)


def test_no_kinks_with_hard_gates():
    rows, _, _ = sliding_rows(gate_width=0.0)
    assert len(rows.kinks) == 0


def test_samples_without_a_share_are_left_out():
    weights, points, labels = small_network(2)
    shares = np.array([0.5, 1e-20, 0.3, 0.0, 0.2, 1e-15])
    rows = gradient_rows(weights, evaluate(weights, points, labels), shares, 0.0, 1e9)
    np.testing.assert_array_equal(rows.samples, [0, 2, 4])
    assert rows.shares.sum() == pytest.approx(1.0, abs=1e-15)


def test_rows_only_for_steps_that_the_stiffness_makes_long():
    """The trace of P' S P bounds its largest eigenvalue; below it nothing needs an implicit step."""
    weights, points, labels = small_network(3)
    signals = evaluate(weights, points, labels)
    _, shares = softmin(signals.margins)
    rows = gradient_rows(weights, signals, shares, 0.0, 1e9)
    formed = rows.form()
    trace = np.trace(formed.T @ (np.diag(shares) - np.outer(shares, shares)) @ formed)
    assert gradient_rows(weights, signals, shares, 0.0, 0.99 * module.EXPLICIT_STIFFNESS / trace) is None
    assert gradient_rows(weights, signals, shares, 0.0, 1.01 * module.EXPLICIT_STIFFNESS / trace) is not None
