"""The steps of the derivations, each held against a measurement: of the flow by short steps, of f by differences."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.arrays import Array
from core.gradient_flow.differences import Measured, derivative_along, weight_derivatives
from core.gradient_flow.moment import LN10, FlowRates, Moment, flow_rates, moment_of
from core.gradient_flow.relu_network import evaluate, layer_norms, weighted_gradient
from core.gradient_flow.result import FlowResult
from core.gradient_flow.systems import Layout, join, softmin

Norm = Callable[[Array], float]


@dataclass(frozen=True, slots=True)
class Identity:
    """Both sides of a step, in units in which nothing underflows.

    Attributes
    ----------
    left, right : tuple of float
        What was measured, and what the formula gives: one number a layer or one for all.
    residual : float
        Largest difference relative to the larger side; NaN where the flow is too slow for its rates to be measured.
    kind : str
        "equality", "inequality" for left >= right, or "law" for what is approached late.
    """

    left: tuple[float, ...]
    right: tuple[float, ...]
    residual: float
    kind: str = "equality"


def identities(result: FlowResult, snapshot: int) -> dict[str, Identity]:
    """Hold each step of the derivations against the run at one snapshot.

    Parameters
    ----------
    result : FlowResult
        The run.
    snapshot : int
        Index among its snapshots.

    Returns
    -------
    dict of str to Identity
        "euler", "rate", "multiplier", "tangent", "margin", "cauchy_schwarz", "group", "fall"; and once L < 1 and
        t > 1, "late", "growth_law", "loss_law" and "norm_law".
    """
    now = moment_of(result, snapshot)
    measured = flow_rates(now.system)
    return {
        **of_the_network(now),
        "rate": rate(now, measured),
        "multiplier": multiplier(now),
        "tangent": tangent(now, measured),
        "margin": margin(now),
        "group": group(now, measured),
        "fall": fall(now, measured),
        **(laws(result, snapshot, now) if now.log_loss < 0.0 < now.log_time else {}),
    }


def of_the_network(now: Moment) -> dict[str, Identity]:
    """Euler's identity and Cauchy-Schwarz at the sample with the smallest margin, by differences of f."""
    system, first = now.system, int(now.margins.argmin())
    value = float(system.labels[first] * now.margins[first])
    derivatives = weight_derivatives(now.directions, system.points[first], system.gate_width)
    pulls = np.array([float((v * d).sum()) for v, d in zip(now.directions, derivatives, strict=True)])
    squares = np.array([float((d * d).sum()) for d in derivatives])
    below = max(0.0, float((value**2 - squares).max())) / max(value**2, 1e-300)
    return {
        "euler": _equal(Measured(pulls, np.zeros_like(pulls)), np.full(len(pulls), value)),
        "cauchy_schwarz": Identity(tuple(map(float, squares)), (value**2,) * len(squares), below, "inequality"),
    }


def rate(now: Moment, measured: FlowRates) -> Identity:
    """d|W_k|^2/dt against 2 sum_i p_i m_i."""
    terms = 2.0 * now.rho * float(now.shares @ np.abs(now.margins))
    return _equal(measured.squares, np.full(len(now.norms), 2.0 * now.rho * now.mean), terms=terms)


def tangent(now: Moment, measured: FlowRates) -> Identity:
    """dV_k/dt against speed_k rho (g_k - V_k c): lengths are shown, differences count as vectors."""
    predicted = [
        now.rho * speed * (g - v * now.mean)
        for speed, g, v in zip(now.speeds, now.gradient, now.directions, strict=True)
    ]
    layout = Layout(predicted)
    found, errors = layout.split(measured.directions.value), layout.split(measured.directions.error)
    lengths = [tuple(_length(layer) for layer in side) for side in (found, predicted)]
    residuals = [
        _equal(
            Measured(a.ravel(), np.full(a.size, _length(e))),
            b.ravel(),
            terms=now.rho * speed * _length(g),
            norm=_length,
        ).residual
        for a, e, b, g, speed in zip(found, errors, predicted, now.gradient, now.speeds, strict=True)
    ]
    return Identity(lengths[0], lengths[1], float(np.max(residuals)))


def multiplier(now: Moment) -> Identity:
    """2 lambda_k, as what it has to undo: half the rate of |V_k|^2 on the flow of V without it, in units of L."""
    system, layout, rho = now.system, Layout(now.directions), now.rho

    def free(flat: Array) -> Array:
        signals = evaluate(layout.split(flat), system.points, system.labels, system.gate_width)
        log_loss, shares = softmin(rho * signals.margins)
        return rho * float(np.exp(log_loss - now.log_loss)) * join(weighted_gradient(signals, shares))

    growth = derivative_along(free, join(now.directions), lambda flat: layer_norms(layout.split(flat)) ** 2)
    terms = rho * float(now.shares @ np.abs(now.margins))
    return _equal(growth * 0.5, np.full(len(now.norms), rho * now.mean), terms=terms)


