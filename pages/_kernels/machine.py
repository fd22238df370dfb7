"""The kernel machine: regression with the three kernels at any depth, on points that can be edited."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.figures.kernels import machine as figures
from core.kernels.datasets import KINDS, MAX_SAMPLES, Samples, make_samples, read_samples, samples_from_rows
from core.kernels.params import UPLOAD, MachineParams
from core.kernels.result.layers import NORMAL_95
from core.kernels.result.machine import MachineFit, MachineResult
from core.kernels.studies import study_machine
from pages._kernels.controls import DEGREE, GAMMA_SQUARED, ORDER
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.controls import Choice, Number, Switch
from pages._ui.page import Section, Values, View
from pages._ui.runs import Task, quick_result
from pages._ui.text import literal
from pages._ui.uploads import ask_for_file, forget_file, last_file, show_facts

_TYPED = 10  # rows more than which nobody types in one table, but pastes


def _show(values: Values) -> View | None:
    chosen = {name: value for name, value in values.items() if name != "prior"}
    samples = _own_points() if chosen["dataset"] == UPLOAD else None
    if chosen["dataset"] == UPLOAD:
        chosen |= {"samples": 12, "data_noise": 0.1, "data_seed": 0}  # play no part: one result for all of them
        if samples is None:
            return None
    params = MachineParams(**chosen)
    source = Task(study_machine, params, samples)
    study = quick_result("ke_machine_run", source, heavy=True)
    if study is None:
        return None
    result = study.result
    for failure in result.failures:
        st.warning(failure)
    charts = [*(_fit(result, fit, prior=values["prior"]) for fit in result.fits), _evidence(result)]
    return View(
        rows=[charts[:2], charts[2:]],
        heading="What theory says, and these fits",
        claims=study.claims,
        study=study,
        source=None if samples else source,
        private=source if samples else None,
    )


def _fit(result: MachineResult, fit: MachineFit, *, prior: bool) -> Chart:
    return Chart(
        key=f"machine_{fit.key}",
        name=fit.name,
        call=Call(figures.fit_figure, result, fit, prior=prior),
        says=lambda: figures.describe_fit(result, fit, prior=prior),
        alt=f"Line chart: regression with the {fit.key.replace('_', '-')} kernel, its mean, its band and the data.",
        table=lambda: _band(result, fit),
        claim="The kernel trick",
    )


def _band(result: MachineResult, fit: MachineFit) -> pd.DataFrame:
    table = pd.DataFrame({"x": result.grid, "mean": fit.mean, "std": fit.std, "prior_std": fit.prior_std})
    return table.assign(low=table["mean"] - NORMAL_95 * table["std"], high=table["mean"] + NORMAL_95 * table["std"])


def _evidence(result: MachineResult) -> Chart:
    return Chart(
        key="machine_evidence",
        name="Evidence",
        call=Call(figures.evidence_figure, result),
        says=lambda: figures.describe_evidence(result),
        alt="Line chart: log marginal likelihood of the data against depth for the three kernels.",
        table=lambda: pd.concat(
            pd.DataFrame({"kernel": fit.key, "depth": fit.evidence_depths, "log_evidence": fit.evidence})
            for fit in result.fits
        ),
        claim="At ℓ = 1, a sample",
    )


def _own_points() -> Samples | None:
    """The visitor's own points, from a table that can be edited or a file; None while there are none."""
    with st.expander("Your points", expanded=True):
        table, file = st.columns([1.2, 1], gap="large")
        with file:
            ask_for_file(
                "ke",
                "CSV: two columns, x and y",
                read_samples,
                megabytes=1,
                about="At most 200 rows. It stays on this server and is not part of the link.",
                taken=_start_table,
            )
        last = last_file("ke")
        with table:
            try:
                _take_in_pasted()
                frame = _draw_table()
                if last is not None and last.refused:
                    st.caption("The table has the points of before. Type into it to see them, or choose another file.")
                    return None
                samples = samples_from_rows(frame.itertuples(index=False))
            except ValueError as error:
                st.error(literal(str(error)))
                before: Samples | None = st.session_state.get("ke_points")
                return before
        names = st.session_state.get("ke_names", ("x", "y"))
        points = Samples(samples.x, samples.y, names)
        st.session_state["ke_points"] = points
    if last is not None and last.value is not None and last.value.notes:
        show_facts(f"{len(last.value.x)} points in the file", last.value.notes)
    return points


def _editor() -> str:
    return f"ke_editor_{st.session_state.get('ke_editor', 0)}"


