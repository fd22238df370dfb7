"""Worker processes, the queue before them, and the results that are kept."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.gradient_flow import FlowParams
from core.gradient_flow.datasets import make_dataset
from core.gradient_flow.study import study_flow
from pages._ui.work import run as runs
from pages._ui.work import slot, workers
from pages._ui.work.pool import Pool
from pages._ui.work.results import Results, size_of
from pages._ui.work.run import Ending, RunFailedError, Ticket
from pages._ui.work.task import Task
from pages._ui.work.worker import MEGABYTES
from tests.pages import jobs

ROOT = Path(__file__).resolve().parents[2]
SOON = 30.0  # seconds; more than anything here takes on a busy machine


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch):
    """On a busy machine a test may not look at all of its tickets in time."""
    monkeypatch.setattr(runs, "_UNWATCHED", 2 * SOON)


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path)


@pytest.fixture
def make_pool():
    made = []

    def make(*reaches):
        made.append((results := Results(10**6), Pool(reaches or (inf,), results.get)))
        return made[-1][1]

    make.results = lambda: made[-1][0]
    yield make
    for _, pool in made:
        pool.close()


def ticket(pool, task, seconds=5.0, visitor=None, keep=lambda result: None):
    return Ticket(pool, task, visitor=visitor or object(), seconds=seconds, keep=keep)


def result(ticket):
    assert ticket.look(SOON)
    return ticket.run.future.result()


def soon(condition):
    deadline = time.monotonic() + SOON
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def is_running(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def test_a_task_is_known_by_what_it_computes():
    params, data = FlowParams(), make_dataset("moons", 10, 0.1, 0, 0)
    same = [Task(study_flow, params), Task(study_flow, FlowParams(), dataset=None), Task(study_flow, params=params)]
    assert len({task.key for task in same}) == 1
    others = [Task(study_flow, FlowParams(seed=1)), Task(study_flow, params, dataset=data), Task(jobs.deaf, params)]
    assert len({task.key for task in same + others}) == 4
    again = make_dataset("moons", 10, 0.1, 0, 0)
    assert Task(study_flow, params, dataset=again).key == others[1].key


def test_a_flow_from_a_worker_is_the_flow_bit_for_bit(make_pool):
    params = FlowParams(samples=10, target=-100)
    there, here = result(ticket(make_pool(), Task(study_flow, params))).result, study_flow(params).result
    for name in ("log10_time", "layer_norms", "normalized_margins"):
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name))
    assert there.status is here.status


def test_workers_load_core_and_nothing_of_the_app_and_step_back(make_pool):
    pool = make_pool()
    pool.warm_up()
    seen = [(0, -1, "", set())]

    def is_warm():
        seen[0] = result(ticket(pool, Task(jobs.surroundings)))
        return seen[0][1] >= 0

    assert soon(is_warm)
    pid, niceness, threads, modules = seen[0]
    assert pid != os.getpid()
    assert niceness >= min(os.nice(0) + 10, 19)
    assert threads == "1"
    assert {"core.gradient_flow.study", "core.kernels.studies"} <= modules
    assert not {"streamlit", "plotly", "app", "pages._ui.runs", "core.figures"} & modules


def test_a_run_reports_and_its_error_comes_back(make_pool, folder):
    pool = make_pool()
    run = ticket(pool, Task(jobs.patient, folder)).run
    first = ticket(pool, Task(jobs.patient, folder))
    assert first.run is run
    assert soon(lambda: first.look() or run.progress == 0.5)
    jobs.release(folder)
    assert result(first) == "whole"
    with pytest.raises(ValueError, match="the work failed"):
        result(ticket(pool, Task(jobs.failing, folder)))
    with pytest.raises(RuntimeError, match="OddError: 1 is odd"):
        result(ticket(pool, Task(jobs.oddly_failing)))
    assert result(ticket(pool, Task(jobs.printing))) == "printed"
    with pytest.raises(AttributeError, match="local object"):
        result(ticket(pool, Task(lambda: 1)))


def test_one_run_serves_all_who_ask_at_once(make_pool, folder):
    pool = make_pool(inf, inf)
    with ThreadPoolExecutor(8) as visitors:
        tickets = list(visitors.map(lambda _: ticket(pool, Task(jobs.patient, folder)), range(8)))
    assert len({id(one.run) for one in tickets}) == 1
    jobs.release(folder)
    assert [result(one) for one in tickets] == ["whole"] * 8
    assert jobs.times(folder) == 1


def test_a_run_that_has_just_ended_is_not_repeated(make_pool, folder):
    pool = make_pool()
    task = Task(jobs.answer, folder)
    assert result(ticket(pool, task, keep=lambda value: make_pool.results().put(task.key, value))) == 42
    assert result(ticket(pool, task)) == 42
    assert jobs.times(folder) == 1


def test_a_run_goes_on_as_long_as_one_waits_and_ends_with_what_it_has(make_pool, folder):
    pool = make_pool()
    first, second = (ticket(pool, Task(jobs.patient, folder)) for _ in range(2))
    assert soon(lambda: first.run.progress is not None)
    first.stop()
    assert first.others_wait
    assert not second.look(0.5)
    second.stop()
    assert result(second) == "part"
    assert second.run.ending is Ending.UNWANTED
    assert not second.is_void
    third = ticket(pool, Task(jobs.patient, folder))
    assert third.run is not second.run


def test_what_is_left_of_an_ended_run_is_kept_for_nobody_else(make_pool, folder):
    """Whoever asked first may call any result complete; the next visitor is not to get a part of one."""
    kept = []
    pool = make_pool()
    first = ticket(pool, Task(jobs.patient, folder), keep=kept.append)
    assert soon(lambda: first.run.progress is not None)
    first.stop()
    assert result(first) == "part"
    assert kept == []
    jobs.release(folder)
    assert result(ticket(pool, Task(jobs.patient, folder), keep=kept.append)) == "whole"
    assert kept == ["whole"]


def test_runs_of_visitors_who_left_end_and_those_in_the_queue_never_begin(make_pool, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "_UNWATCHED", 0.5)
    pool = make_pool()
    left = ticket(pool, Task(jobs.patient, folder))
    (tmp_path / "queued").mkdir()
    queued = ticket(pool, Task(jobs.answer, str(tmp_path / "queued")))
    assert soon(left.run.future.done)
    assert left.run.future.result() == "part"
    assert left.is_void  # a visitor who comes back gets a new run
    assert soon(queued.run.future.done)
    assert queued.run.future.cancelled()
    assert jobs.times(str(tmp_path / "queued")) == 0


def test_a_run_that_does_not_hear_is_ended_with_its_worker(make_pool, folder, monkeypatch):
    monkeypatch.setattr(slot, "_GRACE", 0.2)
    pool = make_pool()
    one = ticket(pool, Task(jobs.deaf, folder))
    assert soon(lambda: jobs.times(folder) == 1)
    one.stop()
    assert one.look(SOON)
    with pytest.raises(CancelledError):
        one.run.future.result()
    assert soon(lambda: not is_running(jobs.pids(folder)[0]))
    assert result(ticket(pool, Task(jobs.printing))) == "printed"


def test_two_runs_of_a_visitor_wait_and_the_third_comes_when_one_of_them_has_begun(make_pool, folder):
    pool = make_pool()
    first = ticket(pool, Task(jobs.patient, folder), visitor="one")
    assert soon(lambda: first.before is None)
    waiting = [ticket(pool, Task(jobs.patient, folder, number), visitor="one") for number in (1, 2)]
    assert [one.before for one in waiting] == [0, 1]
    third = ticket(pool, Task(jobs.patient, folder, 3), visitor="one")
    assert third.run is None
    assert not third.look(0.1)
    assert ticket(pool, Task(jobs.patient, folder, 4), visitor="another").before == 2
    same = ticket(pool, Task(jobs.patient, folder, 1), visitor="one")
    assert same.run is waiting[0].run  # takes no room
    waiting[1].stop()
    third.look()
    assert third.run is not None
    jobs.release(folder)
    assert result(third) == "whole"


def test_short_runs_have_workers_that_take_no_long_ones(make_pool, folder):
    pool = make_pool(inf, 1.0)
    long = [ticket(pool, Task(jobs.patient, folder, number), seconds=30.0) for number in range(40)]
    assert soon(lambda: long[0].before is None)
    assert result(ticket(pool, Task(jobs.answer, folder), seconds=1.0)) == 42
    assert not any(one.look() for one in long)


def order(pool, folder, runs):
    """In what order a pool of one worker computes runs of so many seconds, after one that keeps it busy."""
    first = ticket(pool, Task(jobs.patient, folder), seconds=0.0)
    assert soon(lambda: first.before is None)
    done = []
    waiting = [ticket(pool, Task(jobs.answer, folder, i), seconds, keep=done.append) for i, seconds in enumerate(runs)]
    assert [one.before for one in waiting] == [sorted(runs).index(seconds) for seconds in runs]
    jobs.release(folder)
    for one in waiting:
        result(one)
    return [runs[i] for i in done]


@pytest.mark.parametrize("reach", [inf, 50.0])
def test_what_takes_less_goes_first(make_pool, folder, reach):
    assert order(make_pool(reach), folder, [40.0, 5.0, 30.0, 1.0]) == [1.0, 5.0, 30.0, 40.0]


@pytest.mark.parametrize(("reach", "expected"), [(inf, [40.0, 20.0]), (50.0, [20.0, 40.0])])
def test_a_run_that_has_waited_goes_before_new_ones_where_long_ones_are_taken(
    make_pool, folder, monkeypatch, reach, expected
):
    """Or it would wait for ever; and where only shorter ones are taken, nothing that waits holds up a new one."""
    pool = make_pool(reach)
    first = ticket(pool, Task(jobs.patient, folder))
    assert soon(lambda: first.before is None)
    done = []
    waiting = [ticket(pool, Task(jobs.answer, folder, 1), 40.0, keep=lambda _: done.append(40.0))]
    waiting[0].run.due -= 5.0 * 21.0  # as if it had waited so long
    waiting.append(ticket(pool, Task(jobs.answer, folder, 2), 20.0, keep=lambda _: done.append(20.0)))
    jobs.release(folder)
    for one in waiting:
        result(one)
    assert done == expected


def test_a_flood_of_long_runs_leaves_a_worker_to_short_ones_and_one_to_quick_ones(make_pool, folder):
    pool = make_pool(inf, 5.0, 1.0)
    flood = [ticket(pool, Task(jobs.patient, folder, number), seconds=40.0) for number in range(60)]
    assert soon(lambda: flood[0].before is None)
    short = ticket(pool, Task(jobs.patient, folder, 100), seconds=4.0)
    assert soon(lambda: short.before is None)
    assert result(ticket(pool, Task(jobs.answer, folder), seconds=1.0)) == 42
    assert sum(one.before is None for one in flood) == 1


def test_a_visitor_of_a_closed_pool_gets_to_know(make_pool, folder):
    pool = make_pool()
    under_way, waiting = (ticket(pool, Task(jobs.patient, folder, number)) for number in (1, 2))
    assert soon(lambda: under_way.run.progress is not None)
    assert not under_way.is_void
    pool.close()
    late = ticket(pool, Task(jobs.patient, folder, 3))
    assert soon(lambda: all(one.is_void for one in (under_way, waiting, late)))


@pytest.mark.parametrize("function", [jobs.patient, jobs.deaf])
def test_a_run_over_budget_is_ended_in_a_sentence(make_pool, folder, monkeypatch, function):
    monkeypatch.setattr(runs, "_BUDGET", 0.5)
    monkeypatch.setattr(slot, "_GRACE", 0.5)
    one = ticket(make_pool(), Task(function, folder))
    if function is jobs.patient:
        assert result(one) == "part"
        assert one.run.ending is Ending.OVERTIME
    else:
        with pytest.raises(RunFailedError, match=r"took longer than 0.5 seconds"):
            result(one)


def test_a_killed_worker_is_replaced_and_its_run_repeated(make_pool, folder):
    one = ticket(make_pool(), Task(jobs.patient, folder))
    assert soon(lambda: one.look() or one.run.progress is not None)
    os.kill(jobs.pids(folder)[0], signal.SIGKILL)
    assert soon(lambda: one.look() or jobs.times(folder) == 2)
    jobs.release(folder)
    assert result(one) == "whole"
    assert len(set(jobs.pids(folder))) == 2


def test_a_worker_that_died_idle_is_replaced(make_pool, folder):
    pool = make_pool()
    assert result(ticket(pool, Task(jobs.answer, folder))) == 42
    os.kill(jobs.pids(folder)[0], signal.SIGKILL)
    assert soon(lambda: not is_running(jobs.pids(folder)[0]))
    assert result(ticket(pool, Task(jobs.answer, folder, 43))) == 43


def test_a_run_that_kills_its_workers_fails_in_a_sentence(make_pool, folder):
    pool = make_pool()
    with pytest.raises(RunFailedError, match="twice, perhaps because memory is short"):
        result(ticket(pool, Task(jobs.mortal, folder, 2)))
    assert result(ticket(pool, Task(jobs.printing))) == "printed"


def test_a_run_that_needs_too_much_memory_ends_at_once_in_a_sentence(make_pool, folder):
    pool = make_pool()
    size = 2 * MEGABYTES if sys.platform == "linux" else 10**9
    with pytest.raises(RunFailedError, match=f"needs more memory than the {MEGABYTES} MB of a worker"):
        result(ticket(pool, Task(jobs.greedy, folder, size)))
    assert jobs.times(folder) == 1
    assert result(ticket(pool, Task(jobs.answer, folder))) == 42


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_a_worker_that_keeps_much_memory_is_replaced(make_pool, folder, monkeypatch):
    pool = make_pool()
    assert result(ticket(pool, Task(jobs.answer, folder))) == 42
    assert result(ticket(pool, Task(jobs.hoarding, folder, 300))) == 300
    assert result(ticket(pool, Task(jobs.answer, folder, 43))) == 43
    first, second, third = jobs.pids(folder)
    assert first == second != third
    assert soon(lambda: not is_running(first))


@pytest.mark.parametrize("command", [("/no/such/program",), (sys.executable, "-c", "pass")])
def test_where_processes_do_not_start_runs_go_on_in_the_server(make_pool, folder, monkeypatch, command):
    monkeypatch.setattr(workers, "_COMMAND", command)
    pool = make_pool()
    assert result(ticket(pool, Task(jobs.answer, folder))) == 42
    assert jobs.pids(folder) == [os.getpid()]
    one = ticket(pool, Task(jobs.patient, folder))
    assert soon(lambda: one.look() or one.run.progress == 0.5)
    one.stop()
    assert result(one) == "part"


SERVER = """
import sys, time
from pages._ui.work.pool import Pool
from pages._ui.work.run import Ticket
from pages._ui.work.task import Task
from pages._ui.work.worker import MEGABYTES
from tests.pages import jobs
pool = Pool((9.0, 9.0, 1.0), lambda key: None)
pool.warm_up()
ticket = Ticket(pool, Task(jobs.deaf, sys.argv[1]), visitor=1, seconds=9.0, keep=lambda result: None)
while not ticket.look(1.0):
    pass
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_server(folder, ending):
    server = subprocess.Popen([sys.executable, "-c", SERVER, folder], cwd=ROOT)
    try:
        assert soon(lambda: len(children(server.pid)) == 3 and jobs.times(folder) == 1)
        processes = children(server.pid)
        assert jobs.pids(folder)[0] in processes
        server.send_signal(ending)
        server.wait(SOON)
        assert soon(lambda: not any(is_running(pid) for pid in processes))
    finally:
        server.kill()
        server.wait()


