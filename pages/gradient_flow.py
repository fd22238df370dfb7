"""Problem 1: norm growth and normalized margins of deep ReLU networks under the exponential loss."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from core.figures import gradient_flow as figures
from core.figures.decision_boundary import boundary_figure, describe_boundary
from core.gradient_flow import FlowParams, FlowResult, FlowStatus, Progress
from core.gradient_flow.boundary import boundary, is_planar
from core.gradient_flow.datasets import KINDS, Dataset, read_csv
from core.gradient_flow.identities import Identity, identities
from core.gradient_flow.params import TARGETS, UPLOAD
from core.gradient_flow.statements import DOMINANT_SHARE
from core.gradient_flow.study import Study, study_flow
from core.notation import number, power_of_ten, superscript
from pages._ui.chart import chart, save_menu
from pages._ui.claim import claim_cards, verdict_strip
from pages._ui.controls import Choice, Control, Number, Switch, apply, check_address
from pages._ui.frame import frame
from pages._ui.prose import steps
from pages._ui.runs import Report, result_of
from pages._ui.text import literal

SECTIONS = ("Norm growth", "Margins", "Decision boundary", "Derivation")


def _suit_dataset() -> None:
    """Give a newly chosen data set the noise and the bias that suit it."""
    kind = KINDS.get(st.session_state["gf_data"])
    if kind is not None:
        apply({"gf_noise": kind.noise, "gf_bias": kind.bias})


CONTROLS: dict[str, Control] = {
    "dataset": Choice(
        key="gf_data",
        label="Data",
        default="moons",
        options={key: kind.title for key, kind in KINDS.items()} | {UPLOAD: "Your own table"},
        on_change=_suit_dataset,
    ),
    "depth": Number(key="gf_depth", label="Layers K", default=3, low=1, high=6, step=1),
    "norm": Choice(
        key="gf_norm",
        label="Norm of a layer at the start",
        default=2.0,
        options={value: f"{value:g}" for value in (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)},
        widget="slider",
    ),
    "norm_ratio": Choice(
        key="gf_ratio",
        label="Last layer’s norm over the first’s",
        default=1.0,
        options={0.125: "1/8", 0.25: "1/4", 0.5: "1/2", 1.0: "1, equal", 2.0: "2", 4.0: "4", 8.0: "8"},
        widget="slider",
        help="The assumption of 1.1: all layers start with one norm.",
    ),
    "flipped": Number(
        key="gf_flipped",
        label="Flipped labels",
        default=0,
        low=0,
        high=5,
        step=1,
        help="Labels turned over at random: the data are no longer separable by a line.",
    ),
    "dynamics": Choice(
        key="gf_flow",
        label="Flow",
        default="plain",
        options={"plain": "Plain", "normalized": "Normalized"},
        widget="segmented",
        help="Plain: Ẇₖ = −∂L/∂Wₖ. Normalized: the flow of L(V, ρ) under ‖Vₖ‖ = 1, as in 1.2. "
        "They turn the directions the same way, but at speeds that differ by 1/ρₖ².",
    ),
}
MORE: dict[str, Control] = {
    "target": Choice(
        key="gf_target",
        label="Run until the loss is",
        default=-800,
        options={value: f"10{superscript(value)}" for value in TARGETS},
    ),
    "width": Choice(
        key="gf_width",
        label="Width of the hidden layers",
        default=16,
        options={value: str(value) for value in (2, 4, 8, 16, 24, 32)},
        widget="slider",
    ),
    "samples": Choice(
        key="gf_samples",
        label="Samples",
        default=40,
        options={value: str(value) for value in (4, 6, 10, 20, 40, 60, 80, 100, 150, 200)},
        widget="slider",
    ),
    "noise": Number(key="gf_noise", label="Noise", default=0.1, low=0.0, high=1.0, step=0.05, format="%.2f"),
    "bias": Switch(
        key="gf_bias",
        label="Bias coordinate",
        default=True,
        help="A coordinate that is 1 for every sample. Without it f has one sign along each ray from the origin.",
    ),
    "data_seed": Number(key="gf_dataseed", label="Seed of the data", default=0, low=0, high=20, step=1),
    "seed": Number(key="gf_seed", label="Seed of the weights", default=0, low=0, high=20, step=1),
}
AXIS = Choice(key="gf_axis", label="Against", default="time", options=figures.AXES, widget="segmented", quiet=True)
EARLY = Switch(key="gf_early", label="Zoom on the separation", default=False)

PRESETS: dict[str, tuple[str, dict[str, object]]] = {
    "Equal norms, K = 3": (
        "Three layers start with one norm and keep one norm, for 800 decades of the loss.",
        {"section": "Norm growth"},
    ),
    "Unequal norms": (
        "The norms differ and grow at different rates; their squares grow at one rate. Late, the growth hides it.",
        {"norm_ratio": 4.0, "early": True, "section": "Norm growth"},
    ),
    "XOR, one layer": (
        "No line separates XOR: the loss settles, and the norm stops.",
        {"dataset": "xor", "noise": 0.3, "bias": False, "depth": 1, "section": "Decision boundary"},
    ),
    "XOR, two layers": (
        "One hidden layer separates XOR, and the norms grow for ever.",
        {"dataset": "xor", "noise": 0.3, "bias": False, "depth": 2, "section": "Decision boundary"},
    ),
    "One flipped label": (
        "A label is wrong, yet a deep network separates the data all the same, with a smaller margin.",
        {"flipped": 1, "section": "Decision boundary"},
    ),
    "One sample carries the loss": (
        "The case of 1.2: one support vector, p₁ → 1, and its margin never decreases.",
        {
            "dataset": "gaussians",
            "noise": 0.3,
            "bias": False,
            "depth": 1,
            "samples": 20,
            "data_seed": 2,
            "early": True,
            "section": "Margins",
        },
    ),
    "Deep plateau": (
        "Six layers with small norms: f is nearly zero, so is its gradient, and nothing happens until t ≈ 2000.",
        {
            "dataset": "xor",
            "noise": 0.3,
            "bias": False,
            "depth": 6,
            "width": 32,
            "norm": 0.25,
            "early": True,
            "section": "Norm growth",
        },
    ),
    "Beyond Lyu & Li": (
        "Their training reached 10⁻⁸⁸² in 10 000 epochs; here the loss falls to 10⁻¹⁰⁰⁰⁰.",
        {"target": -10000, "section": "Norm growth"},
    ),
}
"""Situations worth showing: a sentence to say, the section that shows it, and what differs from the defaults."""
PARAMETERS = CONTROLS | MORE
ALL = PARAMETERS | {"axis": AXIS, "early": EARLY}


def main() -> None:
    """Draw the page."""
    frame("Norm growth and normalized margins")
    st.title("Norm growth and normalized margins", anchor=False)
    with st.container(key="lead"):
        st.markdown(
            "Once the loss of a deep ReLU network is below 1, the squared norms of all layers grow at **one rate, for "
            "ever**. The smoothed margin never decreases, nor does the **smallest margin** where one sample carries "
            "the loss."
        )
    check_address(list(ALL.values()), key="gf")
    presets = st.container(key="gf_situations")
    left, right = st.columns([1, 3.2], gap="large")
    with left, st.container(key="controls"):
        values, dataset = _controls()
    with presets:
        _presets(values)
    with right:
        study = _study(values, dataset)
        if study is not None:
            _sections(study)


@st.fragment
def _sections(study: Study) -> None:
    """Draw the open section; it needs no new flow, so the rest of the page stays as it is."""
    tabs = st.tabs(SECTIONS, key="gf_section", bind="query-params")
    section = next((name for name, tab in zip(SECTIONS, tabs, strict=True) if tab.open), SECTIONS[0])
    with tabs[SECTIONS.index(section)], verdict_strip():
        DRAW[section](study)


def _controls() -> tuple[dict[str, object], Dataset | None]:
    """Draw the controls; return their values by name, and the user's own table if there is one."""
    values: dict[str, object] = {"dataset": CONTROLS["dataset"].draw()}
    dataset = _upload() if values["dataset"] == UPLOAD else None
    values |= {name: control.draw() for name, control in CONTROLS.items() if name != "dataset"}
    with st.expander("More"):
        values |= {name: control.draw() for name, control in MORE.items()}
    return values, dataset


