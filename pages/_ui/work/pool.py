"""Worker slots, and the queue before them; each run once for all who wait for it."""

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import CancelledError
from math import inf
from typing import Any

from pages._ui.work.run import Ending, Run, Ticket
from pages._ui.work.slot import Slot

_MOST = 2  # runs of a visitor that wait


class Pool:
    """Slots with a worker process each, started when they are needed, and the queue before them.

    Parameters
    ----------
    reaches : sequence of float
        For each slot, the seconds that a run may take to be computed there; infinite where there is no limit. With
        others, short runs never wait for long ones. Those slots take the shortest that waits, so that many runs of any
        length do not hold up shorter ones; one without a limit goes by how long a run waits, too, so that none waits
        for ever.
    known : callable
        Result of a key that is known by now, or None.
    """

    def __init__(self, reaches: Sequence[float], known: Callable[[Hashable], Any]) -> None:
        self._known = known
        self._changed = threading.Condition()
        self._waiting: list[Run] = []
        self._runs: dict[Hashable, Run] = {}
        self._slots = [Slot(self.take, self.finish, reach) for reach in reaches]
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing is computed here any more."""
        return self._closed

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
        """The run of a task, under way or new; None if the visitor has enough that wait."""
        key = ticket.task.key
        with self._changed:
            run = self._runs.get(key)
            if run is None or run.ending is not None:
                run = self._new(ticket, self._known(key))
            if run is not None:
                run.tickets.add(ticket)
            return run

    def _new(self, ticket: Ticket, known: Any) -> Run | None:
        run = Run(ticket.task, ticket.seconds, ticket.keep)
        if known is not None:
            run.future.set_result(known)
            return run
        self._drop_unwanted()
        if sum(other.is_of(ticket.visitor) for other in self._waiting) >= _MOST or self._closed:
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
        able = [slot for slot in self._slots if run.seconds <= slot.reach]
        if sum(slot.is_free for slot in able) < len(self._waiting):
            fresh = next((slot for slot in able if not slot.is_started), None)
            if fresh is not None:
                fresh.start()

    def position(self, run: Run) -> int | None:
        """Number of runs before one that waits."""
        with self._changed:
            if run not in self._waiting:
                return None
            return sum(other.due < run.due for other in self._waiting)

    def take(self, slot: Slot) -> Run | None:
        """Wait for the next run that a slot can take; None at the end."""
        with self._changed:
            slot.is_free = True
            while not self._closed:
                self._drop_unwanted()
                able = [run for run in self._waiting if run.seconds <= slot.reach]
                if able:
                    run = min(able, key=lambda run: run.due if slot.reach == inf else run.seconds)
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
