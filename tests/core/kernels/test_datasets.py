from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from core.kernels.datasets import (
    KINDS,
    LIMITS,
    MAX_SAMPLES,
    MIN_SAMPLES,
    Samples,
    make_samples,
    read_samples,
    samples_from_rows,
    truth,
)

FINE = np.linspace(-1.0, 1.0, 20_001)
STEPS = np.linspace(-1.0, 1.0, 4001)


@pytest.mark.parametrize("samples", [MIN_SAMPLES, 4, 40, MAX_SAMPLES])
@pytest.mark.parametrize("kind", KINDS)
def test_inputs_spread_over_the_interval(kind, samples):
    data = make_samples(kind, samples, 0.1, 0)
    assert data.x.shape == data.y.shape == (samples,)
    assert np.abs(data.x).max() <= 1.0
    steps = np.diff(data.x)
    assert (steps > 0.0).all()
    gap = 2.0 * KINDS[kind].gap
    assert np.sort(steps)[-2] <= 4.0 / samples  # one input in each of equal cells
    assert steps.max() <= gap + 4.0 / samples


@pytest.mark.parametrize("kind", KINDS)
def test_without_noise_the_samples_are_the_truth(kind):
    data = make_samples(kind, 50, 0.0, 3)
    np.testing.assert_array_equal(data.y, truth(kind, data.x))


@pytest.mark.parametrize("kind", KINDS)
def test_noise_scales_one_draw(kind):
    still, once, twice = (make_samples(kind, MAX_SAMPLES, noise, 4) for noise in (0.0, 0.1, 0.2))
    np.testing.assert_array_equal(still.x, twice.x)
    np.testing.assert_allclose(twice.y - still.y, 2.0 * (once.y - still.y), atol=1e-14)
    assert (once.y - still.y).std() == pytest.approx(0.1, rel=0.15)


@pytest.mark.parametrize("kind", KINDS)
def test_seed_decides_everything(kind):
    first, again, other = (make_samples(kind, 20, 0.2, seed) for seed in (1, 1, 2))
    assert first.digest == again.digest != other.digest
    assert (first.x != other.x).all()


@pytest.mark.parametrize("kind", KINDS)
def test_truths_range_over_one_interval(kind):
    values = truth(kind, FINE)
    assert values.min() == pytest.approx(-1.0, abs=1e-6)
    assert values.max() == pytest.approx(1.0, abs=1e-6)
    assert truth(kind, FINE.reshape(3, -1)).shape == (3, 6667)


def test_sine_is_one_smooth_period():
    np.testing.assert_allclose(truth("sine", STEPS), np.sin(np.pi * STEPS))
    np.testing.assert_allclose(truth("sine", -1.0), truth("sine", 1.0), atol=1e-15)


def test_step_jumps_at_0_alone():
    np.testing.assert_array_equal(truth("step", [-1.0, -1e-300, 0.0, 1e-300, 1.0]), [-1.0, -1.0, 1.0, 1.0, 1.0])


def test_kink_is_the_absolute_value():
    np.testing.assert_allclose(0.5 * (1.0 + truth("kink", STEPS)), np.abs(STEPS), atol=1e-15)


def test_frequency_of_the_chirp_grows():
    """The phase 2 pi (x+1)^2 is a multiple of pi at x = sqrt(j/2) - 1: each half wave is shorter than the last."""
    zeros = np.sqrt(np.arange(9) / 2.0) - 1.0
    np.testing.assert_allclose(truth("chirp", zeros), 0.0, atol=1e-13)
    values = truth("chirp", STEPS)
    changes = STEPS[np.flatnonzero(values[2:-2] * values[3:-1] < 0.0) + 2]
    np.testing.assert_allclose(changes, zeros[1:-1], atol=5e-4)
    widths = np.diff(zeros)
    assert all(later < earlier for earlier, later in pairwise(widths))


