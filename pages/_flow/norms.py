"""1.1: norm growth."""

import pandas as pd

from core.figures.gradient_flow import loss
from core.figures.gradient_flow import norms as figures
from core.figures.gradient_flow.axis import Axis
from core.gradient_flow import FlowResult
from core.gradient_flow.rates import loss_law
from core.gradient_flow.result import LossLaw
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
    growth = Chart(
        key="norm_growth",
        name="Norms of the layers",
        call=Call(figures.norm_growth_figure, result, axis),
        says=lambda: f"{figures.describe_norms(result)} {figures.describe_law(result)} {effort(study)}",
        alt="Line chart: the norm of each layer against time, with the law of growth dashed.",
        table=lambda: over_time(result, "norm", result.layer_norms),
        claim="One rate",
    )
    balance = Chart(
        key="balance",
        name="Conserved differences",
        call=Call(figures.balance_figure, result, axis),
        says=lambda: figures.describe_balance(result),
        alt="Line chart: differences of the squared norms of the layers against time.",
        table=lambda: over_time(result, "difference", result.balance),
        claim="Conserved",
    )
    rate = Chart(
        key="norm_rates",
        name="Rate of the squared norms",
        call=Call(figures.rate_figure, result, axis),
        says=lambda: figures.describe_rate(result),
        alt="Line chart: measured and predicted rate of the squared norms against time, as powers of ten.",
        table=lambda: _rates(result),
        claim="One rate",
    )
    falling = Chart(
        key="loss",
        name="Loss",
        call=Call(loss.loss_figure, Call.known(study.loss_law, loss_law, result)),
        says=lambda: loss.describe_loss(study.loss_law),
        alt="Line chart: 1/(tL) against log t, logarithmic, with the law for the loss dashed.",
        table=lambda: _loss(study.loss_law),
        claim="Rate of the loss",
    )
    return View(
        rows=[[growth], [balance, rate], [falling]] if result.depth > 1 else [[growth], [rate, falling]],
        heading="What theory says, and this run",
        claims=study.norm_claims,
        study=study,
        source=source_of(values),
    )


def _rates(result: FlowResult) -> pd.DataFrame:
    names = ("sign", "log10")
    columns = {f"predicted_{name}": result.predicted_rates[i] for i, name in enumerate(names)}
    for k in range(result.depth):
        columns |= {f"layer_{k + 1}_{name}": result.measured_rates[i, :, k] for i, name in enumerate(names)}
    return pd.DataFrame({"log10_time": result.rate_log10_time, **columns})


def _loss(law: LossLaw) -> pd.DataFrame:
    return pd.DataFrame({"log_time": law.log_time, "log10_one_over_tL": law.log10_growth, "late": law.late})


SECTION = Section(name="Norm growth", show=_show, controls=CONTROLS, more=MORE, display=AXES_OF_CHARTS, aside=upload)
