"""Charts that do not blink: one of each page is changed in a real browser, and stays what and where it was."""

import re
from dataclasses import dataclass
from math import dist
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import TIMEOUT_MS, wait_ready

LAPTOP, PHONE = (1280, 800), (390, 844)
CHANGES = 20
GROWTH_BYTES = (
    1_500_000  # of the heap over so many changes; a chart that leaks leaves its data and nodes, 100 kB a change
)


@dataclass(frozen=True)
class Case:
    """A chart, and a control that changes it."""

    path: str
    chart: str
    slider: str
    flat: bool = True


CASES = {
    "flow": Case("gradient_flow", "norm of each layer", "Last layer’s norm over the first’s"),
    "kernels": Case("kernels?ke_section=2.2+RBF", "against distance, with", "γ²"),
    "simplex": Case("neural_collapse", "rows of the classifier and clouds", "Noise within classes", flat=False),
    "map": Case("neural_collapse?nc_section=Decision+regions", "regions of least squares", "Noise within classes"),
}
FLAT = [name for name, case in CASES.items() if case.flat]
every_chart = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
flat_charts = pytest.mark.parametrize("case", [CASES[name] for name in FLAT], ids=FLAT)


def figure(page: Page, case: Case) -> Locator:
    found = page.get_by_role("figure", name=re.compile(case.chart))
    expect(found.locator(".main-svg").first).to_be_attached(timeout=TIMEOUT_MS)
    return found


def drawn(page: Page, case: Case) -> str:
    """All numbers in the picture, as a text."""
    script = """figure => JSON.stringify((figure.querySelector('.js-plotly-plot')?._fullData ?? []).map(
        trace => [trace.name, ...['x', 'y', 'z'].map(axis => Array.from(trace[axis] ?? []).map(String))]))"""
    return str(figure(page, case).evaluate(script))


