"""Taking results home: numbers, pictures and scripts of each chart, and the whole page as one report."""

import re
from functools import partial

import pandas as pd
import streamlit as st

from pages._ui import quiz
from pages._ui.address import current_values, link
from pages._ui.chart import Chart
from pages._ui.page import Page, View
from pages._ui.report import Report
from pages._ui.script import script
from pages._ui.text import literal_table, web_address

_ROWS = 12  # of a table on the page; the whole of it is in the CSV


def save_menu(page: Page) -> None:
    """Draw the menu that saves what is on a page; it is filled when it is opened."""
    with st.popover("Save", type="tertiary", key=f"{page.key}_save", on_change="rerun") as menu:
        shown = page.shown()
        if not menu.open or shown is None:
            return
        if not shown.view.charts:
            st.caption("There is nothing to save in this section.")
            return
        if quiz.is_predicting(page.key, shown.values) or quiz.hides(shown.section.parameters.values()):
            st.caption("Nothing can be saved during a quiz: the files would tell the answer.")
            return
        query = link(page.controls, current_values(page.controls), quiz.modes())
        address = f"{web_address(st.context.url or '')}?{query}"
        for chart in shown.view.charts:
            _draw_files(chart, shown.view, address)
        if shown.view.source is None:
            st.caption("No scripts: your data are not in the link, and not in a script.")
        st.caption("PNG and SVG: the buttons below a chart.")
        report = Report(page, shown, address)
        name = re.sub(r"[^a-z0-9]+", "-", shown.section.name.lower()).strip("-")
        st.download_button(
            "The whole page as one report",
            report.html,
            f"{name}-report.html",
            "text/html",
            key=f"{page.key}_report",
            on_click="ignore",
        )


def _draw_files(chart: Chart, view: View, address: str) -> None:
    """Draw a line of buttons for a chart."""
    files = [("CSV", chart.numbers, "csv", "text/csv"), ("HTML", chart.page, "html", "text/html")]
    if view.source is not None:
        files += [("Python", partial(_script, chart, view, address), "py", "text/x-python")]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(chart.name)
        for label, content, ending, kind in files:
            name = f"{chart.key}.{ending}"
            st.download_button(label, content, name, kind, key=f"save_{name}", on_click="ignore")


def _script(chart: Chart, view: View, address: str) -> bytes:
    assert view.source is not None
    return script(chart, view.source, view.study, address).encode()


def draw_tables(key: str, view: View) -> None:
    """The numbers behind the charts as tables, for those who read rather than see; filled when opened."""
    with st.expander("The numbers as tables", key=f"{key}_tables", on_change="rerun") as place:
        for chart in view.charts if place.open else ():
            table = chart.table()
            st.markdown(f"**{chart.name}**")
            st.table(literal_table(_thinned(table) if view.source is None else _worded(_thinned(table))))
            if len(table) > _ROWS:
                st.caption(f"{_ROWS} of {len(table)} rows, evenly spaced. All are in the CSV under Save.")


def _thinned(table: pd.DataFrame) -> pd.DataFrame:
    """Rows evenly spaced from the first to the last."""
    last = len(table) - 1
    rows = sorted({round(i * last / (_ROWS - 1)) for i in range(_ROWS)}) if last >= _ROWS else range(last + 1)
    return table.iloc[list(rows), :8]


def _worded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with heads that read as words; those of a visitor's data stay as they are."""
    return table.rename(columns=lambda name: str(name).replace("_", " "))
