"""What belongs to every page, in a real browser: links, presenting, reading, the keyboard, the phone, and calm."""

import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import TIMEOUT_MS, wait_ready

HALL, LAPTOP, PHONE = (1920, 1080), (1280, 800), (390, 844)
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
NUMBERS = """() => JSON.stringify([...document.querySelectorAll('[role=figure] .js-plotly-plot')].map(plot =>
    plot._fullData.map(trace => ['x', 'y', 'z'].map(axis => Array.from(trace[axis] ?? []).map(String)))))"""
DRAWN = """() => document.querySelector('.board, .st-key-stage')
    && !document.querySelector('[class*=st-key-plot_]:not(:has(.board)), [data-testid=stProgress]')
    && [...document.querySelectorAll('[role=figure]')].every(figure => figure.querySelector('.main-svg'))"""
SECTIONS = {
    "": ("",),
    "gradient_flow": ("Norm growth", "Margins", "Decision boundary", "Derivation", "For the teacher"),
    "kernels": (
        "2.1 Polynomial",
        "2.2 RBF",
        "2.3 Arc-cosine",
        "Derivation",
        "Finite width",
        "Depth",
        "Kernel machine",
        "For the teacher",
    ),
    "neural_collapse": (
        "Simplex ETF",
        "NC1 + NC2 ⇒ NC3 + NC4",
        "Decision regions",
        "Watch it collapse",
        "Your features",
        "Derivation",
        "For the teacher",
    ),
}
KEYS = {"gradient_flow": "gf", "kernels": "ke", "neural_collapse": "nc"}
every_page = pytest.mark.parametrize("path", SECTIONS)
every_problem = pytest.mark.parametrize("path", KEYS)


def figures(page: Page) -> Locator:
    return page.locator("[role=figure]:has(.main-svg)")


def settle(page: Page) -> None:
    """Wait until everything is computed and drawn, and drawn to its end."""
    wait_ready(page)
    page.wait_for_function(DRAWN, timeout=TIMEOUT_MS)
    page.wait_for_timeout(350)


def sections(page: Page, path: str):
    """Open the sections of a page one after the other."""
    for name in SECTIONS[path]:
        if name:
            page.get_by_role("tab", name=name, exact=True).click()
            expect(page.get_by_role("tab", name=name, exact=True)).to_have_attribute("aria-selected", "true")
            page.wait_for_timeout(150)
        settle(page)
        yield name


# Links


@every_problem
def test_the_copied_link_opens_the_same_picture(open_page, path):
    page = open_page(path, *LAPTOP)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    settle(page)
    page.get_by_role("slider").nth(1).press("ArrowRight")
    page.wait_for_timeout(500)
    settle(page)
    button = page.get_by_role("button", name="Copy link")
    button.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert len(link) > len(page.url) + 100  # defaults too
    other = open_page(link.split("/", 3)[3], *LAPTOP)
    settle(other)
    assert other.evaluate(NUMBERS) == page.evaluate(NUMBERS)
    expect(button).to_be_visible(timeout=5000)  # says "Copy link" again


