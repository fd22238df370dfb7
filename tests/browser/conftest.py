"""Pages of the app in a real Chromium."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser.pages import TIMEOUT_MS, wait_ready

# On a deep link Streamlit's client looks for the server below the page's own path first, and gets a 404.
PROBES = ("/_stcore/health", "/_stcore/host-config")

OpenPage = Callable[..., Page]


@pytest.fixture
def page_errors() -> list[str]:
    """Errors of all pages of a test, from the console and uncaught; a test that provokes some clears the list."""
    return []


@pytest.fixture(scope="session")
def visitors(browser: Browser) -> Iterator[dict[tuple[bool, bool], BrowserContext]]:
    """Browsers of visitors by theme and touch, once for all tests: each would fetch and compile Streamlit anew."""
    made: dict[tuple[bool, bool], BrowserContext] = {}
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def open_page(
    app_url: str, browser: Browser, visitors: dict[tuple[bool, bool], BrowserContext], page_errors: list[str]
) -> Iterator[OpenPage]:
    """Function (path, width, height, dark, touch) to a page that is ready; fails the test where a page had errors."""
    pages: list[Page] = []

    def open_(path: str, width: int, height: int, dark: bool = False, touch: bool = False) -> Page:
        if (dark, touch) not in visitors:
            scheme = "dark" if dark else "light"
            visitors[dark, touch] = browser.new_context(color_scheme=scheme, has_touch=touch, is_mobile=touch)
        page = visitors[dark, touch].new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        _collect_errors(page, page_errors)
        page.goto(f"{app_url}/{path.lstrip('/')}", timeout=TIMEOUT_MS)
        wait_ready(page)
        return page

    yield open_
    for page in pages:
        page.close()
    assert not page_errors, "\n".join(page_errors)


def _collect_errors(page: Page, errors: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        url = message.location["url"]
        if message.type == "error" and not url.endswith(PROBES):
            errors.append(f"console: {message.text} ({url})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: errors.append(f"uncaught: {error}"))
