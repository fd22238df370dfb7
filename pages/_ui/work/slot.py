"""A thread of the server that sees runs through, in a worker process where there can be one."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

from pages._ui.work.run import Ending, Run, RunFailedError, overtime
from pages._ui.work.worker import MEGABYTES, PROGRESS, RESULT
from pages._ui.work.workers import Worker, WorkerDiedError

_GRACE = 5.0  # seconds in which a run that is stopped reports, or is ended with its worker
_TICK = 0.1  # seconds between two looks at a worker
_ATTEMPTS = 2  # of a run whose worker dies
_MOST = 250.0  # megabytes that a worker may keep after a run; 150 when it is new
_RETRY = 60.0  # seconds before processes are tried again where they could not be started

Take = Callable[["Slot"], Run | None]
Finish = Callable[[Run, Any, Exception | None], None]


class Slot:
    """A thread with a worker process.

    Parameters
    ----------
    take, finish : callable
        Gives the next run, None at the end; is given its result or its error.
    reach : float
        The longest that a run is expected to take which it takes, in seconds.
    """

    def __init__(self, take: Take, finish: Finish, reach: float) -> None:
        self._take, self._finish, self.reach = take, finish, reach
        self.is_started = self.is_free = False
        self._worker: Worker | None = None
        self._no_worker_before = 0.0

    def start(self) -> None:
        """Start it, once."""
        if not self.is_started:
            self.is_started = True
            threading.Thread(target=self._work, name="run", daemon=True).start()

    def _work(self) -> None:
        self._ready()
        while (run := self._take(self)) is not None:
            result, error = None, None
            try:
                result = self._compute(run)
            except Exception as failure:  # it is the page's
                error = failure
            self._finish(run, result, error)
            del run, result, error  # or they would live until the next run
            self._ready()
        self._drop_worker()

    def _ready(self) -> Worker | None:
        """The worker, started if need be; None where there can be none."""
        if self._worker is not None and (not self._worker.is_alive or self._worker.megabytes > _MOST):
            self._drop_worker()
        if self._worker is None and time.monotonic() >= self._no_worker_before:
            try:
                self._worker = Worker()
            except OSError:
                self._no_worker_before = time.monotonic() + _RETRY
        return self._worker

    def _drop_worker(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _compute(self, run: Run) -> Any:
        for _ in range(_ATTEMPTS):
            worker = self._ready()
            if worker is None:
                return run.task.compute(run.report)
            try:
                return self._follow(worker, run)
            except WorkerDiedError:
                self._drop_worker()
        raise RunFailedError("The computation was ended by the system twice, perhaps because memory is short.")

    def _follow(self, worker: Worker, run: Run) -> Any:
        """See a run through in a worker."""
        worker.send(run.task.pickled())
        asked: float | None = None
        while True:
            message = worker.receive(_TICK)
            if message is not None:
                kind, value = message
                if kind == RESULT:
                    return value
                if isinstance(value, MemoryError):
                    raise RunFailedError(f"The computation needs more memory than the {MEGABYTES} MB of a worker.")
                if kind != PROGRESS:
                    raise value
                run.progress = value
            if asked is None and run.must_end():
                worker.stop()
                asked = time.monotonic()
            elif asked is not None and time.monotonic() - asked > _GRACE:
                self._drop_worker()
                raise _killed(run)


def _killed(run: Run) -> Exception:
    """Error of a run that did not end when it was asked to."""
    if run.ending is Ending.OVERTIME:
        return RunFailedError(overtime())
    return CancelledError()