def _upload() -> Dataset | None:
    """Ask for a table, and show what is wrong with it."""
    file = st.file_uploader(
        "CSV: numeric columns, the label last",
        type=["csv", "txt"],
        key="gf_upload",
        max_upload_size=1,
        help="Two classes, at most 200 rows and 10 columns. It stays on this server and is not part of the link.",
    )
    if file is not None:
        try:
            st.session_state["gf_table"] = read_csv(file.getvalue())
        except ValueError as error:
            st.session_state.pop("gf_table", None)
            st.error(literal(str(error)))
    dataset: Dataset | None = st.session_state.get("gf_table")
    if dataset is not None:
        samples, columns = dataset.points.shape
        st.text(f"{samples} samples, {columns} coordinates; −1 is {dataset.classes[0]}, +1 is {dataset.classes[1]}.")
    return dataset


def _presets(values: dict[str, object]) -> None:
    """Draw the presets, with the sentence of the one that the controls stand at."""
    defaults = {name: control.default for name, control in PARAMETERS.items()}
    current = next((n for n, (_, changes) in PRESETS.items() if values.items() <= (defaults | changes).items()), None)
    st.session_state["gf_preset"] = current
    st.pills(
        "Situations",
        list(PRESETS),
        key="gf_preset",
        on_change=_apply_preset,
        label_visibility="collapsed",
        wrap=False,
    )
    st.caption(PRESETS[current][0] if current else "Your own setting.")


