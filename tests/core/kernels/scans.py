"""Random settings of problem 2's sections, and falsified runs, each with the claim that must notice it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from math import log10, radians
from unittest.mock import patch

import numpy as np

from core.claims import Claim
from core.kernels import derivation as steps
from core.kernels.datasets import make_samples
from core.kernels.embedding import embedding_for
from core.kernels.params import (
    AngularParams,
    DepthParams,
    MachineParams,
    PolynomialParams,
    RbfParams,
    WidthParams,
)
from core.kernels.studies import (
    arc_cosine,
    depth,
    derivation,
    machine,
    polynomial,
    rbf,
    study_arc_cosine,
    study_depth,
    study_derivation,
    study_machine,
    study_polynomial,
    study_rbf,
    study_width,
    width,
)

STUDIES = {
    PolynomialParams: study_polynomial,
    RbfParams: study_rbf,
    AngularParams: study_arc_cosine,
    WidthParams: study_width,
    DepthParams: study_depth,
    MachineParams: study_machine,
}
GAMMAS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 1.9, 1.99, 2.0, 2.01, 2.1, 2.5, 3.0, 4.0, 6.0, 8.0)
NORMS = (0.5, 0.8, 1.0, 1.25, 2.0)
SEVENTY = radians(70)
WIDTHS = (10, 30, 100, 300, 1000, 3000, 10_000)


@lru_cache(maxsize=128)
def study(params):
    """A section's study, computed once."""
    return STUDIES[type(params)](params)


def pick(rng, *values):
    return values[rng.integers(len(values))]


def any_polynomial(rng):
    norm = 1.0 if rng.random() < 0.5 else pick(rng, *NORMS)
    return PolynomialParams(degree=int(rng.integers(1, 9)), depth=int(rng.integers(1, 7)), norm=norm)


def any_rbf(rng):
    return RbfParams(
        gamma_squared=pick(rng, *GAMMAS),
        depth=int(rng.integers(1, 51)),
        distance=round(0.05 * int(rng.integers(1, 81)), 2),
    )


def any_angular(rng):
    return AngularParams(order=int(rng.integers(0, 11)), angle=any_angle(rng))


def any_angle(rng):
    return radians(int(rng.integers(1, 180)))


def any_width(rng):
    plain = rng.random() < 0.6
    return WidthParams(
        order=int(rng.integers(0, 4 if plain else 11)),
        angle=any_angle(rng),
        width=pick(rng, *WIDTHS),
        distribution="gaussian" if plain else pick(rng, "gaussian", "uniform", "signs", "heavy"),
        bias=0.0 if plain else pick(rng, 0.0, 0.25, 0.5, 1.0, 2.0),
        seed=int(rng.integers(0, 51)),
    )


def any_depth(rng):
    plain = rng.random() < 0.6
    return DepthParams(
        order=int(rng.integers(0, 3 if plain else 11)),
        angle=any_angle(rng),
        depth=int(rng.integers(1, 51)),
        width=pick(rng, *WIDTHS[2:]) if plain else pick(rng, *WIDTHS),
        norm=pick(rng, *NORMS),
        seed=int(rng.integers(0, 51)),
    )


def any_machine(rng):
    return MachineParams(
        dataset=pick(rng, "sine", "step", "chirp", "kink", "gap"),
        samples=pick(rng, 3, 5, 8, 12, 20, 40, 80, 200),
        data_noise=round(0.05 * int(rng.integers(0, 21)), 2),
        data_seed=int(rng.integers(0, 21)),
        depth=pick(rng, 1, 2, 3, 5, 10, 20, 50),
        degree=pick(rng, 1, 2, 3, int(rng.integers(1, 9))),
        gamma_squared=pick(rng, *GAMMAS),
        order=pick(rng, 0, 1, 1, 2, 5, 10),
        noise=pick(rng, 0.001, 0.01, 0.03, 0.1, 0.2, 0.5, 1.0),
        normalized=bool(rng.random() < 0.6),
        draws_seed=int(rng.integers(0, 21)),
    )


