"""Long computations: in worker threads, with progress, a stop, and results shared by all visitors."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

import streamlit as st

Report = Callable[[float, str], bool]
Work = Callable[[Report], Any]
T = TypeVar("T")

_ENTRIES = 32  # results of runs kept; one takes 0.5 to 3 MB
_SHARED_ENTRIES = 256  # results of quick computations kept; one takes 0.05 to 0.3 MB
_WORKERS = 2  # the computations hold the interpreter lock; more would only slow each other
_QUIET = 0.4  # seconds before a progress bar appears, so that fast runs do not flicker
_POLL = 0.25  # seconds between two looks at a run
_UNWATCHED = 5.0  # seconds after which a run that nobody waits for any more stops itself


class Run:
    """One computation under way, or done.

    Parameters
    ----------
    key : hashable
        What is computed.
    work : callable
        Does it; is given a function to report progress to, which says whether to go on.
    """

    def __init__(self, key: Hashable, work: Work) -> None:
        self.key = key
        self.fraction, self.text = 0.0, "Waiting for a free worker"
        self.watched = time.monotonic()
        self._stop = threading.Event()
        self.future: Future[Any] = _pool().submit(work, self._report)

    def _report(self, fraction: float, text: str) -> bool:
        self.fraction, self.text = fraction, text
        return not self._stop.is_set() and time.monotonic() - self.watched < _UNWATCHED

    def stop(self) -> None:
        """Ask the computation to end with what it has."""
        self._stop.set()

    def abandon(self) -> None:
        """Stop it, or never start it: nobody wants the result."""
        self._stop.set()
        self.future.cancel()


class _Results:
    """The latest complete results, by key."""

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._lock = threading.Lock()
        self._results: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable) -> Any:
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
            return self._results.get(key)

    def put(self, key: Hashable, result: Any) -> None:
        with self._lock:
            self._results[key] = result
            while len(self._results) > self._entries:
                self._results.popitem(last=False)


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_WORKERS, thread_name_prefix="run")


@st.cache_resource(show_spinner=False)
def _results() -> _Results:
    return _Results(_ENTRIES)


@st.cache_resource(show_spinner=False)
def _shared_results() -> _Results:
    return _Results(_SHARED_ENTRIES)


def shared_result(key: Hashable, work: Callable[[], T]) -> T:
    """Result of a computation that is quick enough to wait for: known from any visitor, or computed here.

    Parameters
    ----------
    key : hashable
        Parameters; equal keys have equal results.
    work : callable
        Does it.

    Returns
    -------
    object
        What the work returned; shared, so it must not be changed.

    Raises
    ------
    Exception
        Whatever the work raised.
    """
    result: T | None = _shared_results().get(key)
    if result is None:
        result = work()
        _shared_results().put(key, result)
    return result


def result_of(name: str, key: Hashable, work: Work, complete: Callable[[Any], bool]) -> Any:
    """Result of a computation: at once if it is known or soon done; until then, under a progress bar, the one before.

    The script goes on while the computation does, so that controls and the button that stops it are heard.

    Parameters
    ----------
    name : str
        Name of the computation on the page; a visitor has one of a name at a time.
    key : hashable
        Parameters; equal keys have equal results.
    work : callable
        As for `Run`.
    complete : callable
        Whether a result is the whole of it. A stopped one is kept for this visitor only.

    Returns
    -------
    object
        What the work returned; None while there is nothing to show yet.

    Raises
    ------
    Exception
        Whatever the work raised.
    """
    place, before = st.container(), f"{name}_before"  # the place is always there, so that what follows keeps its own
    result = _results().get(key)
    if result is None:
        run = _run_of(name, key, work)
        if not _done_soon(run):
            with place:
                _progress(name)
                if before in st.session_state:
                    st.caption("Until then, this is the run before.")
            return st.session_state.get(before)
        result = run.future.result()
        if complete(result):
            _results().put(key, result)
            del st.session_state[name]
        else:
            place.button("Run again", key=f"{name}_again", on_click=st.session_state.pop, args=(name,))
    st.session_state[before] = result
    return result


def _run_of(name: str, key: Hashable, work: Work) -> Run:
    """The visitor's run of that key; another one is abandoned."""
    run: Run | None = st.session_state.get(name)
    if run is None or run.key != key:
        if run is not None:
            run.abandon()
        run = st.session_state[name] = Run(key, work)
    return run


def _done_soon(run: Run) -> bool:
    """Wait a moment for a run."""
    run.watched = time.monotonic()
    return bool(wait([run.future], timeout=_QUIET).done)


@st.fragment(run_every=_POLL)
def _progress(name: str) -> None:
    """Show how far a run is, with a button that stops it, and run the page again when it is done."""
    run: Run | None = st.session_state.get(name)
    if run is None or run.future.done():
        st.rerun()
    run.watched = time.monotonic()
    with st.container(horizontal=True, vertical_alignment="center", key=f"{name}_progress"):
        st.progress(run.fraction, run.text)
        st.button("Stop", key=f"{name}_stop", on_click=run.stop)
