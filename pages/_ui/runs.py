"""Computations for pages: in worker processes, with progress and a stop, and results shared by all visitors."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._ui.work.once import once
from pages._ui.work.pool import Pool
from pages._ui.work.results import Results
from pages._ui.work.run import Ending, RunFailedError, Ticket, overtime
from pages._ui.work.task import Task as Task

T = TypeVar("T")
Describe = Callable[[Any], tuple[float, str]]
"""From what a task reports to a fraction and a few words."""

_MEGABYTE = 1_000_000
_BYTES = 64 * _MEGABYTE  # of the results of runs; one takes 0.2 to 3 MB
_SHARED_BYTES = 96 * _MEGABYTE  # of quick computations, 0.05 to 0.3 MB each, and of pictures, 0.01 to 0.5 MB a section
_REACHES = (inf, 5.0, 1.5)  # seconds of the runs that each worker takes: three workers fit the memory of a server
_QUICK, _USUAL = 1.0, 5.0  # seconds of runs of which no more is known
_QUIET = 0.4  # seconds before a progress bar appears, so that fast runs do not flicker
_POLL = 0.25  # seconds between two looks at a run
_VISITOR = "runs_visitor"  # in a session


_STAND_INS: ContextVar[list[str]] = ContextVar("stand_ins")


@once
def _pool() -> Pool:
    return Pool(_REACHES, _results().get)


@once
def _results() -> Results:
    return Results(_BYTES)


@once
def _shared_results() -> Results:
    return Results(_SHARED_BYTES)


def warm_up() -> None:
    """Start all workers, in the background, so that the first run need not wait for one."""
    _pool().warm_up()


@contextmanager
def noting_stand_ins() -> Iterator[list[str]]:
    """Names of the computations that show, in the block, something else than the whole of what was asked for."""
    names: list[str] = []
    token = _STAND_INS.set(names)
    try:
        yield names
    finally:
        _STAND_INS.reset(token)


def _note_stand_in(name: str) -> None:
    if (names := _STAND_INS.get(None)) is not None:
        names.append(name)


def shared_result(key: Hashable, work: Callable[[], T]) -> T:
    """Result of a computation that is quick enough to wait for: known from any visitor, or computed here.

    Parameters
    ----------
    key : hashable
        Parameters; equal keys have equal results.
    work : callable
        Does it; once for all who ask at the same time.

    Returns
    -------
    object
        What the work returned; shared, so it must not be changed.

    Raises
    ------
    Exception
        Whatever the work raised.
    """
    result: T = _shared_results().get_or_compute(key, work)
    return result


def quick_result(name: str, task: Task[T], *, heavy: bool) -> T | None:
    """Result of a task of a second at most: computed here, or in a worker where that would hold up other visitors.

    Parameters
    ----------
    name : str
        As for `result_of`.
    task : Task
        What is computed.
    heavy : bool
        Whether it takes more than some 50 ms.

    Returns
    -------
    object
        What the task returned; None while there is nothing to show yet, which is only where it is heavy.

    Raises
    ------
    Exception
        Whatever the task raised.
    """
    if heavy:
        return result_of(name, task, quick=True)
    st.container()  # where the progress of a heavy one would be, so that what follows keeps its place
    result = shared_result(task.key, task.compute)
    st.session_state[f"{name}_before"] = result
    return result


def result_of(
    name: str,
    task: Task[T],
    describe: Describe = lambda _: (0.0, "Computing"),
    *,
    complete: Callable[[T], bool] = lambda _: True,
    caution: Callable[[T], str] = lambda _: "",
    advice: str = "",
    quick: bool = False,
    seconds: float | None = None,
) -> T | None:
    """Result of a task: at once if it is known or soon done; until then, under a progress bar, the one before.

    The script goes on while the computation does, so that controls and the button that stops it are heard. All who
    ask for the same share one run, which goes on as long as one of them waits.

    Parameters
    ----------
    name : str
        Name of the computation on the page; a visitor has one of a name at a time.
    task : Task
        What is computed.
    describe : callable
        From what the task reports to a fraction and a few words.
    complete : callable
        Whether a result is the whole of it. What a stopped run leaves is kept for those who waited only.
    caution : callable
        What is to be said above a result, in Markdown; empty where that is nothing.
    advice : str
        A sentence on what to choose for a run that takes less time.
    quick : bool
        Whether it takes a second at most.
    seconds : float, optional
        The longest that it is expected to take; those of less go before.

    Returns
    -------
    object
        What the task returned; None while there is nothing to show yet.

    Raises
    ------
    Exception
        Whatever the task raised.
    """
    place, before = st.container(), f"{name}_before"  # the place is always there, so that what follows keeps its own
    result: T | None = _results().get(task.key)
    if result is None:

        def keep(value: T) -> None:
            if complete(value):
                _results().put(task.key, value)

        ticket = _ticket(name, task, seconds or (_QUICK if quick else _USUAL), keep)
        with place:
            result = _awaited(name, ticket, describe, complete, advice)
        if result is None:
            earlier: T | None = st.session_state.get(before)
            if earlier is not None:
                place.caption("Until then, this is the run before.")
                _warn(place, caution(earlier))
                _note_stand_in(name)
            return earlier
        if not complete(result):
            _note_stand_in(name)
    _warn(place, caution(result))
    st.session_state[before] = result
    return result


def _warn(place: DeltaGenerator, text: str) -> None:
    if text:
        place.warning(text)


def forget_earlier() -> None:
    """Show no run until the next one is done: on stage it would stand under another sentence."""
    for name in [str(name) for name in st.session_state if str(name).endswith("_before")]:
        del st.session_state[name]


def _ticket(name: str, task: Task[T], seconds: float, keep: Callable[[T], None]) -> Ticket:
    """The visitor's ticket for that task; one for another task is given back."""
    ticket: Ticket | None = st.session_state.get(name)
    if ticket is None or ticket.task.key != task.key or ticket.is_void:
        if ticket is not None:
            ticket.stop()
        visitor = st.session_state.setdefault(_VISITOR, object())
        ticket = st.session_state[name] = Ticket(_pool(), task, visitor=visitor, seconds=seconds, keep=keep)
    return ticket


