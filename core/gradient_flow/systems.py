"""The two gradient flows as autonomous systems dy/ds = F(y) in a clock s that neither over- nor underflows.

The physical time t and the loss L both leave the range of floating point (L = 10^-10000), so neither is
ever formed: the systems carry log L and the logarithm of the clock rate, log(dt/ds).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import lu_factor, lu_solve
from scipy.linalg.lapack import dpotrf, dpotrs

from core.gradient_flow.gradient_rows import EXPLICIT_STIFFNESS, GradientRows, gradient_rows
from core.gradient_flow.relu_network import Array, Signals, Weights, evaluate, layer_norms, weighted_gradient

Solve = Callable[[Array], Array]

DENSE_PARAMETERS = 350
"""Up to this many parameters the normalized flow is solved with its full Jacobian (an LU costs 4 ms there)."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Right-hand side of a system at one state.

    Attributes
    ----------
    state, derivative : Array
        y and F(y), shape (N,).
    log_loss : float
        Natural logarithm of L.
    mean_exponent : float
        sum_i p_i y_i f(W; x_i); times 2 L it is d|W_k|^2/dt (problem 1.1).
    log_clock, log_clock_slope : float
        log(dt/ds) and its derivative by s.
    weights : list of Array
        The weights that the network was evaluated at.
    signals : Signals
        The pass.
    shares : Array
        p, each sample's share of the loss, shape (n,).
    """

    state: Array
    derivative: Array
    log_loss: float
    mean_exponent: float
    log_clock: float
    log_clock_slope: float
    weights: list[Array]
    signals: Signals
    shares: Array


class Linearization(Protocol):
    """A matrix A close to the Jacobian at one state."""

    def solver(self, step: float) -> Solve:
        """Solver of (I - step A) x = r."""
        ...


class FlowSystem(Protocol):
    """What the integrator and the measurements need to know of a flow.

    Attributes
    ----------
    points, labels, gate_width
        As for `PlainFlow`.
    start : Array
        Initial state, shape (N,).
    """

    points: Array
    labels: Array
    gate_width: float
    start: Array

    def evaluate(self, state: Array) -> Evaluation:
        """Right-hand side at a state."""
        ...

    def linearize(self, at: Evaluation, step: float) -> "Linearization | None":
        """A close to the Jacobian, for steps up to this size, or None where A = 0 serves."""
        ...

    def magnitude(self, state: Array) -> Array:
        """Size against which the error of each component is measured, shape (N,)."""
        ...

    def drift(self, before: Array, after: Array) -> float:
        """Largest relative change of what the flow conserves; it controls the steps, nothing is projected."""
        ...

    def unpack(self, states: Array) -> tuple[list[Array], Array]:
        """Weights W_k, and the norms rho_k that the margins are normalized by, of states (..., N)."""
        ...

    def has_vanished(self, state: Array, /) -> bool:
        """Whether a norm has shrunk to 0, where its direction and with it the flow ends."""
        ...

    def direction_speeds(self, norms: Array) -> Array:
        """Factor in front of rho (sum_i p_i dnu_i/dV_k - V_k c) L in dV_k/dt, shape of norms."""
        ...


def softmin(exponents: Array) -> tuple[float, Array]:
    """Logarithm of sum(exp(-m)), and the shares exp(-m) / sum(exp(-m))."""
    smallest = exponents.min()
    terms = np.exp(smallest - exponents)
    total = terms.sum()
    return float(np.log(total) - smallest), terms / total


class _Layout:
    """Views of a flat vector as layers."""

    def __init__(self, weights: Weights) -> None:
        self.shapes = [weight.shape for weight in weights]
        ends = np.cumsum([weight.size for weight in weights])
        self.spans = [(int(end) - weight.size, int(end)) for end, weight in zip(ends, weights, strict=True)]

        self.starts = np.array([start for start, _ in self.spans])

    def split(self, flat: Array) -> list[Array]:
        lead = flat.shape[:-1]
        pairs = zip(self.spans, self.shapes, strict=True)
        return [flat[..., a:b].reshape(lead + shape) for (a, b), shape in pairs]


def _join(layers: Weights) -> Array:
    return np.concatenate([layer.ravel() for layer in layers])


class SymmetricLowRank:
    """A = -scale P' S P, solved by the Woodbury identity with a Cholesky factor of the size of S.

    Parameters
    ----------
    rows : GradientRows
        P and S = E E'.
    scale : float
        Factor in front.
    """

    def __init__(self, rows: GradientRows, scale: float) -> None:
        self.rows, self.scale = rows, scale
        self.inner = scale * rows.root_transpose_dot(rows.root_transpose_dot(rows.gram()).T)

    def solver(self, step: float) -> Solve:
        """Solver of (I + step scale P' E E' P) x = r."""
        rows, scale = self.rows, step * self.scale
        inner = step * self.inner
        inner.flat[:: len(inner) + 1] += 1.0
        factor, _ = dpotrf(inner)

        def solve(right: Array) -> Array:
            reduced, _ = dpotrs(factor, rows.root_transpose_dot(rows.dot(right)))
            return right - scale * rows.transpose_dot(rows.root_dot(reduced))

        return solve


class PlainFlow:
    """dW_k/dt = -dL/dW_k, run as dW/ds = R^(2-K) G with G = sum_i p_i dm_i/dW and R = |W|.

    In s each e-fold of the norm costs a bounded stretch; dt/ds = R^(2-K) / L.

    Parameters
    ----------
    weights : sequence of Array
        Initial weights.
    points : Array
        Inputs, shape (n, d).
    labels : Array
        +1 or -1, shape (n,).
    gate_width : float
        Gate width eps.
    """

    def __init__(self, weights: Weights, points: Array, labels: Array, gate_width: float) -> None:
        self.points, self.labels, self.gate_width = points, labels, gate_width
        self.layout = _Layout(weights)
        self.start = _join(weights)
        self.depth = len(weights)

    def evaluate(self, state: Array) -> Evaluation:
        """Right-hand side at a state."""
        weights = self.layout.split(state)
        signals = evaluate(weights, self.points, self.labels, self.gate_width)
        log_loss, shares = softmin(signals.margins)
        gradient = _join(weighted_gradient(signals, shares))
        radius = np.sqrt(state @ state)
        speed = radius ** (2 - self.depth)
        # d log R / ds = K R^-K (p . m) by Euler's identity; -d log L / ds = R^(2-K) |G|^2.
        mean_exponent = float(shares @ signals.margins)
        radial = (2 - self.depth) * self.depth * radius ** (-self.depth) * mean_exponent
        return Evaluation(
            state=state,
            derivative=speed * gradient,
            log_loss=log_loss,
            mean_exponent=mean_exponent,
            log_clock=float((2 - self.depth) * np.log(radius) - log_loss),
            log_clock_slope=float(radial + speed * (gradient @ gradient)),
            weights=weights,
            signals=signals,
            shares=shares,
        )

    def linearize(self, at: Evaluation, step: float) -> Linearization | None:
        """A = -R^(2-K) P' S P."""
        scale = float(np.sqrt(at.state @ at.state)) ** (2 - self.depth)
        rows = gradient_rows(at.weights, at.signals, at.shares, self.gate_width, step * scale)
        return None if rows is None else SymmetricLowRank(rows, scale)

    def magnitude(self, state: Array) -> Array:
        """Each weight's size, or the root mean square of all where that is larger."""
        return np.maximum(np.abs(state), np.sqrt(state @ state / len(state)))

    def drift(self, before: Array, after: Array) -> float:
        """Change of the differences |W_k|^2 - |W_1|^2, relative to R^2."""
        change = np.add.reduceat(after * after - before * before, self.layout.starts)
        return float(np.abs(change - change[0]).max() / (after @ after))

    def unpack(self, states: Array) -> tuple[list[Array], Array]:
        """Weights W_k and their Frobenius norms."""
        weights = self.layout.split(states)
        return weights, layer_norms(weights)

    def has_vanished(self, _state: Array) -> bool:
        """Never: W passes through 0 or takes for ever to get there."""
        return False

    def direction_speeds(self, norms: Array) -> Array:
        """1 / rho_k^2: the plain flow turns large layers slowly."""
        return np.asarray(norms**-2.0)


