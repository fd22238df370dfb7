from itertools import pairwise

import mpmath
import numpy as np
import pytest

from core.kernels.rbf import (
    composed_rbf,
    composed_rbf_complement,
    rbf_crossing,
    rbf_fixed_point,
    rbf_fixed_point_complement,
    rbf_floor,
    rbf_map,
    rbf_near,
    rbf_slope,
)
from tests.core.kernels.references import NO_INTEGERS, rbf_exponents, rbf_fixed_complement, relative_error

ROOT2 = float(np.sqrt(2.0))  # its square is above 2
BELOW = float(np.nextafter(ROOT2, 0.0))
NEAR_ROOT2 = (ROOT2 * (1 - 1e-3), ROOT2 * (1 - 1e-9), BELOW, ROOT2, ROOT2 * (1 + 1e-9), ROOT2 * (1 + 1e-3))
GAMMAS = (0.1, 0.15, 0.3, 0.5, 1.0, 1.2, *NEAR_ROOT2, 2.0, 10.0, 1e3)
DISTANCES = (0.0, *10.0 ** np.arange(-100.0, 2.1, 8.5), 0.05, 0.7, 2.0, 3.7, 26.5, 100.0)
CHAOTIC = (0.06, 0.1, 0.5, 1.0, 1.1547, 1.1548, 1.3, 1.4, *NEAR_ROOT2[:3])
COMPOSED = (composed_rbf, composed_rbf_complement)


def fitted_order(step, error):
    return np.polyfit(np.log(step), np.log(error), 1)[0]


# --- values ---


@pytest.mark.parametrize("gamma", GAMMAS)
def test_composition_to_depth_50(gamma):
    distances = np.unique([*DISTANCES, *gamma * np.sqrt([0.5, 50.0, 333.3, 500.1, 650.7, 708.3])])
    with mpmath.workdps(300):
        rows = [rbf_exponents(r, gamma, 50) for r in distances.tolist()]
        for depth in (1, 2, 3, 4, 6, 9, 14, 20, 30, 40, 49, 50):
            exponents = [row[depth - 1] for row in rows]
            values = composed_rbf(distances, gamma, depth)
            assert relative_error(values, [mpmath.exp(-e) for e in exponents]) <= 1e-13, depth
            delta = composed_rbf_complement(distances, gamma, depth)
            assert relative_error(delta, [-mpmath.expm1(-e) for e in exponents]) <= 1e-14, depth


@pytest.mark.parametrize("gamma", [0.06, 0.1, 0.5, 1.0, ROOT2, 2.0])
def test_tail_of_the_kernel_is_exact_to_rounding(gamma):
    """The exponent's rounding error would be 700 times as large in the value."""
    distances = gamma * np.sqrt(np.linspace(400.0, 708.0, 60))
    with mpmath.workdps(50):
        exact = [mpmath.exp(-rbf_exponents(r, gamma, 1)[0]) for r in distances.tolist()]
        assert relative_error(composed_rbf(distances, gamma, 1), exact) <= 5e-16


@pytest.mark.parametrize("depth", [20, 50])
@pytest.mark.parametrize("gamma", [0.1, 0.11, 0.13, 0.2, 0.3])
def test_values_that_fifty_layers_bring_out_of_tiny_distances(gamma, depth):
    """Errors of the layers on the way add up, and where the exponent is large it multiplies them."""
    distances = gamma * (gamma**2 / 2.0) ** ((depth - 1) / 2) * np.sqrt(np.geomspace(0.1, 4.0 / gamma**2, 40))
    with mpmath.workdps(50):
        exact = [mpmath.exp(-rbf_exponents(r, gamma, depth)[-1]) for r in distances.tolist()]
    assert distances.max() < 1e-7
    assert max(exact) > 1e-6
    assert relative_error(composed_rbf(distances, gamma, depth), exact) <= 1e-13


@pytest.mark.parametrize("depth", [1, 2, 7])
def test_coinciding_and_infinitely_distant_points(depth):
    for r in (0.0, -0.0, 5e-324, 0):
        assert composed_rbf(r, 0.5, depth) == 1.0
        assert composed_rbf_complement(r, 0.5, depth) == 0.0
    for r in (1e300, np.inf):
        assert composed_rbf(r, 1e-3, depth) == 0.0
        assert composed_rbf_complement(r, 1e-3, depth) == 1.0


