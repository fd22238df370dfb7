"""What a run leaves behind: everything that is plotted or claimed."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from core.arrays import Array, Mask
from core.gradient_flow.status import FlowStatus
from core.gradient_flow.tally import Tally


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FlowResult:
    """One run of a gradient flow, on a grid of T times.

    All logarithms are to base 10. K is the number of layers, n the number of samples.

    Attributes
    ----------
    dynamics : str
        "plain" or "normalized".
    gate_width : float
        Width eps of the gates of the network that was integrated.
    points, labels : Array
        What the network was trained on, shapes (n, d) and (n,).
    log10_time, log10_loss : Array
        Shape (T,), times increasing.
    layer_norms : Array
        |W_k| under the plain flow, rho_k under the normalized one, shape (T, K).
    direction_norms : Array
        |V_k| = |W_k| / rho_k, shape (T, K): 1, as the normalized flow is brought back to it after each step.
    normalized_margins : Array
        y_i f(V; x_i), shape (T, n).
    smoothed_margin : Array
        -log L / prod_k rho_k, shape (T,).
    loss_shares : Array
        exp(-y_i f) / L, shape (T, n).
    own_growth : Array
        The K layer parts of t dnu/dt of the sample with the smallest margin that come from its own
        gradient, each not negative, shape (T, K).
    cross_growth : Array
        What the other samples add to them by the equation of 1.2, of either sign, shape (T,).
    total_growth : Array
        t dnu/dt of that sample as it is, by finite differences along the run, shape (T,).
    change_log10_time : Array
        Times at which the changes are stated, ends of the integrator's steps, shape (J,).
    changes : Tally
        What has changed until then, measured and predicted, arrays of shapes (J,) and (J, K).
    rate_log10_time : Array
        Times at which the norm rates were measured, ends of the integrator's steps, shape (J,).
    measured_rates : Array
        d|W_k|^2/dt by finite differences along the steps, as sign and logarithm, shape (2, J, K).
    predicted_rates : Array
        2 sum_i y_i f exp(-y_i f), as sign and logarithm, shape (2, J).
    rate_deviation : float
        Largest relative difference between the growth of a |W_k|^2 and the integral of the predicted
        rate, as in `Trajectory.rate_deviation`; NaN where the norms hardly change.
    separated_at : float
        log10 of the first time at which all margins are positive; NaN if never.
    loss_below_one_at : float
        log10 of the time at which L passes 1 for the last time; NaN if it does not stay below.
    kkt_residual : Array
        Distance of V from the cone of the margin gradients, relative to |V|, at the snapshots,
        shape (S,); NaN where not all samples are classified.
    svm_direction : Array or None
        K = 1: unit normal of the hard-margin support vector machine, shape (d,).
    svm_angle : Array or None
        K = 1: angle of W to it in radians at the snapshots, shape (S,).
    snapshot_log10_time, snapshot_log10_loss : Array
        Times and losses of S snapshots, about evenly spaced in log t, shape (S,).
    snapshot_weights : tuple of Array
        V_k at the snapshots, K arrays of shape (S, out, in).
    status : FlowStatus
        How the run ended.
    message : str
        The same in a sentence, with advice.
    evaluations, steps : int
        Evaluations of the right-hand side, and accepted steps.
    norm_product : Array
        Product rho of the layer norms, shape (T,).
    smallest_margin : Array
        min_i y_i f(V; x_i), shape (T,).
    smallest_share : Array
        p_1, the share of the loss of the sample with the smallest margin, shape (T,).
    """

    dynamics: str
    gate_width: float
    points: Array
    labels: Array
    log10_time: Array
    log10_loss: Array
    layer_norms: Array
    direction_norms: Array
    normalized_margins: Array
    smoothed_margin: Array
    loss_shares: Array
    own_growth: Array
    cross_growth: Array
    total_growth: Array
    change_log10_time: Array
    changes: Tally
    rate_log10_time: Array
    measured_rates: Array
    predicted_rates: Array
    rate_deviation: float
    separated_at: float
    loss_below_one_at: float
    kkt_residual: Array
    svm_direction: Array | None
    svm_angle: Array | None
    snapshot_log10_time: Array
    snapshot_log10_loss: Array
    snapshot_weights: tuple[Array, ...]
    status: FlowStatus
    message: str
    evaluations: int
    steps: int

    norm_product: Array = field(init=False)
    smallest_margin: Array = field(init=False)
    smallest_share: Array = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "norm_product", self.layer_norms.prod(axis=1))
        object.__setattr__(self, "smallest_margin", self.normalized_margins.min(axis=1))
        object.__setattr__(self, "smallest_share", self.loss_shares.max(axis=1))

    @property
    def depth(self) -> int:
        """Number of layers K."""
        return int(self.layer_norms.shape[1])

    @property
    def digest(self) -> str:
        """Fingerprint of data, times, losses and weights, for cache keys."""
        parts = (self.points, self.labels, self.log10_time, self.log10_loss, *self.snapshot_weights)
        return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()

    @property
    def balance(self) -> Array:
        """|W_k|^2 - |W_1|^2, conserved under both flows, shape (T, K)."""
        squares = self.layer_norms**2
        return np.asarray(squares - squares[:, :1])

    def mean_growth(self) -> tuple[Array, Array, Array]:
        """Rate by log t of the margins' mean, weighted by their shares of the loss (problem 1.2).

        Returns
        -------
        log10_time : Array
            Between the ends of the integrator's steps, shape (J,).
        measured : Array
            By differences along the run, shape (J,).
        predicted : Array
            What each layer is to bring, shape (J, K); NaN where the steps do not resolve it.
        """
        sums, log_time = self.changes, np.log(10.0) * self.change_log10_time
        rise, counted = np.diff(sums.mean_margin), np.diff(sums.resolved_mean_margin)
        span = np.diff(log_time)
        resolved = np.abs(counted - rise) <= 1e-6 * np.abs(rise)
        predicted = np.where(resolved[:, None], np.diff(sums.brackets, axis=0), np.nan)
        return (
            self.change_log10_time[:-1] + np.diff(self.change_log10_time) / 2.0,
            rise / span,
            predicted / span[:, None],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Boundary:
    """f(V; x) on a grid, for planar data.

    Attributes
    ----------
    x, y : Array
        Axes, shape (G,).
    levels : Array
        f(V; x) at S snapshots, each divided by its largest size, shape (S, G, G), y first.
    points, labels : Array
        The samples, shapes (n, 2) and (n,).
    support : Array
        Samples that carry at least 1 % of the loss, shape (S, n).
    log10_time, log10_loss : Array
        Of the snapshots, shape (S,).
    line : Array or None
        K = 1: normal (and offset) of the hard-margin support vector machine, shape (2,) or (3,).
    """

    x: Array
    y: Array
    levels: Array
    points: Array
    labels: Array
    support: Mask
    log10_time: Array
    log10_loss: Array
    line: Array | None
