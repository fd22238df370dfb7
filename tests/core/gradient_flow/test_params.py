from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest

from core.gradient_flow import FlowParams

WRONG = {
    "dataset": ["spirals", "", None],
    "samples": [3, 201, 40.0, True, "40"],
    "noise": [-0.1, 2.1, float("nan"), "0.1", True],
    "flipped": [-1, 41, 0.5],
    "data_seed": [-1, 10**6 + 1, 1.0],
    "bias": [1, 0, None],
    "depth": [0, 7, 2.0, True],
    "width": [1, 33, 8.0],
    "norm": [0.0, 101.0, float("inf"), float("nan")],
    "norm_ratio": [0.0, 101.0, -1.0],
    "seed": [-1, 10**6 + 1, None],
    "dynamics": ["adam", None],
    "target": [-11, 0, "-10"],
}


def test_every_parameter_is_checked():
    assert set(WRONG) == {field.name for field in fields(FlowParams)}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_wrong_value_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be .*, got "):
        FlowParams(**{name: value})


def test_equal_parameters_are_one_cache_key():
    assert FlowParams(seed=3) == FlowParams(seed=3)
    assert len({FlowParams(seed=3), FlowParams(seed=3), FlowParams(seed=4)}) == 2


def test_parameters_do_not_change():
    with pytest.raises(FrozenInstanceError):
        FlowParams().depth = 2


@pytest.mark.parametrize("ratio", [0.01, 0.5, 1.0, 9.0])
@pytest.mark.parametrize("depth", range(1, 7))
def test_initial_norms_have_their_mean_and_their_ratio(depth, ratio):
    norms = np.array(FlowParams(depth=depth, norm=1.7, norm_ratio=ratio).initial_norms)
    assert len(norms) == depth
    assert np.exp(np.log(norms).mean()) == pytest.approx(1.7, rel=1e-12)
    if depth > 1:
        assert norms[-1] / norms[0] == pytest.approx(ratio, rel=1e-12)
        np.testing.assert_allclose(np.diff(np.log(norms)), np.log(ratio) / (depth - 1), atol=1e-12)