def test_difference_from_1_fails_for_close_points_and_the_complement_does_not():
    with mpmath.workdps(50):
        exact = [-mpmath.expm1(-rbf_exponents(1e-7, 1.0, 3)[2])]
    assert relative_error(1.0 - composed_rbf(1e-7, 1.0, 3), exact) > 1e-4
    assert relative_error(composed_rbf_complement(1e-7, 1.0, 3), exact) <= 1e-15


@pytest.mark.parametrize("function", COMPOSED)
@pytest.mark.parametrize("depth", [1, 4])
def test_gammas_and_distances_fit_together(function, depth):
    distances, gammas = np.array([0.0, 0.3, 5.0]), np.array([[0.1], [1.0], [ROOT2], [7.0]])
    values = function(distances, gammas, depth)
    assert values.shape == (4, 3)
    one_by_one = [[float(function(r, g, depth)) for r in distances] for g in gammas.ravel()]
    np.testing.assert_allclose(values, one_by_one, rtol=1e-15)
    assert isinstance(function(0.3, 1.0, depth), np.ndarray)
    assert function(0.3, 1.0, depth).shape == ()
    assert function(0.3, gammas, depth).shape == (4, 1)
    assert function(np.empty((0, 2)), 1.0, depth).shape == (0, 2)
    assert function(np.ones((2, 3, 4)), 1.0, depth).shape == (2, 3, 4)
    assert function([0, 1], 1, depth).dtype == np.float64
    np.testing.assert_array_equal(distances, [0.0, 0.3, 5.0])


@pytest.mark.parametrize("gamma", [0.3, 1.0, *NEAR_ROOT2, 5.0])
def test_a_layer_is_the_map_and_depths_add_up(gamma):
    r = np.linspace(0.05, 3.0, 15)
    for depth in (1, 2, 9):
        value = composed_rbf(r, gamma, depth)
        np.testing.assert_allclose(rbf_map(value, gamma), composed_rbf(r, gamma, depth + 1), rtol=1e-12)
        chord = np.sqrt(2.0 * composed_rbf_complement(r, gamma, depth))
        expected = composed_rbf_complement(r, gamma, depth + 5)
        np.testing.assert_allclose(composed_rbf_complement(chord, gamma, 5), expected, rtol=1e-13)


@pytest.mark.parametrize("gamma", [0.3, 1.0, ROOT2, 5.0])
def test_map_fixes_1_with_the_slope(gamma):
    assert rbf_map(1.0, gamma) == 1.0
    with mpmath.workdps(50):
        rate = 2 / mpmath.mpf(gamma) ** 2
        assert relative_error(rbf_slope(gamma), [mpmath.diff(lambda c: mpmath.exp(-rate * (1 - c)), 1)]) <= 1e-15


# --- small and large distances ---


@pytest.mark.parametrize("depth", [1, 2, 5, 10])
@pytest.mark.parametrize("gamma", [0.5, 1.0, ROOT2, 3.0])
def test_rest_of_the_expansion_at_small_distances_is_of_second_order(gamma, depth):
    r = gamma * min(1.0, (gamma**2 / 2.0) ** ((depth - 1) / 2)) * 0.1 / 2.0 ** np.arange(5)
    rest = 1.0 - composed_rbf_complement(r, gamma, depth) / rbf_near(r, gamma, depth)
    assert (rest > 0.0).all()
    assert fitted_order(r, rest) == pytest.approx(2.0, abs=0.02)
    assert composed_rbf_complement(1e-60, gamma, depth) == pytest.approx(rbf_near(1e-60, gamma, depth), rel=1e-13)


def test_expansion_at_small_distances_is_its_formula():
    for gamma, depth in ((0.5, 4), (2.0, 7), (1e-3, 50)):
        with mpmath.workdps(50):
            g = mpmath.mpf(gamma)
            expected = (mpmath.mpf("1e-100") / g) ** 2 * (2 / g**2) ** (depth - 1)
        assert relative_error(rbf_near([1e-100], gamma, depth), [expected]) <= 5e-14
    assert rbf_near(1.0, 1e-3, 50) == np.inf


