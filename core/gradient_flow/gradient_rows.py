"""The stiff directions of a flow: P and S in the Jacobian approximation A = -P' S P.

P holds the gradients of the margins of the samples that carry the loss, one row a sample, and one row
for each gate that holds a neuron at its kink. S = blockdiag(diag(p) - pp', diag(kappa)). Each row is a
sum over the layers of outer products of a pass's signals, so its products need the layer inputs H_k
and the back-propagated signals B_k only, and a large P is not formed.
"""

from dataclasses import dataclass, field

import numpy as np

from core.arrays import Array, Indices
from core.gradient_flow.relu_network import Signals, Weights, row_norms

NEGLIGIBLE_SHARE = 1e-13
"""Samples whose share of the loss is below this fraction of the largest do not make the flow stiff."""
NEGLIGIBLE_KINK = 0.05
"""Gate rows whose product of rate and step is below this need no implicit treatment."""
NEAR_KINK = 1.0
"""Gates within this many band widths of their band get a row too: most neurons that slide along a kink
settle at the very edge of the band, and a step that starts just outside would meet the stiff force unprepared."""
_FORM_ENTRIES = 60_000  # P with fewer entries is formed: one product is then cheaper than one a layer


@dataclass(frozen=True, slots=True, eq=False)
class GradientRows:
    """r gradients as outer products, with their weights in S.

    Attributes
    ----------
    inputs : list of Array
        H_k, K arrays of shape (r, in_k).
    backward : list of Array
        B_k, K arrays of shape (r, out_k); row i of P is the concatenation over k of B_k[i] x H_k[i].
    samples : Indices
        Index of each sample row in the data; the sample rows come first. Shape (r_s,).
    shares : Array
        p of the sample rows, summing to 1, shape (r_s,).
    kinks : Array
        kappa of the gate rows, shape (r - r_s,).
    matrix : Array or None
        P where it is small enough to be formed, shape (r, N).
    """

    inputs: list[Array]
    backward: list[Array]
    samples: Indices
    shares: Array
    kinks: Array
    matrix: Array | None = field(init=False)

    def __post_init__(self) -> None:
        entries = sum(h.size * b.shape[1] for h, b in zip(self.inputs, self.backward, strict=True))
        object.__setattr__(self, "matrix", self.form() if entries < _FORM_ENTRIES else None)

    def form(self) -> Array:
        """P itself, shape (r, N)."""
        terms = zip(self.inputs, self.backward, strict=True)
        return np.concatenate([(b[:, :, None] * h[:, None, :]).reshape(len(b), -1) for h, b in terms], axis=1)

    def dot(self, flat: Array) -> Array:
        """Product P x, shape (r,)."""
        if self.matrix is not None:
            return self.matrix @ flat
        total, start = np.zeros(len(self.inputs[0])), 0
        for h, b in zip(self.inputs, self.backward, strict=True):
            layer = flat[start : start + h.shape[1] * b.shape[1]].reshape(b.shape[1], h.shape[1])
            total += np.vecdot(h @ layer.T, b)
            start += layer.size
        return total

    def transpose_dot(self, coefficients: Array) -> Array:
        """Product P' v, shape (N,)."""
        if self.matrix is not None:
            return coefficients @ self.matrix
        column = coefficients[:, None]
        terms = zip(self.inputs, self.backward, strict=True)
        return np.concatenate([((b * column).T @ h).ravel() for h, b in terms])

    def gram(self) -> Array:
        """Gram matrix P P', shape (r, r)."""
        if self.matrix is not None:
            return self.matrix @ self.matrix.T
        total = np.zeros((len(self.inputs[0]), len(self.inputs[0])))
        for h, b in zip(self.inputs, self.backward, strict=True):
            product = b @ b.T
            product *= h @ h.T
            total += product
        return total

    def root_dot(self, values: Array) -> Array:
        """Product E v for the root E of S = E E', over the first axis of v."""
        split = len(self.shares)
        q = np.sqrt(self.shares)
        scaled = (values.T * np.sqrt(np.concatenate([self.shares, self.kinks]))).T
        scaled[:split] -= np.multiply.outer(self.shares, q @ values[:split])
        return np.asarray(scaled)

    def root_transpose_dot(self, values: Array) -> Array:
        """Product E' v, over the first axis of v: q (v - p . v) on samples, with q = sqrt(p)."""
        split = len(self.shares)
        centred = values.copy()
        centred[:split] -= self.shares @ values[:split]
        return np.asarray((centred.T * np.sqrt(np.concatenate([self.shares, self.kinks]))).T)


