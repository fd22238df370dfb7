"""Worker processes, as the server sees them."""

import os
import pickle
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

from pages._ui.work.worker import READY

_COMMAND = (sys.executable, "-P", "-m", "pages._ui.work.worker")
_ROOT = Path(__file__).resolve().parents[3]
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # workers share the cores
_START = 60.0  # seconds in which a worker is up, or cannot be started
_END = 1.0  # seconds in which a worker ends by itself
_GONE = None  # the last message


class WorkerDiedError(Exception):
    """A worker process is gone."""


class Worker:
    """A worker process that is up.

    Raises
    ------
    OSError
        If there can be none.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),  # Windows
        )
        self._tasks = 0
        self._stdin = cast(IO[bytes], self._process.stdin)
        self._messages: queue.SimpleQueue[tuple[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="worker-listener", daemon=True).start()
        self._await()

    def _await(self) -> None:
        try:
            message = self.receive(_START)
        except WorkerDiedError:
            message = None
        if message is None or message[0] != READY:
            self.close()
            raise OSError("worker processes do not start here")

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    @property
    def megabytes(self) -> float:
        """Memory of the process; 0 where the system does not tell."""
        try:
            return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        except OSError:
            return 0.0

    def _listen(self) -> None:
        with suppress(Exception):  # the stream ends, perhaps within a message
            while True:
                self._messages.put(pickle.load(cast(IO[bytes], self._process.stdout)))
        self._messages.put(_GONE)

    def receive(self, seconds: float) -> tuple[str, Any] | None:
        """The next message, or None if there is none for so long."""
        try:
            message = self._messages.get(timeout=seconds)
        except queue.Empty:
            return None
        if message is _GONE:
            raise WorkerDiedError
        return message

    def send(self, task: bytes) -> None:
        """Give it a task, after the answer to the one before."""
        self._tasks += 1
        self._say(task)

    def stop(self) -> None:
        """Ask it to end its task at the next report."""
        self._say(None)

    def _say(self, task: bytes | None) -> None:
        try:
            pickle.dump((self._tasks, task), self._stdin, pickle.HIGHEST_PROTOCOL)
            self._stdin.flush()
        except (OSError, ValueError) as error:
            raise WorkerDiedError from error

    def close(self) -> None:
        """End it, whatever it does."""
        with suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _environment() -> dict[str, str]:
    """The server's, with the way to this code, and one thread a worker."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, **dict.fromkeys(_THREADS, "1"), "PYTHONPATH": path}
