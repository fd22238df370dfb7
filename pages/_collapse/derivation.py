"""The derivation, each step in numbers."""

from core.claims import Claim
from core.neural_collapse.studies import derivation
from core.notation import number
from pages._collapse.controls import (
    ANISOTROPY,
    CLASSES,
    DEPARTURE,
    DIMENSION,
    DIRECTION,
    NOISE,
    RIDGE,
    SAMPLED,
    SAMPLES,
    SEED,
    synthetic,
)
from pages._ui.claim import face
from pages._ui.page import Section, Values, View
from pages._ui.prose import draw_steps
from pages._ui.runs import Task, shared_result


def _show(values: Values) -> View | None:
    chosen = synthetic(values)
    if chosen is None:
        return None
    task = Task(derivation, *chosen)
    checks = shared_result(task.key, task.compute)
    return View(below=lambda: draw_steps("neural_collapse", {key: _check(check) for key, check in checks.items()}))


def _check(step: Claim) -> str:
    """Both sides of a step, and how it fares now; Markdown within HTML, so that formulas are set."""
    style, sign, words = face(step)
    missing = " · ".join(assumption.text for assumption in step.assumptions if not assumption.met)
    unmet = f" Not met: {missing}." if missing else ""
    end = f'<span class="verdict">{sign} {words}</span>, {number(step.residual)} apart.{unmet}'
    return f'<div class="claim step {style}">\n\n{step.measured}, against {step.predicted} {end}\n\n</div>'


SECTION = Section(
    name="Derivation",
    controls={"noise": NOISE, "departure": DEPARTURE, "anisotropy": ANISOTROPY, "sampled": SAMPLED, "classes": CLASSES},
    more={"ridge": RIDGE, "dimension": DIMENSION, "direction": DIRECTION, "samples": SAMPLES, "seed": SEED},
    show=_show,
    measures=False,
)
