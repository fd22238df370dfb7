"""The one function through which every figure reaches the page, and the way to take it home."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages._ui.plot import draw

_CONFIG = {
    "displaylogo": False,
    "scrollZoom": False,
    "showSendToCloud": False,  # nothing leaves the app
    "modeBarButtonsToRemove": [
        *("select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"),
        *("zoom3d", "pan3d", "orbitRotation", "resetCameraLastSave3d"),
    ],
    "toImageButtonOptions": {"scale": 2},
}


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A chart on the page, with what can be saved of it."""

    key: str
    name: str
    figure: go.Figure
    table: Callable[[], pd.DataFrame]

    def numbers(self) -> bytes:
        """The numbers as CSV."""
        return self.table().to_csv(index=False).encode()

    def page(self) -> bytes:
        """The figure as a page of its own, which needs no network."""
        figure = go.Figure(self.figure.data, self.figure.layout, self.figure.frames)
        figure.update_layout(paper_bgcolor="white", plot_bgcolor="white")
        return str(figure.to_html(config=_CONFIG)).encode()


def chart(figure: go.Figure, *, key: str, name: str, alt: str, table: Callable[[], pd.DataFrame]) -> Chart:
    """Draw a figure.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        The figure.
    key : str
        Name of its files.
    name : str
        What people call it.
    alt : str
        What the chart is, for those who do not see it; the same for all parameters, since a change of
        it would draw the chart anew.
    table : callable
        Returns the numbers behind the figure; called when they are downloaded.

    Returns
    -------
    Chart
        For `save_menu`.
    """
    draw(figure, key=key, alt=alt, config=_CONFIG)
    return Chart(key, name, figure, table)


def save_menu(charts: Sequence[Chart], *, key: str) -> None:
    """Draw the menu that saves numbers and pictures of some charts.

    Parameters
    ----------
    charts : sequence of Chart
        The charts of a section.
    key : str
        Name of the menu.
    """
    with st.popover("Save numbers and pictures", type="tertiary", key=f"{key}_save", on_change="rerun") as menu:
        for item in charts if menu.open else ():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(item.name)
                files = (("CSV", item.numbers, "csv"), ("HTML", item.page, "html"))
                for label, content, ending in files:
                    name = f"{item.key}.{ending}"
                    st.download_button(label, content, name, f"text/{ending}", key=name, on_click="ignore")
        if menu.open:
            st.caption("PNG: the camera above a chart.")
