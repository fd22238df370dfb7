"""Fixtures of all tests: the app as a running server, and the mark of the tests that drive a browser."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[1]
BROWSER_TESTS = Path(__file__).parent / "browser"
START_SECONDS = 60.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests in tests/browser and run them last: Playwright keeps an event loop in the main thread."""
    for item in items:
        if BROWSER_TESTS in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: BROWSER_TESTS in item.path.parents)


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of the app, served by `streamlit run` for the whole session."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    port = _free_port()
    with log.open("wb") as output:
        server = subprocess.Popen(_serve(port), cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        if not _is_healthy(url, server):
            pytest.fail(f"The app did not start:\n{log.read_text(errors='replace')}", pytrace=False)
        yield url
    finally:
        _stop(server)


def _serve(port: int) -> list[str]:
    options = {"server.headless": "true", "server.address": "127.0.0.1", "server.port": str(port)}
    options["browser.gatherUsageStats"] = "false"  # without a network it puts errors on the console
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", "app.py", *flags]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_healthy(url: str, server: subprocess.Popen) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"{url}/_stcore/health", timeout=5) as answer:
                return answer.status == 200
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def _stop(server: subprocess.Popen) -> None:
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
