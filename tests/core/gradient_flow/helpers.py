"""Independent references: a network in three lines, finite differences, small nets away from their kinks."""

import numpy as np

from core.gradient_flow.relu_network import evaluate, initial_weights


def relu_network(weights, point):
    for weight in weights[:-1]:
        point = np.maximum(weight @ point, 0.0)
    return (weights[-1] @ point)[0]


def relu_margins(weights, points, labels):
    return labels * np.array([relu_network(weights, x) for x in points])


def derivative(function, at, step=1e-6):
    """Central finite differences of a scalar or vector function; the last axis is the argument's."""
    shifts = step * np.eye(len(at))
    return np.stack([(function(at + e) - function(at - e)) / (2.0 * step) for e in shifts], axis=-1)


def flatten(weights):
    return np.concatenate([np.ravel(weight) for weight in weights])


def unflatten(flat, like):
    cuts = np.cumsum([weight.size for weight in like])[:-1]
    return [part.reshape(weight.shape) for part, weight in zip(np.split(flat, cuts), like, strict=True)]


def small_network(depth, *, width=5, inputs=3, samples=6, norm=2.0, seed=0):
    """Weights, points and labels with every pre-activation at least 1e-3 from its kink."""
    for attempt in range(100):
        rng = np.random.default_rng([seed, depth, attempt])
        weights = initial_weights(inputs, depth, width, [norm] * depth, rng)
        points, labels = rng.standard_normal((samples, inputs)), rng.choice([-1.0, 1.0], samples)
        signals = evaluate(weights, points, labels)
        layers = zip(signals.inputs[:-1], weights[:-1], strict=True)
        if all(np.abs(h @ w.T).min() > 1e-3 for h, w in layers):
            return weights, points, labels
    raise AssertionError("no network away from its kinks")
