"""Problem 2 in a real browser, on a laptop's and on a phone's screen."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import TIMEOUT_MS, wait_ready

LAPTOP, PHONE = (1280, 800), (390, 844)
SECTIONS = {
    "2.1 Polynomial": "against the inner product",
    "2.2 RBF": "against distance, with",
    "2.3 Arc-cosine": "angular functions of several orders",
    "Derivation": "the wedge of weight vectors",
    "Finite width": "estimates of the kernel by random layers",
    "Depth": "two inputs against depth",
    "Kernel machine": "regression with the rbf kernel",
}
OWN = "kernels?ke_section=Kernel+machine&ke_data=Your+own+points"


def open_tab(page: Page, section: str) -> None:
    page.get_by_role("tab", name=section).click()
    expect(page.get_by_role("figure", name=re.compile(SECTIONS[section]))).to_be_visible(timeout=TIMEOUT_MS)
    wait_ready(page)


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return page.locator("[data-testid=stMain]").evaluate("e => e.scrollWidth - e.clientWidth")


def drawn(page: Page, chart: str, trace: str) -> list[float]:
    """Values of a trace as plotly has drawn it; none before it has."""
    script = """(figure, name) => {
        const traces = figure.querySelector('.js-plotly-plot')?._fullData ?? [];
        return Array.from(traces.find(trace => trace.name === name)?.y ?? [], Number);
    }"""
    values: list[float] = page.get_by_role("figure", name=re.compile(chart)).evaluate(script, trace)
    return values


def wait_drawn(page: Page, chart: str, trace: str, *first: float) -> list[float]:
    """Values of a trace, once they begin with these."""
    for _ in range(TIMEOUT_MS // 100):
        values = drawn(page, chart, trace)
        if values and values[: len(first)] == pytest.approx(first, abs=1e-5):
            return values
        page.wait_for_timeout(100)
    pytest.fail(f"{trace} of {chart!r} is {drawn(page, chart, trace)[:3]}, not {first}")


def sentence(page: Page) -> str | None:
    """What is said below the presets."""
    return page.get_by_test_id("stCaptionContainer").first.text_content()


@pytest.mark.parametrize(("size", "dark"), [(LAPTOP, False), (LAPTOP, True), (PHONE, False)])
def test_opens_with_the_chart_and_without_scrolling_sideways(open_page, size, dark):
    page = open_page("kernels", *size, dark=dark)
    expect(page.get_by_role("figure", name=re.compile(SECTIONS["2.1 Polynomial"]))).to_be_visible()
    background = page.locator("[data-testid=stApp]").evaluate("e => getComputedStyle(e).backgroundColor")
    assert background == ("rgb(20, 23, 28)" if dark else "rgb(253, 252, 249)")
    assert sideways(page) == 0


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_every_section_opens_by_its_tab(open_page, size):
    page = open_page("kernels", *size)
    for section in SECTIONS:
        open_tab(page, section)
        expect(page.locator("div.claims .claim").first).to_contain_text("holds")
        expect(page.locator("div.claims .katex").first).to_be_attached()
        expect(page.locator(".katex-error")).to_have_count(0)
        assert sideways(page) == 0, section


@pytest.mark.parametrize("section", ["2.1 Polynomial", "2.2 RBF", "Depth"])
def test_the_first_screen_of_a_laptop_holds_the_main_chart(open_page, section):
    page = open_page(f"kernels?ke_section={section.replace(' ', '+')}", *LAPTOP)
    box = page.get_by_role("figure", name=re.compile(SECTIONS[section])).bounding_box()
    assert box["y"] + box["height"] <= LAPTOP[1]


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_main_path(open_page, size):
    page = open_page("kernels", *size)
    open_tab(page, "2.2 RBF")
    expect(page.get_by_role("figure", name=re.compile("^Cobweb"))).to_be_visible(timeout=TIMEOUT_MS)
    wait_ready(page)
    page.get_by_role("slider", name="Depth ℓ").press("ArrowRight")
    expect(page.get_by_text("at ℓ = 6; far away")).to_be_visible(timeout=TIMEOUT_MS)
    page.get_by_role("slider", name="γ²").press("ArrowRight")
    expect(page.get_by_text("2/γ² = 1.6 at k = 1 is above 1")).to_be_visible(timeout=TIMEOUT_MS)
    wait_ready(page)
    for part in ("ke_section=2.2+RBF", "ke_rbf_depth=6", "ke_gamma2=1.25"):
        assert part in page.url
    before = wait_drawn(page, "^Cobweb", "this pair")
    page.reload()
    expect(page.get_by_text("2/γ² = 1.6 at k = 1 is above 1")).to_be_visible(timeout=TIMEOUT_MS)
    wait_ready(page)
    assert wait_drawn(page, "^Cobweb", "this pair") == before
    assert "ke_rbf_depth=6" in page.url


def test_the_verdict_follows_the_slider(open_page):
    page = open_page("kernels?ke_section=2.2+RBF&ke_gamma2=1.99", *LAPTOP)
    crossing = page.get_by_role("group", name=re.compile("All depths cross"))
    expect(crossing).to_have_attribute("aria-label", re.compile(": holds$"), timeout=TIMEOUT_MS)
    page.get_by_role("slider", name="γ²").press("ArrowRight")
    expect(crossing).to_have_attribute("aria-label", re.compile(": premise unmet"), timeout=TIMEOUT_MS)
    expect(page.get_by_role("group", name="γ² = 2: marginal: holds")).to_be_visible()


def test_the_address_of_a_preset_brings_it_to_a_new_visitor(open_page):
    page = open_page("kernels", *LAPTOP)
    open_tab(page, "Depth")  # its controls are drawn for the first time
    page.get_by_test_id("stButtonGroup").get_by_text("n = 2, depth 50", exact=True).click()
    expect(page.get_by_text("at ℓ = 50; nets of width")).to_be_visible(timeout=TIMEOUT_MS)
    wait_ready(page)
    said = sentence(page)
    other = open_page(page.url.split("/", 3)[3], *LAPTOP)
    assert sentence(other) == said != "Your own setting."
    assert wait_drawn(other, SECTIONS["Depth"], "h → ∞") == wait_drawn(page, SECTIONS["Depth"], "h → ∞")


def test_values_of_a_section_return_to_the_address_with_it(open_page):
    page = open_page("kernels?ke_section=2.2+RBF&ke_gamma2=4", *LAPTOP)
    open_tab(page, "2.1 Polynomial")
    assert "ke_gamma2" not in page.url
    open_tab(page, "2.2 RBF")
    expect(page.get_by_text("2/γ² = 0.5 at k = 1 is below 1")).to_be_visible(timeout=TIMEOUT_MS)
    assert "ke_gamma2=4" in page.url


def test_a_cell_that_is_typed_into_moves_the_point(open_page):
    page = open_page(OWN, *LAPTOP)
    box = page.locator("[data-testid=stDataFrame]").bounding_box()
    page.mouse.dblclick(box["x"] + 0.85 * box["width"], box["y"] + 35 + 17)  # the first y
    cell = page.locator("#portal input")
    expect(cell).to_be_focused(timeout=TIMEOUT_MS)
    cell.fill("2.5")
    cell.press("Enter")
    wait_drawn(page, SECTIONS["Kernel machine"], "data", 2.5)
    assert "2.5" not in page.url
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_file_is_drawn_and_its_words_are_shown_as_they_are(open_page):
    page, other = open_page(OWN, *LAPTOP), open_page(OWN, *LAPTOP)
    files = page.locator("[data-testid=stFileUploader] input[type=file]")
    files.set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"<b>t</b>,level\n0,7\n1,3\n2,5\n"})
    wait_drawn(page, SECTIONS["Kernel machine"], "data", 7.0)
    figure = page.get_by_role("figure", name=re.compile(SECTIONS["Kernel machine"]))
    expect(figure.locator(".xtitle")).to_have_text("<b>t</b>")
    words = b"x,y\n0,<img src=x onerror=alert(1)>\n1,3\n2,5\n"
    files.set_input_files({"name": "b.csv", "mimeType": "text/csv", "buffer": words})
    expect(page.get_by_role("alert")).to_contain_text("“<img src=x onerror=alert(1)>”", timeout=TIMEOUT_MS)
    expect(figure).to_have_count(0, timeout=TIMEOUT_MS)  # nothing of the file before
    assert page.url == other.url
    assert len(wait_drawn(other, SECTIONS["Kernel machine"], "data")) == 12


def test_own_points_fit_a_phone(open_page):
    page = open_page(OWN, *PHONE)
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible(timeout=TIMEOUT_MS)
    assert sideways(page) == 0


def test_numbers_and_pictures_can_be_saved(open_page):
    page = open_page("kernels?ke_section=2.2+RBF", *LAPTOP)
    page.get_by_role("button", name="Save").click()
    with page.expect_download(timeout=TIMEOUT_MS) as download:
        page.get_by_role("button", name="CSV", exact=True).first.click()
    header, *rows = download.value.path().read_text().splitlines()
    names = [f"{kind}_{depth}" for kind in ("kernel", "measured") for depth in range(1, 6)]
    assert header == ",".join(["distance", *names])
    assert [float(cell) for cell in rows[0].split(",")[:6]] == [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    with page.expect_download(timeout=TIMEOUT_MS) as download:
        page.get_by_role("button", name="HTML").first.click()
    assert "Plotly.newPlot" in download.value.path().read_text()
