"""Words of visitors on all their ways out of the server; what a browser makes of them is tested in tests/browser."""

import ast
import csv as reader
import io
import logging
import re
from html.parser import HTMLParser
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest

from core.figures import style
from core.kernels.datasets import Samples
from core.neural_collapse import read_features
from pages._ui import errors, text
from tests.words import EVIL, NUMBERS, WORDS

FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")
TABLE = pd.DataFrame({word: [word, -1.5] for word in (*WORDS, *NUMBERS)})


class Parsed(HTMLParser):
    """Tags of a page, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data

    def outside(self) -> list[tuple[str, dict]]:
        """Tags that point out of the file or run something that is named in them."""
        return [
            (tag, attrs)
            for tag, attrs in self.tags
            if any(EVIL in str(attrs.get(name)) for name in ("src", "href")) or "onerror" in attrs
        ]


def is_formula(cell: str) -> bool:
    if cell in NUMBERS:
        return False
    return bool(FORMULA.match(cell))


def test_no_cell_of_a_csv_is_a_formula_and_every_word_is_there():
    rows = list(reader.reader(io.StringIO(text.csv(TABLE))))
    assert len(rows) == 3
    assert not [cell for row in rows[:2] for cell in row if is_formula(cell)]
    for row in rows[:2]:
        for cell, word in zip(row, TABLE, strict=True):
            assert cell in (word, f"'{word}")
    assert rows[2] == ["-1.5"] * len(TABLE.columns), "a number is no text"


def test_words_that_are_numbers_stay_numbers():
    for word in NUMBERS:
        assert text.csv(pd.DataFrame({"class": [word]})) == f"class\n{word}\n"


def test_every_word_of_a_table_is_made_literal_and_no_number():
    shown = text.literal_table(TABLE.set_axis(["row =1", "# row"], axis=0))
    assert list(shown.columns) == [text.literal(word) for word in TABLE]
    assert list(shown.index) == [text.literal("row =1"), text.literal("# row")]
    assert list(shown.iloc[0]) == list(shown.columns)
    assert set(shown.iloc[1]) == {-1.5}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_in_a_docstring_ends_no_docstring(word: str):
    tree = ast.parse(f'"""{text.docstring(word)}\n\nmore\n"""\n')
    (only,) = tree.body
    assert ast.literal_eval(only.value) == f"{' '.join(word.split())}\n\nmore\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", WORDS)
def test_an_address_is_one_of_the_web_or_none(word: str):
    assert text.web_address(f"javascript:alert(1)//{word}") == ""
    assert text.web_address(word) in ("", word)
    assert not set(text.web_address(f"https://theory.example/{word}")) & set(' "<>\\\n`{}|^')


@pytest.mark.parametrize("word", WORDS)
def test_a_word_in_the_log_begins_no_line(word: str, monkeypatch, caplog):
    monkeypatch.setattr(errors, "_logged", set())
    monkeypatch.setattr(errors, "_address", lambda: urlencode({word: word}))
    with caplog.at_level(logging.ERROR), pytest.MonkeyPatch.context() as patch:
        patch.setattr(errors.st, "error", lambda said: None)
        with errors.contained("kernels", lambda: urlencode({word: word})):
            raise ValueError(word)
    (record,) = caplog.records
    first, *frames = record.getMessage().splitlines()
    assert first.startswith("ValueError at /kernels?")
    assert EVIL not in "".join(frames)
    assert word not in frames


# --- words of files, on the pages ---

FEATURES = [word for word in WORDS if 2 <= len(word) <= 40 and word not in ("null", " =1+1", "    code")]


def features(names: list[str]) -> bytes:
    """An archive with three samples of each class."""
    kind, sample = np.divmod(np.arange(3.0 * len(names)), 3)
    values = np.column_stack([kind % 7 + 0.01 * sample, kind // 7 - 0.02 * sample**2])
    out = io.BytesIO()
    np.savez(out, features=values, labels=np.repeat(names, 3))
    return out.getvalue()


@pytest.fixture
def uploaded(open_app, monkeypatch):
    """The page of "Your features" with classes that are called so, and the files of its menu by name."""
    files = {}
    monkeypatch.setattr(
        "streamlit.download_button",
        lambda label, content, name, *a, **k: files.update({name: content() if callable(content) else content}),
    )
    app = open_app("pages/neural_collapse.py", nc_section="Your features")
    app.file_uploader[0].set_value(("features.npz", features(FEATURES), "application/zip")).run()
    app.session_state["nc_save"] = app.session_state["nc_tables"] = True
    app.run()
    assert not app.exception
    assert [one.value for one in app.error] == []
    return app, files


def test_names_of_classes_are_words_in_tables_and_files(uploaded):
    app, files = uploaded
    names = list(read_features(features(FEATURES), "features.npz").class_names)
    assert len(names) > 30
    literals = {text.literal(name) for name in names}
    tables = [table.value for table in app.table]
    assert {str(name) for table in tables for name in table.columns} & literals
    for table in tables:
        texts = [cell for cell in (*table.columns, *table.index, *table.to_numpy().ravel()) if isinstance(cell, str)]
        assert not [cell for cell in texts if cell in names and text.literal(cell) != cell]
    frames = [cell for frame in app.dataframe for cell in frame.value.to_numpy().ravel() if isinstance(cell, str)]
    assert len({*frames} & {*names, *(f"'{one}" for one in names)}) == len(names)
    assert not [cell for cell in frames if is_formula(cell) and not is_float(cell)]
    for name in ("upload_gram.csv", "collapse.csv"):
        rows = list(reader.reader(io.StringIO(files[name].decode())))
        cells = {cell for row in rows for cell in row}
        assert not [cell for cell in cells if is_formula(cell) and not is_float(cell)], name
        assert len(cells & {*names, *(f"'{one}" for one in names)}) >= len(names)


def is_float(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_names_of_classes_are_words_in_files_of_html(uploaded):
    _, files = uploaded
    for name in ("upload_gram.html", "upload_scene.html", "your-features-report.html"):
        page = Parsed(files[name].decode())
        assert page.outside() == [], name
        scripts = sum(tag == "script" for tag, _ in page.tags)
        assert scripts == files[name].count(b"<script"), "a script is in a text"


def test_names_of_columns_are_words_in_charts():
    from core.figures.kernels import machine as figures
    from core.kernels.params import UPLOAD, MachineParams
    from core.kernels.studies import study_machine

    samples = Samples(*make_points(), ("<b>x</b>", "<a href='http://evil.example'>y</a>"))
    result = study_machine(MachineParams(dataset=UPLOAD, samples=12, data_noise=0.1, data_seed=0), samples).result
    layout = figures.fit_figure(result, result.fits[0], prior=False).spec["layout"]
    assert layout["xaxis"]["title"]["text"] == style.words("<b>x</b>")
    assert layout["yaxis"]["title"]["text"] == style.words("<a href='http://evil.example'>y</a>")


def make_points():
    from core.kernels.datasets import make_samples

    points = make_samples("sine", 12, 0.1, 0)
    return points.x, points.y


# --- words of links ---

PAGES = {"gf": "pages/gradient_flow.py", "ke": "pages/kernels.py", "nc": "pages/neural_collapse.py"}


@pytest.mark.parametrize("key", PAGES)
def test_words_of_a_link_are_shown_as_text(open_app, key):
    words = [word for word in WORDS if word.strip() == word and "\n" not in word]
    address = {
        f"{key}_section": words[0],
        f"{key}_preset": words[1],
        "hide": words[2],
        "v": words[3],
        words[4]: words[5],
    }
    app = open_app(PAGES[key], **address, **{word: word for word in words[6:]})
    assert not app.exception
    notice = next(one.value for one in app.text if one.value.startswith("From the link: "))
    assert words[3] in notice
    rendered = [one.value for kind in (app.markdown, app.caption, app.error, app.info, app.warning) for one in kind]
    rendered += [one.label for one in app.button]
    for word in words:
        if len(word) > 6:
            assert not [one for one in rendered if word in one], word


def test_pins_are_named_in_words(open_app):
    app = open_app("pages/kernels.py", ke_section="2.2 RBF", ke_gamma2="0.5")
    app.button(key="ke_pin").click().run()
    next(one for one in (*app.slider, *app.select_slider) if one.key == "ke_gamma2").set_value(4.0).run()
    (pin,) = (one.label for one in app.button if one.label.endswith("✕"))
    assert pin == text.literal("γ² 0.5 ✕")


def test_unknown_names_leave_the_address_at_once(open_app, monkeypatch):
    sent = []
    from streamlit.runtime.state.query_params import QueryParams

    send = QueryParams._send_query_param_msg
    monkeypatch.setattr(QueryParams, "_send_query_param_msg", lambda self: (sent.append(len(self)), send(self)))
    app = open_app("pages/kernels.py", ke_section="2.2 RBF", **{f"unknown{i}": "1" for i in range(990)})
    assert not app.exception
    assert set(app.query_params) == {"ke_section"}
    assert len(sent) <= 2
    assert max(sent) <= 2
