"""Gradient flow of the unconstrained features model: W, H and b are all free (Mixon, Parshall & Pi 2020)."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from core.arrays import Array


@dataclass(frozen=True, slots=True, eq=False)
class Decays:
    """Factors of the squared norms in the objective.

    Attributes
    ----------
    weights, features, bias : float
        lambda_W, lambda_H and lambda_b.
    """

    weights: float
    features: float
    bias: float


@dataclass(frozen=True, slots=True, eq=False)
class Variables:
    """The variables of the model, or changes of them.

    Attributes
    ----------
    weights : Array
        W, shape (C, p).
    means : Array
        Class means, columns, shape (p, C).
    within : Array
        Within-class part of H in the coordinates of `FeatureFlow`, shape (p, r).
    bias : Array
        b, shape (C,).
    """

    weights: Array
    means: Array
    within: Array
    bias: Array


class FeatureFlow:
    """W' = -dF/dW, H' = -dF/dH, b' = -dF/db, in fewer coordinates and without any approximation.

    F = |W H + b 1^T - Y|^2/(2NC) + lambda_W |W|^2/2 + lambda_H |H|^2/2 + lambda_b |b|^2/2. The rows of H' are
    combinations of those of H and Y, so the rows of H never leave the span that they and the class indicators have at
    the start. In an orthonormal basis Q of it, H Q has C + p columns in place of N C: first sqrt(N) times the class
    means, then the within-class part. F and its gradient flow keep their form with H Q, Y Q and 1^T Q.

    Parameters
    ----------
    weights, features, bias : Array
        W, H and b at t = 0, shapes (C, p), (p, N C) and (C,); columns of H one class after the other.
    decays : Decays
        Factors of the penalties.
    with_bias : bool
        Whether b moves; it stays as it is otherwise.
    """

    def __init__(self, weights: Array, features: Array, bias: Array, decays: Decays, *, with_bias: bool = True) -> None:
        self.classes, self.dimension = (int(size) for size in weights.shape)
        self.samples = int(features.shape[1]) // self.classes
        self.decays, self.with_bias = decays, with_bias
        by_class = features.reshape(self.dimension, self.classes, self.samples)
        means = by_class.mean(axis=2)
        within = (by_class - means[:, :, None]).reshape(self.dimension, -1)
        rank = min(self.dimension, self.classes * (self.samples - 1))
        left, singular, right = np.linalg.svd(within, full_matrices=False)
        self.directions = right[:rank]
        """Orthonormal rows, shape (r, N C): the within-class part of H is `Variables.within` times them."""
        columns = self.classes + rank
        self._targets = np.zeros((self.classes, columns))
        self._targets[:, : self.classes] = sqrt(self.samples) * np.eye(self.classes)
        self._ones = np.zeros(columns)
        self._ones[: self.classes] = sqrt(self.samples)
        self._cuts = (weights.size, weights.size + self.dimension * columns)
        compressed = np.hstack([sqrt(self.samples) * means, left[:, :rank] * singular[:rank]])
        self.start = np.concatenate([weights.ravel(), compressed.ravel(), bias])

    def _split(self, state: Array) -> tuple[Array, Array, Array]:
        """W, H Q and b as views."""
        first, second = self._cuts
        return (
            state[:first].reshape(self.classes, self.dimension),
            state[first:second].reshape(self.dimension, -1),
            state[second:],
        )

    def _residual(self, weights: Array, features: Array, bias: Array) -> Array:
        """(W H + b 1^T - Y) Q / (N C)."""
        residual = weights @ features
        residual -= self._targets
        residual[:, : self.classes] += (sqrt(self.samples) * bias)[:, None]
        residual /= self.samples * self.classes
        return residual

    def derivative(self, state: Array) -> Array:
        """Minus the gradient of F."""
        weights, features, bias = self._split(state)
        residual = self._residual(weights, features, bias)
        change = np.empty_like(state)
        d_weights, d_features, d_bias = self._split(change)
        np.matmul(residual, features.T, out=d_weights)
        d_weights += self.decays.weights * weights
        np.matmul(weights.T, residual, out=d_features)
        d_features += self.decays.features * features
        if self.with_bias:
            np.matmul(residual, self._ones, out=d_bias)
            d_bias += self.decays.bias * bias
        else:
            d_bias[:] = 0.0
        np.negative(change, out=change)
        return change

    def objective(self, state: Array) -> float:
        """F."""
        parts = self._split(state)
        residual = self._residual(*parts)
        fit = self.samples * self.classes * float(np.vdot(residual, residual))
        factors = (self.decays.weights, self.decays.features, self.decays.bias)
        penalties = [factor * float(np.vdot(part, part)) for factor, part in zip(factors, parts, strict=True)]
        return 0.5 * (fit + sum(penalties))

    def stiffness(self, state: Array) -> float:
        """Bound of the Hessian: |J|^2/(N C) of the outputs' Jacobian J, the residual, and the largest decay.

        J J^T X = X (H^T H + 1 1^T) + W W^T X for matrices X like Y, and the second derivatives of the outputs add
        2 <R, dW dH>/(N C) <= |R|_2 (|dW|^2 + |dH|^2)/(N C).
        """
        weights, features, bias = self._split(state)
        gram = features @ features.T
        steepest = float(np.linalg.eigvalsh(gram)[-1] + np.linalg.eigvalsh(weights @ weights.T)[-1])
        residual = float(np.linalg.norm(self._residual(weights, features, bias)))
        decay = max(self.decays.weights, self.decays.features, self.decays.bias)
        return float(steepest / (self.samples * self.classes) + self.with_bias + residual + decay)

    def magnitude(self, state: Array) -> Array:
        """Root mean square of W and of H; 1/C, the mean of a row of Y, for b."""
        first, second = self._cuts
        sizes = np.empty_like(state)
        sizes[:first] = np.sqrt(np.mean(state[:first] ** 2))
        sizes[first:second] = np.sqrt(np.mean(state[first:second] ** 2))
        sizes[second:] = 1.0 / self.classes
        return sizes

    def variables(self, state: Array) -> Variables:
        """What a state means."""
        weights, features, bias = self._split(state)
        means = features[:, : self.classes] / sqrt(self.samples)
        return Variables(weights.copy(), means, features[:, self.classes :].copy(), bias.copy())

    def features(self, variables: Variables) -> Array:
        """H, shape (p, N C)."""
        means = np.repeat(variables.means, self.samples, axis=1)
        return np.asarray(means + variables.within @ self.directions)

    def singular_values(self, state: Array) -> Array:
        """Largest C singular values of W and of H, falling, shape (2, min(C, p))."""
        weights, features, _ = self._split(state)
        count = min(weights.shape)
        return np.array([np.linalg.svd(matrix, compute_uv=False)[:count] for matrix in (weights, features)])

    def norms(self, state: Array) -> Array:
        """|W| and |H|, shape (2,)."""
        first, second = self._cuts
        return np.array([np.linalg.norm(state[:first]), np.linalg.norm(state[first:second])])

    def imbalance(self, state: Array) -> float:
        """|lambda_W W^T W - lambda_H H H^T|: d(W^T W - H H^T)/dt = -2 (lambda_W W^T W - lambda_H H H^T)."""
        weights, features, _ = self._split(state)
        difference = self.decays.weights * weights.T @ weights - self.decays.features * features @ features.T
        return float(np.linalg.norm(difference))
