"""Whose page runs next: a few at once, and of those who wait, who has run least."""

import asyncio
import heapq
from itertools import count
from math import exp

AT_ONCE = 4
"""Pages that run at once: they share one core, and each thread more makes the others wait for the interpreter."""
MANY_AT_ONCE = 1
"""Of those, pages of sessions that run more than others."""
MANY = 8.0
"""Runs of late, above which a session runs more than others: two a second, where a class at work makes one in two."""
LATE = 4.0  # seconds in which a run is forgotten
NEW = 7.5
"""Runs for which a session counts that has just come: who is at work goes first, and coming again gains nothing."""


class Usage:
    """How much a session has run of late.

    Parameters
    ----------
    now : float
        When it came, in seconds of any clock.
    """

    def __init__(self, now: float) -> None:
        self._runs, self._at = NEW, now

    def of_late(self, now: float) -> float:
        """Runs, the older ones for less."""
        self._runs, self._at = self._runs * exp((self._at - now) / LATE), now
        return self._runs

    def add(self) -> None:
        """Count another."""
        self._runs += 1.0


class Turns:
    """The turns of all sessions of a server; it belongs to the event loop."""

    def __init__(self) -> None:
        self._running = {False: 0, True: 0}  # by whether they have run much
        self._waiting: list[tuple[float, int, asyncio.Future[bool]]] = []
        self._order = count()

    async def take(self, runs: float) -> bool:
        """Wait for a turn; what to give back.

        Parameters
        ----------
        runs : float
            How much the session has run of late.
        """
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (runs, next(self._order), turn))
        self._call()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give(turn.result())
            raise

    def give(self, much: bool) -> None:
        """Let somebody else have the turn."""
        self._running[much] -= 1
        self._call()

    def _call(self) -> None:
        while self._waiting and sum(self._running.values()) < AT_ONCE:
            runs, _, turn = self._waiting[0]
            much = runs > MANY
            if much and self._running[True] >= MANY_AT_ONCE and not turn.cancelled():
                return  # those behind have run as much
            heapq.heappop(self._waiting)
            if not turn.cancelled():
                self._running[much] += 1
                turn.set_result(much)