class GeneralLowRank:
    """A = -decay I - U Z.

    Parameters
    ----------
    left, right : Array
        U of shape (N, r) and Z of shape (r, N).
    decay : float
        Not negative.
    """

    def __init__(self, left: Array, right: Array, decay: float) -> None:
        self.left, self.right, self.decay = left, right, decay
        self.inner = right @ left

    def solver(self, step: float) -> Solve:
        """Solver by the Woodbury identity."""
        diagonal = 1.0 + step * self.decay
        factor = lu_factor(diagonal * np.eye(len(self.inner)) + step * self.inner, check_finite=False)
        left, right = step * self.left, self.right
        return lambda r: (r - left @ lu_solve(factor, right @ r, check_finite=False)) / diagonal


class Dense:
    """A as a full matrix of shape (N, N)."""

    def __init__(self, jacobian: Array) -> None:
        self.jacobian = jacobian

    def solver(self, step: float) -> Solve:
        """Solver by an LU factorization."""
        factor = lu_factor(np.eye(len(self.jacobian)) - step * self.jacobian, check_finite=False)
        return lambda r: lu_solve(factor, r, check_finite=False)


class NormalizedFlow:
    """The flow of L(V, rho) under |V_k| = 1 (problem 1.2), with one scalar q for all the norms.

    dV_k/ds = g_k - V_k c, dq/ds = c, rho_k^2 = rho_k(0)^2 + 2 q, with g = sum_i p_i dnu_i/dV,
    c = sum_i p_i nu_i, and dt/ds = 1 / (rho L).

    Parameters
    ----------
    weights, points, labels, gate_width
        As for `PlainFlow`; rho_k(0) = |W_k|, V_k(0) = W_k / |W_k|.
    """

    def __init__(self, weights: Weights, points: Array, labels: Array, gate_width: float) -> None:
        self.points, self.labels, self.gate_width = points, labels, gate_width
        self.layout = _Layout(weights)
        self.initial_norms = layer_norms(weights)
        directions = [weight / norm for weight, norm in zip(weights, self.initial_norms, strict=True)]
        self.start = np.append(_join(directions), 0.0)

    def _norms(self, q: Array) -> Array:
        return np.sqrt(self.initial_norms**2 + 2.0 * np.asarray(q)[..., None])

    def evaluate(self, state: Array) -> Evaluation:
        """Right-hand side at a state."""
        flat = state[:-1]
        directions = self.layout.split(flat)
        signals = evaluate(directions, self.points, self.labels, self.gate_width)
        norms = self._norms(state[-1])
        rho = float(np.prod(norms))
        log_loss, shares = softmin(rho * signals.margins)
        mean_margin = float(shares @ signals.margins)
        gradient = _join(weighted_gradient(signals, shares))
        derivative = np.append(gradient - mean_margin * flat, mean_margin)
        inverse_squares = float((norms**-2.0).sum())
        descent = rho * (inverse_squares * mean_margin**2 + gradient @ derivative[:-1])
        return Evaluation(
            state=state,
            derivative=derivative,
            log_loss=log_loss,
            mean_exponent=rho * mean_margin,
            log_clock=float(-np.log(rho) - log_loss),
            log_clock_slope=float(descent - mean_margin * inverse_squares),
            weights=directions,
            signals=signals,
            shares=shares,
        )

    def linearize(self, at: Evaluation, step: float) -> Linearization | None:
        """The Jacobian without its gate derivatives; in large nets also without the curvature of nu."""
        rho = float(np.prod(self._norms(at.state[-1])))
        decay = float(at.shares @ at.signals.margins)
        # once one sample carries the loss, -c I is all that is stiff
        decays = step * abs(decay) >= EXPLICIT_STIFFNESS
        rows = gradient_rows(at.weights, at.signals, at.shares, self.gate_width, step * rho, always=decays)
        if rows is None:
            return None
        left, right = self._low_rank(at, rows)
        if len(at.state) > DENSE_PARAMETERS + 1:
            return GeneralLowRank(left, right, max(decay, 0.0))
        jacobian = -left @ right
        jacobian[:-1, :-1] += margin_curvature(at.weights, at.signals, at.shares)
        diagonal = np.arange(len(at.state) - 1)
        jacobian[diagonal, diagonal] -= decay
        return Dense(jacobian)

    def _low_rank(self, at: Evaluation, rows: GradientRows) -> tuple[Array, Array]:
        """U and Z of the low-rank part -U Z of the Jacobian of (g - V c, c)."""
        norms = self._norms(at.state[-1])
        rho = float(np.prod(norms))
        slope = rho * float((norms**-2.0).sum())
        directions = at.state[:-1]
        # gate rows move g by kappa dz grad z, but neither p nor the margins
        margins = np.concatenate([at.signals.margins[rows.samples], np.zeros(len(rows.kinks))])
        gradients = rows.matrix if rows.matrix is not None else rows.form()
        gain = np.concatenate([np.full(len(rows.samples), rho), np.ones(len(rows.kinks))])
        z = np.column_stack([gradients * gain[:, None], slope * margins])
        u = np.vstack([gradients.T - np.outer(directions, margins), margins])
        # the change of c with V itself, at fixed shares
        gradient = at.derivative[:-1] + at.derivative[-1] * directions
        u = np.column_stack([rows.root_transpose_dot(u.T).T, np.append(directions, -1.0)])
        z = np.vstack([rows.root_transpose_dot(z), np.append(gradient, 0.0)])
        return u, z

    def magnitude(self, state: Array) -> Array:
        """As for `PlainFlow` on V; on q, what changes the smallest norm by its own size."""
        flat = state[:-1]
        directions = np.maximum(np.abs(flat), np.sqrt(flat @ flat / len(flat)))
        return np.append(directions, 0.5 * self._norms(state[-1]).min() ** 2)

    def drift(self, before: Array, after: Array) -> float:
        """Change of |V_k|^2."""
        change = np.add.reduceat(after[:-1] ** 2 - before[:-1] ** 2, self.layout.starts)
        return float(np.abs(change).max())

    def unpack(self, states: Array) -> tuple[list[Array], Array]:
        """Weights rho_k V_k and the norms rho_k."""
        norms = self._norms(states[..., -1])
        directions = self.layout.split(states[..., :-1])
        return [norms[..., k, None, None] * v for k, v in enumerate(directions)], norms

    def has_vanished(self, state: Array) -> bool:
        """Whether the smallest norm is a thousandth of its start; for K = 1 it reaches 0 in finite time."""
        smallest = float(self.initial_norms.min()) ** 2
        return bool(smallest + 2.0 * state[-1] < 1e-6 * smallest)

    def direction_speeds(self, norms: Array) -> Array:
        """1 in every layer."""
        return np.ones_like(norms)


