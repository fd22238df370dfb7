"""Problem 3 in a real browser, on a laptop's and on a phone's screen."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.neural_collapse.example import example_file
from tests.browser.pages import TIMEOUT_MS, wait_ready

LAPTOP, PHONE = (1280, 800), (390, 844)
SECTIONS = {
    "Simplex ETF": "clouds of features",
    "NC1 + NC2 ⇒ NC3 + NC4": "NC3 as noise vanishes",
    "Decision regions": "regions of least squares",
    "Watch it collapse": "with a slider",
}
SCENE, MORPH = re.compile(SECTIONS["Simplex ETF"]), re.compile(SECTIONS["Watch it collapse"])
WATCH = "neural_collapse?nc_section=Watch+it+collapse"
OWN = "neural_collapse?nc_section=Your+features"
LONG = "&nc_training=A+network+on+digits&nc_net_layers=3&nc_net_width=128&nc_net_epochs=5000"


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(page.locator("[data-testid=stMain]").evaluate("e => e.scrollWidth - e.clientWidth"))


def drawn_means(page: Page) -> list[float]:
    """Where the class means of the moving scene are drawn."""
    script = """figure => { const node = figure.querySelector('.js-plotly-plot');
        return Array.from(node._fullData.find(trace => trace.name === 'class means').x, Number).filter(isFinite) }"""
    return [float(value) for value in page.get_by_role("figure", name=MORPH).evaluate(script)]


def choose_file(page: Page, name: str, content: bytes) -> None:
    files = page.locator("[data-testid=stFileUploader] input[type=file]")
    files.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})


@pytest.mark.parametrize(("size", "dark"), [(LAPTOP, False), (LAPTOP, True), (PHONE, False)])
def test_every_section_opens_by_its_tab_without_scrolling_sideways(open_page, size, dark):
    page = open_page("neural_collapse", *size, dark=dark)
    for section, words in SECTIONS.items():
        page.get_by_role("tab", name=section).click()
        expect(page.get_by_role("figure", name=re.compile(words))).to_be_visible(timeout=TIMEOUT_MS)
        wait_ready(page)
        assert sideways(page) == 0, section
    for section, words in {"Your features": "np.savez", "Derivation": "Notes on the statement"}.items():
        page.get_by_role("tab", name=section).click()
        expect(page.get_by_text(words).first).to_be_visible(timeout=TIMEOUT_MS)
        assert sideways(page) == 0, section


def test_the_scene_is_drawn_in_three_dimensions_and_turns(open_page):
    page = open_page("neural_collapse", *LAPTOP)
    scene = page.get_by_role("figure", name=SCENE)
    canvas = scene.locator("canvas")
    expect(canvas.first).to_be_visible(timeout=TIMEOUT_MS)
    eye = "figure => figure.querySelector('.js-plotly-plot')._fullLayout.scene._scene.getCamera().eye.x"
    before, picture, box = scene.evaluate(eye), scene.screenshot(), scene.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 150, box["y"] + box["height"] / 2, steps=6)
    page.mouse.up()
    for _ in range(TIMEOUT_MS // 100):  # the scene follows the mouse when it is drawn
        if abs(scene.evaluate(eye) - before) > 0.05:
            break
        page.wait_for_timeout(100)
    else:
        pytest.fail("the scene does not turn")
    assert scene.screenshot() != picture


def test_main_path(open_page):
    page = open_page("neural_collapse", *LAPTOP)
    page.get_by_role("tab", name="NC1 + NC2 ⇒ NC3 + NC4").click()
    page.get_by_test_id("stButtonGroup").get_by_text("Tiny sampled noise", exact=True).click()
    expect(page.get_by_text("however small the noise").first).to_be_visible(timeout=TIMEOUT_MS)
    jump = page.get_by_role("group", name=re.compile("The implication jumps"))
    expect(jump).to_have_attribute("aria-label", re.compile(": holds$"), timeout=TIMEOUT_MS)
    wait_ready(page)
    assert "nc_sampled=true" in page.url
    other = open_page(page.url.split("/", 3)[3], *PHONE)
    expect(other.get_by_text("however small the noise").first).to_be_visible(timeout=TIMEOUT_MS)
    page.get_by_role("slider", name="Distance from the ETF").press("End")
    expect(jump).to_have_attribute("aria-label", re.compile(": premise unmet"), timeout=TIMEOUT_MS)


def test_the_collapse_can_be_scrubbed_played_and_stopped(open_page, page_errors):
    page = open_page(WATCH, *LAPTOP)
    expect(page.get_by_role("figure", name=MORPH).locator("canvas").first).to_be_visible(timeout=TIMEOUT_MS)
    last = drawn_means(page)
    page.locator("rect.slider-rail-touch-rect").scroll_into_view_if_needed()
    rail = page.locator("rect.slider-rail-touch-rect").bounding_box()
    page.mouse.click(rail["x"] + 4, rail["y"] + rail["height"] / 2)
    page.wait_for_function("() => document.querySelector('.slider-label').textContent !== 't = 2500'")
    page.wait_for_timeout(500)
    first = drawn_means(page)
    assert first != pytest.approx(last, abs=1e-3)
    page.locator("g.updatemenu-button", has_text="Play").click()
    page.wait_for_timeout(1500)
    page.locator("g.updatemenu-button", has_text="Stop").click()
    page.wait_for_timeout(500)
    between = drawn_means(page)
    page.wait_for_timeout(700)
    assert drawn_means(page) == between
    assert between != pytest.approx(last, abs=1e-6)
    page_errors[:] = [error for error in page_errors if error != "uncaught: undefined"]  # plotly's word for "stopped"


def test_digits_are_trained_and_a_long_training_can_be_stopped(open_page):
    page = open_page(WATCH + "&nc_training=A+network+on+digits", *LAPTOP)
    falls = page.get_by_role("group", name=re.compile("NC1 goes on falling"))
    expect(falls).to_have_attribute("aria-label", re.compile(": holds$"), timeout=TIMEOUT_MS)
    long = page.context.new_page()
    long.goto(page.url.split("?")[0] + "?" + WATCH.split("?")[1] + LONG)
    long.get_by_role("button", name="Stop", exact=True).first.click(timeout=TIMEOUT_MS)
    expect(long.get_by_text("what was reached is shown").first).to_be_visible(timeout=TIMEOUT_MS)
    expect(long.get_by_role("figure", name=MORPH)).to_be_visible(timeout=TIMEOUT_MS)
    long.close()


def test_files_are_measured_refused_in_a_sentence_and_reported(open_page):
    page = open_page(OWN, *LAPTOP)
    choose_file(page, "features.npz", example_file())
    expect(page.get_by_text("250 samples of 5 classes")).to_be_visible(timeout=TIMEOUT_MS)
    choose_file(page, "bad.npz", example_file()[:900])
    expect(page.get_by_role("alert")).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.get_by_text("250 samples of 5 classes")).to_have_count(0)
    rows = "".join(f"{i % 7},{i % 5},{'<b>odd</b>' if i % 2 else 'even'}\n" for i in range(40))
    choose_file(page, "t.csv", b"x,y,label\n" + rows.encode())
    expect(page.get_by_text("40 samples of 2 classes")).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.get_by_role("figure", name=re.compile("cosines between the class means"))).to_contain_text("<b>odd</b>")
    with page.expect_download() as download:
        page.get_by_role("button", name="Report as CSV").click()
    with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
        assert [row[0] for row in csv.reader(file) if row][:2] == ["condition", "NC1"]


def test_keyboard_reaches_tabs_and_dials(open_page):
    page = open_page("neural_collapse", *LAPTOP)
    page.get_by_role("tab", name="Simplex ETF").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("figure", name=re.compile(SECTIONS["NC1 + NC2 ⇒ NC3 + NC4"]))).to_be_visible(
        timeout=TIMEOUT_MS
    )
    dial = page.get_by_role("slider", name="Distance from the ETF")
    dial.focus()
    page.keyboard.press("ArrowRight")
    expect(dial).to_have_value("0.05")
