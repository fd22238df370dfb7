"""Long computations: shared when complete, stopped on request, never shown as what they are not."""

import threading
import time

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages._ui import runs

CALLS: list[str] = []
GO = threading.Event()


@pytest.fixture(autouse=True)
def _fresh():
    st.cache_resource.clear()
    CALLS.clear()
    GO.clear()


def quick_page():
    import streamlit as st

    from pages._ui.runs import result_of
    from tests.pages import test_runs

    def work(report):
        test_runs.CALLS.append("run")
        return 42

    st.text(str(result_of("job", ("key", 1), work, lambda result: True)))


def slow_page():
    import time

    import streamlit as st

    from pages._ui.runs import result_of
    from tests.pages import test_runs

    def work(report):
        test_runs.CALLS.append("run")
        while report(0.5, "half way") and not test_runs.GO.is_set():
            time.sleep(0.01)
        return "whole" if test_runs.GO.is_set() else "part"

    st.text(result_of("job", ("slow", 1), work, lambda result: result == "whole"))


def failing_page():
    from pages._ui.runs import result_of

    def work(report):
        raise ValueError("the work failed")

    result_of("job", "failing", work, lambda result: True)


def test_a_complete_result_is_computed_once_for_all_visitors():
    first = AppTest.from_function(quick_page).run()
    second = AppTest.from_function(quick_page).run()
    assert [app.text[0].value for app in (first, second, first.run())] == ["42"] * 3
    assert CALLS == ["run"]


def test_an_error_of_the_work_reaches_the_page():
    assert AppTest.from_function(failing_page).run().exception[0].message == "the work failed"


def test_a_stopped_run_is_kept_for_its_visitor_and_not_shared():
    app = AppTest.from_function(slow_page, default_timeout=10)
    stopper = threading.Timer(0.3, lambda: [run.stop() for run in running()])
    stopper.start()
    app.run()
    assert app.text[0].value == "part"
    assert app.run().text[0].value == "part"
    assert CALLS == ["run"]
    GO.set()
    assert AppTest.from_function(slow_page, default_timeout=10).run().text[0].value == "whole"
    assert CALLS == ["run", "run"]
    app.button(key="job_again").click().run()
    assert app.text[0].value == "whole"


def running():
    import gc

    return [run for run in gc.get_objects() if isinstance(run, runs.Run) and not run.future.done()]


def test_a_run_nobody_waits_for_stops_itself(monkeypatch):
    monkeypatch.setattr(runs, "_UNWATCHED", 0.2)
    seen = []

    def work(report):
        begin = time.monotonic()
        while report(0.0, "") and time.monotonic() - begin < 10.0:
            time.sleep(0.01)
        seen.append(time.monotonic() - begin)

    runs.Run("key", work).future.result(timeout=10)
    assert seen[0] < 5.0


def test_the_results_kept_are_bounded():
    results = runs._Results(32)
    for i in range(100):
        results.put(i, str(i))
    kept = [i for i in range(100) if results.get(i) is not None]
    assert kept == list(range(68, 100))
