"""Computations for pages: shared when complete, stopped on request, never shown as what they are not."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from math import inf
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages._ui import runs
from pages._ui.work import run, slot
from pages._ui.work.once import once
from pages._ui.work.results import Results
from tests.pages import jobs
from tests.server import ROOT

CALLS: list[str] = []
SOON = 30.0  # seconds
NEXT = "Two of your runs wait already. This one is next."


@pytest.fixture(autouse=True)
def _fresh():
    forget()
    CALLS.clear()
    yield
    forget()


def forget():
    for shared in (runs._pool, runs._results, runs._shared_results):
        shared.forget()


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path)


@pytest.fixture
def impatient(monkeypatch):
    """Pages show the progress of runs after a moment."""
    monkeypatch.setattr(runs, "_QUIET", 0.1)


def quick_page(folder):
    import streamlit as st

    from pages._ui.runs import Task, result_of
    from tests.pages import jobs

    st.text(str(result_of("job", Task(jobs.answer, folder))))


def slow_page(folder, number=0):
    import streamlit as st

    from pages._ui.runs import Task, noting_stand_ins, result_of
    from tests.pages import jobs

    task = Task(jobs.patient, folder, number)
    described = lambda progress: (progress, "half way")  # noqa: E731
    with noting_stand_ins() as names:
        done = result_of(
            "job",
            task,
            described,
            complete=lambda result: result == "whole",
            caution=lambda result: "Mind this." if result == "whole" else "",
            advice="Ask for less.",
        )
    st.text(str(done))
    st.text("in its place" if names else "itself")


def busy_page(folder):
    import streamlit as st

    from pages._ui.runs import Task, result_of
    from tests.pages import jobs

    for number in (1, 2, 3):
        st.text(str(result_of(f"job{number}", Task(jobs.patient, folder, number))))


def failing_page(folder):
    from pages._ui.runs import Task, result_of
    from tests.pages import jobs

    result_of("job", Task(jobs.failing, folder))


def dying_page(folder):
    from pages._ui.runs import Task, result_of
    from tests.pages import jobs

    result_of("job", Task(jobs.mortal, folder, 2), advice="Ask for less.")


def either_page(folder, heavy):
    import streamlit as st

    from pages._ui.runs import Task, quick_result
    from tests.pages import jobs

    st.text(str(quick_result("job", Task(jobs.answer, folder), heavy=heavy)))


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


def opened(page, *args):
    return AppTest.from_function(page, args=args, default_timeout=60)


def text(app):
    assert not app.exception
    return app.text[0].value


def polled_until(app, condition):
    """Look at a page again and again, as a browser does."""
    deadline = time.monotonic() + SOON
    while not condition(app.run()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition(app)
    return app


def test_a_complete_result_is_computed_once_for_all_visitors(folder):
    first, second = opened(quick_page, folder).run(), opened(quick_page, folder).run()
    assert [text(app) for app in (first, second, first.run())] == ["42"] * 3
    assert jobs.times(folder) == 1


def test_visitors_who_ask_at_once_share_a_run_and_its_progress(folder, impatient):
    visitors = [opened(slow_page, folder).run() for _ in range(3)]
    for app in visitors:
        polled_until(app, lambda app: app.get("progress")[0].proto.value == 50)
        assert app.get("progress")[0].proto.text == "half way"
    jobs.release(folder)
    for app in visitors:
        polled_until(app, lambda app: text(app) == "whole")
    assert jobs.times(folder) == 1


def test_an_error_of_the_work_reaches_the_page(folder, caplog):
    app = opened(failing_page, folder).run()
    for _ in range(2):  # visitors read no details, the log has them
        assert len(app.exception) == 1
        assert "the work failed" in caplog.text
        caplog.clear()
        app.run()
    assert jobs.times(folder) == 1


def test_a_run_that_kills_its_workers_ends_in_a_sentence(folder):
    app = opened(dying_page, folder).run()
    assert not app.exception
    assert app.warning[0].value.endswith("perhaps because memory is short. Ask for less.")
    assert app.button(key="job_again").label == "Run again"


def test_a_run_over_budget_is_ended_and_says_what_to_reduce(folder, monkeypatch):
    monkeypatch.setattr(run, "_BUDGET", 0.3)
    app = opened(slow_page, folder).run()
    assert app.warning[0].value == "The run was ended: it took longer than 0.3 seconds. Ask for less."
    assert text(app) == "part"


def test_a_stopped_run_is_kept_for_its_visitor_and_not_shared(folder, impatient):
    app = opened(slow_page, folder)
    polled_until(app, lambda app: app.get("progress")[0].proto.value == 50)
    app.button(key="job_stop").click().run()
    polled_until(app, lambda app: text(app) == "part")
    assert text(app.run()) == "part"
    assert app.text[1].value == "in its place"
    assert jobs.times(folder) == 1
    jobs.release(folder)
    assert text(polled_until(opened(slow_page, folder), lambda app: text(app) == "whole")) == "whole"
    assert jobs.times(folder) == 2
    app.button(key="job_again").click().run()
    assert text(app) == "whole"


def test_a_visitor_who_stops_leaves_the_run_to_others(folder, impatient):
    app, other = opened(slow_page, folder).run(), opened(slow_page, folder).run()
    app.button(key="job_stop").click().run()
    assert app.warning[0].value == "You do not wait for this run; others do."
    assert not app.get("progress")
    app.button(key="job_again").click().run()
    assert app.get("progress")
    jobs.release(folder)
    for one in (app, other):
        polled_until(one, lambda one: text(one) == "whole")
    assert jobs.times(folder) == 1


def test_another_setting_ends_the_run_before_it(folder, impatient):
    app = opened(slow_page, folder, 1)
    app.run()
    ticket = app.session_state["job"]
    polled_until(app, lambda app: jobs.times(folder) == 1)
    app.args = (folder, 2)
    app._script_path = AppTest.from_function(slow_page, args=(folder, 2))._script_path
    app.run()
    assert app.session_state["job"] is not ticket
    assert ticket.look(SOON)
    assert ticket.run.future.result() == "part"
    jobs.release(folder)
    polled_until(app, lambda app: text(app) == "whole")


def test_while_a_run_goes_on_the_page_shows_the_result_before(folder, monkeypatch):
    jobs.release(folder)
    app = opened(slow_page, folder)
    assert text(app.run()) == "whole"
    forget()
    (path := jobs.Path(folder, "go")).unlink()
    monkeypatch.setattr(runs, "_QUIET", 0.1)
    assert text(app.run()) == "whole"
    assert app.button(key="job_stop").label == "Stop"
    assert app.caption[0].value == "Until then, this is the run before."
    assert app.text[1].value == "in its place"
    assert [warning.value for warning in app.warning] == ["Mind this."]  # of the result that is shown
    path.touch()
    polled_until(app, lambda app: not app.caption)
    assert app.text[1].value == "itself"


def test_the_first_visitor_of_a_long_run_sees_nothing_but_its_progress(folder, impatient):
    app = opened(slow_page, folder).run()
    assert text(app) == "None"
    assert app.get("progress")


def test_a_visitor_whose_run_must_wait_reads_for_how_many(folder, impatient, monkeypatch):
    monkeypatch.setattr(runs, "_REACHES", (inf,))
    first = opened(slow_page, folder, 1).run()
    polled_until(first, lambda app: app.get("progress")[0].proto.value == 50)
    second, third = opened(slow_page, folder, 2).run(), opened(slow_page, folder, 3).run()
    assert second.get("progress")[0].proto.text == "Waiting for a free worker, after 0 others"
    assert third.get("progress")[0].proto.text == "Waiting for a free worker, after 1 other"
    jobs.release(folder)
    for app in (second, third):
        polled_until(app, lambda app: text(app) == "whole")


def test_nobody_can_clear_what_all_share(folder, impatient):
    """Streamlit obeys anyone who asks it to empty its caches."""
    app = opened(slow_page, folder).run()
    ticket = app.session_state["job"]
    kept = runs.shared_result("kept", list)
    for _ in range(3):
        st.cache_resource.clear()
        st.cache_data.clear()
        assert app.run().get("progress")
    assert app.session_state["job"] is ticket
    jobs.release(folder)
    polled_until(app, lambda app: text(app) == "whole")
    st.cache_resource.clear()
    assert text(opened(slow_page, folder).run()) == "whole"
    assert jobs.times(folder) == 1
    assert runs.shared_result("kept", list) is kept


def test_streamlit_caches_nothing_of_ours():
    sources = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "deploy").rglob("*.py")]
    assert len(sources) > 50
    assert not [
        path for path in sources if re.search(r"^\s*@st\.cache_|st\.cache_\w+\(", path.read_text(), re.MULTILINE)
    ]


def test_a_visitor_whose_pool_closed_gets_a_run_of_the_next(folder, impatient):
    app = opened(slow_page, folder).run()
    ticket = app.session_state["job"]
    runs._pool.forget()
    polled_until(app, lambda app: app.session_state["job"] is not ticket)
    jobs.release(folder)
    polled_until(app, lambda app: text(app) == "whole")


def test_a_third_run_of_a_visitor_waits_until_there_is_room_for_it(folder, impatient, monkeypatch):
    monkeypatch.setattr(runs, "_REACHES", (inf,))
    first = opened(slow_page, folder, 0).run()
    polled_until(first, lambda app: app.get("progress")[0].proto.value == 50)
    app = opened(busy_page, folder)
    texts = [bar.proto.text for bar in app.run().get("progress")]
    assert texts == [*(f"Waiting for a free worker, after {i} other{'' if i == 1 else 's'}" for i in range(2)), NEXT]
    jobs.release(folder)
    polled_until(app, lambda app: [one.value for one in app.text] == ["whole"] * 3)


def test_what_is_made_once_is_made_anew_where_its_module_is_imported_again():
    closed = []

    def thing():
        return SimpleNamespace(close=lambda: closed.append(1))

    first, second = once(thing), once(thing)
    made = second()
    assert second() is made
    assert closed == []
    third = once(thing)  # as if a watcher of files had had the module imported again
    assert closed == [1]
    assert third() is not made
    assert first is not third


def test_a_visitor_who_comes_back_finds_the_run_begun_again(folder, impatient, monkeypatch):
    monkeypatch.setattr(run, "_UNWATCHED", 0.2)
    monkeypatch.setattr(slot, "_TICK", 0.05)
    app = opened(slow_page, folder).run()
    ticket = app.session_state["job"]
    deadline = time.monotonic() + SOON
    while not ticket.run.future.done() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ticket.is_void
    monkeypatch.setattr(run, "_UNWATCHED", 5.0)
    assert app.run().get("progress")
    jobs.release(folder)
    polled_until(app, lambda app: text(app) == "whole")


@pytest.mark.parametrize("heavy", [True, False])
def test_a_quick_result_is_computed_in_a_worker_where_it_is_heavy(folder, heavy):
    for _ in range(2):
        assert text(opened(either_page, folder, heavy).run()) == "42"
    assert [pid != jobs.os.getpid() for pid in jobs.pids(folder)] == [heavy]


def test_a_known_result_takes_no_time():
    runs.shared_result(("key", 1), lambda: 42)
    begin = time.perf_counter()
    for _ in range(1000):
        runs.shared_result(("key", 1), lambda: 42)
    assert (time.perf_counter() - begin) / 1000 < 500e-6  # 7 microseconds on an idle machine


def test_a_shared_result_is_computed_once_for_all_visitors():
    first = AppTest.from_function(shared_page).run()
    second = AppTest.from_function(shared_page).run()
    assert [text(app) for app in (first, second, first.run())] == ["42"] * 3
    assert CALLS == ["run"]


def test_another_key_is_another_result_and_the_work_hands_its_own_object_on():
    made = [runs.shared_result(key, lambda key=key: [key]) for key in ("a", "b", ("a",), ("a", "b"))]
    assert made == [["a"], ["b"], [("a",)], [("a", "b")]]
    assert runs.shared_result("a", lambda: ["never computed"]) is made[0]


def test_an_error_of_shared_work_reaches_the_page_and_is_not_kept(caplog):
    app = AppTest.from_function(failing_shared_page).run()
    assert len(app.exception) == 1
    assert "the work failed" in caplog.text
    app.run()
    assert CALLS == ["run", "run"]
    assert runs.shared_result("failing", lambda: "works now") == "works now"


def test_two_visitors_at_once_get_their_own_results():
    """Sessions run in threads of one process."""
    keys = [(visitor, number) for number in range(200) for visitor in range(4)]
    with ThreadPoolExecutor(4) as visitors:
        results = list(visitors.map(lambda key: runs.shared_result(key, lambda: key), keys))
    assert results == keys


def test_two_visitors_who_ask_the_same_at_once_compute_it_once():
    barrier = threading.Barrier(4)

    def ask(_):
        barrier.wait(SOON)
        return runs.shared_result("one", lambda: CALLS.append("run") or time.sleep(0.1) or "one")

    with ThreadPoolExecutor(4) as visitors:
        assert list(visitors.map(ask, range(4))) == ["one"] * 4
    assert CALLS == ["run"]


def test_what_is_kept_is_bounded():
    assert isinstance(runs._results(), Results)
    assert runs._results()._limit + runs._shared_results()._limit <= 160_000_000
