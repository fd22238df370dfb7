"""The claims of a section: their verdicts above the charts, and a card for each below."""

from collections.abc import Sequence
from html import escape
from math import isnan

import streamlit as st

from core.claims import Claim, Verdict
from core.notation import number
from pages._ui.text import unbroken

_HOLDS = "holds", "✓", "holds"
_VIOLATED = "violated", "✗", "violated"
_TRUE_ANYWAY = "open", "○", "premise unmet; conclusion holds"
_FAILS = "fails", "⊘", "premise unmet; conclusion fails"
_UNMEASURED = "open", "–", "not measured"
_OUT_OF_REACH = "open", "–", "premise unmet; not measured"
_MEANINGS = {
    _HOLDS: "the statement holds",
    _VIOLATED: "the statement is refuted: its premises are met, its conclusion fails",
    _TRUE_ANYWAY: "a premise is not met; the conclusion holds all the same",
    _FAILS: "a premise is not met, and the conclusion fails, which refutes nothing",
    _UNMEASURED: "nothing to measure here",
    _OUT_OF_REACH: "a premise is not met, and there is nothing to measure",
}
"""What is said of a claim, in the order in which the signs are explained."""


def verdict_chips(claims: Sequence[Claim]) -> str:
    """HTML of a line of verdicts, each a link to its card, and what the signs mean; empty where there is no claim."""
    chips = "".join(_chip(claim, i) for i, claim in enumerate(claims, start=1))
    signs = f'<div class="signs">{meanings}</div>' if (meanings := _signs(claims)) else ""
    return chips and f'<div class="chips" role="group" aria-label="Verdicts">{chips}</div>{signs}'


def claim_cards(title: str, claims: Sequence[Claim]) -> None:
    """Draw claims side by side, one below the other on a phone.

    Parameters
    ----------
    title : str
        Heading of the cards; empty for none.
    claims : sequence of Claim
        The claims; their texts are the program's own, never a visitor's.
    """
    cards = "\n".join(_card(claim, i) for i, claim in enumerate(claims, start=1))
    heading = f'<h3 class="claims">{title}</h3>' if title else ""
    st.markdown(f'{heading}<div class="claims">\n{cards}\n</div>', unsafe_allow_html=True)


def face(claim: Claim) -> tuple[str, str, str]:
    """Style, sign and words of a verdict: ✗ is for a refuted statement alone.

    A statement with an unmet premise says nothing: its conclusion may be true all the same, or fail.
    """
    if claim.verdict is Verdict.HOLDS:
        return _HOLDS
    if claim.verdict is Verdict.VIOLATED:
        return _VIOLATED
    if isnan(claim.residual):
        return _UNMEASURED if all(one.met for one in claim.assumptions) else _OUT_OF_REACH
    return _TRUE_ANYWAY if claim.is_so else _FAILS


def _chip(claim: Claim, position: int) -> str:
    """A link to the card. The chips are the first of a tab that the keyboard reaches: the search for that ends here."""
    style, sign, words = face(claim)
    return f'<a class="chip {style}" href="#claim-{position}" title="{words}">{sign} {escape(claim.name)}</a>'


def _signs(claims: Sequence[Claim]) -> str:
    """What the signs of some claims mean, those alone that are there; nothing where all hold."""
    there = {face(claim) for claim in claims}
    if there == {_HOLDS}:
        return ""
    return " · ".join(f"{one[1]} {meaning}" for one, meaning in _MEANINGS.items() if one in there)


def _card(claim: Claim, position: int) -> str:
    """A card as Markdown within HTML, so that the formula is set."""
    style, sign, words = face(claim)
    missing = " · ".join(a.text for a in claim.assumptions if not a.met)
    met = " · ".join(a.text for a in claim.assumptions if a.met)
    bound = claim.allowed or f"tolerance {number(claim.tolerance)} {claim.unit}".strip()
    needs = f"<b>premise not met</b>: {missing}<br>" if missing else ""
    fine = f"{f'premises met: {met}<br>' if met else ''}{bound}"
    lines = [
        f'<div id="claim-{position}" class="claim {style}" role="group" aria-label="{claim.name}: {words}">',
        f'<b>{claim.name}</b><span class="verdict">{sign} {words}</span>',
        f"${claim.formula}$",
        unbroken(f"{needs}predicted: {claim.predicted}<br>measured: {claim.measured}"),
        f'<span class="small">{claim.why}</span>',
        f'<details class="small"><summary>Premises and tolerance</summary>{fine}</details>',
        "</div>",
    ]
    return "\n\n".join(lines)
