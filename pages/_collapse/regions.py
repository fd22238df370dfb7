"""Decision regions."""

import pandas as pd
import streamlit as st

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
from pages._ui.chart import chart, save_menu
from pages._ui.claim import claim_cards
from pages._ui.runs import shared_result
from pages._ui.sections import Section, Values


def _draw(values: Values) -> None:
    if values["dimension"] < 2:
        st.info("A plane needs p ≥ 2: raise the dimension.")
        return
    chosen = synthetic(values)
    if chosen is None:
        return
    study = shared_result(("regions", *chosen), lambda: study_regions(*chosen))
    result = study.result
    shown = chart(
        figures.regions_figure(result),
        key="regions",
        name="Decision regions",
        alt="Map of a plane: regions of least squares, borders of the nearest class mean, dashed, and the difference.",
        table=lambda: _corners(result),
    )
    st.caption(figures.describe_regions(result))
    save_menu([shown], key="nc_regions")
    claim_cards("What theory says, and these regions", study.claims)


def _corners(result: RegionsResult) -> pd.DataFrame:
    """Corners of all regions."""
    rules = {"least squares": result.least_squares, "nearest class mean": result.nearest_mean}
    return pd.concat(
        pd.DataFrame(polygon, columns=["x", "y"]).assign(rule=rule, region=label + 1)
        for rule, polygons in rules.items()
        for label, polygon in enumerate(polygons)
    )


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
    draw=_draw,
)