def margin_curvature(weights: Weights, signals: Signals, shares: Array) -> Array:
    """Hessian of sum_i p_i m_i by the weights at fixed gates and p, shape (N, N).

    The margin is linear in each layer, so only the blocks between different layers are non-zero: for
    k < l, sum_i p_i B_l[i] x T_i x H_k[i] with T_i the derivative of layer l's input by layer k's
    pre-activation.
    """
    spans = _Layout(weights).spans
    hessian = np.zeros((spans[-1][1], spans[-1][1]))
    for k in range(len(weights) - 1):
        passed = signals.gates[k][:, :, None] * np.eye(len(weights[k]))
        for later in range(k + 1, len(weights)):
            outer = shares[:, None] * signals.backward[later]
            block = np.einsum("ia,ibc,ie->abce", outer, passed, signals.inputs[k], optimize=True)
            block = block.reshape(weights[later].size, weights[k].size)
            (a, b), (c, d) = spans[later], spans[k]
            hessian[a:b, c:d], hessian[c:d, a:b] = block, block.T
            if later < len(weights) - 1:
                passed = signals.gates[later][:, :, None] * (weights[later] @ passed)
    return hessian


SYSTEMS: dict[str, Callable[[Sequence[Array], Array, Array, float], FlowSystem]] = {
    "plain": PlainFlow,
    "normalized": NormalizedFlow,
}