def test_the_overview_has_a_link_of_its_own(open_page):
    page = open_page("kernels", *LAPTOP)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    settle(page)
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="In class")).to_be_visible(timeout=TIMEOUT_MS)
    settle(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith("/?v=1")


def test_the_quiz_link_does_not_say_what_it_hides_and_opens_the_same_picture(open_page):
    page = open_page("kernels?ke_section=2.2+RBF&ke_gamma2=3.5", *LAPTOP)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    settle(page)
    page.get_by_role("button", name="Quiz").click()
    page.get_by_role("combobox", name="Controls to hide").click()
    page.get_by_role("option", name="γ²").click()
    page.keyboard.press("Escape")
    page.locator(".st-key-ke_first label").click()  # the measurement is not hidden
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Copy the quiz’s link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "hide=ke_gamma2&" in link
    assert "ke_gamma2=" not in link
    assert "3.5" not in link
    other = open_page(link.split("/", 3)[3], *LAPTOP)
    settle(other)
    assert other.evaluate(NUMBERS) == page.evaluate(NUMBERS)
    assert not other.locator(".st-key-ke_gamma2").count()
    assert "3.5" not in other.url


@every_problem
def test_reset_brings_back_the_fresh_address(open_page, path):
    page = open_page(path, *LAPTOP)
    settle(page)
    fresh, address = page.evaluate(NUMBERS), page.url
    page.get_by_role("slider").nth(1).press("ArrowRight")
    page.wait_for_timeout(700)
    settle(page)
    assert page.url != address
    page.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_timeout(700)
    settle(page)
    assert page.evaluate(NUMBERS) == fresh
    assert page.url == address


# Presenting


def go_to(page: Page, step: int, act: Callable[[], None]) -> None:
    """Go on in a talk; once more where nothing came of it, as seldom happens beside a run that has just ended."""
    place = page.get_by_text(re.compile(rf"^{step} of \d+"))
    act()
    try:
        expect(place).to_be_visible(timeout=TIMEOUT_MS / 2)
    except AssertionError:
        act()
        expect(place).to_be_visible(timeout=TIMEOUT_MS)


@pytest.mark.parametrize("size", [HALL, LAPTOP])
@every_problem
def test_arrows_lead_through_the_talk_and_everything_is_in_sight(open_page, path, size):
    page = open_page(f"{path}?present=1", *size)
    settle(page)
    expect(page.get_by_role("link", name="Overview")).to_have_count(0)
    heading = page.get_by_role("heading", level=2)
    said = set()
    for step in range(1, 4):
        expect(figures(page)).to_have_count(1, timeout=TIMEOUT_MS)
        settle(page)
        said.add(heading.first.inner_text())
        box, claim = figures(page).bounding_box(), page.locator(".claim p").first.bounding_box()
        foot = page.locator(".st-key-way").bounding_box()["y"]
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= foot
        assert claim["y"] + claim["height"] <= foot
        assert box["width"] > 0.6 * size[0]
        assert page.locator("[data-testid=stMain]").evaluate("e => e.scrollWidth - e.clientWidth") == 0
        go_to(page, step + 1, lambda: page.keyboard.press("ArrowRight"))
    assert len(said) == 3
    go_to(page, 3, lambda: page.keyboard.press("ArrowLeft"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Overview")).to_be_visible(timeout=TIMEOUT_MS)
    assert "present" not in page.url


def test_type_and_lines_are_larger_in_a_hall(open_page):
    read = """figure => { const layout = figure.querySelector('.js-plotly-plot')._fullLayout;
        return [layout.xaxis.tickfont.size, layout.xaxis.title.font.size,
            figure.querySelector('.js-plotly-plot')._fullData[0].line.width] }"""
    page = open_page("gradient_flow", *HALL)
    settle(page)
    usual = figures(page).first.evaluate(read)
    stage = open_page("gradient_flow?present=1", *HALL)
    settle(stage)
    assert all(large > 1.5 * small for large, small in zip(figures(stage).evaluate(read), usual, strict=True))


def test_a_talk_on_a_phone_does_not_scroll_sideways(open_page):
    page = open_page("gradient_flow?present=1", *PHONE, touch=True)
    settle(page)
    assert page.locator("[data-testid=stMain]").evaluate("e => e.scrollWidth - e.clientWidth") == 0
    go_to(page, 2, page.get_by_role("button", name="Next").tap)


# Reading, and the keyboard


SENTENCES = """figures => figures.map(figure => [figure.getAttribute('aria-label'),
    figure.nextElementSibling?.innerText ?? ''])"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@every_page
def test_words_have_contrast_and_each_chart_has_its_name_and_its_sentence(open_page, path, dark):
    page = open_page(path, *LAPTOP, dark=dark)
    for section in islice(sections(page, path), 3 if dark else None):  # the dark colours are the same in all of them
        assert page.evaluate(CONTRAST) == [], section
        for alt, sentence in figures(page).evaluate_all(SENTENCES) if path else ():
            assert len(alt) > 20, section
            assert sentence.strip().endswith("."), (section, alt, sentence)


def reached(page: Page) -> set[str]:
    """Names of what Tab comes to, once around the page."""
    page.locator("body").press("Home")
    names, seen = set(), 0
    for _ in range(150):
        page.keyboard.press("Tab")
        name = page.evaluate("""() => { const e = document.activeElement; if (e === document.body) return null;
            const label = e.getAttribute('aria-label') ?? e.labels?.[0]?.innerText ?? '';
            return `${e.getAttribute('role') ?? e.tagName.toLowerCase()} ${label || e.innerText || ''}`.trim() }""")
        seen += name in names
        if name is None or seen > 30:
            break
        names.add(name)
    return names


def test_everything_is_reached_by_tab(open_page):
    page = open_page("neural_collapse", *LAPTOP)
    settle(page)
    names = reached(page)
    for wanted in (
        "Overview",
        "Tetrahedron",
        "Copy link",
        "Present",
        "Pin",
        "Save",
        "Quiz",
        "Reset",
        "Classes C",
        "Noise within classes",
        "Simplex ETF",
        "Scene in three dimensions",
        "Download plot as a PNG",
        "Download picture as SVG",
        "Full screen",
        "The numbers as tables",
    ):
        assert any(wanted in name for name in names), (wanted, sorted(names))


def test_a_scene_turns_and_buttons_work_by_keyboard(open_page):
    page = open_page("neural_collapse", *LAPTOP)
    settle(page)
    eye = "figure => figure.querySelector('.js-plotly-plot')._fullLayout.scene._scene.getCamera().eye"
    scene = figures(page).first
    before = scene.evaluate(eye)
    scene.focus()
    scene.press("ArrowRight")
    page.wait_for_timeout(300)
    after = scene.evaluate(eye)
    assert abs(after["x"] - before["x"]) > 0.05
    assert sum(v * v for v in after.values()) == pytest.approx(sum(v * v for v in before.values()))
    button = scene.locator("[data-title='Download picture as SVG']")
    button.focus()
    with page.expect_download() as download:
        button.press("Enter")
    assert download.value.suggested_filename == "simplex.svg"


def test_frames_play_by_keyboard(open_page):
    page = open_page("gradient_flow?gf_section=Decision+boundary&gf_target=10⁻¹⁰", *LAPTOP)
    settle(page)
    label = page.locator(".slider-label").first
    last = label.text_content()
    figures(page).first.focus()
    figures(page).first.press(" ")
    page.wait_for_function("last => document.querySelector('.slider-label').textContent !== last", arg=last)
    expect(label).to_have_text(last, timeout=TIMEOUT_MS)


@every_problem
def test_notes_have_the_width_of_a_page(open_page, path):
    page = open_page(f"{path}?{KEYS[path]}_section=For+the+teacher", *LAPTOP)
    settle(page)
    assert 800 < page.locator(".st-key-notes").bounding_box()["width"] <= 960


# The phone


@every_page
def test_on_a_phone_nothing_scrolls_sideways_and_the_chart_comes_soon(open_page, path):
    page = open_page(path, *PHONE, touch=True)
    main = page.locator("[data-testid=stMain]")
    for section in sections(page, path):
        assert main.evaluate("e => e.scrollWidth - e.clientWidth") == 0, section
        controls = page.locator(".st-key-controls")
        if controls.count() and figures(page).count():
            height = figures(page).first.bounding_box()["y"] - controls.bounding_box()["y"]
            assert height <= PHONE[1], section
            assert figures(page).first.bounding_box()["height"] <= PHONE[1], section


def test_on_a_phone_the_open_tab_is_in_sight(open_page):
    page = open_page("kernels?ke_section=Depth", *PHONE, touch=True)
    settle(page)
    box = page.get_by_role("tab", selected=True).bounding_box()
    assert 0 <= box["x"] <= PHONE[0] - box["width"]
    assert page.locator("[data-testid=stMain]").evaluate("e => e.scrollTop") == 0


# Calm


@every_problem
def test_a_quick_change_shows_no_spinner_and_moves_nothing(open_page, path):
    page = open_page(path, *LAPTOP)
    settle(page)
    slider = page.get_by_role("slider").nth(1)
    for key in ("ArrowRight", "ArrowLeft"):  # both are known from here on
        slider.press(key)
        page.wait_for_timeout(700)
        settle(page)
    page.evaluate("""() => { window.seen = []; window.moved = 0;
        const names = ['Spinner', 'Progress', 'Skeleton', 'StatusWidget'];
        const waiting = names.map(name => `[data-testid=st${name}]`).join();
        const look = () => window.seen.push(...[...document.querySelectorAll(waiting)].map(e => e.dataset.testid));
        new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
        new PerformanceObserver(list => { for (const shift of list.getEntries()) window.moved += shift.value })
            .observe({ type: 'layout-shift' }) }""")
    slider.press("ArrowRight")
    page.wait_for_timeout(1500)
    assert page.evaluate("window.seen") == []
    assert page.evaluate("window.moved") < 0.02


@every_page
def test_charts_arrive_in_the_room_that_was_kept_for_them(open_page, path):
    page = open_page(path, *LAPTOP)  # its results are known from here on
    settle(page)
    page.add_init_script("""window.moved = 0; new PerformanceObserver(list => {
        for (const shift of list.getEntries()) if (document.querySelector('[role=figure]')) window.moved += shift.value
    }).observe({ type: 'layout-shift', buffered: true })""")
    page.reload()
    settle(page)
    assert page.evaluate("window.moved") < 0.1
