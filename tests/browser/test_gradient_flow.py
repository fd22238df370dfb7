"""Problem 1 in a real browser, on a laptop's and on a phone's screen."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.pages import TIMEOUT_MS, wait_ready

LAPTOP, PHONE = (1280, 800), (390, 844)
GROWTH = re.compile("norm of each layer")


@pytest.mark.parametrize(("size", "dark"), [(LAPTOP, False), (LAPTOP, True), (PHONE, False)])
def test_opens_with_the_chart_and_without_scrolling_sideways(open_page, size, dark):
    page = open_page("gradient_flow", *size, dark=dark)
    expect(page.get_by_role("figure", name=GROWTH)).to_be_visible()
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") == 0
    background = page.locator("[data-testid=stApp]").evaluate("e => getComputedStyle(e).backgroundColor")
    assert background == ("rgb(20, 23, 28)" if dark else "rgb(253, 252, 249)")


def test_the_first_screen_of_a_laptop_holds_the_main_chart(open_page):
    page = open_page("gradient_flow", *LAPTOP)
    box = page.get_by_role("figure", name=GROWTH).bounding_box()
    assert box["y"] + box["height"] <= LAPTOP[1]


@pytest.mark.parametrize("mode", ["", "&present=1"])
def test_labels_at_the_ends_of_lines_do_not_cover_each_other(open_page, mode):
    page = open_page(f"gradient_flow?gf_depth=6&gf_ratio=4&gf_target=10⁻¹⁰{mode}", *LAPTOP)
    labels = page.get_by_role("figure", name=GROWTH).locator("text.annotation-text", has_text="‖")
    expect(labels.first).to_be_visible(timeout=TIMEOUT_MS)
    boxes = sorted((label.bounding_box() for label in labels.all()), key=lambda box: box["y"])
    assert len(boxes) > 2
    assert all(
        upper["y"] + 0.8 * upper["height"] <= lower["y"] for upper, lower in pairwise(boxes)
    )  # but for descenders


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_main_path(open_page, size):
    page = open_page("gradient_flow", *size)
    expect(page.get_by_text("All 3 norms move")).to_be_visible(timeout=TIMEOUT_MS)
    wait_ready(page)
    page.get_by_role("slider", name="Layers K").press("ArrowRight")
    wait_ready(page)
    expect(page.get_by_text("All 4 norms move")).to_be_visible(timeout=TIMEOUT_MS)
    assert "gf_depth=4" in page.url
    page.get_by_role("tab", name="Margins").click()
    wait_ready(page)
    expect(page.get_by_role("figure", name=re.compile("normalized margins"))).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.get_by_text("The smoothed margin does not decrease", exact=True)).to_be_visible()
    page.get_by_role("tab", name="Decision boundary").click()
    wait_ready(page)
    expect(page.get_by_role("figure", name=re.compile("sign and level"))).to_be_visible(timeout=TIMEOUT_MS)
    assert "gf_section=Decision" in page.url


def test_the_address_brings_the_same_state_to_a_new_visitor(open_page):
    page = open_page("gradient_flow?gf_ratio=4&gf_axis=Loss+L", *LAPTOP)
    expect(page.get_by_text("Unequal norms: only their squares grow at one rate")).to_be_visible(timeout=TIMEOUT_MS)
    assert "gf_ratio=4" in page.url


def test_play_runs_in_the_browser(open_page):
    page = open_page("gradient_flow?gf_section=Decision+boundary&gf_target=10⁻¹⁰", *LAPTOP)
    label = page.locator(".slider-label").first
    last = label.text_content(timeout=TIMEOUT_MS)
    page.locator("g.updatemenu-button", has_text="Play").click()
    page.wait_for_function("last => document.querySelector('.slider-label').textContent !== last", arg=last)
    expect(label).to_have_text(last, timeout=TIMEOUT_MS)


def test_a_long_run_shows_its_progress_and_can_be_stopped(open_page):
    slow = "gf_data=XOR&gf_noise=0.3&gf_bias=false&gf_depth=6&gf_width=32&gf_norm=0.25&gf_samples=200&gf_seed=3"
    page = open_page(f"gradient_flow?{slow}", *LAPTOP)
    page.get_by_role("button", name="Stop").click(timeout=TIMEOUT_MS)
    expect(page.get_by_text(re.compile("what was reached is shown"))).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.get_by_role("button", name="Run again")).to_be_visible()


def test_numbers_and_pictures_can_be_saved(open_page):
    page = open_page("gradient_flow", *LAPTOP)
    page.get_by_role("button", name="Save").click()
    with page.expect_download(timeout=TIMEOUT_MS) as download:
        page.get_by_role("button", name="CSV").first.click()
    header = download.value.path().read_text().splitlines()[0]
    assert header == "log10_time,log10_loss,norm_1,norm_2,norm_3"
    with page.expect_download(timeout=TIMEOUT_MS) as download:
        page.get_by_role("button", name="HTML").first.click()
    assert "Plotly.newPlot" in download.value.path().read_text()
