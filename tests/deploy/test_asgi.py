"""The ASGI entry: the app of `streamlit run`, with the settings of production."""

import gzip
import json
import shutil
import subprocess
import sys

import pytest

from tests.deploy import dockerfile
from tests.deploy.cluster import SECRET, Replica
from tests.deploy.visitor import Run, Session, ask
from tests.server import ROOT, free_port

BROKEN = """
import streamlit as st
from streamlit import config

for option in (
    *("server.maxUploadSize", "server.maxWidgetStateSize", "server.maxMessageSize"),
    *("server.cookieSecret", "client.toolbarMode", "runner.postScriptGC"),
):
    st.text(f"{option} = {config.get_option(option)}")
raise RuntimeError("what nobody should read")
"""
OPTIONS = [
    "server.maxUploadSize = 20",
    "server.maxWidgetStateSize = 1",
    "server.maxMessageSize = 20",
    f"server.cookieSecret = {SECRET}",
    "client.toolbarMode = minimal",
    "runner.postScriptGC = False",
]
"""The first three and the last two are in config.toml, and not Streamlit's own; the secret is a variable."""

PAGES = ("", "gradient_flow", "kernels", "neural_collapse")


@pytest.mark.parametrize("page", PAGES)
def test_a_link_opens_its_page(replica: Replica, page: str):
    assert ask(f"{replica.url}/{page}").status == 200
    with Session(replica.url) as session:
        run = session.run(page)
    assert run.of("script_finished") == [0]
    assert run.elements("exception") == []
    begun = run.of("new_session")[0]
    (opened,) = (known for known in begun.app_pages if known.page_script_hash == begun.page_script_hash)
    assert opened.url_pathname == page


def test_settings_of_the_repository_are_found(replica: Replica):
    with Session(replica.url) as session:
        begun = session.run().of("new_session")[0]
    assert begun.custom_theme.light.primary_color == "#1B5E8C"
    assert begun.config.hide_sidebar_nav
    assert not begun.config.gather_usage_stats


def test_charts_find_their_library(replica: Replica):
    with Session(replica.url) as session:
        answer = ask(f"{replica.url}/{session.run('kernels').library()}")
    assert answer.status == 200
    assert b"Plotly" in gzip.decompress(answer.body)


def test_the_containers_health_check_tells_life_from_death(replica: Replica):
    (check,) = dockerfile.arguments("HEALTHCHECK")
    python, option, code = json.loads(check[check.index("[") :])
    assert (python, option) == ("python", "-c")
    exits = [exit_code(code.replace(":8501/", f":{port}/")) for port in (replica.port, free_port())]
    assert exits == [0, 1]


def exit_code(code: str) -> int:
    return subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL, check=False).returncode


def test_requests_and_those_who_ask_are_not_logged(replica: Replica):
    ask(f"{replica.url}/kernels", X_Forwarded_For="203.0.113.7")
    with Session(replica.url) as session:
        session.run()
    assert "/kernels" not in replica.log.read_text()
    assert "203.0.113.7" not in replica.log.read_text()


@pytest.fixture(scope="module")
def broken_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """What a visitor gets of an app that fails, served by the same entry."""
    root = tmp_path_factory.mktemp("broken")
    for folder in ("deploy", ".streamlit"):
        shutil.copytree(ROOT / folder, root / folder)
    for folder in ("core", "pages"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "app.py").write_text(BROKEN)
    with Replica(root / "log.txt", root).running() as replica, Session(replica.url) as session:
        return session.run()


def test_options_come_from_the_file_and_the_secret_from_the_environment(broken_run: Run):
    assert [text.body for text in broken_run.elements("text")] == OPTIONS


def test_a_visitor_reads_nothing_about_an_error(broken_run: Run):
    (error,) = broken_run.elements("exception")
    assert not error.stack_trace
    sent = b"".join(message.SerializeToString() for message in broken_run.messages)
    for secret in (b"nobody should read", b"RuntimeError"):
        assert secret not in sent
