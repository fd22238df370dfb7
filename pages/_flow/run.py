"""The run that all sections show: from a generated data set, or from a visitor's own table."""

from dataclasses import fields, replace

import streamlit as st

from core.gradient_flow import Dataset, FlowParams, FlowStatus, Progress, read_table
from core.gradient_flow.cost import expected_seconds
from core.gradient_flow.params import UPLOAD
from core.gradient_flow.study import Study, study_flow
from core.notation import number, power_of_ten
from pages._flow.controls import CONTROLS
from pages._ui.page import Values
from pages._ui.runs import Task, result_of
from pages._ui.uploads import ask_for_file, last_file, show_facts


def upload() -> None:
    """Ask for a table where the data are to be one's own."""
    if CONTROLS["dataset"].value() == UPLOAD:
        ask_for_file(
            "gf",
            "CSV: numeric columns and a label",
            read_table,
            megabytes=1,
            about="Two classes, at most 200 rows and 10 columns. It stays on this server and is not part of the link.",
        )


def _table() -> Dataset | None:
    """The visitor's table, with a line on how it was understood; None, and what to do, where there is none."""
    last = last_file("gf")
    dataset: Dataset | None = None if last is None else last.value
    if dataset is None:
        st.info("Choose a CSV file on the left: numeric columns, and one with the label of two classes.")
        return None
    samples, columns = dataset.points.shape
    classes = f"label: {dataset.label}, −1 is {dataset.classes[0]} and +1 is {dataset.classes[1]}"
    show_facts(f"{samples} samples, {columns} coordinate{'s' * (columns != 1)}", (classes, *dataset.notes))
    return dataset


def study_of(values: Values) -> Study | None:
    """The run for some values, or None while there is none; says why, and names an ending that is not the target."""
    dataset = _table() if values["dataset"] == UPLOAD else None
    if values["dataset"] == UPLOAD and dataset is None:
        return None
    try:
        params = _params(values)
    except ValueError as error:
        st.error(f"These settings do not fit together: {error}.")
        return None
    return result_of(
        "gf_run",
        Task(study_flow, params, dataset=dataset),
        _describe,
        complete=lambda done: done.result.status is not FlowStatus.STOPPED,
        caution=_caution,
        advice="Fewer layers or samples, a smaller width or a loss that is not so small take less.",
        seconds=expected_seconds(params, dataset),
    )


def _caution(study: Study) -> str:
    result = study.result
    return "" if result.status.reached else f"**{result.status.value.capitalize()}.** {result.message}"


def _describe(progress: Progress) -> tuple[float, str]:
    return progress.fraction, f"L = {power_of_ten(progress.log10_loss)}"


def _params(values: Values) -> FlowParams:
    params = FlowParams(**{one.name: values[one.name] for one in fields(FlowParams)})
    if params.dataset == UPLOAD:
        return replace(params, samples=200, noise=0.0)  # neither plays a part, so neither shall split the cache
    return params


def source_of(values: Values) -> Task[Study] | None:
    """What makes the run in a script; None for a table, which is in no link."""
    return None if values["dataset"] == UPLOAD else Task(study_flow, _params(values))


def effort(study: Study) -> str:
    """What the run took, and the width of its gates."""
    result = study.result
    return (
        f"{result.steps} steps, {result.evaluations} evaluations of the gradient; gates open over an angle "
        f"ε = {number(result.gate_width)}."
    )