def _draw_table() -> pd.DataFrame:
    frame: pd.DataFrame = st.data_editor(
        _base(),
        num_rows="dynamic",
        hide_index=True,
        height=220,
        width="stretch",
        key=_editor(),
        on_change=_forget_refused,
    )
    return frame


def _base() -> pd.DataFrame:
    """What the table starts from; it must not change while it is edited, and is the last state when it comes back."""
    if _editor() not in st.session_state or "ke_base" not in st.session_state:
        points = st.session_state.get("ke_points") or make_samples("sine", 12, 0.1, 0)
        pasted = st.session_state.pop("ke_pasted", None)
        st.session_state["ke_base"] = pd.DataFrame({"x": points.x, "y": points.y}) if pasted is None else pasted
    base: pd.DataFrame = st.session_state["ke_base"]
    return base


def _take_in_pasted() -> None:
    """Begin a new table with the rows that were pasted: Streamlit adds each of them again in every run.

    Raises
    ------
    ValueError
        If there are too many; the table is then what it was.
    """
    edits = st.session_state.get(_editor())
    if not edits or max(len(edits["added_rows"]), len(edits["edited_rows"]) - len(_base())) <= _TYPED:
        return
    rows = _edited(edits) if len(edits["added_rows"]) <= MAX_SAMPLES else None
    st.session_state["ke_editor"] = st.session_state.get("ke_editor", 0) + 1
    if rows is None:
        st.session_state["ke_pasted"] = _base()
        _draw_table()
        raise ValueError(
            f"{len(edits['added_rows']):,} rows were pasted; at most {MAX_SAMPLES} can be used, so paste a sample."
        )
    st.session_state["ke_pasted"] = rows


def _edited(edits: Mapping[str, Any]) -> pd.DataFrame:
    """The table with what was typed, deleted and pasted."""
    rows: list[dict[str, Any]] = [dict(zip("xy", row, strict=True)) for row in _base().itertuples(index=False)]
    for row, cells in edits["edited_rows"].items():
        if int(row) < len(rows):
            rows[int(row)] |= cells
    gone = set(edits["deleted_rows"])
    rows = [row for i, row in enumerate(rows) if i not in gone] + edits["added_rows"]
    return pd.DataFrame([{name: _number(row.get(name)) for name in "xy"} for row in rows])


def _number(cell: object) -> float:
    return float(cell) if isinstance(cell, int | float) else math.nan


def _start_table(points: Samples) -> None:
    """Let the table hold the points of a file."""
    st.session_state["ke_points"], st.session_state["ke_names"] = points, points.names
    st.session_state["ke_editor"] = st.session_state.get("ke_editor", 0) + 1


def _forget_refused() -> None:
    """Whoever types into the table has done with a file that was refused."""
    last = last_file("ke")
    if last is not None and last.refused:
        forget_file("ke")


SECTION = Section(
    name="Kernel machine",
    controls={
        "dataset": Choice(
            key="ke_data",
            label="Data",
            default="sine",
            options={key: kind.title for key, kind in KINDS.items()} | {UPLOAD: "Your own points"},
        ),
        "depth": Choice(
            key="ke_machine_depth",
            label="Depth ℓ",
            default=1,
            options={depth: str(depth) for depth in (1, 2, 3, 5, 10, 20, 50)},
            widget="slider",
        ),
        "degree": DEGREE,
        "gamma_squared": GAMMA_SQUARED,
        "order": ORDER,
        "prior": Switch(key="ke_prior", label="Draws from the prior", default=False),
    },
    more={
        "noise": Choice(
            key="ke_noise",
            label="Noise that the regression assumes",
            default=0.1,
            options={value: f"{value:g}" for value in (0.001, 0.01, 0.03, 0.1, 0.2, 0.5, 1.0)},
            widget="slider",
            help="In units of the standard deviation of y.",
        ),
        "normalized": Switch(
            key="ke_sphere",
            label="Inputs on the unit circle",
            default=True,
            help="Off: an input is (t, 1), as a layer with a bias sees it, and its norm enters the kernel.",
        ),
        "samples": Choice(
            key="ke_samples",
            label="Samples",
            default=12,
            options={value: str(value) for value in (3, 5, 8, 12, 20, 40, 80, 200)},
            widget="slider",
        ),
        "data_noise": Number(
            key="ke_data_noise", label="Noise in the data", default=0.1, low=0.0, high=1.0, step=0.05, format="%.2f"
        ),
        "data_seed": Number(key="ke_data_seed", label="Seed of the data", default=0, low=0, high=20, step=1),
        "draws_seed": Number(key="ke_draws_seed", label="Seed of the draws", default=0, low=0, high=20, step=1),
    },
    show=_show,
)
