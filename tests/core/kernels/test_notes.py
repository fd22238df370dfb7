"""Numbers in the texts of problem 2 (notes for the teacher, prose, presets) are those of runs."""

from math import exp, pi, radians, sqrt
from pathlib import Path

import numpy as np
import pytest

from core.claims import Verdict
from core.kernels import (
    angular_function,
    composed_arc_cosine,
    composed_rbf,
    composed_rbf_complement,
    random_feature_std,
    rbf_fixed_point,
)
from core.kernels.derivation import repeated_differentiation
from core.kernels.feature_law import normal_band_coverage
from core.kernels.params import DepthParams, MachineParams, PolynomialParams, RbfParams, WidthParams
from core.kernels.weights import Layer, infinite_width_limit
from tests.core.kernels.scans import study

ROOT = Path(__file__).parents[3]
SEVENTY = radians(70)
SQUARES = {"degree": 2}  # the default of the page


def text_of(name):
    return " ".join((ROOT / "pages" / name).read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def notes():
    return text_of("_prose/teacher_kernels.md")


@pytest.fixture(scope="module")
def presets():
    return text_of("kernels.py").replace('" "', "")


def half_distances(norm):
    result = study(PolynomialParams(norm=norm))
    statement = next(c for c in result.claims if "On the sphere" in c.name)
    return statement.measured.split(": ")[1]


def evidence(key, params):
    fit = next(fit for fit in study(params).result.fits if fit.key == key)
    return dict(zip(fit.evidence_depths, fit.evidence, strict=True))


def test_nothing_is_told_of_runs_that_no_script_makes(notes):
    for words in ("we saw", "once:", "random settings", " runs"):
        assert words not in notes


def test_polynomials(notes, presets):
    assert half_distances(1.0) == "0.765, 0.564, 0.407"
    assert "from 0.77 to 0.56 to 0.41" in notes
    assert half_distances(1.25) == "0.957, 0.705, 0.509"
    assert "at 0.957, 0.705, 0.509 in place of 0.765, 0.564, 0.407" in notes
    first, last = (1.25 ** (2 * 2**depth) for depth in (1, 3))
    assert f"from {first:.2f} to {last:.1f}" in notes
    assert f"from {first:.2f} to {last:.1f}" in presets


def test_rbf(notes, presets):
    assert f"c^* = {float(rbf_fixed_point(1.0)):.3f}" in notes
    gap = float(composed_rbf_complement(1.0, 2.0, 20))
    assert f"1 - k = {1e7 * gap:.1f}\\cdot10^{{-7}}" in notes
    assert f"c^* = {1e9 * float(rbf_fixed_point(sqrt(0.1))):.0f}\\cdot10^{{-9}}" in notes
    assert f"{exp(-2.0):.3f} at $\\gamma^2 = 1$" in notes
    params = RbfParams(gamma_squared=2.0, depth=50)
    left = 1.0 - float(composed_rbf(params.distance, sqrt(2.0), 50))
    assert f"1 − k is still {left:.3f}" in presets


def test_arc_cosine(notes, presets):
    shallow, deep = (float(composed_arc_cosine(SEVENTY, 1, depth)) for depth in (1, 20))
    assert f"at {shallow:.2f} of its maximum" in notes
    assert f"from {shallow:.2f} to {deep:.2f}" in notes
    assert f"from correlation {shallow:.2f} to {deep:.2f}" in presets
    assert 0.98 < float(composed_arc_cosine(pi, 1, 50)) < 0.99
    assert f"{float(angular_function(1, SEVENTY)):.7f}" in notes
    near, far = (float(composed_arc_cosine(radians(3), 2, depth)) for depth in (1, 50))
    assert f"from {near:.3f} to {far:.2f}" in notes
    assert f"ρ = {far:.2f}" in presets
    derived, exact = float(repeated_differentiation(5, [radians(178)])[5, 0]), float(angular_function(5, radians(178)))
    assert f"{1e16 * derived:.1f}\\cdot10^{{-16}}$ in place of ${1e16 * exact:.1f}\\cdot10^{{-16}}" in notes


def test_finite_width(notes, presets):
    kernel = float(angular_function(1, SEVENTY)) / pi
    signs = infinite_width_limit(1, SEVENTY, Layer(distribution="signs"))
    assert f"{signs:.3f} in place of {kernel:.3f}" in notes
    share = float(random_feature_std(1, SEVENTY, 1000)) / kernel
    assert f"{100 * share:.1f} % at 1000" in notes
    assert f"by {100 * share:.1f} % (one standard deviation)" in presets
    assert f"Some {round(share**2 * 1000 / 0.01**2, -3):,.0f}".replace(",", " ") in notes
    above = 1.0 - float(normal_band_coverage(3, SEVENTY, [100])[0])
    assert 0.035 < above < 0.04  # "nearly 4 %": none can be below, as 1.96 sigma is more than the kernel
    assert 1.96 * float(random_feature_std(3, SEVENTY, 100)) > float(angular_function(3, SEVENTY)) / pi
    widest = study(WidthParams(width=100_000, angle=SEVENTY))
    assert len(widest.result.replicates) == 20
    assert next(c for c in widest.claims if c.name.startswith("Standard")).verdict is Verdict.DOES_NOT_APPLY


def test_depth(notes):
    result = study(DepthParams(order=2, depth=6, norm=1.25, angle=SEVENTY)).result
    ends = result.net_log10_norms[:, -1]
    low, high = (f"{10 ** (end % 1):.1f}\\cdot10^{{{int(end)}}}" for end in (ends.min(), ends.max()))
    assert len(ends) == 12
    assert f"between ${low}$ and ${high}$" in notes
    last = float(result.log10_norm[-1])
    assert f"{10 ** (last % 1):.1f}\\cdot10^{{{int(last)}}}" in notes
    for params in (DepthParams(order=3, width=1000), DepthParams(width=90, depth=5), DepthParams(width=290, depth=50)):
        statement = next(c for c in study(params).claims if c.name.startswith("Finite nets"))
        assert statement.verdict is Verdict.DOES_NOT_APPLY


def test_the_kernel_machine(notes, presets):
    shallow, deep = MachineParams(**SQUARES), MachineParams(depth=50, **SQUARES)
    best = {
        key: max(values, key=values.get)
        for key in ("polynomial", "rbf", "arc_cosine")
        for values in [evidence(key, shallow)]
    }
    assert f"$\\ell = {best['polynomial']}$ for squares, {best['rbf']} for RBF, {best['arc_cosine']} for ReLU" in notes
    relu = evidence("arc_cosine", shallow)
    assert f"falls from −{-relu[1]:.0f} to −{-relu[50]:.0f}" in notes
    result = study(deep).result
    rbf, arc = (next(fit for fit in result.fits if fit.key == key) for key in ("rbf", "arc_cosine"))
    assert np.median(np.abs(rbf.mean - result.y.mean())) < 0.01 * result.y.std()  # flat ...
    assert (
        np.abs(np.interp(result.x, result.grid, rbf.mean) - result.y).max() < 0.05 * result.y.std()
    )  # ... with spikes
    assert np.ptp(arc.mean) < 0.8 * np.ptp(result.y)  # too flat ...
    assert np.mean(np.abs(result.truth - arc.mean) < 1.96 * arc.std) < 0.5  # ... and too sure
    assert "flat with a spike at every sample" in presets
    out = study(MachineParams(order=2, depth=10, normalized=False, **SQUARES)).result
    assert [fit.key for fit in out.fits] == ["polynomial", "rbf"]