def _apply_preset() -> None:
    name = st.session_state["gf_preset"]
    if name is not None:
        changes = PRESETS[name][1]
        apply({"gf_section": changes["section"]})
        apply({control.key: changes.get(key, control.default) for key, control in ALL.items() if key != "axis"})


def _study(values: dict[str, object], dataset: Dataset | None) -> Study | None:
    """Run the flow, or say why there is none; name the ending where it is not the target."""
    if values["dataset"] == UPLOAD and dataset is None:
        st.info("Choose a CSV file on the left: numeric columns, the last one the label of two classes.")
        return None
    try:
        params = FlowParams(**values)  # type: ignore[arg-type]
    except ValueError as error:
        st.error(f"These settings do not fit together: {error}.")
        return None
    if params.dataset == UPLOAD:
        params = replace(params, samples=200, noise=0.0)  # neither plays a part, so neither shall split the cache

    def work(report: Report) -> Study:
        def watch(progress: Progress) -> bool:
            return report(progress.fraction, f"L = {power_of_ten(progress.log10_loss)}")

        return study_flow(params, dataset=dataset, watch=watch)

    key = (params, dataset.digest if dataset else None)
    study: Study | None = result_of("gf_run", key, work, lambda done: done.result.status is not FlowStatus.STOPPED)
    notice = st.container()  # always there, so that what follows keeps its place
    if study is not None and not study.result.status.reached:
        notice.warning(f"**{study.result.status.value.capitalize()}.** {study.result.message}")
    return study


def _effort(result: FlowResult) -> str:
    """What the run took, and the width of its gates."""
    return (
        f"{result.steps} steps, {result.evaluations} evaluations of the gradient; gates open over an angle "
        f"ε = {number(result.gate_width)}."
    )


