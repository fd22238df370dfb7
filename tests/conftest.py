"""Fixtures of all tests: the app as a running server, and the mark of the tests that drive a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import served_app

BROWSER_TESTS = Path(__file__).parent / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests in tests/browser and run them last: Playwright keeps an event loop in the main thread."""
    for item in items:
        if BROWSER_TESTS in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: BROWSER_TESTS in item.path.parents)


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of the app, served for the whole session."""
    with served_app(tmp_path_factory.mktemp("server") / "log.txt") as url:
        yield url
