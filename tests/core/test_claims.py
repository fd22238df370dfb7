from dataclasses import FrozenInstanceError

import pytest

from core.claims import Assumption, Claim, Verdict

MET, UNMET = Assumption("separated", True), Assumption("equal norms", False)


def claim(residual, *assumptions):
    return Claim(
        name="1.1",
        formula="a = b",
        assumptions=assumptions,
        predicted="1",
        measured="1",
        residual=residual,
        tolerance=0.01,
    )


@pytest.mark.parametrize(
    ("residual", "assumptions", "verdict"),
    [
        (0.0, (), Verdict.HOLDS),
        (0.01, (MET,), Verdict.HOLDS),
        (0.011, (MET,), Verdict.VIOLATED),
        (float("inf"), (), Verdict.VIOLATED),
        (0.0, (MET, UNMET), Verdict.DOES_NOT_APPLY),
        (1.0, (UNMET,), Verdict.DOES_NOT_APPLY),
        (float("nan"), (UNMET,), Verdict.DOES_NOT_APPLY),
    ],
)
def test_verdict_follows_from_assumptions_and_residual(residual, assumptions, verdict):
    assert claim(residual, *assumptions).verdict is verdict


def test_nothing_measured_never_counts_as_holding():
    assert claim(float("nan")).verdict is not Verdict.HOLDS


def test_verdict_cannot_be_written_by_hand():
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        claim(1.0).verdict = Verdict.HOLDS