def _axis() -> figures.Axis:
    """Choice of the x-axis, in one row."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        kind, early = AXIS.draw(), EARLY.draw()
    return figures.Axis(kind, early)


def _norm_growth(study: Study) -> None:
    _norm_charts(study.result)
    claim_cards("What theory says, and this run", study.norm_claims)


@st.fragment
def _norm_charts(result: FlowResult) -> None:
    axis = _axis()
    charts = [
        chart(
            figures.norm_growth_figure(result, axis),
            key="norm_growth",
            name="Norms of the layers",
            alt="Line chart: the norm of each layer against time, with the law of growth dashed.",
            table=lambda: _table(result, "norm", result.layer_norms),
        )
    ]
    st.caption(f"{figures.describe_norms(result)} {figures.describe_law(result)} {_effort(result)}")
    first, second = st.columns(2, gap="large") if result.depth > 1 else (st.container(), st.container())
    if result.depth > 1:
        with first:
            charts += [
                chart(
                    figures.balance_figure(result, axis),
                    key="balance",
                    name="Conserved differences",
                    alt="Line chart: differences of the squared norms of the layers against time.",
                    table=lambda: _table(result, "difference", result.balance),
                )
            ]
    with second:
        charts += [
            chart(
                figures.rate_figure(result, axis),
                key="norm_rates",
                name="Rate of the squared norms",
                alt="Line chart: measured and predicted rate of the squared norms against time, as powers of ten.",
                table=lambda: _rates(result),
            )
        ]
    save_menu(charts, key="gf_norms")


def _margins(study: Study) -> None:
    _margin_charts(study)
    claim_cards("What theory says, and this run", study.margin_claims)


@st.fragment
def _margin_charts(study: Study) -> None:
    result, axis = study.result, _axis()
    charts = [
        chart(
            figures.margins_figure(result, axis, study.dips),
            key="margins",
            name="Normalized margins",
            alt="Line chart: normalized margins of all samples against time, with the smallest and the smoothed one.",
            table=lambda: _table(result, "margin", result.normalized_margins).assign(smoothed=result.smoothed_margin),
        )
    ]
    st.caption(f"{figures.describe_margins(result)} {_effort(result)}")
    first, second = st.columns(2, gap="large")
    with first:
        charts += [
            chart(
                figures.share_figure(result, axis, DOMINANT_SHARE),
                key="loss_share",
                name="Shares of the loss",
                alt="Line chart: the share of the loss that the sample with the smallest margin carries, against time.",
                table=lambda: _table(result, "share", result.loss_shares),
            )
        ]
    with second:
        charts += [
            chart(
                figures.margin_growth_figure(result, axis),
                key="margin_growth",
                name="Growth of the smallest margin",
                alt="Line chart: rate of the smallest margin, its own term with its layer parts, and the total.",
                table=lambda: _table(result, "own_layer", result.own_growth).assign(total=result.total_growth),
            )
        ]
    save_menu(charts, key="gf_margins")


def _decision_boundary(study: Study) -> None:
    result = study.result
    if not is_planar(result):
        st.info("The decision boundary is drawn for data with two coordinates; these have another number of them.")
        return
    plane = boundary(result)
    shown = chart(
        boundary_figure(plane),
        key="boundary",
        name="Decision boundary",
        alt="Map of the plane: sign and level of the network, with the samples; those that carry the loss ringed.",
        table=lambda: pd.DataFrame(
            {"x1": plane.points[:, 0], "x2": plane.points[:, 1], "label": plane.labels, "support": plane.support[-1]}
        ),
    )
    residual = float(result.kkt_residual[-1])
    st.caption(
        f"{describe_boundary(plane)} KKT residual of the margin problem at the end: {number(residual)} of ‖V‖."
        if residual == residual
        else describe_boundary(plane)
    )
    save_menu([shown], key="gf_boundary")


def _derivation(study: Study) -> None:
    result = study.result
    moments = [f"t = {power_of_ten(float(time))}" for time in result.snapshot_log10_time]
    moment = st.select_slider("Each step is evaluated at", moments, value=moments[-1], key="gf_moment")
    index = moments.index(moment)
    values = identities(result, index)
    for key, text in steps("gradient_flow").items():
        st.markdown(text)
        if key in values:
            st.html(f'<p class="claim">{_sides(values[key])}</p>')


def _sides(identity: Identity) -> str:
    """Both sides of a step in numbers."""
    left = ", ".join(number(value) for value in identity.left)
    right = ", ".join(number(value) for value in dict.fromkeys(float(f"{v:.10g}") for v in identity.right))
    if identity.inequality:
        return f"{left} ≥ {right} : {'holds in every layer' if identity.residual <= 1e-9 else 'violated'}"
    return f"{left} against {right}; relative difference {number(identity.residual)}"


DRAW = dict(zip(SECTIONS, (_norm_growth, _margins, _decision_boundary, _derivation), strict=True))


def _table(result: FlowResult, name: str, columns: Any) -> pd.DataFrame:
    """Columns over the time grid, numbered from 1."""
    numbered = {f"{name}_{i + 1}": column for i, column in enumerate(columns.T)}
    return pd.DataFrame({"log10_time": result.log10_time, "log10_loss": result.log10_loss, **numbered})


def _rates(result: FlowResult) -> pd.DataFrame:
    names = ("sign", "log10")
    columns = {f"predicted_{name}": result.predicted_rates[i] for i, name in enumerate(names)}
    for k in range(result.depth):
        columns |= {f"layer_{k + 1}_{name}": result.measured_rates[i, :, k] for i, name in enumerate(names)}
    return pd.DataFrame({"log10_time": result.rate_log10_time, **columns})


main()
