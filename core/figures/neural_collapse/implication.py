"""Figures of NC1 + NC2 => NC3 + NC4."""

import numpy as np
import plotly.graph_objects as go

from core.arrays import Array
from core.figures import style
from core.figures.neural_collapse.common import COLUMN_HEIGHT, CONDITION_COLORS, metric
from core.figures.style import Trace
from core.neural_collapse.result import EQUAL, ImplicationResult
from core.notation import number

_FLOOR = 1e-16
_ON_MAP = {"color": "white", "size": 15, "line": {"color": style.ROSE, "width": 4}}
_ELSEWHERE = {"symbol": "circle-open", "size": 15, "color": style.GREY, "line": {"width": 3}}
_JUMP = 1e-3  # of NC3 at noise 1e-6: far above what goes to 0 with the noise


def map_figure(result: ImplicationResult, condition: str) -> go.Figure:
    """NC3 or NC4 of populations over the two dials, with the current point.

    Parameters
    ----------
    result : ImplicationResult
        With the maps.
    condition : str
        "NC3" or "NC4".
    """
    values = result.nc3_map if condition == "NC3" else result.nc4_map
    top = max(float(values.max()), 1e-3)
    surface: Trace = {
        "type": "heatmap",
        "x": style.compact(result.noise_grid),
        "y": style.compact(result.departure_grid),
        "z": style.compact(values),
        "zmin": 0.0,
        "zmax": top,
        "zsmooth": "best",
        "colorscale": [[0.0, "rgba(133,139,148,0.08)"], [1.0, CONDITION_COLORS[condition]]],
        "colorbar": {"thickness": 12, "outlinewidth": 0},
        "hovertemplate": f"noise %{{x:.2f}}, departure %{{y:.2f}}<br>{condition} = %{{z:.4f}}<extra></extra>",
        **style.marked("measurement"),
    }
    here: Trace = {
        "type": "scatter",
        "mode": "markers",
        "x": style.compact([min(result.noise, 1.0)]),
        "y": style.compact([result.departure]),
        "marker": _ON_MAP if result.on_maps else _ELSEWHERE,
        "name": "the dials",
        **style.GIVEN,
        "hoverinfo": "skip",
    }
    return style.figure(
        [surface, here],
        title=f"{condition} of populations, over both dials",
        x_axis={"title": {"text": "noise within classes"}, "range": [-0.03, 1.03], "showgrid": False},
        y_axis={"title": {"text": "distance from the ETF"}, "range": [-0.03, 1.03], "showgrid": False},
        height=COLUMN_HEIGHT,
    )


def limit_figure(result: ImplicationResult) -> go.Figure:
    """NC3 as noise vanishes: of the population, of samples, and of samples with a ridge."""
    hover = "noise 10<sup>%{x:.1f}</sup><br>NC3 = 10<sup>%{y:.2f}</sup>"
    x = np.log10(result.levels)
    data = [
        style.line(x, _log(result.nc3_sampled), name="samples", color=style.VERMILION, width=2.6, hover=hover),
        style.line(
            x, _log(result.nc3_ridge), name=f"samples, λ = {result.limit_ridge:g}", color=style.GREEN, hover=hover
        ),
        style.line(x, _log(result.nc3_population), name="population", color=style.BLUE, hover=hover),
    ]
    if np.isfinite(result.nc3_predicted):
        level = np.full(2, np.log10(max(result.nc3_predicted, _FLOOR)))
        data.append(
            style.line(
                x[[0, -1]], level, name="predicted for samples", color=style.GREY, role="theory", width=2.6, hover=hover
            )
        )
    shape, note = style.vertical(float(np.log10(result.noise or 1.0)), "the dial", height=0.5, leftward=True)
    here = result.levels[0] <= result.noise <= result.levels[-1]
    return style.figure(
        data,
        title=_limit_title(result),
        x_axis={"title": {"text": "noise within classes"}, "dtick": 2, **style.POWER},
        y_axis={"title": {"text": "NC3"}, "range": [-16.5, 0.8], "dtick": 4, **style.POWER},
        height=COLUMN_HEIGHT,
        shapes=[shape] if here else (),
        annotations=[note] if here else (),
        legend=True,
    )


