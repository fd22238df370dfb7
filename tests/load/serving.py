"""The app as a server that is measured, killed and started again."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.server import ROOT, free_port, is_healthy, stop

KINDS = ("streamlit run", "asgi")
_CPU_CLOCK = 2  # of a whole process, in the number of a clock


@dataclass
class Server:
    """A server of the app.

    Attributes
    ----------
    log : pathlib.Path
        Where its output goes.
    kind : str
        One of `KINDS`: how it is started.
    root : pathlib.Path
        Root of the repository, or of something that is laid out like it.
    script : str
        What it serves, where that is not app.py.
    environment : dict
        Variables besides those of the tests.
    prefix : tuple of str
        Before the command, as another user's.
    """

    log: Path
    kind: str = KINDS[0]
    root: Path = ROOT
    script: str = "app.py"
    environment: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Number of the process."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it, and wait until it is healthy."""
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **self.environment}
        with self.log.open("ab") as output:
            command = [*self.prefix, *self._command()]
            self.process = subprocess.Popen(command, cwd=self.root, env=environment, stdout=output, stderr=output)
        if not is_healthy(self.url, self.process):
            raise RuntimeError(f"The app did not start:\n{self.said()}")

    def _command(self) -> list[str]:
        if self.kind == "asgi":
            return [sys.executable, "-m", "deploy", "--port", str(self.port)]
        options = {"headless": "true", "address": "127.0.0.1", "port": str(self.port)}
        flags = [part for name, value in options.items() for part in (f"--server.{name}", value)]
        return [sys.executable, "-m", "streamlit", "run", self.script, *flags]

    def kill(self) -> None:
        """What a crash does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it, if it was started."""
        if self.process is not None:
            stop(self.process)

    def said(self) -> str:
        """Its output."""
        return self.log.read_text(errors="replace")

    def cpu(self) -> float:
        """Seconds of processor time of all threads, those that have ended too; workers are other processes."""
        return time.clock_gettime((~self.pid << 3) | _CPU_CLOCK)

    def megabytes(self) -> float:
        """Memory of the process."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no memory is stated")

    def workers(self) -> list[int]:
        """Numbers of its worker processes."""
        children = Path(f"/proc/{self.pid}/task").glob("*/children")
        return sorted(int(pid) for path in children for pid in path.read_text().split())

    @contextmanager
    def running(self) -> Iterator["Server"]:
        """Serve until the end of the block."""
        try:
            self.start()
            yield self
        finally:
            self.stop()
