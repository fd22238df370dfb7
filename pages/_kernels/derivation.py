"""The derivation of 2.3: four linked pictures, its steps in numbers, and notes on the statement."""

from math import radians

import pandas as pd
import streamlit as st

from core.figures.kernels import derivation as figures
from core.kernels.params import AngularParams
from core.kernels.result.derivation import DerivationResult, Slip, Step
from core.kernels.studies import study_derivation
from core.notation import digits, number
from pages._kernels.controls import ANGLE, ORDER
from pages._ui.chart import Chart, chart, save_menu
from pages._ui.claim import claim_cards
from pages._ui.prose import steps
from pages._ui.runs import shared_result
from pages._ui.sections import Section, Values


def _draw(values: Values) -> None:
    params = AngularParams(order=values["order"], angle=radians(values["angle"]))
    study = shared_result(("derivation", params), lambda: study_derivation(params))
    result = study.result
    charts = []
    drawers = (_wedge, _quadrant, _polar, _psi)
    for first in (0, 2):
        for i, column in enumerate(st.columns(2, gap="large"), start=first):
            with column:
                charts.append(drawers[i](result))
                st.caption(_value(result.table[result.order][i]))
    st.caption(figures.describe_derivation(result))
    save_menu(charts, key="ke_derivation")
    st.subheader("The integral after each step", anchor=False)
    st.html(_table(result))
    st.caption(
        "The first four by quadrature, which uses no formula of the result; below each value its distance from (3.3)."
    )
    claim_cards("What theory says, and these integrals", study.claims)
    st.subheader("The derivation", anchor=False)
    for text in steps("arc_cosine").values():
        st.markdown(text)
    st.subheader("Notes on the statement", anchor=False)
    st.markdown("\n".join(_note(slip) for slip in result.slips))


def _value(step: Step) -> str:
    return f"{step.name}: {digits(step.value)} by quadrature, {number(step.residual)} from (3.3)"


def _wedge(result: DerivationResult) -> Chart:
    return chart(
        figures.wedge_figure(result),
        key="derivation_wedge",
        name="1. Wedge",
        alt="Map of the plane: the wedge of weight vectors that see both inputs, under the Gaussian.",
        table=lambda: _grid(result.wedge.w1, result.wedge.w2, result.wedge.integrand, "w1", "w2"),
    )


def _quadrant(result: DerivationResult) -> Chart:
    return chart(
        figures.quadrant_figure(result),
        key="derivation_quadrant",
        name="2. Quadrant",
        alt="Map of the first quadrant: the integrand after the shear.",
        table=lambda: _grid(result.quadrant.u, result.quadrant.v, result.quadrant.integrand, "u", "v"),
    )


def _polar(result: DerivationResult) -> Chart:
    return chart(
        figures.polar_figure(result),
        key="derivation_polar",
        name="3. Polar",
        alt="Map over angle and radius: the integrand in polar coordinates.",
        table=lambda: _grid(result.polar.psi, result.polar.r, result.polar.integrand, "psi", "r"),
    )


def _psi(result: DerivationResult) -> Chart:
    return chart(
        figures.psi_figure(result),
        key="derivation_psi",
        name="4. The angle alone",
        alt="Line chart: the integrand over the last angle; the area below it is the result.",
        table=lambda: pd.DataFrame({"psi": result.psi.psi, "integrand": result.psi.integrand}),
    )


def _grid(x: object, y: object, values: object, across: str, up: str) -> pd.DataFrame:
    """A map as a long table."""
    frame = pd.DataFrame(values, index=pd.Index(y, name=up), columns=pd.Index(x, name=across))  # type: ignore[call-overload]
    long: pd.DataFrame = frame.stack(future_stack=True).rename("integrand").reset_index()
    return long


def _table(result: DerivationResult) -> str:
    """The steps by order, as HTML; the arctangent formula, of n = 0 alone, has its note below."""
    names = [*(step.name for step in result.table[0][:4]), "Differentiating J₀"]
    rows = [_row(result, order, row[:4]) for order, row in result.table.items()]
    head = "".join(f"<th>{name}</th>" for name in ("n", *names))
    return f'<div class="steps"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def _row(result: DerivationResult, order: int, row: tuple[Step, ...]) -> str:
    chosen = ' class="chosen"' if order == result.order else ""
    derived = float(result.differentiated[order])
    cells = [(step.value, step.residual) for step in row] + [(derived, abs(derived / result.exact[order] - 1.0))]
    body = "".join(f"<td>{digits(value)}<br><small>{number(residual)}</small></td>" for value, residual in cells)
    return f"<tr{chosen}><th>{order}</th>{body}</tr>"


def _note(slip: Slip) -> str:
    numbers = " · ".join(f"{label} = {digits(value, 6)}" for label, value in slip.evidence)
    return f"- **{slip.name}.** {slip.sentence}  \n  {numbers}"


SECTION = Section(name="Derivation", controls={"order": ORDER, "angle": ANGLE}, draw=_draw)
