"""A page of the app, as a visitor finds it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import errors, frame, runs

ROOT = Path(__file__).resolve().parents[2]

OpenApp = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages wait for their runs: nothing here looks at them again and again as a browser does."""
    monkeypatch.setattr(runs, "_QUIET", 60.0)
    monkeypatch.setattr(frame, "warm_up", lambda: None)  # workers start when they are needed


@pytest.fixture(autouse=True)
def contained(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Errors that a page contained, which fail the test; one that provokes some clears the set."""
    logged: set[str] = set()
    monkeypatch.setattr(errors, "_logged", logged)
    yield logged
    assert not logged, "".join(logged)


@pytest.fixture
def open_app() -> OpenApp:
    """Function (page, **address) to the page after its first run."""

    def open_(page: str, **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        for name, value in address.items():
            app.query_params[name] = value
        return app.switch_page(page).run() if page != "app.py" else app.run()

    return open_
