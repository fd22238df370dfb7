"""Formulas as MathML: well formed, complete, and what the LaTeX says."""

import re
from xml.etree import ElementTree

import pytest

from core.gradient_flow import FlowParams
from core.gradient_flow.study import study_flow
from core.kernels.params import AngularParams, DepthParams, MachineParams, PolynomialParams, RbfParams, WidthParams
from core.kernels.studies import (
    study_arc_cosine,
    study_depth,
    study_derivation,
    study_machine,
    study_polynomial,
    study_rbf,
    study_width,
)
from core.neural_collapse.example import example_file
from core.neural_collapse.network import NetworkParams
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.studies import (
    study_digits,
    study_implication,
    study_regions,
    study_simplex,
    study_unconstrained,
    study_upload,
)
from core.neural_collapse.unconstrained_model import UnconstrainedParams
from core.neural_collapse.upload import read_features
from pages._ui.mathml import mathml, with_formulas


def shape(latex):
    """The elements of a formula as nested lists, rows around one element left out."""

    def of(node):
        parts = [of(child) for child in node]
        if node.tag == "mrow" and len(parts) == 1:
            return parts[0]
        return [node.tag, *parts] if parts else f"{node.tag} {node.text or ''}".strip()

    return of(ElementTree.fromstring(mathml(latex))[0])


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("x", "mi x"),
        ("12.5", "mn 12.5"),
        ("a-b", ["mrow", "mi a", "mo −", "mi b"]),
        (r"\theta_1^2", ["msubsup", "mi θ", "mn 1", "mn 2"]),
        (r"W_k^{ij}", ["msubsup", "mi W", "mi k", ["mrow", "mi i", "mi j"]]),
        (r"\frac{a}{2}", ["mfrac", "mi a", "mn 2"]),
        (r"\tfrac1C", ["mfrac", "mn 1", "mi C"]),
        (r"\tfrac15", ["mfrac", "mn 1", "mn 5"]),
        (r"\sqrt h", ["msqrt", "mi h"]),
        (r"\dot\nu_1", ["msub", ["mover", "mi ν", "mo ˙"], "mn 1"]),
        (r"\text{for every } k", ["mrow", "mtext for every", "mi k"]),
        (r"\big(x\big)", ["mrow", "mo (", "mi x", "mo )"]),
        (r"\|x\|", ["mrow", "mo ‖", "mi x", "mo ‖"]),
        (r"a \not\to 0", ["mrow", "mi a", "mo →\u0338", "mn 0"]),
        (r"\rho'", ["msup", "mi ρ", "mo ′"]),
        ("a < b", ["mrow", "mi a", "mo <", "mi b"]),
    ],
)
def test_a_formula_is_what_it_says(latex, expected):
    assert shape(latex) == expected


@pytest.mark.parametrize("latex", [r"\frac{a}", r"\nonsense{a}", "x_", r"\text{open"])
def test_what_cannot_be_set_is_an_error_and_not_a_gap(latex):
    with pytest.raises(ValueError, match=r"no MathML|too early|not closed"):
        mathml(latex)


def every_claim():
    flows = [study_flow(FlowParams(depth=depth, target=-10)) for depth in (1, 3)]
    for flow in flows:
        yield from (*flow.norm_claims, *flow.margin_claims)
    studies = [
        study_polynomial(PolynomialParams()),
        study_rbf(RbfParams()),
        *(study_arc_cosine(AngularParams(order=n)) for n in (0, 1, 3)),
        study_derivation(AngularParams()),
        study_width(WidthParams()),
        *(study_depth(DepthParams(order=n)) for n in (0, 1, 2)),
        study_machine(MachineParams()),
        study_simplex(SyntheticParams()),
        study_implication(SyntheticParams(), FitParams()),
        study_regions(SyntheticParams(), FitParams()),
        study_unconstrained(UnconstrainedParams()),
        study_digits(NetworkParams(epochs=50)),
        study_upload(read_features(example_file(), "features.npz")),
    ]
    for study in studies:
        yield from study.claims


def test_the_formula_of_every_claim_can_be_set():
    for claim in every_claim():
        for text in (mathml(claim.formula), *re.findall("<math.*?</math>", with_formulas(claim.why))):
            ElementTree.fromstring(text)
            assert "\\" not in text, claim.name
            assert "$" not in text, claim.name


def test_words_around_formulas_are_escaped():
    assert with_formulas("a < b: $x$ & c") == f"a &lt; b: {mathml('x')} &amp; c"
