"""Composed arc-cosine kernels, and deep nets of finite width."""

from math import radians

import pandas as pd

from core.figures.kernels import depth as figures
from core.kernels.params import DepthParams
from core.kernels.result.layers import DepthResult
from core.kernels.studies import study_depth
from pages._kernels.controls import ANGLE, ORDER, SEED, WIDTHS, draw_again
from pages._ui.call import Call
from pages._ui.chart import Chart, drawn_points
from pages._ui.controls import Choice, Number
from pages._ui.page import Section, Values, View
from pages._ui.runs import Task, quick_result


def _show(values: Values) -> View | None:
    params = DepthParams(**{**values, "angle": radians(values["angle"])})
    source = Task(study_depth, params)
    study = quick_result("ke_depth_run", source, heavy=params.depth * params.width > 100_000)
    if study is None:
        return None
    result = study.result
    deeper = [_apart(result)] if result.depth > 1 else []
    changing = [_norms(result)] if result.order > 1 or result.norm != 1.0 else []
    return View(
        rows=[[_nets(result)], [_map(result), _curves(result)], deeper + changing],
        heading="What theory says, and these nets",
        claims=study.claims,
        study=study,
        source=source,
    )


def _nets(result: DepthResult) -> Chart:
    return Chart(
        key="depth",
        name="Correlation against depth",
        call=Call(figures.nets_figure, result),
        says=lambda: figures.describe_depth(result),
        alt="Line chart: correlation of two inputs against depth, in finite nets and, dashed, at infinite width.",
        table=lambda: _table(result),
        claim="Finite nets",
    )


def _map(result: DepthResult) -> Chart:
    return Chart(
        call=Call(figures.cobweb_figure, result),
        says=lambda: figures.describe_cobweb(result),
        claim="n = ",
        key="depth_cobweb",
        name="The map of one layer",
        alt="Cobweb: the map from a correlation to the next layer's, with the staircase of the chosen pair.",
        table=lambda: drawn_points(figures.cobweb_figure(result), "before", "after"),
    )


def _curves(result: DepthResult) -> Chart:
    return Chart(
        call=Call(figures.curves_figure, result),
        says=lambda: figures.describe_curves(result),
        claim="n = ",
        key="depth_curves",
        name="Kernels at several depths",
        alt="Line chart: the normalized kernel against the angle between the inputs at several depths.",
        table=lambda: pd.DataFrame(
            {"angle": result.angle} | {f"depth_{d}": row for d, row in zip(result.depths, result.curves, strict=True)}
        ),
    )


def _apart(result: DepthResult) -> Chart:
    return Chart(
        call=Call(figures.apart_figure, result),
        says=lambda: figures.describe_apart(result),
        claim="What a layer",
        key="depth_apart",
        name="What can be told apart",
        alt="Map over angle and depth: how far the kernel of a pair is from its limit.",
        table=lambda: (
            pd.DataFrame(result.log10_apart, columns=result.angle.round(6), index=result.layers)
            .rename_axis("layer")
            .reset_index()
        ),
    )


def _norms(result: DepthResult) -> Chart:
    return Chart(
        call=Call(figures.norm_figure, result),
        says=lambda: figures.describe_norms(result),
        claim="Norm recursion",
        key="depth_norms",
        name="Norms",
        alt="Line chart: squared norm of the features against depth, in finite nets and at infinite width, dashed.",
        table=lambda: pd.DataFrame(
            {"layer": result.layers, "log10_norm": result.log10_norm}
            | {f"log10_norm_net_{i + 1}": row for i, row in enumerate(result.net_log10_norms)}
        ),
    )


def _table(result: DepthResult) -> pd.DataFrame:
    nets = {f"net_{i + 1}": row for i, row in enumerate(result.nets)}
    return pd.DataFrame({"layer": result.layers, "limit": result.correlation, "complement": result.complement, **nets})


SECTION = Section(
    name="Depth",
    controls={
        "order": ORDER,
        "angle": ANGLE,
        "depth": Number(key="ke_depth", label="Depth ℓ", default=20, low=1, high=50, step=1),
        "width": Choice(
            key="ke_net_width",
            label="Width h of the finite nets",
            default=300,
            options={value: name for value, name in WIDTHS.items() if value <= 10_000},
            widget="slider",
        ),
        "norm": Choice(
            key="ke_depth_norm",
            label="Norm of the inputs",
            default=1.0,
            options={0.5: "0.5", 0.8: "0.8", 1.0: "1, unit sphere", 1.25: "1.25", 2.0: "2"},
            widget="slider",
            help="The correlation does not feel it; the norm of the features does, except for steps (n = 0).",
        ),
    },
    more={"seed": SEED},
    show=_show,
    after=draw_again,
)
