"""Long computations: shared when complete, stopped on request, never shown as what they are not."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

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

    st.text(str(result_of("job", ("slow", 1), work, lambda result: result == "whole")))


def failing_page():
    from pages._ui.runs import result_of

    def work(report):
        raise ValueError("the work failed")

    result_of("job", "failing", work, lambda result: True)


def shared_page():
    import streamlit as st

    from pages._ui.runs import shared_result
    from tests.pages import test_runs

    def work():
        test_runs.CALLS.append("run")
        return 42

    st.text(str(shared_result(("key", 1), work)))


def failing_shared_page():
    from pages._ui.runs import shared_result
    from tests.pages import test_runs

    def work():
        test_runs.CALLS.append("run")
        raise ValueError("the work failed")

    shared_result("failing", work)


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


def test_while_a_run_goes_on_the_page_shows_how_far_it_is_and_the_result_before(monkeypatch):
    GO.set()
    app = AppTest.from_function(slow_page, default_timeout=10)
    assert app.run().text[0].value == "whole"
    st.cache_resource.clear()
    GO.clear()
    monkeypatch.setattr(runs, "_QUIET", 0.1)
    assert app.run().text[0].value == "whole"
    assert app.button(key="job_stop").label == "Stop"
    assert app.get("progress")[0].proto.value == 50
    app.button(key="job_stop").click().run()
    monkeypatch.setattr(runs, "_QUIET", 10.0)
    assert app.run().text[0].value == "part"


def test_the_first_visitor_of_a_long_run_sees_nothing_but_its_progress(monkeypatch):
    monkeypatch.setattr(runs, "_QUIET", 0.1)
    app = AppTest.from_function(slow_page, default_timeout=10).run()
    assert app.text[0].value == "None"
    assert app.get("progress")
    [run.stop() for run in running()]


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


def test_a_quick_result_is_computed_once_for_all_visitors():
    first = AppTest.from_function(shared_page).run()
    second = AppTest.from_function(shared_page).run()
    assert [app.text[0].value for app in (first, second, first.run())] == ["42"] * 3
    assert CALLS == ["run"]


def test_quick_results_and_runs_of_one_key_are_not_mistaken_for_each_other():
    AppTest.from_function(shared_page).run()
    assert AppTest.from_function(quick_page, default_timeout=10).run().text[0].value == "42"
    assert CALLS == ["run", "run"]


def test_another_key_is_another_result_and_the_work_hands_its_own_object_on():
    made = [runs.shared_result(key, lambda key=key: [key]) for key in ("a", "b", ("a",), ("a", "b"))]
    assert made == [["a"], ["b"], [("a",)], [("a", "b")]]
    assert runs.shared_result("a", lambda: ["never computed"]) is made[0]


def test_an_error_of_quick_work_reaches_the_page_and_is_not_kept():
    app = AppTest.from_function(failing_shared_page).run()
    assert app.exception[0].message == "the work failed"
    app.run()
    assert CALLS == ["run", "run"]
    assert runs.shared_result("failing", lambda: "works now") == "works now"


def test_the_quick_results_kept_are_bounded_and_the_least_used_go_first(monkeypatch):
    monkeypatch.setattr(runs, "_SHARED_ENTRIES", 8)
    for i in range(8):
        runs.shared_result(i, lambda i=i: str(i))
    assert runs.shared_result(0, lambda: "again") == "0"  # used: it stays
    runs.shared_result(8, lambda: "8")
    assert runs.shared_result(0, lambda: "again") == "0"
    assert runs.shared_result(1, lambda: "again") == "again"


def test_two_visitors_at_once_get_their_own_results():
    """Sessions run in threads of one process."""
    keys = [(visitor, number) for number in range(200) for visitor in range(4)]
    with ThreadPoolExecutor(4) as visitors:
        results = list(visitors.map(lambda key: runs.shared_result(key, lambda: key), keys))
    assert results == keys
