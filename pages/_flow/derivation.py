"""1.1 and 1.2 step by step, each step evaluated on the run."""

import streamlit as st

from core.gradient_flow import FlowResult
from core.gradient_flow.identities import Identity, identities
from core.notation import number, power_of_ten
from pages._flow.controls import CONTROLS, MORE
from pages._flow.run import study_of, upload
from pages._ui.controls import Number
from pages._ui.page import Section, Values, View
from pages._ui.prose import draw_steps
from pages._ui.runs import Task, shared_result


def _show(values: Values) -> View | None:
    study = study_of(values)
    if study is None:
        return None
    return View(below=lambda: _draw(study.result, values["moment"]))


def _draw(result: FlowResult, moment: int) -> None:
    index = round(moment / 100 * (len(result.snapshot_log10_time) - 1))
    time, loss = float(result.snapshot_log10_time[index]), float(result.snapshot_log10_loss[index])
    st.caption(f"Each step is evaluated at t = {power_of_ten(time)}, where L = {power_of_ten(loss)}.")
    task = Task(identities, result, index)
    checks = shared_result(task.key, task.compute).items()
    draw_steps("gradient_flow", {key: f'<p class="claim step">{_sides(check)}</p>' for key, check in checks})


def _sides(identity: Identity) -> str:
    """Both sides of a step in numbers."""
    left = ", ".join(number(value) for value in identity.left)
    right = ", ".join(number(value) for value in dict.fromkeys(float(f"{v:.10g}") for v in identity.right))
    if identity.inequality:
        return f"{left} ≥ {right} : {'holds in every layer' if identity.residual <= 1e-9 else 'violated'}"
    return f"{left} against {right}; relative difference {number(identity.residual)}"


SECTION = Section(
    name="Derivation",
    show=_show,
    controls=CONTROLS,
    more=MORE,
    display={
        "moment": Number(
            key="gf_moment",
            label="Moment of the run",
            default=100,
            low=0,
            high=100,
            step=4,
            format="%d %%",
            help="Along log t: 0 % is the start, 100 % the end.",
        )
    },
    aside=upload,
    sentence="Every step of 1.1 and 1.2, in numbers of the run.",
    measures=False,
)