def test_gap_is_the_sine_with_its_middle_missing():
    assert 0.3 < KINDS["gap"].gap < 0.5
    for seed in range(20):
        x = make_samples("gap", MAX_SAMPLES, 0.1, seed).x
        assert np.abs(x).min() >= KINDS["gap"].gap
        assert (x < 0.0).sum() == (x > 0.0).sum()
    np.testing.assert_array_equal(truth("gap", STEPS), truth("sine", STEPS))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "square"}, "kind must be one of sine, step, chirp, kink, gap, got 'square'"),
        ({"samples": 2}, "samples must be an integer from 3 to 200, got 2"),
        ({"samples": 201}, "samples must be an integer from 3 to 200, got 201"),
        ({"noise": -0.1}, "noise must be a number from 0 to 2, got -0.1"),
        ({"noise": float("nan")}, "noise must be a number from 0 to 2, got nan"),
        ({"seed": -1}, "seed must be an integer from 0 to 1000000, got -1"),
    ],
)
def test_bad_argument_is_named(change, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        make_samples(**{"kind": "sine", "samples": 10, "noise": 0.1, "seed": 0, **change})


def test_unknown_truth_is_refused():
    with pytest.raises(ValueError, match="kind must be one of"):
        truth("square", 0.0)


def test_digest_sees_x_and_y_and_their_names():
    x, y = np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.0, 4.0])
    prints = {Samples(*pair).digest for pair in ((x, y), (y, x), (x, y + 1e-15), (x + 1e-15, y))}
    assert len(prints) == 4
    assert Samples(x, y).digest == Samples(x[::-1][::-1], y.copy()).digest
    assert Samples(x, y).digest != Samples(x, y, ("a", "b")).digest


X, Y = [3.0, -1000.0, 3.0, 0.25], [1.0, 2.0, -7.5, 1e6]
CSV = "".join(f"{x},{y}\n" for x, y in zip(X, Y, strict=True))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (CSV, ("x", "y")),
        ("age, height \n" + CSV, ("age", "height")),
        ("\ufeffage\theight\n" + CSV.replace(",", "\t"), ("age", "height")),
        (CSV.replace(",", ";"), ("x", "y")),
        (",height\n" + CSV, ("x", "height")),
    ],
)
def test_file_keeps_its_units_and_order(text, names):
    data = read_samples(text.encode())
    np.testing.assert_array_equal(data.x, X)
    np.testing.assert_array_equal(data.y, Y)
    assert data.names == names


EMPTY = [(None, None), (float("nan"), None), ("", "  "), (pd.NA, np.nan)]
PAIRS = list(zip(X, Y, strict=True))


@pytest.mark.parametrize(
    "rows",
    [
        PAIRS,
        [EMPTY[0], PAIRS[0], *EMPTY, *PAIRS[1:], *EMPTY],
        [(str(x), f" {y} ") for x, y in PAIRS],
        np.column_stack([X, Y]),
        zip(np.array(X), np.array(Y), strict=True),
        pd.DataFrame({"x": X, "y": Y}).itertuples(index=False),
        pd.DataFrame({"x": [*X, None], "y": [*Y, None]}, dtype="Float64").itertuples(index=False),
    ],
    ids=["pairs", "empty rows", "text", "array", "two arrays", "data frame", "nullable data frame"],
)
def test_rows_of_an_editable_table(rows):
    data = samples_from_rows(rows)
    assert data.digest == read_samples(CSV.encode()).digest


@pytest.mark.parametrize("value", [0.1, 1 / 3, 5e-324, 123456.78901234567, -1e-17])
def test_numbers_are_taken_exactly(value):
    data = samples_from_rows([(0.0, value), (1.0, np.float64(value)), (2.0, 0.0)])
    np.testing.assert_array_equal(data.y, [value, value, 0.0])


def test_largest_table_is_read():
    pairs = [(i, -i) for i in range(MAX_SAMPLES)]
    text = "\n".join(f"{x},{y}" for x, y in pairs)
    assert read_samples(text.encode()).digest == samples_from_rows([*pairs, *EMPTY]).digest


