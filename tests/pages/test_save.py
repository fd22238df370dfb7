"""What can be taken home: numbers, pictures, a script that makes the figure again, and the page as one report."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from plotly.utils import PlotlyJSONEncoder

from pages._ui.text import literal
from tests.pages.actions import copied
from tests.pages.charts import decoded, drawn

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = [
    ("gf", "pages/gradient_flow.py", {"gf_section": "Norm growth", "gf_target": "10⁻¹⁰", "gf_axis": "Loss L"}),
    ("gf", "pages/gradient_flow.py", {"gf_section": "Margins", "gf_target": "10⁻¹⁰", "gf_flow": "Normalized"}),
    ("gf", "pages/gradient_flow.py", {"gf_section": "Decision boundary", "gf_target": "10⁻¹⁰", "gf_depth": "1"}),
    ("ke", "pages/kernels.py", {"ke_section": "2.1 Polynomial"}),
    ("ke", "pages/kernels.py", {"ke_section": "2.2 RBF", "ke_gamma2": "4"}),
    ("ke", "pages/kernels.py", {"ke_section": "2.3 Arc-cosine"}),
    ("ke", "pages/kernels.py", {"ke_section": "Derivation"}),
    ("ke", "pages/kernels.py", {"ke_section": "Finite width", "ke_seed": "7"}),
    ("ke", "pages/kernels.py", {"ke_section": "Depth", "ke_n": "2"}),
    ("ke", "pages/kernels.py", {"ke_section": "Kernel machine", "ke_prior": "true"}),
    ("nc", "pages/neural_collapse.py", {"nc_section": "Simplex ETF", "nc_classes": "10"}),
    ("nc", "pages/neural_collapse.py", {"nc_section": "NC1 + NC2 ⇒ NC3 + NC4", "nc_noise": "0.3"}),
    ("nc", "pages/neural_collapse.py", {"nc_section": "Decision regions"}),
    ("nc", "pages/neural_collapse.py", {"nc_section": "Watch it collapse"}),
    (
        "nc",
        "pages/neural_collapse.py",
        {"nc_section": "Watch it collapse", "nc_training": "A network on digits", "nc_net_epochs": "200"},
    ),
]
every_section = pytest.mark.parametrize(
    ("key", "page", "address"), SECTIONS, ids=[" ".join(a.values()) for *_, a in SECTIONS]
)


@pytest.fixture
def saved(monkeypatch, open_app):
    """Function (key, page, address) to the app and the files of its menu by name."""
    files = {}

    def keep(label, content, name, *a, **k):
        files[name] = content() if callable(content) else content

    monkeypatch.setattr("streamlit.download_button", keep)

    def save(key, page, address):
        app = open_app(page, **address)
        assert not files
        app.session_state[f"{key}_save"] = True
        app.run()
        assert not app.exception
        return app, files

    return save


@every_section
def test_every_chart_has_its_files(saved, key, page, address):
    app, files = saved(key, page, address)
    for one in drawn(app):
        for ending in ("csv", "html", "py"):
            assert len(files[f"{one['name']}.{ending}"]) > 100
        assert b"Plotly.newPlot" in files[f"{one['name']}.html"]


def plain(figure):
    """A figure as plotly.js reads it, arrays as lists, and nothing of what plotly.py adds by itself."""
    text = json.loads(json.dumps(figure, cls=PlotlyJSONEncoder))
    return json.loads(json.dumps(decoded(text), cls=PlotlyJSONEncoder))


RUN = """
import json, runpy, sys
from plotly.utils import PlotlyJSONEncoder
figures = {}
for path in sys.argv[1:]:
    figures[path] = runpy.run_path(path)["figure"].to_dict()