def gradient_rows(
    weights: Weights, signals: Signals, shares: Array, gate_width: float, step: float, *, always: bool = False
) -> GradientRows | None:
    """Rows of P for one set of weights, or None where a step of this size is stable without them.

    Parameters
    ----------
    weights : sequence of Array
        K arrays of shape (out, in).
    signals : Signals
        Their forward and backward pass.
    shares : Array
        Each sample's share of the loss, shape (n,), summing to 1.
    gate_width : float
        Gate width eps; at 0 there are no gate rows.
    step : float
        Factor in front of P' S P in the system to be solved.
    always : bool
        Return the rows even where a step is stable without them.
    """
    samples = np.flatnonzero(shares > NEGLIGIBLE_SHARE * shares.max())
    carried = shares[samples]
    carried = carried / carried.sum()
    inputs = [h[samples] for h in signals.inputs]
    backward = [b[samples] for b in signals.backward]
    kinks = np.empty(0)
    if gate_width > 0.0 and len(weights) > 1:
        partial = [g[samples] for g in signals.gates], [r[samples] for r in signals.ramps]
        owners, rows, kinks = _kink_rows(weights, inputs, backward, *partial, carried, gate_width)
        squares = _squared_lengths([h[owners] for h in inputs], rows)
        keep = np.flatnonzero(step * kinks * squares > NEGLIGIBLE_KINK)
        owners, kinks = owners[keep], kinks[keep]
        inputs = [np.concatenate([h, h[owners]]) for h in inputs]
        backward = [np.concatenate([b, extra[keep]]) for b, extra in zip(backward, rows, strict=True)]
    if not always and not len(kinks) and step * _stiffness(inputs, backward, carried) < EXPLICIT_STIFFNESS:
        return None
    return GradientRows(inputs, backward, samples, carried, kinks)


EXPLICIT_STIFFNESS = 0.13
"""Below this product of step and stiffness the method is well inside its explicit stability region."""


def _squared_lengths(inputs: list[Array], backward: list[Array]) -> Array:
    """Squared Euclidean lengths of rows, shape (r,)."""
    layers = zip(inputs, backward, strict=True)
    return sum((np.vecdot(h, h) * np.vecdot(b, b) for h, b in layers), np.zeros(len(inputs[0])))


def _stiffness(inputs: list[Array], backward: list[Array], shares: Array) -> float:
    """Trace of P' S P without gate rows, an upper bound of its largest eigenvalue."""
    mean = sum(np.square((b * shares[:, None]).T @ h).sum() for h, b in zip(inputs, backward, strict=True))
    return float(shares @ _squared_lengths(inputs, backward) - mean)


def _kink_rows(
    weights: Weights,
    inputs: list[Array],
    backward: list[Array],
    gates: list[Array],
    ramps: list[Array],
    shares: Array,
    gate_width: float,
) -> tuple[Indices, list[Array], Array]:
    """Gradients of the pre-activations whose gate is partly open and pulls back to its kink.

    Moving neuron j's pre-activation z on sample i by dz moves its gate by dz / (2 eps |w_j| |h_i|), and
    with it the force p_i a on z, a = dm_i/dh_j; where that force opposes dz, the neuron slides along its
    kink at a rate kappa. Returns the owning sample of each row, B_k of the rows for each layer, and kappa.
    """
    owners, kinks = np.empty(0, dtype=np.intp), np.empty(0)
    signal = np.empty((0, 1))
    rows = [signal]
    for k in range(len(gates) - 1, -1, -1):
        signal = (signal @ weights[k + 1]) * gates[k][owners]
        i, j = np.nonzero(np.abs(ramps[k] - 0.5) < 0.5 + NEAR_KINK)
        if len(i):
            force = np.vecdot(backward[k + 1][i], weights[k + 1].T[j])
            scale = 2.0 * gate_width * row_norms(weights[k])[j] * row_norms(inputs[k])[i]
            slides = np.flatnonzero((force < 0.0) & (scale > 0.0))
            i, j = i[slides], j[slides]
            unit = np.zeros((len(i), len(weights[k])))
            unit[np.arange(len(i)), j] = 1.0
            signal, owners = np.concatenate([signal, unit]), np.concatenate([owners, i])
            kinks = np.concatenate([kinks, -shares[i] * force[slides] / scale[slides]])
        rows.append(signal)
    padded = [np.concatenate([b, np.zeros((len(owners) - len(b), b.shape[1]))]) for b in rows]
    return owners, padded[::-1], kinks
