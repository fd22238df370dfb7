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
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.page import Section, Values, View
from pages._ui.prose import steps
from pages._ui.runs import Task, shared_result


def _show(values: Values) -> View:
    params = AngularParams(order=values["order"], angle=radians(values["angle"]))
    source = Task(study_derivation, params)
    study = shared_result(source.key, source.compute)
    result = study.result
    return View(
        rows=[[_wedge(result), _quadrant(result)], [_polar(result), _psi(result)]],
        heading="What theory says, and these integrals",
        claims=study.claims,
        study=study,
        source=source,
        below=lambda: _draw_steps(result),
    )


def _draw_steps(result: DerivationResult) -> None:
    st.markdown(f"### The integral after each step\n\n{figures.describe_derivation(result)}")
    st.html(_table(result))
    st.caption(
        "The first four by quadrature, which uses no formula of the result; below each value its distance from (3.3)."
    )
    numbers = {
        "arctangent": figures.describe_arctangent(result),
        "recurrence": figures.describe_recurrence(result),
        "differentiation": "The table’s last column has the values, one order after the other.",
    }
    parts = steps("arc_cosine")
    texts = ["### The derivation"]
    for name, text in parts.items():
        texts += [text, numbers[name]] if name in numbers else [text]
    notes = ["### Notes on the statement", "\n".join(_note(slip) for slip in result.slips)]
    st.markdown("\n\n".join([*texts, *notes]))


def _wedge(result: DerivationResult) -> Chart:
    return Chart(
        call=Call(figures.wedge_figure, result),
        says=lambda: figures.describe_wedge(result),
        claim="Every step",
        key="derivation_wedge",
        name="1. Wedge",
        alt="Map of the plane: the wedge of weight vectors that see both inputs, under the Gaussian.",
        table=lambda: _grid(result.wedge.w1, result.wedge.w2, result.wedge.integrand, "w1", "w2"),
    )


def _quadrant(result: DerivationResult) -> Chart:
    return Chart(
        call=Call(figures.quadrant_figure, result),
        says=lambda: figures.describe_quadrant(result),
        claim="Every step",
        key="derivation_quadrant",
        name="2. Quadrant",
        alt="Map of the first quadrant: the integrand after the shear.",
        table=lambda: _grid(result.quadrant.u, result.quadrant.v, result.quadrant.integrand, "u", "v"),
    )


def _polar(result: DerivationResult) -> Chart:
    return Chart(
        call=Call(figures.polar_figure, result),
        says=lambda: figures.describe_polar(result),
        claim="Every step",
        key="derivation_polar",
        name="3. Polar",
        alt="Map over angle and radius: the integrand in polar coordinates.",
        table=lambda: _grid(result.polar.psi, result.polar.r, result.polar.integrand, "psi", "r"),
    )


def _psi(result: DerivationResult) -> Chart:
    return Chart(
        call=Call(figures.psi_figure, result),
        says=lambda: figures.describe_psi(result),
        claim="Every step",
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


SECTION = Section(
    name="Derivation",
    controls={"order": ORDER, "angle": ANGLE},
    show=_show,
    measures=False,
)
