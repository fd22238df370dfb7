"""Worker slots, and the bounded queue before them; each run once for all who wait for it."""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError
from typing import Any

from pages._ui.work.run import Ending, Run, Ticket
from pages._ui.work.slot import Slot

_QUEUE = 20  # runs that wait for a worker


class Pool:
    """Slots with a worker process each, started when they are needed, and the queue before them.

    Parameters
    ----------
    slots, quick_slots : int
        Workers for all runs, and for quick ones only, so that these never wait for long ones.
    known : callable
        Result of a key that is known by now, or None.
    """

    def __init__(self, slots: int, quick_slots: int, known: Callable[[Hashable], Any]) -> None:
        self._known = known
        self._changed = threading.Condition()
        self._waiting: list[Run] = []
        self._runs: dict[Hashable, Run] = {}
        self._slots = [Slot(self.take, self.finish, quick_only=i >= slots) for i in range(slots + quick_slots)]
        self._closed = False

    def warm_up(self) -> None:
        """Start all workers, in the background."""
        with self._changed:
            for slot in self._slots:
                slot.start()

    def close(self) -> None:
        """End all workers, at once where they do nothing."""
        with self._changed:
            self._closed = True
            for run in self._runs.values():
                run.ending = Ending.UNWANTED
            self._drop_unwanted()
            self._changed.notify_all()

    def join(self, ticket: Ticket) -> Run | None:
        """The run of a task, under way or new; None if there is no room for a new one."""
        key = ticket.task.key
        with self._changed:
            run = self._runs.get(key)
            if run is None or run.ending is not None:
                run = self._new(ticket, self._known(key))
            if run is not None:
                run.tickets.add(ticket)
            return run

    def _new(self, ticket: Ticket, known: Any) -> Run | None:
        run = Run(ticket.task, ticket.quick, ticket.keep)
        if known is not None:
            run.future.set_result(known)
            return run
        self._drop_unwanted()
        if len(self._waiting) >= _QUEUE or self._closed:
            return None
        self._runs[ticket.task.key] = run
        self._waiting.append(run)
        self._start_slot(run)
        self._changed.notify_all()
        return run

    def _drop_unwanted(self) -> None:
        for run in [run for run in self._waiting if run.must_end()]:
            self._waiting.remove(run)
            self._forget(run)
            run.cancel()

    def _start_slot(self, run: Run) -> None:
        """Start a slot that can take the run, if there is one and those that are free are too few."""
        able = [slot for slot in self._slots if run.quick or not slot.quick_only]
        if sum(slot.is_free for slot in able) < len(self._waiting):
            fresh = next((slot for slot in able if not slot.is_started), None)
            if fresh is not None:
                fresh.start()

    def position(self, run: Run) -> int | None:
        """Number of runs before one that waits."""
        with self._changed:
            if run not in self._waiting:
                return None
            quick = sum(other.quick for other in self._waiting)
            same = [other for other in self._waiting if other.quick == run.quick]
            return same.index(run) + (0 if run.quick else quick)

    def take(self, slot: Slot) -> Run | None:
        """Wait for the next run that a slot can take; None at the end."""
        with self._changed:
            slot.is_free = True
            while not self._closed:
                self._drop_unwanted()
                run = next((run for run in self._waiting if run.quick), None)
                if run is None and not slot.quick_only:
                    run = next(iter(self._waiting), None)
                if run is not None:
                    slot.is_free = False
                    self._waiting.remove(run)
                    run.begun = time.monotonic()
                    return run
                self._changed.wait()
            return None

    def finish(self, run: Run, result: Any, error: Exception | None) -> None:
        """Hand the result of a run, or its error, to all who wait."""
        if error is None and run.ending is None:  # what is left of a run that was ended is for those who waited
            run.keep(result)
        with self._changed:
            self._forget(run)
        if error is None:
            run.future.set_result(result)
        elif isinstance(error, CancelledError):
            run.cancel()
        else:
            run.future.set_exception(error)

    def _forget(self, run: Run) -> None:
        if self._runs.get(run.task.key) is run:
            del self._runs[run.task.key]
