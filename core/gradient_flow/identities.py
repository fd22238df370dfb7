"""The steps of the two derivations as equalities between numbers of one run."""

from dataclasses import dataclass

import numpy as np

from core.arrays import Array
from core.gradient_flow.relu_network import evaluate, weighted_gradient
from core.gradient_flow.result import FlowResult


@dataclass(frozen=True, slots=True)
class Identity:
    """Both sides of a step, in units in which nothing underflows.

    Attributes
    ----------
    key : str
        Which step.
    left, right : tuple of float
        The two sides, one number a layer or one for all.
    residual : float
        Largest difference relative to the larger side.
    inequality : bool
        Whether the step says left >= right instead.
    """

    key: str
    left: tuple[float, ...]
    right: tuple[float, ...]
    residual: float
    inequality: bool = False


def identities(result: FlowResult, snapshot: int) -> dict[str, Identity]:
    """Evaluate each step of 1.1 and 1.2 at one snapshot.

    Parameters
    ----------
    result : FlowResult
        The run.
    snapshot : int
        Index among its snapshots.

    Returns
    -------
    dict of str to Identity
        "euler", "rate", "multiplier", "tangent", "margin", "cauchy_schwarz".
    """
    directions = [layer[snapshot] for layer in result.snapshot_weights]
    log10_time = result.snapshot_log10_time[snapshot]
    norms = np.array([np.interp(log10_time, result.log10_time, rho) for rho in result.layer_norms.T])
    rho = float(norms.prod())
    signals = evaluate(directions, result.points, result.labels, result.gate_width)
    nu = signals.margins
    exponents = rho * (nu - nu.min())
    shares = np.exp(-exponents) / np.exp(-exponents).sum()
    gradient = weighted_gradient(signals, shares)
    mean = float(shares @ nu)
    pulls = np.array([float((v * g).sum()) for v, g in zip(directions, gradient, strict=True)])
    tangents = [g - v * mean for v, g in zip(directions, gradient, strict=True)]
    first = int(nu.argmin())
    own = weighted_gradient(signals, np.eye(len(nu))[first])
    brackets = np.array([float((g * g).sum() - nu[first] ** 2) for g in own])
    moved = sum(float((g * (g - v * nu[first])).sum()) for v, g in zip(directions, own, strict=True))
    smallest = [(v * g).sum() for v, g in zip(directions, own, strict=True)]
    return {
        "euler": _equal("euler", np.array(smallest), np.full(len(own), nu[first])),
        "rate": _equal("rate", 2.0 * rho * pulls, np.full(len(pulls), 2.0 * rho * mean)),
        "multiplier": _equal("multiplier", rho * pulls, np.full(len(pulls), rho * mean)),
        "tangent": _equal(
            "tangent",
            np.array([float((v * d).sum()) for v, d in zip(directions, tangents, strict=True)]) + mean,
            np.full(len(tangents), mean),
        ),
        "margin": _equal("margin", np.array([moved]), np.array([brackets.sum()])),
        "cauchy_schwarz": Identity(
            "cauchy_schwarz",
            tuple(float((g * g).sum()) for g in own),
            (float(nu[first] ** 2),) * len(own),
            max(0.0, float(-brackets.min())) / max(float(nu[first] ** 2), 1e-300),
            inequality=True,
        ),
    }


def _equal(key: str, left: Array, right: Array) -> Identity:
    scale = max(float(np.abs(left).max()), float(np.abs(right).max()), 1e-300)
    residual = float(np.abs(left - right).max()) / scale
    return Identity(key, tuple(map(float, left)), tuple(map(float, right)), residual)
