"""Run a gradient flow from a set of parameters, or from weights and data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.arrays import Array
from core.gradient_flow.assembly import assemble
from core.gradient_flow.datasets import Dataset, make_dataset, with_bias
from core.gradient_flow.dynamics import SYSTEMS
from core.gradient_flow.endings import describe, is_over
from core.gradient_flow.history import History
from core.gradient_flow.params import UPLOAD, FlowParams
from core.gradient_flow.relu_network import initial_weights
from core.gradient_flow.result import FlowResult
from core.gradient_flow.rosenbrock import Knot, Tolerance, integrate
from core.gradient_flow.separability import contradiction
from core.gradient_flow.status import FlowStatus
from core.gradient_flow.systems import FlowSystem
from core.gradient_flow.trajectory import (
    LN10,
    Trajectory,
    end_step,
)
from core.validation import check_choice, check_integer, check_number

MAX_EVALUATIONS = 12_000
"""Budget of a run: about ten times what a typical run to 10^-800 needs."""
_HOPELESS_EVALUATIONS = 4_000  # where the data rule success out, enough to see the loss settle
_LOG_LOSS_ERROR = 300.0  # error allowed in log L, in units of rtol: 0.03 at the default


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    log10_loss : float
        Where the loss stands.
    fraction : float
        From 0 to 1, on a logarithmic scale of log L.
    evaluations : int
        Spent so far.
    """

    log10_loss: float
    fraction: float
    evaluations: int


Watch = Callable[[Progress], bool]


def training_data(params: FlowParams, dataset: Dataset | None = None) -> Dataset:
    """The samples of a run.

    Parameters
    ----------
    params : FlowParams
        The parameters.
    dataset : Dataset, optional
        The user's own table, where params.dataset is "upload".

    Raises
    ------
    ValueError
        If an upload is asked for and none is given.
    """
    if params.dataset != UPLOAD:
        return make_dataset(params.dataset, params.samples, params.noise, params.flipped, params.data_seed)
    if dataset is None:
        raise ValueError("dataset must be given where params.dataset is 'upload'")
    flips = np.random.default_rng(params.data_seed).permutation(len(dataset.labels))[: params.flipped]
    labels = dataset.labels.copy()
    labels[flips] *= -1.0
    return Dataset(dataset.points, labels, dataset.names, dataset.classes)


def run_flow(params: FlowParams, *, dataset: Dataset | None = None, watch: Watch | None = None) -> FlowResult:
    """Run the flow that some parameters describe.

    Parameters
    ----------
    params : FlowParams
        Data, network, flow and target.
    dataset : Dataset, optional
        The user's own table, where params.dataset is "upload".
    watch : callable, optional
        As in `integrate_flow`.

    Returns
    -------
    FlowResult
        The run; the same for the same parameters, bit for bit, on one installation.
    """
    data = training_data(params, dataset)
    points = with_bias(data.points) if params.bias else data.points
    rng = np.random.default_rng(params.seed)
    weights = initial_weights(points.shape[1], params.depth, params.width, params.initial_norms, rng)
    return integrate_flow(
        weights,
        points,
        data.labels,
        dynamics=params.dynamics,
        stop_log10_loss=float(params.target),
        watch=watch,
    )


def integrate_flow(
    weights: Sequence[ArrayLike],
    points: ArrayLike,
    labels: ArrayLike,
    *,
    dynamics: str = "plain",
    gate_width: float = 1e-3,
    stop_log10_loss: float = -100.0,
    stop_log10_time: float | None = None,
    rtol: float = 1e-4,
    max_evaluations: int = MAX_EVALUATIONS,
    watch: Watch | None = None,
) -> FlowResult:
    """Integrate the gradient flow of the exponential loss L = sum_i exp(-y_i f(W; x_i)).

    Parameters
    ----------
    weights : sequence of array_like
        K arrays of shape (out, in), the last with one row: W at t = 0.
    points : array_like
        Inputs, shape (n, d). A bias is a coordinate that is 1 everywhere.
    labels : array_like
        +1 or -1, shape (n,).
    dynamics : str
        "plain": dW_k/dt = -dL/dW_k. "normalized": the flow of L(V, rho) under |V_k| = 1, from
        rho_k = |W_k|, V_k = W_k / |W_k| (problem 1.2).
    gate_width : float
        Width eps of the gates, as an angle; 0 is the hard ReLU, which is up to 40 times slower.
    stop_log10_loss : float
        End where log10 L falls to this.
    stop_log10_time : float, optional
        End where log10 t rises to this.
    rtol : float
        Relative error tolerance of a step, from 1e-8 to 1e-2.
    max_evaluations : int
        Budget of evaluations of the right-hand side.
    watch : callable, optional
        Called with a `Progress` after each step; the run ends where it returns False.

    Returns
    -------
    FlowResult
        The run, whatever its ending; its status and message tell.

    Raises
    ------
    ValueError
        If shapes do not fit, labels are not +1 or -1, or a number is not finite or out of range.
    """
    layers, x, y = _checked(weights, points, labels)
    check_choice("dynamics", dynamics, SYSTEMS)
    check_number("gate_width", gate_width, 0.0, 0.1)
    check_number("rtol", rtol, 1e-8, 1e-2)
    check_number("stop_log10_loss", stop_log10_loss, -1e12, 1e12)
    if stop_log10_time is not None:
        check_number("stop_log10_time", stop_log10_time, -1e12, 1e12)
    check_integer("max_evaluations", max_evaluations, 1, 10**9)
    system = SYSTEMS[dynamics](layers, x, y, float(gate_width))
    hopeless = contradiction(x, y) is not None
    budget = min(max_evaluations, _HOPELESS_EVALUATIONS) if hopeless else max_evaluations
    knots, known = _run(
        system, Tolerance(rtol, _LOG_LOSS_ERROR * rtol), stop_log10_loss, stop_log10_time, budget, watch
    )
    status, message = describe(system, knots, known, budget)
    return assemble(system, dynamics, knots, status, message)


