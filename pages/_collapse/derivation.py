"""The derivation, each equality in numbers."""

from core.neural_collapse.result import Equality
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


def _check(check: Equality) -> str:
    """Both sides of a step, and whether they are equal now; Markdown within HTML, so that formulas are set."""
    kind, verdict = ("holds", "✓ equal") if check.holds else ("violated", "✗ not equal")
    sides = f"{check.left} and {check.right}"
    end = f'<span class="verdict">{verdict}</span>, {number(check.residual)} apart'
    return f'<div class="claim step {kind}">\n\n{sides} {end}\n\n</div>'


SECTION = Section(
    name="Derivation",
    controls={"noise": NOISE, "departure": DEPARTURE, "anisotropy": ANISOTROPY, "sampled": SAMPLED, "classes": CLASSES},
    more={"ridge": RIDGE, "dimension": DIMENSION, "direction": DIRECTION, "samples": SAMPLES, "seed": SEED},
    show=_show,
    measures=False,
)
