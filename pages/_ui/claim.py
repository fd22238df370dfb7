"""The claim card: a statement, what theory predicts, what was measured, and the verdict."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.claims import Claim, Verdict
from core.notation import number

_SIGN = {Verdict.HOLDS: "✓", Verdict.VIOLATED: "✗", Verdict.DOES_NOT_APPLY: "–"}


def claim_cards(claims: Sequence[Claim], *, columns: int = 2) -> None:
    """Draw claims side by side.

    Parameters
    ----------
    claims : sequence of Claim
        The claims.
    columns : int
        Cards in a row; one below the other on a phone.
    """
    for start in range(0, len(claims), columns):
        for column, claim in zip(st.columns(columns, gap="large"), claims[start : start + columns], strict=False):
            with column:
                _card(claim)


def _card(claim: Claim) -> None:
    verdict = claim.verdict
    met = " · ".join(f"{'met' if a.met else '<b>not met</b>'}: {escape(a.text)}" for a in claim.assumptions)
    bound = f"tolerance {number(claim.tolerance)} {escape(claim.unit)}".strip()
    st.html(
        f'<div class="claim {verdict.name.lower()}" role="group" aria-label="{escape(claim.name)}: {verdict.value}">'
        f'<b>{escape(claim.name)}</b><span class="verdict">{_SIGN[verdict]} {verdict.value}</span><br>'
        f"predicted: {escape(claim.predicted)}<br>measured: {escape(claim.measured)}<br>"
        f'<span class="small">{met + "<br>" if met else ""}{bound}<br>{escape(claim.why)}</span></div>'
    )
