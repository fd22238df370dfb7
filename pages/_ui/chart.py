"""Charts: what they are, the one way in which they reach the page, and the numbers behind them."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from core.figures.style import Figure
from pages._ui.call import Call
from pages._ui.plot import CONFIG, Picture, picture_of
from pages._ui.text import csv, unbroken


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Chart:
    """A chart with all that is said of it.

    Attributes
    ----------
    key : str
        Name of its place on the page, and of its files.
    name : str
        What people call it; it says what is drawn, not what is seen.
    call : Call
        Makes the figure.
    says : callable
        Returns one computed sentence: what it shows now. Words of visitors may be in it.
    alt : str
        What the chart is, for those who do not see it; the same for all parameters.
    table : callable
        Returns the numbers behind the figure; called when they are asked for.
    claim : str
        How the name of the claim begins that the chart is evidence for.
    """

    key: str
    name: str
    call: Call
    says: Callable[[], str]
    alt: str
    table: Callable[[], pd.DataFrame]
    claim: str = ""

    @property
    def figure(self) -> Figure:
        """The figure."""
        figure: Figure = self.call.value
        return figure

    @property
    def sentence(self) -> str:
        """What it shows now."""
        return unbroken(self.says())

    def numbers(self) -> bytes:
        """The numbers as CSV."""
        return csv(self.table()).encode()

    def page(self) -> bytes:
        """The figure as a page of its own, which needs no network."""
        return str(on_paper(self.figure).to_html(config=dict(CONFIG))).encode()


def drawn_points(figure: Figure, x: str, y: str) -> pd.DataFrame:
    """The points that a chart of lines and dots draws, by the names of its traces and what they are computed of.

    Parameters
    ----------
    figure : Figure
        With one x and one y for each point.
    x, y : str
        Heads of the columns.
    """
    parts = [
        pd.DataFrame({"trace": trace.get("name", ""), "of": trace.get("meta", ""), x: trace["x"], y: trace["y"]})
        for trace in figure.spec["data"]
    ]
    return pd.concat(parts).dropna()


def on_paper(figure: Figure) -> go.Figure:
    """The figure on white, for files."""
    paper = go.Figure(figure.data, figure.layout, figure.frames)
    return paper.update_layout(paper_bgcolor="white", plot_bgcolor="white")


def picture(chart: Chart, figure: Figure, *, says: bool = True) -> Picture:
    """A chart as it goes to the browser, with its figure in some version, and with its sentence or without."""
    return picture_of(figure, name=chart.key, alt=chart.alt, says=chart.sentence if says else "")
