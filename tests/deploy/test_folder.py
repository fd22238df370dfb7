"""The folder from which charts get their library: a cleaner may empty it, and it goes with the server."""

import gzip
import shutil
from pathlib import Path

import pytest

from tests.deploy.visitor import Session, ask
from tests.load.serving import KINDS, Server


def library(server: Server, session: Session) -> bytes:
    answer = ask(f"{server.url}/{session.run('kernels').library()}")
    assert answer.status == 200
    return gzip.decompress(answer.body)


@pytest.mark.parametrize("kind", KINDS)
def test_the_folder_comes_back_and_goes_with_the_server(tmp_path: Path, kind: str):
    places = tmp_path / "temporary"
    places.mkdir()
    server = Server(tmp_path / "log.txt", kind, environment={"TMPDIR": str(places)})
    with server.running(), Session(server.url) as session:
        whole = library(server, session)
        (folder,) = places.glob("plotly-*")
        next(folder.glob("*.gz")).unlink()
        assert library(server, session) == whole
        shutil.rmtree(folder)
        assert library(server, session) == whole
        assert len(list(folder.iterdir())) == 2
    assert server.process is not None
    assert server.process.returncode is not None
    assert list(places.iterdir()) == []
