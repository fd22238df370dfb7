"""NC1 + NC2 => NC3 + NC4: two dials, a map, and what happens at vanishing noise."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from core.arrays import Array
from core.claims import Assumption, Claim
from core.neural_collapse.least_squares import least_squares_classifier, span_system, vanishing_noise_nc3
from core.neural_collapse.metrics import self_duality
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.result import ImplicationResult, Study
from core.neural_collapse.statistics import FeatureStatistics, feature_statistics, population_statistics
from core.neural_collapse.studies.conditions import measure
from core.neural_collapse.studies.fitting import (
    collapsed,
    equal_weight,
    fit_classifier,
    on_simplex,
    untwisted,
    weighs_equally,
)
from core.neural_collapse.synthetic import DialMap, dial_map, make_features, make_population
from core.notation import number

NOISE_GRID = np.linspace(0.0, 1.0, 17)
DEPARTURE_GRID = np.linspace(0.0, 1.0, 17)
"""The dials of the map."""
LIMIT_RIDGE = 1e-3
"""lambda of the curve that a ridge repairs, next to means of length 1."""
_LEVELS = np.logspace(-6.0, 0.0, 7)
_MAP_PROBES = 400
_SLOPES, _SCATTER = (
    16,
    3.5,
)  # settings of the page, as tests/core/neural_collapse/scans.py draws them, stay below 2.6 / root


def study_implication(params: SyntheticParams, fit: FitParams) -> Study[ImplicationResult]:
    """Measure the conditions at the dials, over the map and towards vanishing noise."""
    fitted = fit_classifier(params, fit)
    dials = _map(_situation(params))
    limit = _towards_no_noise(replace(params, noise=0.0))
    result = ImplicationResult(
        noise=params.noise,
        departure=params.departure,
        ridge=fit.ridge,
        sampled=fit.sampled,
        weighted=weighs_equally(params, fit),
        conditions=measure(fitted, params),
        noise_grid=dials.noise,
        departure_grid=dials.departure,
        nc3_map=dials.nc3,
        nc4_map=dials.nc4,
        levels=_LEVELS,
        nc3_population=limit.population,
        nc3_sampled=limit.sampled,
        nc3_ridge=limit.ridge,
        nc3_predicted=_predicted(params),
        limit_ridge=LIMIT_RIDGE,
    )
    claims = (
        _duality(result, params, fit),
        _nearest(result, params, fit),
        _isotropic(params, fit),
        _jump(result, params),
        _repaired(result, params, fit),
    )
    return Study(result, claims)


def _situation(params: SyntheticParams) -> SyntheticParams:
    """What a map depends on; noise and departure are its axes.

    In p > C dimensions W lies in the span of the means and the direction of the noise, so all but C of them leave the
    population's metrics as they are, and so does the global mean.
    """
    dimension = min(params.dimension, params.classes)
    return replace(params, noise=0.0, departure=0.0, dimension=dimension, offset=0.0, samples=1, imbalance=1.0)


@lru_cache(maxsize=64)
def _map(params: SyntheticParams) -> DialMap:
    """Once for each situation."""
    return dial_map(params, NOISE_GRID, DEPARTURE_GRID, probes=_MAP_PROBES)


@dataclass(frozen=True, slots=True, eq=False)
class _Limit:
    """NC3 at the levels of noise, shape (T,) each."""

    population: Array
    sampled: Array
    ridge: Array


@lru_cache(maxsize=64)
def _towards_no_noise(params: SyntheticParams) -> _Limit:
    """Of the population, and of samples by the pseudo-inverse and by a ridge; once for each setting of the others."""
    population = make_population(replace(params, noise=1.0))
    exact = self_duality(span_system(population).weights(_LEVELS), population.centered_means)
    rows = [[_nc3(one, 0.0), _nc3(one, LIMIT_RIDGE)] for one in _samples(params)]
    sampled, ridge = np.array(rows).T
    return _Limit(exact, sampled, ridge)


def _samples(params: SyntheticParams) -> Iterator[FeatureStatistics]:
    """Moments of the same samples with their noise scaled to each level: their means move, too."""
    drawn = make_features(replace(params, noise=1.0))
    means = make_population(params).class_means
    noise = feature_statistics(drawn.features - means.T[drawn.labels], drawn.labels)
    for level in _LEVELS:
        yield population_statistics(means + level * noise.class_means, level * noise.within_factor)


def _nc3(statistics: FeatureStatistics, ridge: float) -> float:
    weights, _ = least_squares_classifier(statistics, ridge=ridge)
    return float(self_duality(weights, statistics.centered_means))


def _predicted(params: SyntheticParams) -> float:
    """NC3 of samples as isotropic noise around an ETF vanishes; NaN where the law is another, or has no mean."""
    plain = on_simplex(params) and params.anisotropy == 1.0 and params.imbalance == 1.0 and params.samples > 1
    across, freedom = params.dimension - params.classes + 1, params.classes * (params.samples - 1)
    if not plain or across == 0 or abs(across - freedom) <= 1:
        return float("nan")
    return vanishing_noise_nc3(params.classes, params.dimension, params.samples)


def _duality(result: ImplicationResult, params: SyntheticParams, fit: FitParams) -> Claim:
    """NC3 follows."""
    return Claim(
        name="NC1 + NC2 ⇒ NC3",
        formula=r"\Sigma_W = 0,\ M^\top M \propto I - \tfrac1C 11^\top \;\Rightarrow\; W \propto M^\top",
        assumptions=(*collapsed(result.conditions), equal_weight(params, fit)),
        predicted="NC3 = 0",
        measured=f"NC3 = {number(result.conditions.nc3)}",
        residual=result.conditions.nc3,
        tolerance=1e-10,
        unit="of 1",
        why=r"Then $\Sigma_T = \Sigma_B$, W is the pseudo-inverse of M, and all non-zero singular values of M are "
        r"equal, so it is a multiple of $M^\top$.",
    )


def _nearest(result: ImplicationResult, params: SyntheticParams, fit: FitParams) -> Claim:
    """NC4 follows, on all of feature space."""
    return Claim(
        name="NC1 + NC2 ⇒ NC4, for every h",
        formula=r"\arg\max_c\, \langle w_c, h\rangle + b_c = \arg\min_c\, \|h - \mu_c\|",
        assumptions=(*collapsed(result.conditions), equal_weight(params, fit)),
        predicted="no disagreement anywhere",
        measured=f"they differ on {result.conditions.disagreement}",
        residual=result.conditions.nc4,
        tolerance=0.0,
        allowed="allowed: not one probe",
        why="With W ∝ Mᵀ and means of one length both rules order the classes alike. On the training features alone "
        "NC1 is enough, where the means are in general position and there is no ridge.",
    )


def _isotropic(params: SyntheticParams, fit: FitParams) -> Claim:
    """In the population isotropic noise leaves NC3 and NC4 alone."""
    population = fit_classifier(params, replace(fit, sampled=False))
    nc3 = float(self_duality(population.weights, population.statistics.centered_means))
    return Claim(
        name="NC3 needs less than NC1 + NC2",
        formula=r"\Sigma_T M = \gamma M \;\Rightarrow\; W \propto M^\top",
        assumptions=(untwisted(population.statistics), equal_weight(params, fit)),
        predicted="NC3 = 0 in the population, however large the noise",
        measured=f"NC3 = {number(nc3)} at noise {number(params.noise)}",
        residual=nc3,
        tolerance=1e-10,
        unit="of 1",
        why="In place of NC1 and NC2, NC3 needs only this one condition. Isotropic noise around a simplex ETF meets "
        "it, and so, in the population, leaves NC3 alone.",
    )


def _jump(result: ImplicationResult, params: SyntheticParams) -> Claim:
    """Sampled noise, however small, keeps NC3 away from 0."""
    measured, predicted = float(result.nc3_sampled[0]), result.nc3_predicted
    # NC3^2 adds up so many squares of random slopes: relative scatter falls with the root of their number
    slopes = (params.classes - 1) * min(params.dimension - params.classes + 1, params.classes * (params.samples - 1))
    allowed = _SCATTER / np.sqrt(max(slopes, 1))
    return Claim(
        name="The implication jumps at NC1 = 0",
        formula=r"\sigma \to 0,\ p > C - 1,\ N \ge 2: \quad \mathrm{NC3} \not\to 0 \ \text{(samples)}",
        assumptions=(
            Assumption("p > C − 1", params.dimension > params.classes - 1),
            Assumption("isotropic noise around an ETF, balanced, whose law has a mean", bool(np.isfinite(predicted))),
            Assumption(f"(C − 1) min(p − C + 1, C(N − 1)) ≥ {_SLOPES}", slopes >= _SLOPES),
        ),
        predicted=f"NC3 about {number(predicted)} at any small noise, 0 at none"
        if np.isfinite(predicted)
        else "no number for these features",
        measured=f"NC3 = {number(measured)} at noise {number(float(result.levels[0]))}",
        residual=abs(measured / predicted - 1.0) if np.isfinite(predicted) else float("nan"),
        tolerance=float(allowed),
        allowed=f"allowed: ± {number(100.0 * allowed)} % of the prediction, which is NC3 at the mean squared slope",
        why="A pseudo-inverse does not care how small the noise is: with N samples it regresses the noise in the span "
        "of M on that across it.",
    )


def _repaired(result: ImplicationResult, params: SyntheticParams, fit: FitParams) -> Claim:
    """A ridge makes the implication continuous."""
    measured = float(result.nc3_ridge[0])
    return Claim(
        name="A ridge repairs it",
        formula=r"W = \tfrac1C M^\top (\Sigma_T + \lambda I)^{-1}: \quad \mathrm{NC3} \to 0",
        assumptions=(
            Assumption("means on a simplex ETF", on_simplex(params)),
            Assumption("classes weigh the same", weighs_equally(params, fit)),
        ),
        predicted=f"NC3 → 0 with λ = {number(result.limit_ridge)}",
        measured=f"NC3 = {number(measured)} at noise {number(float(result.levels[0]))}",
        residual=measured,
        tolerance=1e-4,
        unit="of 1",
        why="λ outweighs noise whose square is smaller, in the span of M and across it alike.",
    )
