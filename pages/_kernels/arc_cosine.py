"""2.3: the arc-cosine kernel."""

from math import radians

import pandas as pd

from core.figures.kernels import arc_cosine as figures
from core.kernels.params import AngularParams
from core.kernels.result.kernels import AngularResult
from core.kernels.studies import study_arc_cosine
from pages._kernels.controls import ANGLE, ORDER
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.page import Section, Values, View
from pages._ui.runs import Task, shared_result


def _show(values: Values) -> View:
    params = AngularParams(order=values["order"], angle=radians(values["angle"]))
    source = Task(study_arc_cosine, params)
    study = shared_result(source.key, source.compute)
    result = study.result
    angle = Chart(
        key="arc_cosine",
        name="Angular functions",
        call=Call(figures.angle_figure, result),
        says=lambda: figures.describe_angular(result),
        alt="Line chart: normalized angular functions of several orders against the angle between the inputs.",
        table=lambda: _table(result),
        claim="The integral",
    )
    distance = Chart(
        key="arc_cosine_distance",
        name="Kernels against the distance",
        call=Call(figures.distance_figure, result),
        says=lambda: figures.describe_distance(result),
        alt="Line chart: normalized arc-cosine kernels against the distance of two points on the unit sphere.",
        table=lambda: pd.DataFrame(figures.distance_columns(result)),
        claim="A kernel",
    )
    differentiation = Chart(
        key="arc_cosine_differentiation",
        name="By repeated differentiation",
        call=Call(figures.differentiation_figure, result),
        says=lambda: figures.describe_differentiation(result),
        alt="Line chart: angular functions got from the first one by differentiating, formulas dashed.",
        table=lambda: _derived(result),
        claim="Jₙ from J₀",
    )
    cancellation = Chart(
        key="arc_cosine_cancellation",
        name="Lost to rounding",
        call=Call(figures.cancellation_figure, result),
        says=lambda: figures.describe_cancellation(result),
        alt="Line chart: relative error of differentiating in double precision, against the angle.",
        table=lambda: pd.DataFrame(figures.error_columns(result)),
        claim="Jₙ from J₀",
    )
    return View(
        rows=[[angle, distance], [differentiation, cancellation]],
        heading="What theory says, and these integrals",
        claims=study.claims,
        study=study,
        source=source,
    )


def _table(result: AngularResult) -> pd.DataFrame:
    columns = {f"J_{n}": result.values[i] for i, n in enumerate(result.orders)}
    columns |= {f"J_{n}_normalized": result.normalized[i] for i, n in enumerate(result.orders)}
    integrals = {f"integral_{n}": result.integrals[i] / result.values[i, 0] for i, n in enumerate(result.orders)}
    points = pd.DataFrame({"angle": result.integral_angle, **integrals})
    return pd.concat([pd.DataFrame({"angle": result.angle, **columns}), points])


def _derived(result: AngularResult) -> pd.DataFrame:
    columns = {f"J_{n}_differentiated": result.differentiated[i] for i, n in enumerate(result.orders)}
    return pd.DataFrame({"angle": result.angle, **columns})


SECTION = Section(name="2.3 Arc-cosine", controls={"order": ORDER, "angle": ANGLE}, show=_show)