@pytest.mark.parametrize("gamma", [0.06, 0.5, 1.0, ROOT2, 3.0])
def test_floors(gamma):
    floors = [rbf_floor(gamma, depth) for depth in range(1, 51)]
    assert floors[0] == 0.0
    assert floors[1] == pytest.approx(np.exp(-2.0 / gamma**2), rel=1e-12)
    for before, after in pairwise(floors):
        assert after == pytest.approx(float(np.exp(-2.0 * (1.0 - before) / gamma**2)), rel=1e-12)
        assert before <= after
    far = [float(composed_rbf(30.0 * gamma, gamma, depth)) for depth in range(1, 51)]
    np.testing.assert_allclose(far, floors, rtol=1e-15)


# --- fixed point ---


@pytest.mark.parametrize("gamma", [0.054, 0.0777, *CHAOTIC, 0.2, 0.3, 1.2])
def test_fixed_point(gamma):
    delta = rbf_fixed_complement(gamma)
    assert 0 < delta < 1
    with mpmath.workdps(400):
        assert relative_error(rbf_fixed_point(gamma), [1 - delta]) <= 1e-13
        assert relative_error(rbf_fixed_point_complement(gamma), [delta]) <= 1e-15


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 1000, 10**6])
def test_complement_of_the_fixed_point_some_doubles_below_root_2(steps):
    gamma = ROOT2 - steps * 2.0**-52
    exact = rbf_fixed_complement(gamma)
    assert relative_error(rbf_fixed_point_complement(gamma), [exact]) <= 1e-15
    assert rbf_fixed_point(gamma) == pytest.approx(1.0 - float(exact), abs=1.2e-16)


@pytest.mark.parametrize("gamma", [ROOT2, float(np.nextafter(ROOT2, 2.0)), 1.5, 1e3])
def test_points_merge_from_root_2_on(gamma):
    assert rbf_fixed_point(gamma) == 1.0
    assert rbf_fixed_point_complement(gamma) == 0.0
    assert rbf_crossing(gamma) == 0.0


def test_expansion_of_the_fixed_point():
    """1 - c* = 2e - (8/3) e^2 + (28/9) e^3 + O(e^4), e = 2/gamma^2 - 1: each coefficient is a limit."""
    gammas = np.sqrt(2.0 / (1.0 + 0.01 / 2.0 ** np.arange(6)))
    coefficients = [mpmath.mpf(2), -mpmath.mpf(8) / 3, mpmath.mpf(28) / 9]
    with mpmath.workdps(50):
        excess = [2 / mpmath.mpf(g) ** 2 - 1 for g in gammas.tolist()]
        delta = [mpmath.mpf(d) for d in rbf_fixed_point_complement(gammas).tolist()]
        for terms in range(4):
            known = [sum(c * e ** (k + 1) for k, c in enumerate(coefficients[:terms])) for e in excess]
            rest = [float(abs(d - k)) for d, k in zip(delta, known, strict=True)]
            assert fitted_order([float(e) for e in excess], rest) == pytest.approx(terms + 1.0, abs=0.02)


@pytest.mark.parametrize("gamma", CHAOTIC)
def test_fixed_point_is_fixed_and_attracts(gamma):
    fixed, delta = float(rbf_fixed_point(gamma)), float(rbf_fixed_point_complement(gamma))
    assert rbf_map(fixed, gamma) == pytest.approx(fixed, rel=1e-12)
    assert fixed * rbf_slope(gamma) < 1.0 < rbf_slope(gamma)
    for r in (1.1 * rbf_crossing(gamma), 100.0):  # from below the map is flatter
        off = [fixed - float(composed_rbf(r, gamma, depth)) for depth in range(1, 51)]
        assert off[0] > 0.0 or delta < 1e-6
        assert all(-1e-15 <= after <= fixed * rbf_slope(gamma) * before + 1e-15 for before, after in pairwise(off))
    for r in (0.3, 0.9):  # from above it is steeper: the last of fifty layers are near, and still nearing
        off = [float(composed_rbf(r * rbf_crossing(gamma), gamma, depth)) - fixed for depth in range(1, 51)]
        assert all(after <= before + 1e-15 for before, after in pairwise(off))
        assert abs(off[-1]) < 0.01 * off[0] or delta < 0.2