def _checked(weights: Sequence[ArrayLike], points: ArrayLike, labels: ArrayLike) -> tuple[list[Array], Array, Array]:
    layers = [np.array(weight, dtype=float) for weight in weights]
    x, y = np.array(points, dtype=float), np.array(labels, dtype=float)
    if x.ndim != 2 or not len(x):
        raise ValueError(f"points must have shape (n, d) with n of 1 or more, got {x.shape}")
    if y.shape != (len(x),) or not np.isin(y, (-1.0, 1.0)).all():
        raise ValueError(f"labels must be +1 or -1 with shape ({len(x)},), got shape {y.shape}")
    if not layers or any(layer.ndim != 2 for layer in layers):
        raise ValueError("weights must be one or more arrays of shape (out, in)")
    sizes = [x.shape[1]] + [layer.shape[0] for layer in layers]
    if any(layer.shape[1] != into for layer, into in zip(layers, sizes, strict=False)) or sizes[-1] != 1:
        raise ValueError(f"weights must lead from {x.shape[1]} inputs to one output, got {[w.shape for w in layers]}")
    if not all(np.isfinite(array).all() for array in (*layers, x)):
        raise ValueError("weights and points must be finite")
    if not all(layer.any() for layer in layers):
        raise ValueError("each layer must have a non-zero weight")
    return layers, x, y


def _run(
    system: FlowSystem,
    tolerance: Tolerance,
    stop_log10_loss: float,
    stop_log10_time: float | None,
    budget: int,
    watch: Watch | None,
) -> tuple[list[Knot], FlowStatus | None]:
    """Collect steps until an end; None where the ending still has to be named."""
    knots = History()
    log_time, stop_log_time = -np.inf, np.inf if stop_log10_time is None else stop_log10_time * LN10
    for knot in integrate(system, tolerance):
        knots.append(knot)
        if len(knots) > 1 and stop_log10_time is not None:
            before, log_time = log_time, _later(system, knots, log_time)
            if log_time >= stop_log_time:
                remaining = stop_log_time + float(np.log1p(-np.exp(before - stop_log_time)))
                return end_step(system, knots, log_loss=None, log_time=remaining), FlowStatus.REACHED_TIME
        if len(knots) > 1 and knot.at.log_loss <= stop_log10_loss * LN10:
            beyond = stop_log10_loss * LN10 - 1e-9 * abs(stop_log10_loss)  # so that rounding does not end above it
            return end_step(system, knots, log_loss=beyond, log_time=None), FlowStatus.REACHED_LOSS
        if watch is not None and len(knots) > 1 and not watch(_progress(knot, stop_log10_loss)):
            return knots, FlowStatus.STOPPED
        if knot.evaluations >= budget or is_over(system, knots):
            return knots, None
    return knots, None


def _later(system: FlowSystem, knots: list[Knot], log_time: float) -> float:
    """Logarithm of t after the last step."""
    return float(np.logaddexp(log_time, Trajectory(system, knots[-2:]).log_time[-1]))


def _progress(knot: Knot, stop_log10_loss: float) -> Progress:
    log10_loss = knot.at.log_loss / LN10
    done, goal = np.log1p(max(-log10_loss, 0.0)), np.log1p(max(-stop_log10_loss, 1.0))
    return Progress(log10_loss, float(min(done / goal, 1.0)), knot.evaluations)
