import numpy as np
import pytest

from core.gradient_flow.relu_network import (
    evaluate,
    forward,
    initial_weights,
    layer_norms,
    squared_gradient_norms,
    weighted_gradient,
)
from tests.core.gradient_flow.helpers import derivative, flatten, relu_margins, relu_network, small_network, unflatten

DEPTHS = [1, 2, 3, 4, 6]
GATES = [0.0, 1e-3, 0.1]


def margin_gradients(weights, points, labels, gate_width=0.0):
    """dm_i/dW_k for every i, K arrays of shape (n, out, in)."""
    return weighted_gradient(evaluate(weights, points, labels, gate_width), np.eye(len(points)))


@pytest.mark.parametrize("depth", DEPTHS)
def test_forward_is_the_relu_network(depth):
    weights, points, _ = small_network(depth)
    outputs, _, _ = forward(weights, points)
    np.testing.assert_allclose(outputs, [relu_network(weights, x) for x in points], rtol=1e-13)


@pytest.mark.parametrize("gate_width", GATES[1:])
def test_gated_forward_is_the_definition(gate_width):
    weights, points, _ = small_network(3)
    outputs, _, _ = forward(weights, points, gate_width)
    for point, output in zip(points, outputs, strict=True):
        h = point
        for weight in weights[:-1]:
            cosines = weight @ h / (np.linalg.norm(weight, axis=1) * np.linalg.norm(h))
            h = np.clip(0.5 + cosines / (2.0 * gate_width), 0.0, 1.0) * (weight @ h)
        assert output == pytest.approx((weights[-1] @ h)[0], rel=1e-12)


@pytest.mark.parametrize("gate_width", GATES)
@pytest.mark.parametrize("depth", DEPTHS)
def test_euler_identity_in_every_layer(depth, gate_width):
    weights, points, labels = small_network(depth)
    margins = evaluate(weights, points, labels, gate_width).margins
    for weight, gradient in zip(weights, margin_gradients(weights, points, labels, gate_width), strict=True):
        np.testing.assert_allclose((weight * gradient).sum(axis=(1, 2)), margins, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("depth", DEPTHS)
def test_gradients_against_finite_differences(depth):
    weights, points, labels = small_network(depth)
    expected = derivative(lambda flat: relu_margins(unflatten(flat, weights), points, labels), flatten(weights))
    gradients = margin_gradients(weights, points, labels)
    actual = np.concatenate([gradient.reshape(len(points), -1) for gradient in gradients], axis=1)
    np.testing.assert_allclose(actual, expected, atol=1e-8)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_gated_gradient_holds_the_gates_fixed(layer):
    weights, points, labels = small_network(3)
    signals = evaluate(weights, points, labels, 0.1)
    other = np.random.default_rng(1).standard_normal(weights[layer].shape)
    h = points
    for k, weight in enumerate(weights):
        h = h @ (other if k == layer else weight).T
        h = h * signals.gates[k] if k < 2 else h
    gradient = margin_gradients(weights, points, labels, 0.1)[layer]
    # the margin is linear in one layer where the gates do not move
    np.testing.assert_allclose((gradient * other).sum(axis=(1, 2)), labels * h[:, 0], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("gate_width", GATES)
def test_batch_of_weights_equals_a_loop(gate_width):
    nets = [small_network(3, seed=seed)[0] for seed in range(4)]
    _, points, labels = small_network(3)
    together = evaluate([np.stack(layer) for layer in zip(*nets, strict=True)], points, labels, gate_width)
    coefficients = np.random.default_rng(0).random((4, len(points)))
    gradients = weighted_gradient(together, coefficients)
    norms = squared_gradient_norms(together)
    for i, net in enumerate(nets):
        alone = evaluate(net, points, labels, gate_width)
        np.testing.assert_allclose(together.margins[i], alone.margins, rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(norms[i], squared_gradient_norms(alone), rtol=1e-12, atol=1e-15)
        for batch, single in zip(gradients, weighted_gradient(alone, coefficients[i]), strict=True):
            np.testing.assert_allclose(batch[i], single, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("gate_width", GATES)
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_scaling_a_layer_scales_the_output(layer, gate_width):
    weights, points, _ = small_network(3)
    outputs, _, _ = forward(weights, points, gate_width)
    scaled = [3.7 * weight if k == layer else weight for k, weight in enumerate(weights)]
    np.testing.assert_allclose(forward(scaled, points, gate_width)[0], 3.7 * outputs, rtol=1e-12)


def test_gates_depend_on_directions_only():
    weights, points, labels = small_network(2)
    lengths = np.random.default_rng(2).uniform(1e-3, 1e3, (len(points), 1))
    rows = np.random.default_rng(3).uniform(1e-3, 1e3, (len(weights[0]), 1))
    before = evaluate(weights, points, labels, 0.1).gates[0]
    after = evaluate([rows * weights[0], weights[1]], lengths * points, labels, 0.1).gates[0]
    assert ((before > 0.0) & (before < 1.0)).any()
    np.testing.assert_allclose(after, before, atol=1e-12)


@pytest.mark.parametrize(("sine", "gate"), [(-0.2, 0.0), (-0.05, 0.25), (0.0, 0.5), (0.05, 0.75), (0.2, 1.0)])
def test_gate_opens_over_its_width(sine, gate):
    point = np.array([[sine, np.sqrt(1.0 - sine**2)]])
    signals = evaluate([np.array([[5.0, 0.0]]), np.ones((1, 1))], 3.0 * point, np.ones(1), 0.1)
    assert signals.gates[0].item() == pytest.approx(gate, abs=1e-14)


def test_narrow_gates_are_hard_away_from_kinks():
    weights, points, labels = small_network(4)
    hard, narrow = (evaluate(weights, points, labels, width) for width in (0.0, 1e-6))
    np.testing.assert_array_equal(hard.margins, narrow.margins)
    for a, b in zip(hard.backward, narrow.backward, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("gate_width", GATES)
def test_dead_neuron_and_origin_stay_finite(gate_width):
    signals = evaluate([np.zeros((2, 2)), np.ones((1, 2))], np.zeros((1, 2)), np.ones(1), gate_width)
    assert signals.margins == 0.0
    assert all(np.isfinite(array).all() for array in (*signals.backward, *signals.inputs, *signals.gates))


def test_squared_gradient_norms_are_those_of_the_formed_gradients():
    weights, points, labels = small_network(3)
    formed = [(gradient**2).sum(axis=(1, 2)) for gradient in margin_gradients(weights, points, labels)]
    np.testing.assert_allclose(
        squared_gradient_norms(evaluate(weights, points, labels)), np.transpose(formed), rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("depth", DEPTHS)
def test_initial_weights_have_their_norms_and_shapes(depth):
    norms = np.linspace(0.5, 3.0, depth)
    weights = initial_weights(4, depth, 7, norms, np.random.default_rng(0))
    sizes = [4, *[7] * (depth - 1), 1]
    assert [weight.shape for weight in weights] == list(zip(sizes[1:], sizes, strict=False))
    np.testing.assert_allclose(layer_norms(weights), norms, rtol=1e-14)
    np.testing.assert_allclose([np.linalg.norm(weight) for weight in weights], norms, rtol=1e-14)


def test_initial_weights_are_normal_draws_layer_by_layer():
    weights = initial_weights(2, 2, 3, [1.0, 2.0], np.random.default_rng(5))
    rng = np.random.default_rng(5)
    for norm, weight in zip([1.0, 2.0], weights, strict=True):
        draw = rng.standard_normal(weight.shape)
        np.testing.assert_allclose(weight, norm * draw / np.linalg.norm(draw), rtol=1e-14)