assert not {"streamlit", "pages"} & set(sys.modules), "core alone"
print(json.dumps(figures, cls=PlotlyJSONEncoder))
"""


@every_section
def test_the_script_of_every_chart_runs_as_downloaded_and_makes_the_figure_of_the_page(
    saved, tmp_path, key, page, address
):
    app, files = saved(key, page, address)
    paths = []
    for name in (name for name in files if name.endswith(".py")):
        paths.append(tmp_path / name)
        paths[-1].write_bytes(files[name])
    command = [sys.executable, "-W", "error", "-c", RUN, *map(str, paths)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    figures = {Path(path).stem: figure for path, figure in json.loads(run.stdout.splitlines()[-1]).items()}
    assert set(figures) == {one["name"] for one in drawn(app)}
    for one in drawn(app):
        made, shown = plain(figures[one["name"]]), plain(one["figure"])
        for i, trace in enumerate(shown["data"]):
            assert {axis: made["data"][i].get(axis) for axis in "xyz"} == {axis: trace.get(axis) for axis in "xyz"}
        assert made["layout"]["title"]["text"] == shown["layout"]["title"]["text"]
        assert (tmp_path / f"{one['name']}.html").stat().st_size > 10_000


def test_a_script_names_its_link(saved):
    app, files = saved("ke", "pages/kernels.py", {"ke_section": "2.2 RBF"})
    assert f"ke_r={copied(app)['ke_r']}" in files["rbf.py"].decode()


class Checker(HTMLParser):
    """Every tag closed, nothing fetched from elsewhere."""

    VOID = frozenset({"meta", "br", "img", "link", "input"})

    def __init__(self):
        super().__init__()
        self.open, self.text, self.fetched = [], [], []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        self.fetched += [value for name, value in attrs if name == "src" or (tag == "link" and name == "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "script" not in self.open and "style" not in self.open:
            self.text.append(data)


@every_section
def test_the_report_holds_charts_claims_parameters_link_and_versions(saved, key, page, address):
    app, files = saved(key, page, address)
    report = next(content for name, content in files.items() if name.endswith("-report.html")).decode()
    checker = Checker()
    checker.feed(report)
    assert not checker.open
    assert not checker.fetched  # it needs nothing else
    text = " ".join("".join(checker.text).split())
    assert report.count("Plotly.newPlot(") >= len(drawn(app))
    for claim in re.findall(r'role="group" aria-label="([^"]+): ', "".join(element.value for element in app.markdown)):
        assert re.sub("&.*?;", "", claim).split("⇒")[0].strip() in text
    for name, value in copied(app).items():
        if name != "v" and name in app.session_state and f">{value}<" not in report:
            assert name.split("_")[0] == key
    assert "Parameters" in text
    assert re.search(r"Python 3\.\d+\.\d+, streamlit \d+\.\d+\.\d+, plotly", text)
    assert f"v={copied(app)['v']}" in text


def test_a_report_shows_the_words_of_a_file_as_they_are(saved, open_app, monkeypatch):
    files = {}
    monkeypatch.setattr(
        "streamlit.download_button", lambda label, content, name, *a, **k: files.update({name: content})
    )
    app = open_app("pages/kernels.py", ke_section="Kernel machine", ke_data="Your own points")
    app.file_uploader[0].set_value(
        ("p.csv", b"<b>a</b>,<img src=x onerror=alert(1)>\n0,1\n1,2\n2,0\n", "text/csv")
    ).run()
    app.session_state["ke_save"] = True
    app.run()
    assert not [name for name in files if name.endswith(".py")]  # no script without the data
    report = next(content for name, content in files.items() if name.endswith("-report.html"))().decode()
    checker = Checker()
    checker.feed(report)
    assert "<img src=x" not in report
    assert "data that are not in the link" in report


def test_numbers_can_be_read_as_tables(open_app):
    app = open_app("pages/kernels.py", ke_section="2.2 RBF")
    assert not app.table
    app.session_state["ke_tables"] = True
    app.run()
    assert len(app.table) == 4
    for table in app.table:
        assert 2 <= len(table.value) <= 12
    first = app.table[0].value
    assert first["distance"].iloc[0] == 0.0
    assert first["kernel 1"].iloc[0] == 1.0


def test_names_of_an_upload_are_not_changed_in_tables(open_app):
    app = open_app("pages/neural_collapse.py", nc_section="Your features")
    rows = "\n".join(f"{x},{y},{name}" for name in ("a_b", "a b") for x, y in ((1, 2), (2, 4 + len(name)), (0, 1)))
    app.file_uploader[0].set_value(("features.csv", f"x,y,label\n{rows}\n".encode(), "text/csv")).run()
    app.session_state["nc_tables"] = True
    app.run()
    assert not app.error
    assert any({literal("a_b"), "a b"} <= set(table.value.columns) for table in app.table)  # as Markdown shows them
