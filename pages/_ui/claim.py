"""The claim cards: a statement, what theory predicts, what was measured, and the verdict."""

from collections.abc import Sequence

import streamlit as st

from core.claims import Claim, Verdict
from core.notation import number

_SIGN = {Verdict.HOLDS: "✓", Verdict.VIOLATED: "✗", Verdict.DOES_NOT_APPLY: "–"}


def claim_cards(title: str, claims: Sequence[Claim]) -> None:
    """Draw claims side by side, one below the other on a phone.

    Parameters
    ----------
    title : str
        Heading of the cards.
    claims : sequence of Claim
        The claims; their texts are the program's own, never a visitor's.
    """
    cards = "\n".join(_card(claim) for claim in claims)
    st.markdown(f'<h3 class="claims">{title}</h3><div class="claims">\n{cards}\n</div>', unsafe_allow_html=True)


def _card(claim: Claim) -> str:
    """A card as Markdown within HTML, so that the formula is set."""
    verdict = claim.verdict
    met = " · ".join(f"{'met' if a.met else '<b>not met</b>'}: {a.text}" for a in claim.assumptions)
    bound = claim.allowed or f"tolerance {number(claim.tolerance)} {claim.unit}".strip()
    lines = [
        f'<div class="claim {verdict.name.lower()}" role="group" aria-label="{claim.name}: {verdict.value}">',
        f'<b>{claim.name}</b><span class="verdict">{_SIGN[verdict]} {verdict.value}</span>',
        f"${claim.formula}$",
        f"predicted: {claim.predicted}<br>measured: {claim.measured}<br>"
        f'<span class="small">{met + "<br>" if met else ""}{bound}<br>{claim.why}</span>',
        "</div>",
    ]
    return "\n\n".join(lines)