def _awaited(name: str, ticket: Ticket, describe: Describe, complete: Callable[[T], bool], advice: str) -> T | None:
    """What a run has come to; while that is nothing, say why."""
    is_over = ticket.look(0.0 if ticket.others_wait else _QUIET)
    if not is_over and not ticket.stopped:
        _progress(name, describe)
        return None
    outcome: tuple[T | None, str] = (None, "You do not wait for this run; others do.")
    if is_over:
        outcome = _outcome(ticket, advice)
    result, notice = outcome
    if result is not None and complete(result):
        st.session_state.pop(name)
        return result
    if notice:
        st.warning(notice)
    st.button("Run again", key=f"{name}_again", on_click=st.session_state.pop, args=(name,))
    return result


def _outcome(ticket: Ticket, advice: str) -> tuple[Any, str]:
    """What a run that is over has come to, and what is to be said of that."""
    run = ticket.run
    if run is None or run.future.cancelled():
        return None, "Stopped before there was anything to show."
    try:
        result = run.future.result()
    except RunFailedError as error:
        return None, f"{error} {advice}".strip()
    return result, f"{overtime()} {advice}".strip() if run.ending is Ending.OVERTIME else ""


@st.fragment(run_every=_POLL)
def _progress(name: str, describe: Describe) -> None:
    """Show how far a run is, with a button that stops it, and run the page again when it is done."""
    ticket: Ticket | None = st.session_state.get(name)
    if ticket is None or ticket.look():
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key=f"{name}_progress"):
        st.progress(*_state(ticket, describe))
        st.button("Stop", key=f"{name}_stop", on_click=ticket.stop)


def _state(ticket: Ticket, describe: Describe) -> tuple[float, str]:
    """How far a run is, and a few words."""
    if ticket.run is None:
        return 0.0, "Two of your runs wait already. This one is next."
    if ticket.run.progress is not None:
        return describe(ticket.run.progress)
    before = ticket.before
    if before is None:
        return 0.0, "Computing"
    return 0.0, f"Waiting for a free worker, after {before} other{'s' if before != 1 else ''}"
