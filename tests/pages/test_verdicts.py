"""Verdicts as people see them: ✗ for a refuted statement alone, and each sign explained where it stands."""

import re

import pytest

from core.claims import Assumption, Claim
from pages._ui.claim import face, verdict_chips

NAN = float("nan")
MET, UNMET = Assumption("met", True), Assumption("unmet", False)


def claim(residual, *assumptions, name="a statement"):
    sides = {"predicted": "1", "measured": "1"}
    return Claim(name=name, formula="a", assumptions=assumptions, residual=residual, tolerance=0.1, **sides)


CASES = {
    (0.0, MET): ("✓", "holds"),
    (1.0, MET): ("✗", "violated"),
    (0.0, UNMET): ("○", "premise unmet; conclusion holds"),
    (1.0, UNMET): ("⊘", "premise unmet; conclusion fails"),
    (NAN, MET): ("–", "not measured"),
    (NAN, UNMET): ("–", "premise unmet; not measured"),
}


@pytest.mark.parametrize(("case", "expected"), CASES.items(), ids=str)
def test_each_case_has_its_sign_and_words(case, expected):
    assert face(claim(*case))[1:] == expected


def test_only_a_refuted_statement_looks_refuted():
    styles = {case: face(claim(*case))[0] for case in CASES}
    assert [case for case, style in styles.items() if style == "violated"] == [(1.0, MET)]
    assert [case for case, style in styles.items() if style == "holds"] == [(0.0, MET)]


def test_signs_are_explained_beside_the_chips_those_alone_that_are_there():
    html = verdict_chips([claim(0.0, MET), claim(1.0, UNMET, name="another")])
    chips, meanings = html.split('class="signs"')
    assert re.findall(r">(.) ", chips) == ["✓", "⊘"]
    assert "✓" in meanings
    assert "⊘ a premise is not met, and the conclusion fails" in meanings
    assert not {"✗", "○", "–"} & set(meanings)
    assert verdict_chips([]) == ""
    assert "signs" not in verdict_chips([claim(0.0, MET)])
