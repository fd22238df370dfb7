"""1.1 and 1.2 step by step, each step evaluated on the run."""

import streamlit as st

from core.gradient_flow import FlowResult
from core.gradient_flow.dynamics import SYSTEMS
from core.gradient_flow.identities import Identity, identities
from core.notation import number, power_of_ten
from pages._flow.controls import CONTROLS, MORE
from pages._flow.run import study_of, upload
from pages._ui.controls import Number
from pages._ui.page import Section, Values, View
from pages._ui.prose import draw_steps
from pages._ui.runs import Task, shared_result

_OF_THE_FLOW = ("tangent", "margin", "group")  # steps whose formula is another one for the other flow
_LATE = ("late", "growth_law", "loss_law", "norm_law")
_NOT_YET = "A law for late times: not yet at this moment, where L < 1 and t > 1 do not hold, or hold since now."
_ROUNDING = 1e-7  # of f², by differences of f


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
    checks = {_key(step, result): _sides(check) for step, check in shared_result(task.key, task.compute).items()}
    other = next(name for name in SYSTEMS if name != result.dynamics)
    late = {key: _NOT_YET for key in _LATE if key not in checks}
    numbers = {key: f'<p class="claim step">{text}</p>' for key, text in (checks | late).items()}
    draw_steps("gradient_flow", numbers, without=f"_{other}")


def _key(step: str, result: FlowResult) -> str:
    """The part of the text that a step stands below: some depend on the flow."""
    return f"{step}_{result.dynamics}" if step in _OF_THE_FLOW else step


def _sides(identity: Identity) -> str:
    """Both sides of a step in numbers."""
    left = ", ".join(number(value) for value in identity.left)
    right = ", ".join(number(value) for value in dict.fromkeys(float(f"{v:.6g}") for v in identity.right))
    match identity.kind:
        case "inequality":
            return f"{left} ≥ {right} : {'holds in every layer' if identity.residual <= _ROUNDING else 'violated'}"
        case "law":
            return f"{left} against {right}; {number(100.0 * identity.residual)} % apart"
    if identity.residual != identity.residual:
        return f"{left} against {right}; the flow is too slow here for more than rounding to be measured"
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
    sentence="Every step of 1.1, of 1.2 and of the laws, held against the run.",
    measures=False,
)