def children(pid):
    found = Path("/proc").glob("[0-9]*/stat")
    return [int(path.parent.name) for path in found if parent(path) == pid]


def parent(path):
    try:
        return int(path.read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    values: np.ndarray
    more: tuple[np.ndarray, ...]
    table: pd.DataFrame | None = None


def test_the_size_of_a_result_is_that_of_its_arrays():
    values = np.zeros(10_000)
    assert 80_000 <= size_of(values) < 81_000
    assert 80_000 <= size_of(values[:10]) < 81_000  # a view keeps all of it
    assert 80_000 <= size_of(Kept(values, (values, values[::2]))) < 82_000
    assert 160_000 <= size_of({"a": [np.zeros(10_000)], "b": {"c": Kept(values, ())}}) < 162_000
    assert 80_000 <= size_of(Kept(np.zeros(0), (), pd.DataFrame({"x": values}))) < 82_000
    assert size_of("x" * 1000) > 1000
    assert size_of((None, len, np)) < 200
    loop = [values]
    loop.append(loop)
    assert 80_000 <= size_of(loop) < 81_000


def test_the_size_of_a_run_is_about_that_of_its_pickle():
    study = study_flow(FlowParams(samples=10, target=-100))
    assert 0.9 < size_of(study) / len(pickle.dumps(study)) < 2.0


def test_the_results_kept_are_bounded_in_bytes_and_the_least_used_go_first():
    results = Results(10 * 81_000)
    for i in range(100):
        results.put(i, np.zeros(10_000))
        results.get(0)
        assert results.size <= 10 * 81_000
    kept = [i for i in range(100) if results.get(i) is not None]
    assert kept == [0, *range(91, 100)]
    results.put(99, np.zeros(10))
    results.put(99, np.zeros(10))
    assert results.size < 9 * 81_000 + 2_000
    results.put("large", np.zeros(10**6))
    assert results.get("large") is not None
    assert results.get(0) is None


def test_equal_keys_are_computed_once_and_others_do_not_wait():
    results, begun, go, calls = Results(10**6), threading.Event(), threading.Event(), []

    def work():
        calls.append(1)
        begun.set()
        assert go.wait(SOON)
        return "slow"

    with ThreadPoolExecutor(5) as visitors:
        slow = [visitors.submit(results.get_or_compute, "slow", work) for _ in range(4)]
        assert begun.wait(SOON)
        assert visitors.submit(results.get_or_compute, "other", lambda: "other").result(SOON) == "other"
        go.set()
        assert [one.result(SOON) for one in slow] == ["slow"] * 4
    assert calls == [1]
    assert not results._turns
