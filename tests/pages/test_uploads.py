"""Files that no honest program writes, for problems 1 and 2: one sentence, little memory, and no markup."""

import io
import random
import tracemalloc

import numpy as np
import pytest

from core.gradient_flow.datasets import read_table
from core.kernels.datasets import read_samples
from tests.core.neural_collapse import malformed
from tests.pages.charts import boards, drawn

MAKERS = (malformed.tables, malformed.truncated_tables, malformed.flipped_tables, malformed.garbage)
FILES = {name: content for maker in MAKERS for name, content in maker(np.random.default_rng(4))}
FILES |= {
    "twins": b"x,x,label\n1,2,a\n3,4,b\n",
    "npz": malformed.npz(malformed.good_arrays(np.random.default_rng(4))),
    "deep quotes": b'"' * 1_000_000,
    "one number": b"9" * 1_000_000,
    "one million commas": b"," * 1_000_000,
    "many lines": b"1,2\n" * 100_000,
    "huge header": b"a" * 500_000 + b",b\n1,2\n3,4\n",
}
READERS = {"gf": read_table, "ke": read_samples}
OWN = {
    "gf": {"gf_section": "Norm growth", "gf_data": "Your own table", "gf_target": "10⁻¹⁰", "gf_depth": "1"},
    "ke": {"ke_section": "Kernel machine", "ke_data": "Your own points"},
    "nc": {"nc_section": "Your features"},
}
PAGES = {"gf": "pages/gradient_flow.py", "ke": "pages/kernels.py", "nc": "pages/neural_collapse.py"}
LABELLED = b",width,height,kind\n" + b"".join(
    b"%d,%d,%d,%s\n" % (i, i % 4, i * i % 5, b"ab"[i % 4 > 1 :][:1]) for i in range(12)
)
GOOD = {"gf": LABELLED, "ke": b",x,y\n0,0.5,1\n1,1.5,2\n2,2.5,0\n", "nc": LABELLED}
MARKUP = "<img src=x onerror=alert(1)>,**b**[c](javascript:d),label\n1,<script>,a\n"
every_reader = pytest.mark.parametrize("key", READERS)


def complaint(key, content):
    """The sentence about a file; empty for one that is valid."""
    try:
        READERS[key](content)
    except ValueError as error:
        return str(error)
    return ""


@every_reader
@pytest.mark.parametrize("name", FILES)
def test_a_malformed_file_gets_one_short_sentence_or_is_valid(key, name):
    said = complaint(key, FILES[name])
    assert not said or 10 < len(said) < 300
    assert "\n" not in said


@every_reader
@pytest.mark.parametrize("name", ["deep quotes", "one million commas", "huge header"])
def test_malformed_files_take_little_memory(key, name):
    tracemalloc.start()
    try:
        complaint(key, FILES[name])
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()


def upload(app, content):
    return app.file_uploader[0].set_value(("table.csv", content, "text/csv")).run()


@every_reader
def test_malformed_files_never_break_the_page(open_app, key):
    app = open_app(PAGES[key], **OWN[key])
    refused = 0
    for name in random.Random(5).sample(sorted(FILES), 12):
        upload(app, FILES[name])
        assert not app.exception, name
        assert len(app.error) <= 1, name
        refused += len(app.error)
    assert refused > 6


@every_reader
def test_words_of_a_file_are_no_markup(open_app, key):
    app = open_app(PAGES[key], **OWN[key])
    upload(app, MARKUP.encode())
    assert not app.exception
    said = [one.value for kind in (app.error, app.warning, app.info, app.markdown, app.caption) for one in kind]
    for markup in ("<img", "<script>", "**b**", "[c]("):
        assert not any(markup in text for text in said), said
    assert app.error
    upload(
        app, b"<b>u</b>,$v$,label\n1,2,<i>\n3,4,<u>\n2,1,<i>\n5,4,<u>\n" if key == "gf" else b"<b>,$y$\n1,2\n2,3\n3,1\n"
    )
    assert not app.error
    assert drawn(app)
    said = [one.value for kind in (app.markdown, app.caption) for one in kind]
    assert not any("<b>" in text or "<i>" in text for text in said if "claims" not in text)
    assert not any(tag in board["above"] for board in boards(app) for tag in ("<b>", "<i>"))


every_page = pytest.mark.parametrize("key", PAGES)


def captions(app):
    return " ".join(one.value for one in app.caption).replace("\\", "")


@every_page
def test_nothing_of_the_file_before_is_shown_after_a_refused_one(open_app, key):
    app = upload(open_app(PAGES[key], **OWN[key]), GOOD[key])
    assert not app.exception
    assert drawn(app)
    assert "column 1 counts the rows and was left out" in captions(app)
    upload(app, b"x,label\nword,a\n2,b\n")
    assert not app.exception
    assert len(app.error) == 1
    assert not drawn(app)
    assert key == "ke" or not app.dataframe  # the points stay in their table
    assert "counts the rows" not in captions(app)
    app.run()  # nor later
    assert len(app.error) == 1
    assert not drawn(app)
    upload(app, GOOD[key])
    assert not app.error
    assert drawn(app)


@every_page
@pytest.mark.parametrize("name", ["model.pt", "a.npy", "photo.png", "a.xlsx", "a.safetensors"])
def test_a_file_of_any_kind_is_taken_and_answered_with_a_sentence_of_ours(open_app, key, name):
    app = open_app(PAGES[key], **OWN[key])
    assert not app.file_uploader[0].proto.type  # or the browser would refuse it, without a remedy
    app.file_uploader[0].set_value((name, b"\0\1\2" * 50, "application/octet-stream")).run()
    assert not app.exception
    (error,) = app.error
    assert "save" in error.value


def test_the_page_names_the_label_that_was_taken(open_app):
    for key in ("gf", "nc"):
        app = upload(open_app(PAGES[key], **OWN[key]), GOOD[key])
        assert "label: kind" in captions(app)


def test_refused_points_come_back_when_one_types_into_the_table(open_app):
    app = upload(open_app(PAGES["ke"], **OWN["ke"]), b"x,y\n1,word\n")
    assert not drawn(app)
    app.session_state[app.data_editor[0].key] = {"edited_rows": {0: {"y": 4.0}}, "added_rows": [], "deleted_rows": []}
    app.session_state["ke_file"] = None  # as the browser's change would
    app.run()
    assert not app.error
    assert drawn(app)


def test_a_classifier_in_another_order_is_named(open_app):
    file = io.BytesIO()
    names = [str(i + 1) for i in range(12)]
    means = np.eye(12)
    labels = np.repeat(np.arange(12), 5)
    order = sorted(range(12), key=names.__getitem__)
    features = means[labels] + 1e-3 * np.random.default_rng(0).standard_normal((60, 12))
    np.savez(file, features=features, labels=labels + 1, weight=(means - means.mean(axis=0))[order])
    app = open_app(PAGES["nc"], **OWN["nc"])
    app.file_uploader[0].set_value(("a.npz", file.getvalue(), "application/octet-stream")).run()
    assert not app.exception
    (warning,) = app.warning
    assert "in the order of the names as text (1, 10, 11, 12, 2, 3, 4, 5, …)" in warning.value.replace("\\", "")
    assert "last layer: “weight” without a bias" in captions(app)
