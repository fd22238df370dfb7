"""From a slider's release to the new picture, in place and by `st.plotly_chart`: ``python -m tests.benchmarks.charts``.

Two minutes of a real browser. The two ways take turns on one server, so that what else the machine does meets both.
"""

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.__main__ import find_chromium
from tests.browser.pages import FLAGS, TIMEOUT_MS, wait_ready
from tests.server import served_app

REPEATS = 30
WARM_UP = 4  # changes: both numbers of the slider are computed and cached
CHANGES = 500
LIBRARY = "**/*.js.gz"  # without it a page draws with st.plotly_chart

PAGES = {
    "norm growth, 1 chart": (
        "gradient_flow",
        "Line chart: the norm of each layer",
        "Last layer’s norm over the first’s",
    ),
    "RBF kernels, 4 charts": ("kernels?ke_section=2.2+RBF", "Line chart: the RBF", "γ²"),
    "simplex in 3D, 3 charts": ("neural_collapse", "Scene", "Noise within classes"),
}

# Looks at the chart in every frame from the release of the slider on: when it shows another picture, and how long none.
WATCH = """name => {
    const picture = () => {
        const figure = [...document.querySelectorAll('[role=figure]')].find(f => f.ariaLabel?.startsWith(name));
        const plot = figure?.querySelector('.js-plotly-plot');
        if (!plot?.querySelector('.main-svg') || (plot._fullLayout.scene && !plot.querySelector('canvas'))) return null;
        if (plot._fullLayout.scene) return String(plot._fullData.map(trace => [...trace.x].slice(0, 50)));
        return [...plot.querySelectorAll('.scatterlayer path.js-line')].map(line => line.getAttribute('d')).join();
    };
    addEventListener('pointerup', () => {
        const released = performance.now(), before = picture();
        let last = before, time = released;
        const result = { first: null, last: null, blank: 0 };
        const look = () => {
            const now = picture(), at = performance.now();
            if (last === null) result.blank += at - time;
            if (now !== last && now !== null && now !== before) {
                result.first ??= at - released;
                result.last = at - released;
            }
            [last, time] = [now, at];
            if (at - released < 1200) requestAnimationFrame(look); else window.watched = result;
        };
        requestAnimationFrame(look);
    }, { once: true, capture: true });
    window.watched = null;
}"""


@dataclass(frozen=True)
class Change:
    """Milliseconds from the release on."""

    first: float
    last: float
    blank: float


def main() -> None:
    """Print everything."""
    with TemporaryDirectory() as folder, served_app(Path(folder, "log.txt")) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        print("From the slider's release, ms, median of", REPEATS)
        print(f"  {'':<26}{'':<18}{'new picture':>14}{'at its end':>14}{'nothing shown':>16}")
        for name, (path, chart, slider) in PAGES.items():
            compare(browser, f"{url}/{path}", name, chart, slider)
        memory(browser, url)
        browser.close()


def compare(browser: Browser, url: str, name: str, chart: str, slider: str) -> None:
    """Print one page both ways."""
    ways = {"in place": open_page(browser, url), "st.plotly_chart": open_page(browser, url, blocked=LIBRARY)}
    changes: dict[str, list[Change]] = {way: [] for way in ways}
    for number in range(WARM_UP + REPEATS):
        for way, page in ways.items():
            page.bring_to_front()
            change = release(page, chart, slider, right=number % 2 == 0)
            changes[way] += [change] if number >= WARM_UP else []
    first = {}
    for way, found in changes.items():
        first[way], last, blank = (median(getattr(c, what) for c in found) for what in ("first", "last", "blank"))
        print(f"  {name:<26}{way:<18}{first[way]:>14.0f}{last:>14.0f}{blank:>16.0f}")
    print(f"  {'':<26}{'less by':<18}{1 - first['in place'] / first['st.plotly_chart']:>14.0%}", flush=True)
    for page in ways.values():
        page.close()


def open_page(browser: Browser, url: str, blocked: str | None = None) -> Page:
    """A page that is ready."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    if blocked:
        page.route(blocked, lambda route: route.abort())
    page.goto(url)
    page.locator("[role=figure] .main-svg").first.wait_for(state="attached", timeout=TIMEOUT_MS)
    wait_ready(page)
    page.wait_for_timeout(1000)
    assert bool(blocked) == bool(page.locator("[data-testid=stPlotlyChart]").count())
    return page


def release(page: Page, chart: str, slider: str, right: bool) -> Change:
    """Drag a slider's thumb over a quarter of its track, and let it go."""
    handle = page.get_by_role("slider", name=slider)
    handle.scroll_into_view_if_needed()
    thumb = handle.locator("xpath=../..").bounding_box()  # the slider itself is hidden in it
    track = page.locator("[data-testid=stSlider]").filter(has=handle).bounding_box()
    assert thumb
    assert track
    x, y = thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2
    page.evaluate(WATCH, chart)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (0.25 if right else -0.25) * track["width"], y, steps=4)
    page.mouse.up()
    page.wait_for_function("window.watched")
    return Change(**page.evaluate("window.watched"))


def memory(browser: Browser, url: str) -> None:
    """Print what many changes leave in the browser."""
    path, _, slider = PAGES["simplex in 3D, 3 charts"]
    page = open_page(browser, f"{url}/{path}")
    session = page.context.new_cdp_session(page)
    thumb = page.get_by_role("slider", name=slider)
    print(f"\nHeap of the page over {CHANGES} changes of the simplex, MB")
    for done in range(CHANGES + 1):
        if done % 100 == 0:
            print(f"  {done:<8}{heap(session) / 1e6:.1f}", flush=True)
        thumb.press("ArrowRight" if done % 2 == 0 else "ArrowLeft")
        page.wait_for_timeout(150)
    page.close()


def heap(session: CDPSession) -> float:
    """Bytes in use after a collection."""
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"])


if __name__ == "__main__":
    main()
