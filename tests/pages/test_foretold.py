"""What a quiz shows before the answer is known before anything is measured: no seed changes it."""

from importlib import import_module

import numpy as np
import pytest

from core.figures.style import ROLES
from core.figures.variants import without_measurement
from pages._ui import sections
from tests.pages.walker import Shot

PAGES = {"gradient_flow": {"gf_target": "10⁻¹⁰"}, "kernels": {}, "neural_collapse": {"nc_net_epochs": "200"}}
SECTIONS = [
    (path, section.name)
    for path in PAGES
    for section in import_module(f"pages.{path}").PAGE.sections
    if section.measures and section.controls
]


@pytest.fixture
def shots(monkeypatch):
    """What sections show."""
    found: list[Shot] = []
    made = sections._pictures

    def pictures(page, section, values, view, guard, *, predicting):
        found.append(Shot(page, section, dict(values), view))
        return made(page, section, values, view, guard, predicting=predicting)

    monkeypatch.setattr(sections, "_pictures", pictures)
    return found


@pytest.fixture
def figures(open_app, shots):
    """Function (path, section, seed) to the figures of a section, by the charts' keys."""

    def figures_(path, section, seed):
        page = import_module(f"pages.{path}").PAGE
        keys = [control.key for control in page.section(section).parameters.values()]
        seeds = {key: str(seed) for key in keys if "seed" in key and "data" not in key}  # the data are given
        shots.clear()
        app = open_app(f"pages/{path}.py", **{page.tab.key: section}, **PAGES[path], **seeds, hide="measured")
        assert not app.exception
        return {chart.key: chart.figure for chart in shots[-1].view.charts}

    return figures_


def lines(figure):
    """Names and numbers of the traces that are to be seen, less those that are the data themselves.

    Of a level that is drawn as far as the axis goes, the level.
    """
    found = []
    for trace in figure.spec["data"]:
        if trace.get("visible", True) and trace["meta"] != "given":
            numbers = [np.asarray(trace.get(axis, ()), float) for axis in "xyz"]
            is_level = len(numbers[1]) == 2 and numbers[1][0] == numbers[1][1]
            found.append((trace.get("name"), *(numbers[1:] if is_level else numbers)))
    return found


@pytest.mark.parametrize(("path", "section"), SECTIONS)
def test_traces_lines_and_labels_say_what_they_are_computed_of_and_the_foretold_knows_no_seed(figures, path, section):
    first, second = figures(path, section, 1), figures(path, section, 2)
    assert first.keys() == second.keys()
    for key, figure in first.items():
        spec = figure.spec
        for trace in [*spec["data"], *(trace for frame in spec["frames"] for trace in frame["data"])]:
            assert trace.get("meta") in ROLES, (key, trace.get("name"))
        for part in [*spec["layout"]["shapes"], *spec["layout"]["annotations"]]:
            assert part.get("name") in ROLES, (key, part.get("text"))
        foretold = [lines(without_measurement(one, "")) for one in (figure, second[key])]
        for one, other in zip(*foretold, strict=True):
            assert one[0] == other[0], key
            for left, right in zip(one[1:], other[1:], strict=True):
                np.testing.assert_allclose(left, right, rtol=0.0, atol=1e-9, err_msg=f"{key}: {one[0]}")
