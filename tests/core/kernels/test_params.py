from dataclasses import FrozenInstanceError, fields
from math import inf, nan, pi

import pytest

from core.kernels.datasets import KINDS
from core.kernels.params import (
    MAX_ORDER,
    UPLOAD,
    AngularParams,
    DepthParams,
    MachineParams,
    PolynomialParams,
    RbfParams,
    WidthParams,
)
from core.kernels.weights import DISTRIBUTIONS

ORDER = [-1, MAX_ORDER + 1, 1.0, True, None]
ANGLE = [0.0, 0.009, pi, -1.0, nan, inf, "1", True]
DEPTH = [0, 51, 2.0, True]
WIDTH = [0, 100_001, 10.0, True]
NORM = [0.0, 0.09, 10.1, -1.0, nan, inf, "1"]
SEED = [-1, 10**6 + 1, 1.0, None]
GAMMA_SQUARED = [0.0, 0.009, 100.1, -1.0, nan, inf, "1"]
DEGREE = [0, 9, 2.0, True]
WRONG = {
    PolynomialParams: {"degree": DEGREE, "depth": [0, 7, 2.0, True], "norm": NORM},
    RbfParams: {"gamma_squared": GAMMA_SQUARED, "depth": DEPTH, "distance": [-0.1, 100.1, nan, inf, None]},
    AngularParams: {"order": ORDER, "angle": ANGLE},
    WidthParams: {
        "order": ORDER,
        "angle": ANGLE,
        "width": WIDTH,
        "distribution": ["cauchy", "", None],
        "bias": [-0.1, 10.1, nan, "0"],
        "seed": SEED,
    },
    DepthParams: {"order": ORDER, "angle": ANGLE, "depth": DEPTH, "width": WIDTH, "norm": NORM, "seed": SEED},
    MachineParams: {
        "dataset": ["moons", "", None],
        "samples": [2, 201, 12.0, True],
        "data_noise": [-0.1, 2.1, nan, "0.1"],
        "data_seed": SEED,
        "depth": DEPTH,
        "degree": DEGREE,
        "gamma_squared": GAMMA_SQUARED,
        "order": ORDER,
        "noise": [0.0, 9e-5, 10.1, nan, inf],
        "normalized": [1, 0, None],
        "draws_seed": SEED,
    },
}
CASES = [(kind, name, value) for kind, names in WRONG.items() for name, values in names.items() for value in values]
SECTIONS = list(WRONG)


@pytest.mark.parametrize("kind", SECTIONS)
def test_every_parameter_is_checked(kind):
    assert set(WRONG[kind]) == {field.name for field in fields(kind)}


@pytest.mark.parametrize(("kind", "name", "value"), CASES)
def test_wrong_value_is_refused_by_name(kind, name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be .*, got "):
        kind(**{name: value})


@pytest.mark.parametrize(
    "params",
    [
        PolynomialParams(degree=1, depth=1, norm=0.1),
        PolynomialParams(degree=8, depth=6, norm=10.0),
        RbfParams(gamma_squared=0.01, depth=1, distance=0.0),
        RbfParams(gamma_squared=100, depth=50, distance=100.0),
        AngularParams(order=0, angle=0.01),
        AngularParams(order=MAX_ORDER, angle=pi - 0.01),
        *(WidthParams(distribution=law, width=1, bias=10.0) for law in DISTRIBUTIONS),
        DepthParams(depth=50, width=100_000, norm=10.0),
        *(MachineParams(dataset=kind, samples=3, noise=1e-4) for kind in (*KINDS, UPLOAD)),
        MachineParams(samples=200, depth=50, degree=8, noise=10.0, normalized=False),
    ],
    ids=str,
)
def test_the_ends_of_the_ranges_are_allowed(params):
    assert params == type(params)(**{field.name: getattr(params, field.name) for field in fields(params)})


@pytest.mark.parametrize("kind", SECTIONS)
def test_equal_parameters_are_one_cache_key_and_those_of_another_section_are_not(kind):
    assert kind() == kind()
    assert len({kind(), kind()}) == 1
    assert len({section() for section in SECTIONS}) == len(SECTIONS)


@pytest.mark.parametrize("kind", SECTIONS)
def test_parameters_do_not_change(kind):
    with pytest.raises(FrozenInstanceError):
        setattr(kind(), fields(kind)[0].name, 2)
