"""The claim cards: a statement, what theory predicts, what was measured, and the verdict."""

from collections.abc import Sequence
from html import escape

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
        The claims.
    """
    cards = "".join(_card(claim) for claim in claims)
    st.html(f'<h3 class="claims">{escape(title)}</h3><div class="claims">{cards}</div>')


def _card(claim: Claim) -> str:
    verdict = claim.verdict
    met = " · ".join(f"{'met' if a.met else '<b>not met</b>'}: {escape(a.text)}" for a in claim.assumptions)
    bound = f"tolerance {number(claim.tolerance)} {escape(claim.unit)}".strip()
    return (
        f'<div class="claim {verdict.name.lower()}" role="group" aria-label="{escape(claim.name)}: {verdict.value}">'
        f'<b>{escape(claim.name)}</b><span class="verdict">{_SIGN[verdict]} {verdict.value}</span><br>'
        f"predicted: {escape(claim.predicted)}<br>measured: {escape(claim.measured)}<br>"
        f'<span class="small">{met + "<br>" if met else ""}{bound}<br>{escape(claim.why)}</span></div>'
    )
