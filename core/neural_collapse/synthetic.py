"""Features with a known distance from collapse: class means, noise, samples and the exact population.

The means stay in the span of the ETF they depart from, and are centred and scaled so that their root-mean-square
distance from the centre is 1: the departure moves NC2 and leaves tr Sigma_B alone, the noise does the opposite.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from core.arrays import Array, Indices
from core.neural_collapse.least_squares import span_system
from core.neural_collapse.metrics import angle_metrics, equinorm, self_duality, within_to_between
from core.neural_collapse.params import SyntheticParams
from core.neural_collapse.regions import make_probes, point_disagreements
from core.neural_collapse.simplex import simplex_etf
from core.neural_collapse.statistics import FeatureStatistics, checked_numbers, population_statistics

_SPREAD = 0.8  # of lengths and directions at departure 1: below 1, so that no mean reaches 0 or turns around
_MEANS, _NOISE = range(2)  # streams of random numbers besides the turning's
MAX_GRID = 201


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SyntheticFeatures:
    """Samples.

    Attributes
    ----------
    features : Array
        h in rows, one class after the other, shape (n, p).
    labels : Indices
        Class of each, shape (n,).
    """

    features: Array
    labels: Indices


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DialMap:
    """Metrics of the population over two dials, with the least squares classifier; all of shape (D, A) but the dials.

    Attributes
    ----------
    noise : Array
        Of each column, shape (A,).
    departure : Array
        Of each row, shape (D,).
    nc1, nc2_equinorm, nc2_equiangle, nc3 : Array
        As in `metrics.CollapseMetrics`.
    nc4 : Array
        Share of probes on which the two rules differ.
    """

    noise: Array
    departure: Array
    nc1: Array
    nc2_equinorm: Array
    nc2_equiangle: Array
    nc3: Array
    nc4: Array


def class_means(params: SyntheticParams) -> Array:
    """mu_c in columns, shape (p, C): lengths and directions of an ETF perturbed, then centred, scaled and moved."""
    frame = simplex_etf(params.classes, params.dimension, seed=params.seed)
    generator = _generator(params, _MEANS)
    steps = np.linspace(-1.0, 1.0, params.classes)
    mixing = generator.standard_normal((params.classes, params.classes))
    offset = generator.standard_normal((params.dimension, 1))
    amount = _SPREAD * params.departure
    # a mix of the frame's columns has no component outside of their span, and an isotropic one inside
    directions = _unit_columns(frame + amount * params.angles * _unit_columns(frame @ mixing))
    means = directions * (1.0 + amount * params.lengths * steps)
    means -= means.mean(axis=1, keepdims=True)
    means *= np.sqrt(params.classes) / np.linalg.norm(means)
    return np.asarray(means + params.offset * _unit_columns(offset))


def noise_factor(params: SyntheticParams) -> Array:
    """Factor of Sigma_W, noise (I + (anisotropy - 1) u u^T) with the unit vector u of the direction, shape (p, p)."""
    frame = simplex_etf(params.classes, params.dimension, seed=params.seed)
    inside = frame[:, 0]
    if params.direction == "span":
        unit = inside
    else:
        across = np.linalg.svd(frame)[0][:, params.classes - 1]
        unit = across if params.direction == "complement" else (inside + across) / np.sqrt(2.0)
    return np.asarray(params.noise * (np.eye(params.dimension) + (params.anisotropy - 1.0) * np.outer(unit, unit)))


def class_counts(params: SyntheticParams) -> Indices:
    """Samples of each class, at least 1, shape (C,)."""
    shares = params.imbalance ** -np.linspace(0.0, 1.0, params.classes)
    return np.maximum(1, np.rint(params.samples * shares)).astype(np.intp)


def make_features(params: SyntheticParams) -> SyntheticFeatures:
    """Draw samples.

    The same numbers are scaled by whatever noise there is, and more samples keep the earlier ones of their class.
    """
    means, factor, counts = class_means(params), noise_factor(params), class_counts(params)
    draws = [
        generator.standard_normal((int(count), params.dimension))
        for generator, count in zip(_generator(params, _NOISE).spawn(params.classes), counts, strict=True)
    ]
    labels = np.repeat(np.arange(params.classes), counts)
    return SyntheticFeatures(features=means.T[labels] + np.concatenate(draws) @ factor, labels=labels)


def make_population(params: SyntheticParams) -> FeatureStatistics:
    """Exact moments of the law that `make_features` draws from."""
    return population_statistics(class_means(params), noise_factor(params))


def dial_map(
    params: SyntheticParams,
    noise_grid: ArrayLike,
    departure_grid: ArrayLike,
    *,
    probes: int = 400,
    space: str = "all",
) -> DialMap:
    """NC1 to NC4 of populations over two dials.

    Population covariances: samples would carry the noise of their number into NC3 and NC4, however small the dial.

    Parameters
    ----------
    params : SyntheticParams
        Everything else.
    noise_grid, departure_grid : array_like
        Values of `params.noise` and `params.departure`, at most 201 of each.
    probes : int
        Points on which NC4 is measured; the same draws for all settings.
    space : str
        As in `regions.make_probes`.

    Returns
    -------
    DialMap
        One row for each departure, one column for each noise.

    Raises
    ------
    ValueError
        For a dial or an argument outside its range.
    """
    noise, departure = _dial("noise_grid", noise_grid), _dial("departure_grid", departure_grid)
    for value in noise:
        replace(params, noise=float(value))  # checks it
    means = [class_means(replace(params, departure=float(value))) for value in departure]
    # one set of probes for all: a departure changes neither the scale, nor the span, nor the centre of the means
    points = make_probes(means[0], probes, seed=params.seed, space=space)
    factor = noise_factor(replace(params, noise=1.0))
    rows = [_dial_row(population_statistics(columns, factor), noise, points) for columns in means]
    nc1, nc2_equinorm, nc2_equiangle, nc3, nc4 = (np.array(values) for values in zip(*rows, strict=True))
    return DialMap(
        noise=noise,
        departure=departure,
        nc1=nc1,
        nc2_equinorm=nc2_equinorm,
        nc2_equiangle=nc2_equiangle,
        nc3=nc3,
        nc4=nc4,
    )


def _dial_row(population: FeatureStatistics, noise: Array, probes: Array) -> tuple[Array, ...]:
    """The five metrics at one departure for all noises, from the population with noise 1."""
    weights = span_system(population).weights(noise)
    bias = 1.0 / population.classes - weights @ population.global_mean
    return (
        within_to_between(population) * noise**2,
        np.full_like(noise, equinorm(population)),
        np.full_like(noise, angle_metrics(population)["nc2_equiangle"]),
        self_duality(weights, population.centered_means),
        point_disagreements(weights, bias, population.class_means, probes).mean(axis=-1),
    )


def _dial(name: str, values: ArrayLike) -> Array:
    grid = checked_numbers(name, values)
    if grid.ndim != 1 or not 1 <= grid.size <= MAX_GRID:
        raise ValueError(f"{name} must be a list of 1 to {MAX_GRID} numbers, got shape {grid.shape}")
    return grid


def _generator(params: SyntheticParams, stream: int) -> np.random.Generator:
    return np.random.default_rng([params.seed, stream])


def _unit_columns(columns: Array) -> Array:
    return np.asarray(columns / np.linalg.norm(columns, axis=0))