def change(page: Page, case: Case, key: str = "ArrowRight") -> None:
    """Move the control, and wait for another picture."""
    before = drawn(page, case)
    page.get_by_role("slider", name=case.slider).press(key)
    for _ in range(TIMEOUT_MS // 50):
        if drawn(page, case) not in (before, "[]"):
            return wait_ready(page)
        page.wait_for_timeout(50)
    pytest.fail("the picture did not change")


def settled(page: Page, case: Case, script: str) -> Any:
    """What the script says of the chart, once it has said the same three times."""
    said: list[Any] = []
    for _ in range(TIMEOUT_MS // 500):
        said.append(figure(page, case).evaluate(script))
        if len(said) > 2 and said[-1] == said[-2] == said[-3]:
            return said[-1]
        page.wait_for_timeout(500)
    return pytest.fail("the chart does not come to rest")


def axis_range(page: Page, case: Case) -> list[float]:
    script = "figure => figure.querySelector('.js-plotly-plot')._fullLayout.xaxis.range"
    return [float(value) for value in figure(page, case).evaluate(script)]


@every_chart
def test_a_change_keeps_the_node(open_page, case):
    page = open_page(case.path, *LAPTOP)
    node = figure(page, case).locator(".js-plotly-plot").element_handle()
    change(page, case)
    assert figure(page, case).locator(".js-plotly-plot").evaluate("(now, before) => now === before", node)
    assert page.locator("[data-testid=stPlotlyChart]").count() == 0


@flat_charts
def test_a_change_keeps_the_zoom_and_a_double_click_ends_it(open_page, case):
    page = open_page(case.path, *LAPTOP)
    whole = axis_range(page, case)
    box = figure(page, case).locator(".nsewdrag").first.bounding_box()
    x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.3 * box["width"], y, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    zoomed = axis_range(page, case)
    assert zoomed[1] - zoomed[0] < 0.6 * (whole[1] - whole[0])
    change(page, case)
    assert axis_range(page, case) == pytest.approx(zoomed)
    page.mouse.dblclick(x, y)
    page.wait_for_timeout(500)
    assert axis_range(page, case)[1] - axis_range(page, case)[0] > 0.9 * (whole[1] - whole[0])


def test_a_change_keeps_the_camera(open_page):
    case = CASES["simplex"]
    page = open_page(case.path, *LAPTOP)
    read = "figure => figure.querySelector('.js-plotly-plot')._fullLayout.scene._scene.getCamera().eye"
    start = settled(page, case, read)
    box = figure(page, case).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for _ in range(5):  # a scene that is still being set up does not hear the mouse
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 120, y + 30, steps=6)
        page.mouse.up()
        page.mouse.move(x + 125, y + 200)
        page.wait_for_timeout(1000)
        if apart(settled(page, case, read), start) > 0.3:
            break
    else:
        pytest.fail("the scene does not turn")
    turned = settled(page, case, read)
    change(page, case)
    # where few frames are drawn, the last of the turn may come with the change
    assert apart(settled(page, case, read), turned) < 0.3 * apart(turned, start)


def apart(one: dict[str, float], other: dict[str, float]) -> float:
    """Distance between two places of the eye."""
    return dist([one[axis] for axis in "xyz"], [other[axis] for axis in "xyz"])


def test_a_change_keeps_the_choice_in_the_legend(open_page):
    case = CASES["kernels"]
    page = open_page(case.path, *LAPTOP)
    shown = "figure => figure.querySelector('.js-plotly-plot')._fullData.map(trace => String(trace.visible))"
    assert "legendonly" not in figure(page, case).evaluate(shown)
    figure(page, case).locator(".legendtoggle").first.click()
    page.wait_for_timeout(800)  # plotly waits for a second click
    chosen = figure(page, case).evaluate(shown)
    assert "legendonly" in chosen
    change(page, case)
    assert figure(page, case).evaluate(shown) == chosen


def test_lines_move_to_where_they_are_wanted_and_not_where_motion_is_reduced(open_page):
    case = CASES["kernels"]
    page = open_page(case.path, *LAPTOP)
    observe = """figure => { const line = figure.querySelectorAll('.scatterlayer path.js-line')[1];
        const before = line.getAttribute('d'); window.shapes = new Set();
        new MutationObserver(() => { const now = line.getAttribute('d'); if (now !== before) window.shapes.add(now) })
            .observe(line, { attributes: true, attributeFilter: ['d'] }) }"""
    shapes = []
    for reduced in ("no-preference", "reduce"):
        page.emulate_media(reduced_motion=reduced)
        figure(page, case).evaluate(observe)
        change(page, case)
        page.wait_for_timeout(600)
        shapes.append(page.evaluate("window.shapes.size"))
    assert shapes[0] > 1 == shapes[1]


def test_a_change_during_a_motion_ends_where_it_is_wanted(open_page):
    case = CASES["kernels"]
    page = open_page(case.path, *LAPTOP)
    lines = (
        """figure => [...figure.querySelectorAll('.scatterlayer path.js-line')].map(line => line.getAttribute('d'))"""
    )
    slider = page.get_by_role("slider", name=case.slider)
    for _ in range(4):
        slider.press("ArrowRight")
        page.wait_for_timeout(120)
    page.wait_for_timeout(1500)
    moved = figure(page, case).evaluate(lines)
    change(page, case)
    change(page, case, "ArrowLeft")
    page.wait_for_timeout(600)
    assert figure(page, case).evaluate(lines) == moved


@every_chart
def test_colours_follow_the_theme_in_place(open_page, case):
    page = open_page(case.path, *LAPTOP)
    node = figure(page, case).locator(".js-plotly-plot").element_handle()
    title = figure(page, case).locator(".gtitle")
    colors = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        wanted = {"light": "rgb(31, 36, 43)", "dark": "rgb(232, 230, 224)"}[scheme]
        expect(title).to_have_css("fill", wanted, timeout=TIMEOUT_MS)
        colors[scheme] = title.evaluate("e => getComputedStyle(e).fill")
    assert figure(page, case).locator(".js-plotly-plot").evaluate("(now, before) => now === before", node)


@every_chart
def test_the_width_follows_the_window(open_page, case):
    page = open_page(case.path, *LAPTOP)
    width = "figure => [figure.clientWidth, figure.querySelector('.js-plotly-plot')._fullLayout.width]"
    for size in (PHONE, LAPTOP):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.wait_for_timeout(800)
        own, plotted = figure(page, case).evaluate(width)
        assert own == plotted <= size[0]
        assert page.locator("[data-testid=stMain]").evaluate("e => e.scrollWidth - e.clientWidth") == 0


@every_chart
def test_a_finger_on_a_chart_scrolls_the_page_and_leaves_the_picture(open_page, case):
    page = open_page(case.path, *PHONE, touch=True)
    chart = figure(page, case)
    chart.scroll_into_view_if_needed()
    box, axes = chart.bounding_box(), view(chart)
    swipe(page, box["x"] + box["width"] / 2, box["y"] + 0.7 * box["height"], down=-250)
    page.wait_for_timeout(300)
    assert chart.bounding_box()["y"] < box["y"] - 150
    assert view(chart) == axes


def swipe(page: Page, x: float, y: float, *, right: float = 0.0, down: float = 0.0) -> None:
    """Draw a finger over the screen."""
    session = page.context.new_cdp_session(page)
    for step in range(11):
        point = {"x": x + right * step / 10, "y": y + down * step / 10}
        session.send(
            "Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": [point]}
        )
        page.wait_for_timeout(16)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def view(chart: Locator) -> str:
    """Ranges of the axes, or where the camera stands."""
    script = """figure => { const layout = figure.querySelector('.js-plotly-plot')._fullLayout;
        const flat = () => [layout.xaxis.range, layout.yaxis.range];
        return JSON.stringify(layout.scene ? layout.scene._scene.getCamera() : flat()) }"""
    return str(chart.evaluate(script))


