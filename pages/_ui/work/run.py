"""A run, and the visitors who wait for it."""

import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from enum import Enum
from typing import Any, Protocol

from pages._ui.work.task import Task

_BUDGET = 120.0  # seconds of a run; the longest that the controls can ask for takes 30 to 50 alone
_UNWATCHED = 5.0  # seconds after which a run that nobody waits for any more ends
_PATIENCE = 5.0  # seconds of waiting that make up for one of computing


class RunFailedError(Exception):
    """A run that ended without a result; the message is for the visitor."""


class Ending(Enum):
    """Why a run was ended."""

    UNWANTED = "nobody waits for it"
    OVERTIME = "over budget"


class Run:
    """One computation, waiting, under way, or done.

    Parameters
    ----------
    task : Task
        What is computed.
    seconds : float
        The longest that it is expected to take.
    keep : callable
        Is given the result.

    Attributes
    ----------
    due : float
        Its place among all that wait: the less it takes and the longer it waits, the sooner.
    """

    def __init__(self, task: Task[Any], seconds: float, keep: Callable[[Any], None]) -> None:
        self.task, self.seconds, self.keep = task, seconds, keep
        self.due = time.monotonic() + _PATIENCE * seconds
        self.future: Future[Any] = Future()
        self.tickets: set[Ticket] = set()
        self.progress: Any = None
        self.begun: float | None = None
        self.ending: Ending | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for it."""
        return any(ticket.waits for ticket in tuple(self.tickets))

    def is_of(self, visitor: Hashable) -> bool:
        """Whether a visitor is among those who wait for it."""
        return any(ticket.visitor == visitor for ticket in tuple(self.tickets) if ticket.waits)

    def must_end(self) -> bool:
        """Whether it has to end before it is done; once it has, that is final."""
        if self.ending is None and not self.is_wanted:
            self.ending = Ending.UNWANTED
        if self.ending is None and self.begun is not None and time.monotonic() - self.begun > _BUDGET:
            self.ending = Ending.OVERTIME
        return self.ending is not None

    def cancel(self) -> None:
        """End it without a result."""
        if self.future.cancel():
            self.future.set_running_or_notify_cancel()  # or those who wait would not wake up

    def report(self, progress: Any) -> bool:
        """Take note of how far it is; whether to go on."""
        self.progress = progress
        return not self.must_end()


class Desk(Protocol):
    """Where runs are found."""

    @property
    def is_closed(self) -> bool:
        """Whether nothing is computed here any more."""

    def join(self, ticket: "Ticket") -> Run | None:
        """The run of a task, under way or new; None if the visitor has enough that wait."""

    def position(self, run: Run) -> int | None:
        """Number of runs before one that waits."""


class Ticket:
    """A visitor's wait for a result.

    Parameters
    ----------
    desk : Desk
        Where it is computed.
    task : Task
        What is computed.
    visitor : hashable
        Who waits.
    seconds : float
        The longest that it is expected to take.
    keep : callable
        Is given the result.
    """

    def __init__(
        self, desk: Desk, task: Task[Any], *, visitor: Hashable, seconds: float, keep: Callable[[Any], None]
    ) -> None:
        self._desk, self.task, self.visitor, self.seconds, self.keep = desk, task, visitor, seconds, keep
        self.stopped = False
        self.run: Run | None = None
        self.look()

    def look(self, seconds: float = 0.0) -> bool:
        """Say that the visitor is there, wait so long for the result, and say whether the run is over."""
        self._seen = time.monotonic() + seconds
        if self.run is None and not self.stopped:
            self.run = self._desk.join(self)
        return self.run is not None and bool(wait([self.run.future], timeout=seconds).done)

    @property
    def waits(self) -> bool:
        """Whether the visitor still waits."""
        return not self.stopped and time.monotonic() - self._seen < _UNWATCHED

    @property
    def others_wait(self) -> bool:
        """Whether the run goes on without this visitor."""
        run = self.run
        return self.stopped and run is not None and not run.future.done() and run.is_wanted

    @property
    def is_void(self) -> bool:
        """Whether there will be no result though the visitor waits: the pool closed, or took the visitor for gone."""
        run = self.run
        if run is None:
            return self._desk.is_closed and not self.stopped
        return run.future.done() and run.ending is Ending.UNWANTED and not self.stopped

    def stop(self) -> None:
        """Wait no more. If nobody else does, the run ends with what it has."""
        self.stopped = True

    @property
    def before(self) -> int | None:
        """Runs that come before this one; None if it has begun, or has no place in the queue."""
        return self._desk.position(self.run) if self.run is not None else None


def overtime() -> str:
    """The sentence about a run that is over budget."""
    return f"The run was ended: it took longer than {_BUDGET:g} seconds."
