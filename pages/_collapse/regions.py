"""Decision regions."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from core.arrays import Array
from core.figures.neural_collapse import regions as figures
from core.neural_collapse.result import RegionsResult
from core.neural_collapse.studies import study_regions
from pages._collapse.controls import (
    ANISOTROPY,
    CLASSES,
    DEPARTURE,
    DIMENSION,
    DIRECTION,
    IMBALANCE,
    NOISE,
    RIDGE,
    SAMPLED,
    SAMPLES,
    SEED,
    WEIGHTED,
    synthetic,
)
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.page import Section, Values, View
from pages._ui.runs import Task, shared_result


def _show(values: Values) -> View | None:
    if values["dimension"] < 2:
        st.info("A plane needs p ≥ 2: raise the dimension.")
        return None
    chosen = synthetic(values)
    if chosen is None:
        return None
    source = Task(study_regions, *chosen)
    study = shared_result(source.key, source.compute)
    result = study.result
    shown = Chart(
        key="regions",
        name="Decision regions",
        call=Call(figures.regions_figure, result),
        says=lambda: figures.describe_regions(result),
        alt="Map of a plane: regions of least squares, borders of the nearest class mean, dashed, and the difference.",
        table=lambda: _corners(result),
        claim="One partition",
    )
    return View(
        rows=[[shown]],
        heading="What theory says, and these regions",
        claims=study.claims,
        study=study,
        source=source,
    )


def _corners(result: RegionsResult) -> pd.DataFrame:
    """Corners of all regions and of where they differ, the class means, and the features that are drawn."""
    polygons = {
        "least squares": result.least_squares,
        "nearest class mean": result.nearest_mean,
        "they differ": result.differences,
    }
    chosen = list(result.chosen)
    points: dict[str, tuple[Array, Iterable[int]]] = {
        "class mean": (result.means[chosen], chosen),
        "feature": (result.features, result.labels),
    }
    regions = [
        pd.DataFrame(polygon, columns=["x", "y"]).assign(what=what, number=number)
        for what, parts in polygons.items()
        for number, polygon in enumerate(parts, start=1)
    ]
    others = [
        pd.DataFrame(places, columns=["x", "y"]).assign(what=what, number=[label + 1 for label in labels])
        for what, (places, labels) in points.items()
    ]
    return pd.concat([*regions, *others])


SECTION = Section(
    name="Decision regions",
    controls={
        "classes": CLASSES,
        "noise": NOISE,
        "anisotropy": ANISOTROPY,
        "departure": DEPARTURE,
        "sampled": SAMPLED,
        "ridge": RIDGE,
    },
    more={
        "dimension": DIMENSION,
        "direction": DIRECTION,
        "samples": SAMPLES,
        "imbalance": IMBALANCE,
        "weighted": WEIGHTED,
        "seed": SEED,
    },
    show=_show,
)