@pytest.mark.parametrize("gamma", CHAOTIC)
def test_all_depths_cross_at_one_distance(gamma):
    crossing, fixed = rbf_crossing(gamma), float(rbf_fixed_point_complement(gamma))
    for depth in range(1, 51):
        assert composed_rbf_complement(crossing, gamma, depth) == pytest.approx(fixed, rel=1e-14), depth
    inside, outside = ([float(composed_rbf(s * crossing, gamma, d)) for d in (1, 2, 3)] for s in (0.5, 2.0))
    if fixed > 1e-6 and gamma >= 0.5:  # others are nearer than rounding
        assert inside[0] > inside[1] > inside[2]
        assert outside[0] < outside[1] <= outside[2]


def test_fixed_points_of_many_gammas():
    gammas = np.array([[0.1, 0.5, 1.0], [BELOW, ROOT2, 3.0]])
    for function in (rbf_fixed_point, rbf_fixed_point_complement):
        values = function(gammas)
        assert values.shape == (2, 3)
        np.testing.assert_allclose(values.ravel(), [float(function(g)) for g in gammas.ravel()], rtol=1e-15)
        assert function(1.0).shape == ()
    assert rbf_fixed_point(0.01) == 0.0
    assert rbf_fixed_point_complement(0.01) == 1.0


def test_marginal_gamma_falls_as_2_over_the_depth():
    """1/delta gains 1/2 a layer, to first order in delta; a depth restarts from the chord of its value."""
    chord, depths, gains, deltas = 1.0, [], [], []
    for round_ in range(1, 41):
        delta = composed_rbf_complement(chord, ROOT2, 49)
        after = composed_rbf_complement(chord, ROOT2, 50)
        chord = np.sqrt(2.0 * after)
        depths.append(50 * round_)
        gains.append(float(1.0 / after - 1.0 / delta))
        deltas.append(float(after))
    gains, deltas = np.array(gains), np.array(deltas)
    assert fitted_order(deltas, np.abs(gains - 0.5)) == pytest.approx(1.0, abs=0.02)
    assert depths[-1] * deltas[-1] == pytest.approx(2.0, rel=0.005)


# --- refusals ---


@pytest.mark.parametrize("depth", [0, -1, 51, *NO_INTEGERS])
def test_other_depths_are_refused(depth):
    calls = [lambda f=f: f(1.0, 1.0, depth) for f in (*COMPOSED, rbf_near)] + [lambda: rbf_floor(1.0, depth)]
    for call in calls:
        with pytest.raises(ValueError, match=f"^depth must be an integer from 1 to 50, got {depth!r}$"):
            call()


@pytest.mark.parametrize(
    ("gamma", "shown"), [(0.0, "0"), (-1.0, "-1"), (9e-4, "0.0009"), (1001.0, "1001"), (np.nan, "nan")]
)
def test_other_gammas_are_refused(gamma, shown):
    calls = [lambda f=f: f(1.0, gamma, 2) for f in (*COMPOSED, rbf_near)]
    calls += [lambda f=f: f(gamma) for f in (rbf_fixed_point, rbf_fixed_point_complement, rbf_crossing, rbf_slope)]
    calls += [lambda: rbf_map(0.5, gamma), lambda: rbf_floor(gamma, 2), lambda: rbf_fixed_point([1.0, gamma])]
    calls += [lambda: composed_rbf([0.5, 1.0], [1.0, gamma], 2)]
    for call in calls:
        with pytest.raises(ValueError, match=f"^gamma must be a number from 0.001 to 1000, got {shown}$"):
            call()


@pytest.mark.parametrize(
    ("distance", "shown"), [(-1.0, "-1"), (-1e-300, "-1e-300"), (np.nan, "nan"), (-np.inf, "-inf")]
)
@pytest.mark.parametrize("function", COMPOSED)
def test_negative_distances_are_refused(function, distance, shown):
    for distances in (distance, [0.0, distance, 1.0]):
        with pytest.raises(ValueError, match=f"^distance must not be negative, got {shown}$"):
            function(distances, 1.0, 2)