Scan = Callable[[np.random.Generator], tuple[object, Sequence[Claim]]]


def _scan(settings, run) -> Scan:
    def drawn(rng: np.random.Generator) -> tuple[object, Sequence[Claim]]:
        params = settings(rng)
        return params, run(params).claims

    return drawn


SCANS: dict[str, Scan] = {
    "polynomial": _scan(any_polynomial, study_polynomial),
    "rbf": _scan(any_rbf, study_rbf),
    "arc_cosine": _scan(any_angular, study_arc_cosine),
    "derivation": _scan(any_angular, study_derivation),
    "width": _scan(any_width, study_width),
    "depth": _scan(any_depth, study_depth),
    "machine": _scan(any_machine, study_machine),
}
"""Draws a setting that a section's controls allow, and runs it."""


Sabotage = Callable[[], tuple[Claim, Claim]]


def of_result(params, claim, **falsified) -> Sabotage:
    """A claim on a run and on the same run with fields replaced, by functions of the result."""

    def both() -> tuple[Claim, Claim]:
        result = study(params).result
        return claim(result), claim(replace(result, **{name: change(result) for name, change in falsified.items()}))

    return both


def of_code(claim, module, name, other) -> Sabotage:
    """A claim as it is, and with a function replaced that it measures by; `other` makes it of the true one."""

    def both() -> tuple[Claim, Claim]:
        true = claim()
        with patch.object(module, name, other(getattr(module, name))):
            return true, claim()

    return both


def scaled(factor):
    return lambda function: lambda *args, **kwargs: factor * function(*args, **kwargs)


def named(params, words):
    """The claim whose name has these words, of a run of its own."""
    return next(claim for claim in STUDIES[type(params)](params).claims if words in claim.name)


def one_angle(order, angle=SEVENTY):
    return AngularParams(order=order, angle=angle)


def derived(words, order=1, angle=SEVENTY):
    return lambda: next(c for c in study_derivation(one_angle(order, angle)).claims if words in c.name)


def machine_claim(function, **changes):
    """A claim of the kernel machine without the rest of its study."""
    params = MachineParams(**changes)
    data = make_samples(params.dataset, params.samples, params.data_noise, params.data_seed)
    return lambda: function(params, data, embedding_for(data.x, margin=0.15, normalized=params.normalized))


POLYNOMIAL = PolynomialParams()
CHAOS, BORDER, ORDER = (RbfParams(gamma_squared=square) for square in (1.0, 2.0, 4.0))
WIDTH = WidthParams()
WIDE = DepthParams(depth=50, width=10_000)
SQUARED = DepthParams(order=2, depth=6, width=1000, norm=1.25)
STEPS = DepthParams(order=0, depth=10, width=1000)


def _without_two(result):
    """k composed as exp(-(1 - k)/gamma^2)."""
    rows = [np.exp(-(result.measured_distance**2) / result.gamma**2)]
    while len(rows) < len(result.depths):
        rows.append(np.exp(-(1.0 - rows[-1]) / result.gamma**2))
    return np.stack(rows)


def _nets_of(**changes):
    return lambda result: study(replace(WIDE, **changes)).result.nets


def _drift(share):
    return lambda result: result.net_log10_norms + log10(1.0 + share) * result.layers


def _widened(fit):
    """Regression whose band grows by 1 % with each sample."""

    def wider(*args, **kwargs):
        fitted = fit(*args, **kwargs)
        samples = len(args[1] if len(args) > 1 else kwargs["x"])
        return replace(fitted, band=fitted.prior_std * (0.1 + 0.01 * samples))

    return wider


def _constant_layers(draw):
    return lambda train, test, order, width, seed: draw(train, test, order, 400, seed)


