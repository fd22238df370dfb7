"""Files that no honest program writes, for problems 1 and 2: one sentence, little memory, and no markup."""

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
OWN = {"gf": ("Your own table", {"gf_target": "10⁻¹⁰", "gf_depth": "1"}), "ke": ("Your own points", {})}
PAGES = {"gf": "pages/gradient_flow.py", "ke": "pages/kernels.py"}
SECTIONS = {"gf": "Norm growth", "ke": "Kernel machine"}
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


@pytest.mark.parametrize("key", PAGES)
def test_malformed_files_never_break_the_page(open_app, key):
    choice, more = OWN[key]
    app = open_app(PAGES[key], **{f"{key}_section": SECTIONS[key], f"{key}_data": choice, **more})
    refused = 0
    for name in random.Random(5).sample(sorted(FILES), 12):
        upload(app, FILES[name])
        assert not app.exception, name
        assert len(app.error) <= 1, name
        refused += len(app.error)
    assert refused > 6


@pytest.mark.parametrize("key", PAGES)
def test_words_of_a_file_are_no_markup(open_app, key):
    choice, more = OWN[key]
    app = open_app(PAGES[key], **{f"{key}_section": SECTIONS[key], f"{key}_data": choice, **more})
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
