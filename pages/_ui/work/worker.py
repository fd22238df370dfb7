"""The program of a worker process: computes what it is sent, and ends with the server that started it.

It is a program of its own, as `multiprocessing` would import the server's main module into it: while a page runs, that
is app.py. This one imports nothing but the standard library and core.
"""

import importlib
import os
import pickle
import pkgutil
import queue
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from pages._ui.work.task import Watch, call

READY, PROGRESS, RESULT, ERROR = "ready", "progress", "result", "error"
"""What a worker says; each with a value."""

MEGABYTES = 768
"""Data of a worker: 215, of which it uses 80, when it does nothing, and 510 more with the largest upload."""

_NICENESS = 10  # pages come first
_BADNESS = "500"  # where memory runs out, a worker goes before the server does
_PAUSE = 0.1  # seconds between two reports
_INTERFACE = "figures"  # the part of core that computes nothing


class Line:
    """The line to the server.

    Parameters
    ----------
    source, sink : binary streams
        Tasks and stops come in, reports and results go out; when the server is gone, so is this process.
    """

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source, self._sink = source, sink
        self._stopped = 0  # number of the task that has to end
        self.tasks: queue.SimpleQueue[tuple[int, bytes]] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(Exception):
            while True:
                number, task = pickle.load(self._source)
                if task is None:
                    self._stopped = number
                else:
                    self.tasks.put((number, task))
        os._exit(0)  # whatever is being computed, nobody waits for it

    def say(self, message: bytes) -> None:
        """Send a message."""
        self._sink.write(message)
        self._sink.flush()

    def watch(self, number: int) -> Watch:
        """What the task of that number reports to."""
        last = -_PAUSE

        def watch(progress: Any) -> bool:
            nonlocal last
            now = time.monotonic()
            if now - last >= _PAUSE:
                last = now
                self.say(_message(PROGRESS, progress))
            return self._stopped != number

        return watch


def main() -> None:
    """Compute until the server is gone."""
    _step_back()
    _bound_memory()
    sink, sys.stdout = sys.stdout.buffer, sys.stderr  # what a task prints must not get into the line
    line = Line(sys.stdin.buffer, sink)
    line.say(_message(READY, os.getpid()))
    left = ["core"]
    while True:
        _warm_up(left, line)
        number, task = line.tasks.get()
        line.say(_answer(task, line.watch(number)))


def _step_back() -> None:
    """Leave processor, memory and the keyboard to the server."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError, AttributeError):  # no such thing on this system
        os.nice(_NICENESS)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_BADNESS)


def _bound_memory() -> None:
    """Have allocations fail here before they take the memory of all, where the system can: Linux counts them so."""
    with suppress(ImportError, OSError, ValueError):  # Windows, or a limit that is lower already
        from resource import RLIMIT_DATA, setrlimit

        setrlimit(RLIMIT_DATA, (MEGABYTES << 20, MEGABYTES << 20))


def _warm_up(left: list[str], line: Line) -> None:
    """Import modules that are left and what is in them, until there is something to do."""
    while left and line.tasks.empty():
        with suppress(Exception):  # a task that needs it will say what is wrong
            module = importlib.import_module(left.pop(0))
            inside = [found.name for found in pkgutil.iter_modules(getattr(module, "__path__", ()))]
            left += [f"{module.__name__}.{name}" for name in inside if name != _INTERFACE]


def _answer(task: bytes, watch: Watch) -> bytes:
    """Result of a task, or its error, as a message."""
    try:
        function, arguments, keywords = pickle.loads(task)
        return _message(RESULT, call(function, arguments, keywords, watch))
    except MemoryError:
        return _message(ERROR, MemoryError())  # not with what the frames of this one hold
    except Exception as error:
        error.add_note("".join(traceback.format_tb(error.__traceback__)))  # no words of visitors
        return _error(error)


def _error(error: Exception) -> bytes:
    """An error as a message, in other words where it cannot be sent."""
    with suppress(Exception):
        message = _message(ERROR, error)
        pickle.loads(message)
        return message
    return _message(ERROR, RuntimeError(f"{type(error).__name__}: {error}"))


def _message(kind: str, value: Any) -> bytes:
    return pickle.dumps((kind, value), pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
