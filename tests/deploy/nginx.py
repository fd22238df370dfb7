"""An nginx with the site of `deploy/nginx`, of which only ports and folders are changed."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.server import ROOT, free_port, is_healthy, stop

SHIPPED = ROOT / "deploy" / "nginx"
PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin")  # not on every user's PATH


@cache
def find_nginx() -> str:
    """Path of an installed nginx; one is installed where that can be done."""
    found = _look() or (_look() if _install() else None)
    if found is None:
        raise RuntimeError("There is no nginx, and none could be installed: install one (Debian: nginx-light).")
    return found


def _look() -> str | None:
    return shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", os.defpath), *PLACES)))


def _install() -> bool:
    """Install Debian's nginx."""
    if not shutil.which("apt-get") or (os.geteuid() and not shutil.which("sudo")):
        return False
    apt = [*(["sudo", "-n"] if os.geteuid() else []), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    wait = ["-o", "DPkg::Lock::Timeout=120"]  # for other workers that do the same
    commands = [*apt, *wait, "update"], [*apt, *wait, "install", "-y", "--no-install-recommends", "nginx-light"]
    return all(subprocess.run(command, check=False).returncode == 0 for command in commands)


def configure(folder: Path, port: int, replicas: Sequence[int], *, listed: str = "replicas.conf") -> Path:
    """Put the shipped configuration into a folder, for these ports; returns the main file.

    Parameters
    ----------
    folder : pathlib.Path
        Where it goes, and where nginx then writes.
    port : int
        Where nginx listens.
    replicas : sequence of int
        Ports of the replicas on this machine; as many as the file lists.
    listed : str
        The shipped file that lists replicas.
    """
    lines = (SHIPPED / listed).read_text().splitlines()
    servers = [line for line in lines if line.startswith("server ")]
    assert len(servers) == len(replicas), servers
    options = [line.split(maxsplit=2)[2] for line in servers]
    changed = [f"server 127.0.0.1:{own} {rest}" for own, rest in zip(replicas, options, strict=True)]
    (folder / "theory").mkdir()
    (folder / "theory" / "replicas.conf").write_text("\n".join(changed))
    places = {"/var/log/nginx": str(folder), "/var/cache/nginx": str(folder)}
    ports = {"listen 80;": f"listen 127.0.0.1:{port};", "127.0.0.1:8500": f"127.0.0.1:{free_port()}"}
    _copy(SHIPPED / "site.conf", folder / "theory" / "site.conf", {**places, **ports})
    return _copy(SHIPPED / "nginx.conf", folder / "nginx.conf", {"/var/log/nginx": str(folder)})


def _copy(source: Path, target: Path, changes: dict[str, str]) -> Path:
    text = source.read_text()
    for old, new in changes.items():
        assert old in text, f"{source.name} has no {old!r}"
        text = text.replace(old, new)
    target.write_text(text)
    return target


def command(main_file: Path, *arguments: str) -> list[str]:
    """The command that runs nginx, as whoever runs the tests: temporary folders are closed to others."""
    user = "user root; " if os.geteuid() == 0 else ""
    globally = f"{user}daemon off; pid {main_file.with_name('nginx.pid')};"
    return [find_nginx(), "-e", "stderr", "-c", str(main_file), "-g", globally, *arguments]


@contextmanager
def serving(main_file: Path, url: str) -> Iterator[None]:
    """Run nginx until the end of the block; at its beginning, one replica at least is reached."""
    log = main_file.with_name("output.txt")
    with log.open("wb") as output:
        server = subprocess.Popen(command(main_file), stdout=output, stderr=subprocess.STDOUT)
    try:
        if not is_healthy(url, server):
            raise RuntimeError(f"nginx did not start:\n{log.read_text(errors='replace')}")
        yield
    finally:
        stop(server)


def answered_by(log: Path, request: str) -> list[int]:
    """Ports that were tried for a request, the one that answered last, after nginx's log.

    Parameters
    ----------
    log : pathlib.Path
        The log.
    request : str
        Part of the request line which only this one has.
    """
    for _ in range(500):  # the log comes after the answer
        if lines := [line for line in log.read_text().splitlines() if request in line]:
            upstream = lines[-1].rsplit('" ', 1)[1].rsplit(" ", 2)[0]
            return [int(address.rsplit(":", 1)[1]) for address in upstream.split(", ") if address != "-"]
        time.sleep(0.01)
    raise AssertionError(f"nginx has not logged {request!r}")
