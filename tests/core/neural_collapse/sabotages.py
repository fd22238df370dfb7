"""Runs of problem 3 that are falsified, each so that the claim it is meant for must notice."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np

from core.claims import Claim
from core.neural_collapse import FeatureStatistics, SyntheticParams, partition, simplex_etf
from core.neural_collapse.network import NetworkParams, NetworkResult, train_network
from core.neural_collapse.params import FitParams
from core.neural_collapse.studies import (
    implication,
    regions,
    simplex,
    study_implication,
    study_regions,
    study_simplex,
    study_upload,
    training,
    upload,
)
from core.neural_collapse.studies.conditions import measure
from core.neural_collapse.studies.derivation import Points, steps
from core.neural_collapse.studies.fitting import Fitted, collapsed, fit_classifier
from core.neural_collapse.unconstrained import UnconstrainedResult, train_unconstrained
from core.neural_collapse.unconstrained_model import UnconstrainedParams
from core.neural_collapse.upload import UploadedFeatures

Pair = tuple[Claim, Claim]
IDEAL, BARE = SyntheticParams(noise=0.0), FitParams()


# Of a classifier and of moments


def _swapped(fitted: Fitted) -> Fitted:
    """The first two classes have changed places in the classifier."""
    order = np.arange(len(fitted.weights))
    order[:2] = 1, 0
    return replace(fitted, weights=fitted.weights[order], bias=fitted.bias[order])


def _longer_row(fitted: Fitted, by: float = 1e-6) -> Fitted:
    scale = np.ones((len(fitted.weights), 1))
    scale[0] += by
    return replace(fitted, weights=fitted.weights * scale)


def _other_bias(fitted: Fitted, by: float = 1e-6) -> Fitted:
    return replace(fitted, bias=fitted.bias + by * (np.arange(len(fitted.bias)) == 0))


def _turned(fitted: Fitted, by: float = 1e-6) -> Fitted:
    """Each row with a part of what is across it."""
    return replace(fitted, weights=fitted.weights + by * np.roll(fitted.weights, 1, axis=1))


def _moments(fitted: Fitted, **changes: Any) -> Fitted:
    return replace(fitted, statistics=replace(fitted.statistics, **changes))


def _more_noise(fitted: Fitted) -> Fitted:
    return _moments(fitted, within_factor=1.000001 * fitted.statistics.within_factor)


def _means_off(fitted: Fitted, change: Callable[[FeatureStatistics], Any]) -> Fitted:
    means = fitted.statistics.centered_means + change(fitted.statistics)
    return _moments(fitted, centered_means=means, class_means=means + fitted.statistics.global_mean[:, None])


def _longer_mean(fitted: Fitted) -> Fitted:
    return _means_off(fitted, lambda law: 1e-9 * law.centered_means * (np.arange(law.classes) == 0))


def _turned_mean(fitted: Fitted) -> Fitted:
    """The first mean turned towards the second, its length kept to first order."""

    def change(law: FeatureStatistics) -> Any:
        first, second = law.centered_means.T[:2]
        across = second - first * (first @ second) / (first @ first)
        return 1e-9 * np.outer(across, np.arange(law.classes) == 0)

    return _means_off(fitted, change)


def _named(claims: Sequence[Claim], name: str) -> Claim:
    return next(claim for claim in claims if claim.name.startswith(name))


def _study(
    module: Any, make: Callable[[], Any], name: str, wrong: Callable[[Fitted], Fitted], function: str = "fit_classifier"
) -> Pair:
    """A claim of a study, and the same where what the study fits is falsified."""
    right = getattr(module, function)
    true = _named(make().claims, name)
    with patch.object(module, function, lambda *settings: wrong(right(*settings))):
        return true, _named(make().claims, name)


def _of_implication(name: str, wrong: Callable[[Fitted], Fitted], params: SyntheticParams = IDEAL) -> Pair:
    return _study(implication, lambda: study_implication(params, BARE), name, wrong)


def _of_regions(wrong: Callable[[Fitted], Fitted]) -> Pair:
    return _study(regions, lambda: study_regions(IDEAL, BARE), "One partition", wrong)


def _of_simplex(name: str, wrong: Callable[[Fitted], Fitted]) -> Pair:
    return _study(simplex, lambda: study_simplex(SyntheticParams()), name, wrong)


def _polygons_off() -> Pair:
    """All cuts of polygons are off by 10^-9."""
    true, right = study_regions(IDEAL, BARE).claims[0], partition._clip
    with patch.object(partition, "_clip", lambda polygon, score: right(polygon, score + np.array([1e-9, 0, 0]))):
        return true, study_regions(IDEAL, BARE).claims[0]


def _limit(name: str, change: Callable[[Any], Any]) -> Pair:
    """A claim on vanishing noise, with a falsified limit."""

    def make() -> Any:
        return study_implication(SyntheticParams(), BARE)

    return _study(implication, make, name, change, "_towards_no_noise")


def _step(key: str, wrong: Callable[[Fitted], Fitted], params: SyntheticParams = IDEAL, fit: FitParams = BARE) -> Pair:
    """A step of the derivation with a falsified classifier or moments, on the features as they are."""
    fitted = fit_classifier(params, fit)
    points, conditions = Points.of(fitted), measure(fitted, params)
    bad = wrong(fitted)
    true, false = (
        steps(one, points, collapsed(conditions), measure(one, params).nc4, fit.ridge)[key] for one in (fitted, bad)
    )
    return true, false


def _ridge_ignored(key: str) -> Pair:
    """The classifier is fitted without the ridge that the normal equations have."""
    params = SyntheticParams()
    return _step(key, lambda _: fit_classifier(params, BARE), params, FitParams(ridge=0.01))


def _upload_without_ridge() -> Pair:
    """A pseudo-inverse where the bound is on a ridge, on few samples with tiny noise in many dimensions."""
    rng, labels = np.random.default_rng(0), np.arange(60) % 4
    features = simplex_etf(4, 20).T[labels] + 1e-5 * rng.standard_normal((60, 20))
    bring = UploadedFeatures(features=features, labels=labels, class_names=tuple("abcd"))
    true, right = study_upload(bring).claims[0], upload.span_system
    with patch.object(upload, "span_system", lambda statistics, ridge=0.0: right(statistics)):
        return true, study_upload(bring).claims[0]


# Of trainings


def falsified(run: Any, **changes: Any) -> Any:
    """A run with some of its results replaced; attributes in between are looked up in it."""
    return SimpleNamespace(**{name: getattr(run, name) for name in dir(run) if not name.startswith("__")} | changes)


@lru_cache
def free_run() -> UnconstrainedResult:
    """Unconstrained features at their defaults."""
    return train_unconstrained(UnconstrainedParams())


@lru_cache
def digits_run() -> NetworkResult:
    """The digits at their defaults."""
    return train_network(NetworkParams())


def _curve(run: Any, name: str, change: Callable[[Any], Any]) -> Any:
    """The run with one of its metrics changed."""

    def curve(wanted: str) -> Any:
        return change(run.curves.curve(wanted)) if wanted == name else run.curves.curve(wanted)

    return falsified(run, curves=falsified(run.curves, curve=curve))


def _drifting(values: Any) -> Any:
    """Up again in the last third, by 3 percent between neighbours, and still far below the start."""
    turned, start = values.copy(), len(values) * 2 // 3
    turned[start:] = values[start] * 1.03 ** np.arange(len(values) - start)
    return turned


def _free_pair(check: Callable[[Any], Claim], **changes: Any) -> Pair:
    return check(free_run()), check(falsified(free_run(), **changes))


def _stuck(name: str, value: float) -> Pair:
    check = training._collapse
    return check(free_run()), check(_curve(free_run(), name, lambda values: np.append(values[:-1], value)))


def _distance(run: Any, check: Callable[[Any], Claim], value: float) -> Pair:
    far = falsified(run.curves.ridge, distance=np.array([value]))
    return check(run), check(falsified(run, curves=falsified(run.curves, ridge=far)))


def _digits_curve(check: Callable[[Any], Claim], name: str, change: Callable[[Any], Any]) -> Pair:
    return check(digits_run()), check(_curve(digits_run(), name, change))


SABOTAGES: dict[str, Callable[[], Pair]] = {
    "simplex: one mean longer": lambda: _of_simplex("Equal lengths", _longer_mean),
    "simplex: one mean turned": lambda: _of_simplex("Equal angles", _turned_mean),
    "simplex: a row of W longer": lambda: _of_simplex("Self-duality", _longer_row),
    "implication: classes swapped, NC3": lambda: _of_implication("NC1 + NC2 ⇒ NC3", _swapped),
    "implication: classes swapped, NC4": lambda: _of_implication("NC1 + NC2 ⇒ NC4", _swapped),
    "implication: a row of W longer": lambda: _of_implication("NC1 + NC2 ⇒ NC3", _longer_row),
    "implication: bias shifted": lambda: _of_implication("NC1 + NC2 ⇒ NC4", partial(_other_bias, by=1e-3)),
    "implication: W turned, with isotropic noise": lambda: _of_implication("NC3 needs", _turned, SyntheticParams()),
    "implication: samples without their jump": lambda: _limit(
        "The implication jumps", lambda limit: replace(limit, sampled=limit.population)
    ),
    "implication: twice the jump": lambda: _limit(
        "The implication jumps", lambda limit: replace(limit, sampled=2.0 * limit.sampled)
    ),
    "implication: ridge ignored": lambda: _limit("A ridge", lambda limit: replace(limit, ridge=limit.sampled)),
    "regions: classes swapped": lambda: _of_regions(_swapped),
    "regions: bias shifted": lambda: _of_regions(_other_bias),
    "regions: a row of W longer": lambda: _of_regions(_longer_row),
    "regions: polygons off": _polygons_off,
    "derivation: wrong covariance of a population": lambda: _step("total", _more_noise, SyntheticParams()),
    "derivation: wrong covariance of samples": lambda: _step(
        "total", _more_noise, SyntheticParams(), FitParams(sampled=True)
    ),
    "derivation: bias shifted": lambda: _step("bias", _other_bias),
    "derivation: W turned, normal equations": lambda: _step("normal", _turned, SyntheticParams()),
    "derivation: W turned, minimum": lambda: _step("least", _turned, SyntheticParams()),
    "derivation: ridge ignored, normal equations": lambda: _ridge_ignored("normal"),
    "derivation: ridge ignored, minimum": lambda: _ridge_ignored("least"),
    "derivation: noise behind NC1": lambda: _step(
        "between", lambda fitted: _moments(fitted, centered_means=1.000001 * fitted.statistics.centered_means)
    ),
    "derivation: a row of W longer, W = M⁺": lambda: _step("pseudo_inverse", _longer_row),
    "derivation: one mean longer": lambda: _step("frame", _longer_mean),
    "derivation: one mean turned": lambda: _step("transpose", _turned_mean),
    "derivation: classes swapped, NC3": lambda: _step("duality", _swapped),
    "derivation: bias shifted, scores": lambda: _step("scores", _other_bias),
    "derivation: classes swapped, NC4": lambda: _step("nearest", _swapped),
    "free features: stopped above the minimum": lambda: _free_pair(training._minimum, gaps=np.array([1e-5])),
    "free features: below the minimum": lambda: _free_pair(training._minimum, gaps=np.array([-1e-5])),
    "free features: one mode weaker by 1 %": lambda: _free_pair(
        training._singular,
        weight_singular=free_run().weight_singular * np.array([1.0, 1.0, 0.99, 1.0]),
    ),
    "free features: NC3 stays": lambda: _stuck("nc3", 0.02),
    "free features: NC2 drifts back": lambda: _stuck("nc2_equinorm", 0.005),
    "free features: W off by 1 %": lambda: _distance(free_run(), training._stationary, 0.01),
    "digits: late": lambda: (
        training._terminal(digits_run()),
        training._terminal(falsified(digits_run(), terminal_epoch=900)),
    ),
    "digits: NC1 drifts back": lambda: _digits_curve(training._variability, "nc1", _drifting),
    "digits: NC1 stays above 0.01": lambda: _digits_curve(
        training._variability, "nc1", lambda values: np.maximum(values, 0.02)
    ),
    "digits: NC3 drifts back": lambda: _digits_curve(training._shrinkage, "nc3", _drifting),
    "digits: angles drift back": lambda: _digits_curve(training._shrinkage, "nc2_equiangle", _drifting),
    "digits: angles grow": lambda: _digits_curve(training._shrinkage, "nc2_equiangle", lambda values: values[::-1]),
    "digits: W off by 20 %": lambda: _distance(digits_run(), training._ridge, 0.2),
    "digits: 5 % of the images wrong": lambda: (
        training._generalizes(digits_run()),
        training._generalizes(falsified(digits_run(), test_errors=np.append(digits_run().test_errors[:-1], 0.05))),
    ),
    "features: ridge ignored": _upload_without_ridge,
}
"""A claim on a true run, which holds, and on the falsified one, where it must be violated."""
