"""What a browser makes of words of visitors: words."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.pages import TIMEOUT_MS
from tests.load.serving import Server
from tests.server import ROOT
from tests.words import EVIL, WORDS

SCRIPT = f"""
import sys

sys.path.insert(0, {str(ROOT)!r})

import pandas as pd
import streamlit as st

from core.figures import style
from pages._ui.plot import draw, picture_of
from pages._ui.text import literal, literal_table
from tests.words import WORDS

for i, word in enumerate(WORDS):
    st.container(key=f"markdown_{{i}}").markdown(literal(word))
    st.container(key=f"error_{{i}}").error(literal(word))
    st.container(key=f"button_{{i}}").button(literal(word), key=f"b{{i}}")
    st.container(key=f"table_{{i}}").table(literal_table(pd.DataFrame([word], columns=[word], index=[word])))
    st.container(key=f"text_{{i}}").text(word)
st.dataframe(pd.DataFrame({{word: [word] for word in WORDS}}))
names = [style.words(word) for word in WORDS]
traces = [style.line([0, 1], [i, i], name=name, color="#000000", role="given") for i, name in enumerate(names)]
axis = {{"title": {{"text": names[8]}}}}
figure = style.figure(traces, title=names[6], x_axis=axis, y_axis=axis, height=1500, legend=True)
draw([[picture_of(figure, name="chart", alt="Chart", says=" ".join(WORDS))]], key="words")
"""
PLACES = ("markdown", "error", "button", "table", "text")
_MARKUP = "a, img, script, code, pre, b, strong, em, del, h1, h2, ul, ol, blockquote, .katex, [data-testid*=Icon]"


@pytest.fixture(scope="module")
def words(browser: Browser, tmp_path_factory: pytest.TempPathFactory):
    """The page, and the addresses it asked for."""
    folder: Path = tmp_path_factory.mktemp("words")
    (folder / "words.py").write_text(SCRIPT)
    with Server(folder / "log.txt", script=str(folder / "words.py")).running() as server:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(server.url)
        page.locator("[role=figure] .legendtext").nth(len(WORDS) - 1).wait_for(timeout=TIMEOUT_MS)
        yield page, asked
        page.close()


def plain(text: str) -> str:
    return " ".join(text.replace("\u2060", "").split())


def test_words_fetch_nothing_and_lead_nowhere(words: tuple[Page, list[str]]):
    page, asked = words
    assert not [address for address in asked if EVIL in address]
    assert page.locator('a[href]:not([href^="#"])').evaluate_all("all => all.map(e => e.outerHTML)") == []


@pytest.mark.parametrize("place", PLACES)
def test_words_are_read_as_they_are(words: tuple[Page, list[str]], place: str):
    page, _ = words
    wrong = {}
    for i, word in enumerate(WORDS):
        found = page.locator(f".st-key-{place}_{i}")
        if place == "table":
            seen = {plain(text) for text in found.locator("th, td").all_inner_texts()} - {""}
            markup = found.locator(_MARKUP).count()
        else:
            seen = {plain(found.inner_text())}
            markup = 0 if place == "text" else found.locator(_MARKUP).count()
        if seen != {plain(word)} or markup:
            wrong[word] = seen, markup
    assert wrong == {}


def test_words_in_a_chart_are_read_as_they_are(words: tuple[Page, list[str]]):
    page, _ = words
    chart = page.locator("[role=figure]")
    seen = [
        plain(text or "") for text in chart.locator(".legendtext").evaluate_all("all => all.map(e => e.textContent)")
    ]
    assert seen == [plain(word) for word in WORDS]
    assert plain(chart.locator(".xtitle").first.text_content() or "") == plain(WORDS[8])
    assert chart.locator("a[href]").count() == 0
