"""Numbers that the notes for the teacher, the README and the overview state are those of runs."""

import re
from pathlib import Path

import numpy as np
import pytest

from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.studies import study_implication, study_regions, study_unconstrained
from core.neural_collapse.unconstrained_model import UnconstrainedParams
from tests.core.neural_collapse.sabotages import digits_run

ROOT = Path(__file__).resolve().parents[3]
SAMPLED, TINY = FitParams(sampled=True), SyntheticParams(noise=1e-5)


def stated(pattern, file="pages/_prose/teacher_neural_collapse.md"):
    """The numbers that a text states, by a pattern with groups; a line may break anywhere."""
    text = " ".join((ROOT / file).read_text(encoding="utf-8").replace('"\n', "").split())
    found = re.search(pattern, re.sub(r' "(?=\w)', " ", text))
    assert found, pattern
    return [float(group) for group in found.groups()]


def nc3(fit=SAMPLED, **changes):
    return study_implication(SyntheticParams(**changes), fit).result.conditions.nc3


def test_tiny_sampled_noise():
    conditions = study_implication(TINY, SAMPLED).result.conditions
    size, share = stated(r"how large is NC3\? Say: ([\d.]+), and the rules differ on ([\d.]+) % of probes")
    assert (conditions.nc3, 100.0 * conditions.nc4) == pytest.approx((size, share), abs=0.5, rel=0.01)
    assert conditions.nc3 == pytest.approx(size, abs=0.005)
    assert conditions.nc4_features == 0.0  # "though on none of the features"
    assert stated(r"keeps NC3 at ([\d.]+), and a", "README.md") == [size]
    (repaired,) = stated(r"Say: NC3 is \$(\d)\\cdot10\^\{-6\}\$")
    assert nc3(FitParams(sampled=True, ridge=1e-3), noise=1e-5) == pytest.approx(1e-6 * repaired, rel=0.1)


def test_samples():
    assert nc3(noise=1e-5, samples=200) == pytest.approx(0.5 * nc3(noise=1e-5), rel=0.1)  # "halve NC3"
    peak, freedom, across = stated(r"peaks at ([\d.]+), where \$C\(N-1\) = (\d+)\$ is next to \$p - C \+ 1 = (\d+)\$")
    sizes = {samples: nc3(noise=1e-5, samples=samples) for samples in (2, 3, 5, 10, 20)}
    assert max(sizes, key=lambda samples: sizes[samples]) == 5
    assert sizes[5] == pytest.approx(peak, rel=0.05)
    assert (freedom, across) == (4 * (5 - 1), 20 - 4 + 1)


def test_other_features():
    conditions = study_implication(SyntheticParams(noise=0.0, departure=0.5), FitParams()).result.conditions
    assert [conditions.nc3] == pytest.approx(
        stated(r"NC3 is ([\d.]+) and the rules differ on one probe in five"), rel=0.01
    )
    assert conditions.nc4 == pytest.approx(0.2, abs=0.01)
    assert conditions.nc4_features == 0.0
    plane = study_regions(SyntheticParams(classes=3, dimension=2, noise=0.0, departure=0.6), FitParams()).result
    assert [100.0 * plane.share] == pytest.approx(stated(r"grey ([\d.]+) % of the square"), abs=0.05)
    (along,) = stated(r"NC3 is ([\d.]+) in \{\{Anisotropic noise\}\}")
    assert nc3(FitParams(), noise=0.3, anisotropy=4.0) == pytest.approx(along, abs=0.005)
    assert nc3(FitParams(), noise=0.3, anisotropy=4.0, direction="complement") < 1e-12
    (unweighted,) = stated(r"at noise 0.1, NC3 is ([\d.]+)\.")
    assert nc3(FitParams(weighted=False), noise=0.1, imbalance=10.0) == pytest.approx(unweighted, rel=0.01)
    first, second = stated(r"at noise 0.1 NC1 is ([\d.]+), .*? is ([\d.]+)\.")
    noisy = study_implication(SyntheticParams(), FitParams()).result.conditions
    assert (noisy.nc1, noisy.others["NC1, tr Σ_W / tr Σ_B"]) == pytest.approx((first, second), rel=1e-3)


@pytest.mark.parametrize(
    ("pattern", "changes"),
    [
        (r"by default at (\d+)\.", {}),
        (r"NC2 falls below 0.01 at \$t = (\d+)\$, by default", {"weight_decay": 0.04, "feature_decay": 0.04}),
    ],
)
def test_the_time_that_free_features_take(pattern, changes):
    result = study_unconstrained(UnconstrainedParams(**changes)).result
    nc2 = np.maximum(result.metrics["NC2 lengths"], result.metrics["NC2 angles"])
    below = result.moments[np.flatnonzero(nc2 >= 0.01)[-1] + 1]
    assert [below] == pytest.approx(stated(pattern), rel=0.05)


def test_the_digits():
    run = digits_run()
    late = run.epochs >= run.terminal_epoch
    ends = [run.curves.curve(name)[late][[0, -1]] for name in ("nc1", "nc3", "nc2_equinorm")]
    epoch, *others = stated(
        r"from about epoch (\d+) on NC1 falls from ([\d.]+) to ([\d.]+) and NC3 from ([\d.]+) to ([\d.]+), "
        r"but the lengths of NC2 only from ([\d.]+) to ([\d.]+);"
    )
    assert run.terminal_epoch == pytest.approx(epoch, abs=10)
    assert np.concatenate(ends) == pytest.approx(others, rel=0.15)
    overview = stated(r"NC1 falls from ([\d.]+) to ([\d.]+), and NC3 from ([\d.]+) to ([\d.]+)\.", "app.py")
    assert np.concatenate(ends[:2]) == pytest.approx(overview, rel=0.15)
    assert run.test_errors[-1] == pytest.approx(0.01, abs=0.005)