def test_a_scene_turns_under_a_finger_once_its_button_is_on(open_page):
    case = CASES["simplex"]
    page = open_page(case.path, *PHONE, touch=True)
    chart = figure(page, case)
    chart.scroll_into_view_if_needed()
    chart.locator("[data-title^='Turntable']").tap()
    page.wait_for_timeout(300)
    box, start = chart.bounding_box(), view(chart)
    swipe(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, right=100)
    page.wait_for_timeout(500)
    assert view(chart) != start


@every_chart
def test_without_plotly_the_chart_is_streamlits_own(open_page, page_errors, browser, app_url, case):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.route("**/*.js.gz", lambda route: route.abort())
    page = context.new_page()
    page.goto(f"{app_url}/{case.path}")
    expect(page.locator("[data-testid=stPlotlyChart]").first).to_be_visible(timeout=TIMEOUT_MS)
    wait_ready(page)
    assert figure(page, case).is_visible()
    assert page.locator(".plot").count() == 0
    change(page, case)
    context.close()


def test_plotly_is_fetched_once_and_from_the_app_alone(browser, app_url):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    for case in (CASES["kernels"], CASES["simplex"]):
        page.goto(f"{app_url}/{case.path}")
        wait_ready(page)
        figure(page, case)
    assert len([url for url in asked if url.endswith(".js.gz")]) == 1
    assert all(url.startswith((app_url, app_url.replace("http", "ws"), "blob:", "data:")) for url in asked)
    context.close()


def test_full_screen_fills_the_screen_and_comes_back(open_page):
    case = CASES["kernels"]
    page = open_page(case.path, *LAPTOP)
    figure(page, case).hover()
    height = "figure => figure.querySelector('.js-plotly-plot')._fullLayout.height"
    before = figure(page, case).evaluate(height)
    figure(page, case).locator("[data-title='Full screen']").click()
    page.wait_for_function("document.fullscreenElement?.className === 'plot'")
    page.wait_for_timeout(500)
    assert figure(page, case).evaluate(height) > before
    page.evaluate("document.exitFullscreen()")
    page.wait_for_timeout(500)
    assert figure(page, case).evaluate(height) == before


def test_the_picture_can_be_saved_as_svg_and_png(open_page):
    case = CASES["kernels"]
    page = open_page(case.path, *LAPTOP)
    figure(page, case).hover()
    for title, ending in {"Download picture as SVG": "svg", "Download plot as a PNG": "png"}.items():
        with page.expect_download() as download:
            figure(page, case).locator(f"[data-title^='{title}']").click()
        assert download.value.suggested_filename.endswith(ending)


def test_many_changes_leave_nothing_behind(open_page):
    case = CASES["simplex"]
    page = open_page(case.path, *LAPTOP)
    session = page.context.new_cdp_session(page)

    def heap() -> float:
        session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"])

    for _ in range(6):  # caches fill
        change(page, case, "ArrowRight")
        change(page, case, "ArrowLeft")
    before = heap()
    for _ in range(CHANGES // 2):
        change(page, case, "ArrowRight")
        change(page, case, "ArrowLeft")
    assert heap() - before < GROWTH_BYTES
    assert page.locator(".js-plotly-plot").count() == 3
