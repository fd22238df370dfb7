"""The one function through which every figure reaches the page."""

import io
from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

_CONFIG = {
    "displaylogo": False,
    "scrollZoom": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"scale": 2},
}


def chart(figure: go.Figure, *, key: str, alt: str, table: Callable[[], pd.DataFrame]) -> None:
    """Draw a figure with a way to its numbers and to the picture.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        The figure.
    key : str
        Name of the chart, also of its files.
    alt : str
        What the chart is, for those who do not see it; the same for all parameters, since a change of
        it would draw the chart anew.
    table : callable
        Returns the numbers behind the figure; called when they are downloaded.
    """
    st.plotly_chart(figure, key=key, alt=alt, theme="streamlit", width="stretch", config=_CONFIG)
    with st.popover("Save", type="tertiary", key=f"{key}_save", on_change="rerun") as save:
        if save.open:
            _downloads(figure, key, table)


def _downloads(figure: go.Figure, key: str, table: Callable[[], pd.DataFrame]) -> None:
    def numbers() -> bytes:
        return table().to_csv(index=False).encode()

    def picture() -> bytes:
        # self-contained: it must open in a lecture hall without a network
        page = io.StringIO()
        go.Figure(figure).update_layout(paper_bgcolor="white", plot_bgcolor="white").write_html(page)
        return page.getvalue().encode()

    st.download_button("Numbers (CSV)", numbers, f"{key}.csv", "text/csv", key=f"{key}_csv", on_click="ignore")
    st.download_button("Picture (HTML)", picture, f"{key}.html", "text/html", key=f"{key}_html", on_click="ignore")
    st.caption("PNG: the camera above the chart.")
