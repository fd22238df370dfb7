"""What the tests of runs send to worker processes; files say how often it ran, and when it may end."""

import os
import signal
import sys
import time
from pathlib import Path


def times(folder: str) -> int:
    """How often something ran that was given the folder."""
    return len(list(Path(folder).glob("*.ran")))


def release(folder: str) -> None:
    Path(folder, "go").touch()


def pids(folder: str) -> list[int]:
    """The processes in which it ran, in order."""
    notes = sorted(Path(folder).glob("*.ran"), key=lambda note: note.stat().st_mtime_ns)
    return [int(note.name.split("-")[0]) for note in notes]


def _note(folder: str) -> None:
    Path(folder, f"{os.getpid()}-{time.monotonic_ns()}.ran").touch()


def answer(folder: str, number: int = 42) -> int:
    _note(folder)
    return number


def patient(folder: str, number: int = 0, *, watch) -> str:
    """Wait to be released, or stopped."""
    _note(folder)
    while watch(0.5):
        if Path(folder, "go").exists():
            return "whole"
        time.sleep(0.01)
    return "part"


def deaf(folder: str, number: int = 0) -> str:
    """Wait to be released; it does not hear a stop."""
    _note(folder)
    while not Path(folder, "go").exists():
        time.sleep(0.01)
    return "whole"


def mortal(folder: str, deaths: int) -> str:
    """Die so many times."""
    _note(folder)
    if times(folder) <= deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def failing(folder: str) -> None:
    _note(folder)
    raise ValueError("the work failed")


class OddError(Exception):
    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} is odd")


def oddly_failing() -> None:
    raise OddError(1, 2)


KEPT: list[bytes] = []


def greedy(folder: str, megabytes: int) -> int:
    """Take that much memory, filled."""
    _note(folder)
    return len(b"1" * (megabytes << 20))


def hoarding(folder: str, megabytes: int) -> int:
    """Keep that much memory."""
    _note(folder)
    KEPT.append(b"1" * (megabytes << 20))
    return megabytes


def printing() -> str:
    print("this is not a message")  # noqa: T201
    return "printed"


def surroundings() -> tuple[int, int, str, set[str]]:
    """Process, niceness, threads and modules; a niceness of -1 until all of core is loaded."""
    if "core.neural_collapse.studies.upload" not in sys.modules:
        return os.getpid(), -1, "", set()
    return os.getpid(), os.nice(0), os.environ["OMP_NUM_THREADS"], set(sys.modules)
