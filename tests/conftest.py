"""Fixtures of all tests: the app as a running server, and the mark of the tests that drive a browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.__main__ import find_chromium
from tests.browser.pages import FLAGS
from tests.server import served_app

BROWSER_TESTS = Path(__file__).parent / "browser"
CONTAINED = re.compile(r"^\w+ at /\w*\?", re.MULTILINE)
"""How an error begins in the log that a page contained: the visitor has read a sentence, and went on."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests in tests/browser and run them last: Playwright keeps an event loop in the main thread."""
    for item in items:
        if BROWSER_TESTS in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: BROWSER_TESTS in item.path.parents)


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of the app, served for the whole session; no page may have contained an error meanwhile."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with served_app(log) as url:
        yield url
    said = log.read_text(errors="replace")
    assert not CONTAINED.search(said), said


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium, one for all: Playwright keeps an event loop in the thread. Without one tests fail, not skip."""
    executable = find_chromium()
    if executable is None:
        pytest.fail("No Chromium found: run `python -m tests`, which installs one, or set CHROMIUM.", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()
