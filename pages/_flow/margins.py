"""1.2: normalized margins."""

import pandas as pd

from core.figures.gradient_flow import margins as figures
from core.figures.gradient_flow.axis import Axis
from core.gradient_flow import FlowResult
from core.gradient_flow.statements import DOMINANT_SHARE
from pages._flow.controls import AXES_OF_CHARTS, CONTROLS, MORE
from pages._flow.run import effort, source_of, study_of, upload
from pages._flow.tables import over_time
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.page import Section, Values, View


def _show(values: Values) -> View | None:
    study = study_of(values)
    if study is None:
        return None
    result, axis = study.result, Axis(values["axis"], values["early"])
    margins = Chart(
        key="margins",
        name="Normalized margins",
        call=Call(figures.margins_figure, result, axis, study.dips),
        says=lambda: f"{figures.describe_margins(result)} {effort(study)}",
        alt="Line chart: normalized margins of all samples against time, with the smallest and the smoothed one.",
        table=lambda: over_time(result, "margin", result.normalized_margins).assign(smoothed=result.smoothed_margin),
        claim="The smoothed margin",
    )
    share = Chart(
        key="loss_share",
        name="Shares of the loss",
        call=Call(figures.share_figure, result, axis, DOMINANT_SHARE),
        says=lambda: figures.describe_share(result, DOMINANT_SHARE),
        alt="Line chart: the share of the loss that the sample with the smallest margin carries, against time.",
        table=lambda: over_time(result, "share", result.loss_shares),
        claim="The smallest margin",
    )
    growth = Chart(
        key="margin_growth",
        name="Growth of the margins",
        call=Call(figures.margin_growth_figure, result, axis),
        says=lambda: figures.describe_margin_growth(result),
        alt="Line chart: growth of the weighted mean margin against its brackets, and of the smallest margin.",
        table=lambda: _growth(result),
        claim="The weighted mean",
    )
    return View(
        rows=[[margins], [share, growth]],
        heading="What theory says, and this run",
        claims=study.margin_claims,
        study=study,
        source=source_of(values),
    )


def _growth(result: FlowResult) -> pd.DataFrame:
    """Growth of the smallest margin over the time grid, and of the weighted mean between the steps."""
    smallest = over_time(result, "own_layer", result.own_growth).assign(
        other_samples=result.cross_growth, total=result.total_growth
    )
    times, measured, brackets = result.mean_growth()
    layers = {f"bracket_layer_{k + 1}": bracket for k, bracket in enumerate(brackets.T)}
    mean = pd.DataFrame({"log10_time": times, "weighted_mean": measured, **layers})
    return pd.concat([smallest, mean]).sort_values("log10_time", ignore_index=True)


SECTION = Section(name="Margins", show=_show, controls=CONTROLS, more=MORE, display=AXES_OF_CHARTS, aside=upload)