def margin(now: Moment) -> Identity:
    """Rate of nu_1 on the flow of its sample alone, in units of rho exp(-rho nu_1)."""
    first = int(now.margins.argmin())
    points, labels, width = now.system.points[[first]], now.system.labels[[first]], now.system.gate_width
    weights = [rho * v for rho, v in zip(now.norms, now.directions, strict=True)]
    alone = flow_rates(type(now.system)(weights, points, labels, width))  # type: ignore[call-arg]
    own = weighted_gradient(evaluate(now.directions, points, labels, width), np.ones(1))
    brackets = np.array([float((g * g).sum() - now.margins[first] ** 2) for g in own])
    terms = float(now.speeds @ (brackets + now.margins[first] ** 2))
    return _equal(alone.mean_margin * (1.0 / now.rho), np.array([float(now.speeds @ brackets)]), terms=terms)


def group(now: Moment, measured: FlowRates) -> Identity:
    """sum_i p_i dnu_i/dt against sum_k speed_k (|g_k|^2 - c^2), in units of rho L."""
    brackets = _brackets(now)
    terms = float(now.speeds @ (brackets + now.mean**2))
    return _equal(measured.mean_margin * (1.0 / now.rho), np.array([float(now.speeds @ brackets)]), terms=terms)


def fall(now: Moment, measured: FlowRates) -> Identity:
    """d(1/L)/dt against the part of the norms and the part of the directions."""
    of_norms = (now.rho * now.mean) ** 2 * float((now.norms**-2.0).sum())
    of_directions = now.rho**2 * float(now.speeds @ _brackets(now))
    return _equal(measured.log_loss * -1.0, np.array([of_norms + of_directions]))


def _brackets(now: Moment) -> Array:
    """|g_k|^2 - c^2, shape (K,)."""
    return np.array([float((g * g).sum()) - now.mean**2 for g in now.gradient])


def laws(result: FlowResult, snapshot: int, now: Moment) -> dict[str, Identity]:
    """What a run tends to, with the smoothed margin nu of now: d(1/L)/dt, 1/(tL) and the norms."""
    depth, smoothed = len(now.norms), -now.log_loss / now.rho
    constant, exponent = depth * smoothed ** (2.0 / depth), 2.0 - 2.0 / depth
    of_norms = (now.rho * now.mean) ** 2 * float((now.norms**-2.0).sum())
    over_time = float(np.exp(-now.log_time - now.log_loss))
    norm = (now.log_time / smoothed) ** (1.0 / depth)
    return {
        **_growth(result, snapshot, now),
        "growth_law": _law([of_norms], constant * (-now.log_loss) ** exponent),
        "loss_law": _law([over_time], constant * now.log_time**exponent),
        "norm_law": _law(now.norms, norm),
    }


def _growth(result: FlowResult, snapshot: int, now: Moment) -> dict[str, Identity]:
    """Growth of log(1/L) and of rho since half of log t, where L was below 1 then."""
    half = int(np.abs(result.snapshot_log10_time[: snapshot + 1] - 0.5 * now.log_time / LN10).argmin())
    before = moment_of(result, half)
    if half == snapshot or before.log_loss >= 0.0:
        return {}
    return {"late": _law([now.log_loss / before.log_loss], now.rho / before.rho)}


def _law(left: ArrayLike, right: float) -> Identity:
    values = np.asarray(left, dtype=float)
    return _equal(Measured(values, np.zeros_like(values)), np.full_like(values, right), kind="law")


def _largest(values: Array) -> float:
    return float(np.abs(values).max())


def _length(values: Array) -> float:
    return float(np.linalg.norm(values))


def _equal(
    left: Measured, right: Array, *, terms: float = 0.0, kind: str = "equality", norm: Norm = _largest
) -> Identity:
    """Both sides; `terms` is the size of what cancels in the formula, where its rounding comes from."""
    scale = max(norm(left.value), norm(right))
    unknown = scale <= 10.0 * max(
        float(left.error.max()), 100.0 * np.finfo(float).eps * terms
    )  # not one digit is known
    residual = float("nan") if unknown else norm(left.value - right) / scale
    return Identity(tuple(map(float, left.value)), tuple(map(float, right)), residual, kind)