BAD_FILES = {
    "empty": (b"", "The file is empty"),
    "one column": (b"1\n2\n3", "The file has 1 column; it needs two, x and y"),
    "three columns": (b"x,y,z\n1,2,3\n", "The file has 3 columns; it needs two, x and y"),
    "decimal commas": (b"1,5,2,5\n2,5,3,5\n", "The file has 4 columns; it needs two, x and y, separated by"),
    "two rows": (b"x,y\n1,2\n2,3", "The table has 2 rows of numbers; at least 3"),
    "one row": (b"1,2", "The table has 1 row of numbers; at least 3"),
    "too many rows": (b"1,2\n" * (MAX_SAMPLES + 1), "201 rows; at most 200"),
    "text": (b"x,y\n1,2\n2,three\n3,4", "Row 3, column “y” holds “three”"),
    "missing": (b"1,2\n2,\n3,4", "Row 2, column “column 2” is empty; fill it in"),
    "NaN": (b"1,2\n2,3\nnan,4", "Row 3, column “column 1” holds nan"),
    "too large": (b"1,2\n2,1000001\n3,4", "Row 2, column “column 2” holds 1000001; "),
    "ragged": (b"1,2\n2\n3,4", "Row 2 has 1 column, the others have 2; give"),
    "one x": (b"2.5,1\n2.5,2\n2.5,3", "All rows have the same x, 2.5; "),
    "one x that rounds": (b"0.1,1\n0.1,2\n0.10000000000000002,3", "All rows have the same x, 0.1; "),
    "x all 0": (b"0,1\n0,2\n-0,3", "All rows have the same x, 0; "),
    "not text": (b"\xff\xfe1,2", "save it as CSV UTF-8"),
    "too many bytes": (b"1,2\n" * (LIMITS.size // 4 + 1), "bytes"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_file_gets_one_sentence(name):
    content, words = BAD_FILES[name]
    with pytest.raises(ValueError, match=r"^[^\n]{10,199}\.$") as error:
        read_samples(content)
    assert words in str(error.value)


GOOD = [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]
BAD_ROWS = {
    "nothing": ([], "The table has 0 rows"),
    "only empty rows": (EMPTY, "The table has 0 rows"),
    "two rows": ([*GOOD[:2], (None, None)], "The table has 2 rows of numbers; at least 3 are needed"),
    "no y": ([*GOOD, (None, None), (3.0, None)], "Row 5 has x but no y; "),
    "no x": ([GOOD[0], (np.nan, 0.0), *GOOD], "Row 2 has y but no x; "),
    "text": ([*GOOD, ("4", "five")], "Row 4, column “y” holds “five”, which is not a number"),
    "infinity": ([*GOOD, (np.inf, 0.0)], "Row 4, column “x” holds inf; "),
    "NaN as a word": ([*GOOD, ("nan", 0.0)], "Row 4, column “x” holds nan, a missing value; "),
    "too large": ([(-1.1e6, 0.0), *GOOD], "Row 1, column “x” holds -1100000.0; "),
    "flag": ([*GOOD, (True, 0.0)], "Row 4, column “x” holds “True”"),
    "three cells": ([*GOOD, (1.0, 2.0, 3.0)], "Row 4 has 3 columns; it needs two, x and y"),
    "too many rows": ([(i, 0.0) for i in range(MAX_SAMPLES + 1)], "The table has 201 rows; at most 200"),
    "one x": ([(7.0, i) for i in range(3)], "All rows have the same x, 7; "),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_bad_rows_get_one_sentence(name):
    rows, words = BAD_ROWS[name]
    with pytest.raises(ValueError, match=r"^[^\n]{10,199}\.$") as error:
        samples_from_rows(rows)
    assert words in str(error.value)


def test_inputs_may_repeat():
    data = samples_from_rows([(1.0, 0.0), (1.0, 2.0), (2.0, 3.0)])
    np.testing.assert_array_equal(data.x, [1.0, 1.0, 2.0])