SABOTAGES: dict[str, Sabotage] = {
    # 2.1
    "features scaled by 1 %": of_result(POLYNOMIAL, polynomial._formula, measured=lambda r: 1.01 * r.measured),
    "depths swapped": of_result(POLYNOMIAL, polynomial._formula, measured=lambda r: r.measured[::-1]),
    "degree d l in place of d^l": of_result(
        POLYNOMIAL,
        polynomial._formula,
        measured=lambda r: np.stack([r.measured_inner ** (2 * layer) for layer in r.depths]),
    ),
    "k(x, x) off by 1 %": of_result(
        PolynomialParams(norm=1.25), polynomial._diagonal, measured=lambda r: 1.01 * r.measured
    ),
    "half distances 2 % too small": of_result(
        POLYNOMIAL, polynomial._decay, measured=lambda r: np.sign(r.measured) * np.abs(r.measured) ** 1.04
    ),
    "a depth that narrows no more": of_result(POLYNOMIAL, polynomial._decay, measured=lambda r: r.measured[[0, 1, 1]]),
    "a depth as wide as one before the last": of_result(
        POLYNOMIAL, polynomial._decay, measured=lambda r: r.measured[[0, 2, 1]]
    ),
    "points of the sphere of norm 1.25": of_result(
        POLYNOMIAL,
        polynomial._decay,
        measured_inner=lambda r: 1.25**2 * r.measured_inner,
    ),
    # 2.2
    "rbf scaled by 1 %": of_result(CHAOS, rbf._formula, measured=lambda r: 1.01 * r.measured),
    "rbf depths swapped": of_result(CHAOS, rbf._formula, measured=lambda r: r.measured[::-1]),
    "composition without its factor 2": of_result(CHAOS, rbf._formula, measured=_without_two),
    "1 - k linear in r": of_result(CHAOS, rbf._small, close=lambda r: np.stack([r.close[0], r.close[0]])),
    "1 - k of one layer less": of_result(
        CHAOS, rbf._small, close=lambda r: np.stack([r.close[0], r.close[1] * r.gamma**2 / 2.0])
    ),
    "1 - k scaled by 1 %": of_result(ORDER, rbf._small, close=lambda r: np.stack([r.close[0], 1.01 * r.close[1]])),
    "no floor": of_result(CHAOS, rbf._large, far=lambda r: 0.0 * r.far),
    "the floor of another depth": of_result(CHAOS, rbf._large, far=lambda r: r.far[::-1]),
    "c* off by 1e-3": of_result(CHAOS, rbf._limit, settled=lambda r: r.settled + 1e-3),
    "order that stops short of 1": of_result(ORDER, rbf._limit, settled=lambda r: 1e-3),
    "a border of slope 0.999": of_code(lambda: rbf._limit(study(BORDER).result), rbf, "rbf_pair", scaled(0.999)),
    "crossings 0.1 % off": of_result(CHAOS, rbf._crossing, meetings=lambda r: 1.001 * r.meetings),
    "a depth that does not cross": of_result(
        CHAOS, rbf._crossing, meetings=lambda r: np.where(np.arange(len(r.meetings)) == 1, np.nan, r.meetings)
    ),
    # 2.3
    "(3.2) without its factor 2": of_code(
        lambda: named(one_angle(1), "The integral"), arc_cosine, "wedge_integral", scaled(0.5)
    ),
    "differentiation without its sign": of_code(
        lambda: named(one_angle(1), "Jₙ from J₀"),
        arc_cosine,
        "repeated_differentiation",
        lambda true: lambda n, angles: (-1.0) ** np.arange(n + 1)[:, None] * true(n, angles),
    ),
    "an angle of the next order": of_code(
        lambda: named(one_angle(2), "Jₙ from J₀"),
        arc_cosine,
        "repeated_differentiation",
        lambda true: lambda n, angles: np.roll(true(n, angles), 1, axis=0),
    ),
    "no cusp at n = 0": of_result(
        one_angle(0), arc_cosine._near, parallel=lambda r: np.stack([r.parallel[0], r.parallel[0] ** 2])
    ),
    "slope n^2/(2n + 1)": of_result(
        one_angle(2), arc_cosine._near, parallel=lambda r: r.parallel * np.array([[1.0], [3.0 / 5.0]])
    ),
    "1 - J/J(0) off by 1 %": of_result(
        one_angle(1), arc_cosine._near, parallel=lambda r: r.parallel * np.array([[1.0], [1.01]])
    ),
    "exponent 2n near pi": of_result(
        one_angle(2), arc_cosine._opposite, opposite=lambda r: np.stack([r.opposite[0], r.opposite[1] / r.opposite[0]])
    ),
    "constant near pi off by 1 %": of_result(
        one_angle(3), arc_cosine._opposite, opposite=lambda r: r.opposite * np.array([[1.0], [1.01]])
    ),
    "a kernel with a negative eigenvalue": of_code(
        lambda: named(one_angle(1), "A kernel"),
        arc_cosine,
        "arc_cosine_kernel",
        lambda true: lambda x, y, n: true(x, y, n) - 0.01 * np.eye(len(x)),
    ),
    # the derivation
    "step 2 without 1/sin": of_code(
        derived("Every step"), steps, "quadrant_integral", scaled(float(np.sin(radians(70))))
    ),
    "step 3 without its radius": of_code(
        derived("Every step"), steps, "polar_integral", lambda true: lambda n, angle: true(n, angle, "1")
    ),
    "step 4 not folded": of_code(derived("Every step"), steps, "psi_integral", scaled(0.5)),
    "the principal branch": of_code(
        derived("The arctangent"),
        steps,
        "arctangent_formula",
        lambda true: lambda angle, alpha=np.pi / 2, principal=False: true(angle, alpha, principal=True),
    ),
    "the angle off by 1e-3": of_code(
        derived("The arctangent"),
        steps,
        "arctangent_formula",
        lambda true: lambda angle, alpha=np.pi / 2, principal=False: true(angle + 1e-3, alpha),
    ),
    # finite width
    "layers without the factor 2": of_result(
        WIDTH,
        width._mean,
        replicates=lambda r: (0.5 * (r.replicates * r.width_std + r.kernel) - r.kernel) / r.width_std,
    ),
    "uniform rows under another name": of_result(
        WidthParams(angle=radians(70)),
        width._mean,
        replicates=lambda r: study(WidthParams(angle=radians(70), distribution="uniform")).result.replicates,
    ),
    "estimates shifted by a half of sigma": of_result(WIDTH, width._mean, replicates=lambda r: r.replicates + 0.5),
    "sigma of half as many rows": of_result(WIDTH, width._spread, replicates=lambda r: 2.0**0.5 * r.replicates),
    "sigma 30 % too small": of_result(WIDTH, width._spread, replicates=lambda r: 0.7 * r.replicates),
    "errors like h^(-1/4)": of_result(WIDTH, width._rate, rate_std=lambda r: r.rate_std * r.rate_widths**0.25),
    "errors like h^(-0.6)": of_result(WIDTH, width._rate, rate_std=lambda r: r.rate_std * r.rate_widths**-0.1),
    "an error that stays": of_result(WIDTH, width._rate, rate_std=lambda r: np.hypot(r.rate_std, r.rate_std[2])),
    "rows that are not independent": of_result(WIDTH, width._rate, rate_std=lambda r: 0.0 * r.rate_std + r.rate_std[0]),
    "a band that covers 80 %": of_result(WIDTH, width._band, coverage=lambda r: 0.8),
    # depth
    "1 - rho of ReLU falls by 3 % a layer": of_result(WIDE, depth._limit, far=lambda r: r.far[0] * np.array([1, 0.97])),
    "1 - rho of ReLU falls like 1/l": of_result(
        WIDE, depth._limit, far=lambda r: r.far[0] * np.array([1.0, depth.FAR / (depth.FAR + 1.0)])
    ),
    "rho* off by 1e-3": of_result(SQUARED, depth._limit, far=lambda r: r.far + 1e-3),
    "rho* of steps off by 1e-3": of_result(STEPS, depth._limit, far=lambda r: r.far - 1e-3),
    "a layer's factor off by 1 %": of_result(
        SQUARED, depth._slope, parallel=lambda r: r.parallel * np.array([[1.0], [1.0], [1.01]])
    ),
    "steps of finite slope": of_result(STEPS, depth._slope, parallel=lambda r: r.parallel[[0, 1, 1]]),
    "norms that drift by 1 % a layer": of_result(WIDE, depth._norms, net_log10_norms=_drift(0.01)),
    "norms without (2n - 1)!!": of_result(
        SQUARED, depth._norms, net_log10_norms=lambda r: r.net_log10_norms - log10(3.0) * (2.0**r.layers - 1.0)
    ),
    "norms of another input": of_result(
        SQUARED, depth._norms, net_log10_norms=lambda r: r.net_log10_norms + 0.5 * (r.layers == 1)
    ),
    "norms of swapped layers": of_result(SQUARED, depth._norms, net_log10_norms=lambda r: r.net_log10_norms[:, ::-1]),
    "dead layers": of_result(
        STEPS, depth._norms, net_log10_norms=lambda r: np.where(r.layers > 2, np.nan, r.net_log10_norms)
    ),
    "nets of another order": of_result(WIDE, depth._finite, nets=_nets_of(order=0)),
    "nets of another angle": of_result(WIDE, depth._finite, nets=_nets_of(angle=0.6)),
    "layers of the recursion swapped": of_result(WIDE, depth._finite, correlation=lambda r: r.correlation[::-1]),
    # the kernel machine
    "predictions scaled by 1e-4": of_code(machine_claim(machine._primal), machine, "primal_ridge", scaled(1.0001)),
    "a linear fit scaled by 1 %": of_code(
        machine_claim(machine._primal, dataset="kink", degree=1, samples=80, noise=0.001, normalized=False),
        machine,
        "primal_ridge",
        scaled(1.01),
    ),
    "labels shuffled": of_code(
        machine_claim(machine._primal),
        machine,
        "primal_ridge",
        lambda true: lambda train, test, y, noise: true(train, test, np.roll(y, 1), noise),
    ),
    "noise not squared": of_code(
        machine_claim(machine._primal),
        machine,
        "primal_ridge",
        lambda true: lambda train, test, y, noise: true(train, test, y, noise**0.5),
    ),
    "layers that do not get wider": of_code(machine_claim(machine._layer), machine, "_random_layer", _constant_layers),
    "a layer of another kernel": of_code(
        machine_claim(machine._layer),
        machine,
        "_random_layer",
        lambda true: lambda *args: tuple(1.2 * part for part in true(*args)),
    ),
    "a band that grows by 1 % a sample": of_code(machine_claim(machine._narrower), machine, "regress", _widened),
}
"""A claim on the true run, which holds, and on the falsified one, which it must say."""


def _raised_wrongly() -> tuple[Claim, Claim]:
    result = study_derivation(one_angle(2)).result
    wrong = tuple(replace(one, below=one.below * (one.order + 1) / max(one.order, 1)) for one in result.recurrences)
    return derivation._recurrence(result), derivation._recurrence(replace(result, recurrences=wrong))


def _slope_of_other_sign() -> tuple[Claim, Claim]:
    result = study_derivation(one_angle(0)).result
    wrong = tuple(replace(one, slope=-one.slope) for one in result.recurrences)
    return derivation._recurrence(result), derivation._recurrence(replace(result, recurrences=wrong))


SABOTAGES |= {"n (n + 1) in place of n^2": _raised_wrongly, "the derivative with the other sign": _slope_of_other_sign}
