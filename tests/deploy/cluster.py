"""Replicas of the app, and nginx before them, as they are hosted."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.deploy import nginx
from tests.server import ROOT, free_port, is_healthy, stop

SECRET = "0123456789abcdef" * 4


class Replica:
    """One server of the app, from the ASGI entry.

    Parameters
    ----------
    log : pathlib.Path
        Where its output goes.
    root : pathlib.Path
        Root of the repository, or of something that is laid out like it.
    """

    def __init__(self, log: Path, root: Path = ROOT) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log, self._root = log, root
        self._server: subprocess.Popen | None = None

    def start(self) -> None:
        """Start the server, without waiting for it."""
        # of the variables, secrets count and options do not
        variables = {"STREAMLIT_SERVER_COOKIE_SECRET": SECRET, "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full"}
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **variables}
        with self.log.open("ab") as output:
            command = [sys.executable, "-m", "deploy", "--port", str(self.port)]
            self._server = subprocess.Popen(command, cwd=self._root, env=environment, stdout=output, stderr=output)

    def wait(self) -> None:
        """Wait until the server is healthy."""
        assert self._server is not None
        if not is_healthy(self.url, self._server):
            raise RuntimeError(f"The app did not start:\n{self.log.read_text(errors='replace')}")

    def kill(self) -> None:
        """What a crash does."""
        assert self._server is not None
        self._server.kill()
        self._server.wait()

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Serve until the end of the block."""
        try:
            self.start()
            self.wait()
            yield self
        finally:
            self.stop()

    def stop(self) -> None:
        """End the server, if it was started."""
        if self._server is not None:
            stop(self._server)


@dataclass(frozen=True)
class Cluster:
    """Replicas, and the address of nginx before them."""

    url: str
    replicas: tuple[Replica, ...]
    log: Path
    """nginx's log of requests"""

    def answered_by(self, request: str) -> int:
        """Port of the replica that answered a request, of which this is a part that no other has."""
        return nginx.answered_by(self.log, request)[-1]

    def replica(self, port: int) -> Replica:
        """The replica on a port."""
        return next(replica for replica in self.replicas if replica.port == port)


@contextmanager
def cluster_in(folder: Path) -> Iterator[Cluster]:
    """Two replicas with nginx before them, until the end of the block."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    replicas = tuple(Replica(folder / f"replica-{number}.txt") for number in range(2))
    main_file = nginx.configure(folder, port, [replica.port for replica in replicas])
    with ExitStack() as stack:
        for replica in replicas:
            stack.callback(replica.stop)
            replica.start()
        for replica in replicas:
            replica.wait()
        stack.enter_context(nginx.serving(main_file, url))
        yield Cluster(url, replicas, folder / "access.log")
