"""Every chart's table is its own, and has the numbers that the chart draws."""

import io

import numpy as np
import pandas as pd
import pytest

from pages._ui.page import Page

PAGES = {"gf": "pages/gradient_flow.py", "ke": "pages/kernels.py", "nc": "pages/neural_collapse.py"}
DIGITS = {"nc_training": "A network on digits", "nc_net_epochs": "200"}


@pytest.fixture
def shown(monkeypatch, open_app):
    """Function (key, **address) to the page and the view that it shows."""
    seen, right = [], Page.remember

    def remember(page, one):
        seen.append((page, one.view))
        right(page, one)

    monkeypatch.setattr(Page, "remember", remember)

    def show(key, **address):
        seen.clear()
        app = open_app(PAGES[key], **address)
        assert not app.exception
        return seen[-1]

    return show


def numbers(chart):
    """All numbers of a chart's CSV, its heads among them, sorted."""
    table = pd.read_csv(io.BytesIO(chart.numbers()))
    heads = pd.to_numeric(table.columns.to_series(), errors="coerce").to_numpy()
    cells = table.select_dtypes("number").to_numpy(dtype=float).ravel()
    found = np.concatenate([heads, cells])
    return np.unique(found[np.isfinite(found)])


def found(values, table):
    """Which values are in a sorted table, in single precision."""
    places = np.searchsorted(table, values).clip(1, len(table) - 1)
    nearest = np.minimum(np.abs(table[places] - values), np.abs(table[places - 1] - values))
    return nearest <= 1e-5 * np.abs(values) + 1e-9


def drawn(trace, axis):
    """Finite numbers on an axis, without places of words; of bars their ends, if they have a length."""
    values = np.ravel(trace.get(axis, []))
    if values.dtype.kind not in "fiu":
        return np.empty(0)
    if "text" in trace.get("mode", "") and trace["type"] == "scatter3d":
        values = values[[not word for word in trace["text"]]]
        values = values[values != 0.0]  # the centre, from which spokes go out
    values = values[np.isfinite(values)].astype(float)
    return values[values > 0.0] + trace["base"] if "base" in trace else values


def scales(values):
    """Numbers as they are, of the other sign, out of their logarithm, and out of percent."""
    return values, -values, 10.0 ** values.clip(-300, 300), values / 100.0


def missing(chart):
    """Measured traces, or maps, whose numbers are not in the table on the scale of any axis."""
    table, traces = numbers(chart), chart.figure.spec["data"]
    maps = [trace for trace in traces if np.ndim(trace.get("z")) == 2]
    return [
        (trace.get("name"), axis)
        for trace in maps or [trace for trace in traces if trace.get("meta") == "measurement"]
        for axis in "xyz"
        if (values := drawn(trace, axis)).size and not any(found(one, table).mean() > 0.9 for one in scales(values))
    ]


def sections(shown, key):
    """Each section with charts, and for the digits the training that is not the default."""
    page, _ = shown(key)
    addresses = [{f"{key}_section": section.name} for section in page.sections]
    if key == "nc":
        addresses.append({"nc_section": "Watch it collapse", **DIGITS})
    return [(address, shown(key, **address)[1].charts) for address in addresses]


@pytest.mark.parametrize("key", PAGES)
def test_every_chart_has_a_table_of_its_own_with_the_numbers_that_it_draws(shown, key):
    found_charts = 0
    for address, charts in sections(shown, key):
        files = {chart.key: chart.numbers() for chart in charts}
        assert len(set(files.values())) == len(files), address
        for chart in charts:
            assert not missing(chart), (address, chart.key)
        found_charts += len(files)
    assert found_charts > 6