def _limit_title(result: ImplicationResult) -> str:
    """What stays where the noise goes to 0."""
    if float(result.nc3_population[0]) > _JUMP:
        return "NC3 does not vanish with the noise"
    return "With samples, NC3 does not vanish" if float(result.nc3_sampled[0]) > _JUMP else "NC3 as the noise vanishes"


def _log(values: Array) -> Array:
    return np.asarray(np.log10(np.maximum(values, _FLOOR)))


def describe_implication(result: ImplicationResult) -> str:
    """One sentence on where the dials stand."""
    which = "Samples" if result.sampled else "Population covariances"
    ridge = f", λ = {number(result.ridge)}" if result.ridge else ""
    c = result.conditions
    return (
        f"{which}{ridge}: at noise {number(result.noise)} and distance {number(result.departure)}, NC3 is "
        f"{number(c.nc3)} and the two rules differ on {c.disagreement}. "
        f"{_maps(result)}"
    )


def _maps(result: ImplicationResult) -> str:
    """What the maps are of, where that is not what is measured at the dials."""
    if result.on_maps:
        return "The ring on the maps is this point."
    return (
        "The maps are of populations with equal classes and no ridge: another classifier than the one at the dials, so "
        "the ring is open."
    )


def describe_map(result: ImplicationResult, condition: str) -> str:
    """Where a map is largest, what is left of it along both axes, and where the dials stand.

    Parameters
    ----------
    result : ImplicationResult
        With the maps.
    condition : str
        "NC3" or "NC4".
    """
    values = result.nc3_map if condition == "NC3" else result.nc4_map
    here = metric(result.conditions.nc3 if condition == "NC3" else result.conditions.nc4)
    row, column = np.unravel_index(int(np.argmax(values)), values.shape)
    noise, distance = number(float(result.noise_grid[column])), number(float(result.departure_grid[row]))
    seen = "0 everywhere on the map"
    if (top := float(values[row, column])) > EQUAL:
        seen = (
            f"largest, {metric(top)}, at noise {noise} and distance {distance}; where the distance is 0 it is "
            f"{_at_most(values[0])}, where the noise is 0 {_at_most(values[:, 0])}"
        )
    dials = f"it is {here}" if result.on_maps else f"the classifier, which is not that of the map, has {here}"
    return (
        f"{condition} of populations is {seen}. At the dials, noise {number(result.noise)} and distance "
        f"{number(result.departure)}, {dials}."
    )


def _at_most(values: Array) -> str:
    largest = float(values.max())
    return f"at most {metric(largest)}" if largest > EQUAL else "0"


def describe_limit(result: ImplicationResult) -> str:
    """What NC3 is with much and with little noise, for samples, with a ridge and for the population."""
    measured = {
        "of samples": result.nc3_sampled,
        f"of samples with λ = {number(result.limit_ridge)}": result.nc3_ridge,
        "of the population": result.nc3_population,
    }
    courses = [f"{who} {_course(values)}" for who, values in measured.items()]
    predicted = "Nothing is predicted for these samples"
    if np.isfinite(result.nc3_predicted):
        predicted = f"The prediction for samples, dashed, is {metric(result.nc3_predicted)}"
    most, least = number(float(result.levels[-1])), number(float(result.levels[0]))
    return f"As the noise falls from {most} to {least}, NC3 {', '.join(courses[:-1])} and {courses[-1]}. {predicted}."


def _course(values: Array) -> str:
    """From the largest noise to the smallest."""
    if float(values.max()) <= EQUAL:
        return "stays 0"
    return f"goes from {metric(float(values[-1]))} to {metric(float(values[0]))}"
