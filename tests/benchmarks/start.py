"""From `streamlit run` to the first chart of each page in a new browser: ``python -m tests.benchmarks.start``."""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from tests.__main__ import find_chromium
from tests.browser.pages import FLAGS, TIMEOUT_MS
from tests.server import served_app

REPEATS = 5
PAGES = ("", "gradient_flow", "kernels", "neural_collapse")
CHART = "[role=figure] .main-svg"


def main() -> None:
    """Print seconds, median of some starts; the browser runs already, its cache is empty."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        print(f"Seconds, median and largest of {REPEATS} starts")
        print(f"  {'page':<20}{'server answers':>16}{'first chart':>14}{'largest':>10}{'next visitor':>14}")
        for path in PAGES:
            answers, charts, later = zip(*(start(browser, path) for _ in range(REPEATS)), strict=True)
            print(
                f"  {path or 'overview':<20}{median(answers):>16.2f}{median(charts):>14.2f}{max(charts):>10.2f}"
                f"{median(later):>14.2f}",
                flush=True,
            )
        browser.close()


def start(browser: Browser, path: str) -> tuple[float, float, float]:
    """Seconds from the command to an answer and to the first chart, and from an address to it for the next visitor."""
    begun = time.perf_counter()
    with TemporaryDirectory() as folder, served_app(Path(folder, "log.txt")) as url:
        answers = time.perf_counter() - begun
        first_chart(browser, f"{url}/{path}")
        chart = time.perf_counter() - begun
        again = time.perf_counter()
        first_chart(browser, f"{url}/{path}")
        return answers, chart, time.perf_counter() - again


def first_chart(browser: Browser, url: str) -> None:
    """Wait for the first chart, in a browser that knows nothing of the app."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(url, wait_until="commit")
    page.locator(CHART).first.wait_for(state="attached", timeout=TIMEOUT_MS)
    context.close()


if __name__ == "__main__":
    main()
