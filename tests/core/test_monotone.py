"""The largest fall of a series is that from its running maximum."""

import numpy as np
import pytest

from core.monotone import largest_drop


def test_a_slow_fall_adds_up():
    assert largest_drop(np.linspace(1.0, 0.2, 10_001)) == pytest.approx(0.8)


@pytest.mark.parametrize("seed", range(5))
def test_against_all_pairs_of_times(seed):
    values = np.random.default_rng(seed).standard_normal(30).cumsum()
    pairs = [values[i] - values[j] for j in range(30) for i in range(j + 1)]
    assert largest_drop(values) == pytest.approx(max(pairs), abs=1e-15)


def test_a_rise_has_no_drop_and_each_column_its_own():
    assert largest_drop(np.arange(5.0)) == 0.0
    assert largest_drop(np.array([[0.0, 3.0], [1.0, 2.0], [2.0, 2.5]])) == 1.0


def test_each_unbroken_stretch_is_a_series_of_its_own():
    values = np.array([5.0, 4.0, 0.0, 1.0, 0.5])
    assert largest_drop(values, np.array([True, True, False, True, True])) == 1.0
    assert np.isnan(largest_drop(values, np.array([True, False, True, False, True])))
    assert np.isnan(largest_drop(values, np.zeros(5, dtype=bool)))
