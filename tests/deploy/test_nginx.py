"""Replicas behind nginx, as they are hosted: who goes where, what is public, and what happens when one dies."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from itertools import count
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser.pages import TIMEOUT_MS, wait_ready
from tests.deploy import nginx
from tests.deploy.cluster import Cluster
from tests.deploy.visitor import Answer, Session, ask, upload

MB = 1024 * 1024
LINK = "kernels?ke_section=2.2+RBF&ke_gamma2=4&ke_rbf_depth=20"
CLOSED = (
    "/_stcore/agent/openapi.json",
    "/_stcore/agent/interact",
    "//_stcore/agent/mcp",
    "/_stcore/%61gent/mcp",
)
METRICS = (
    "/_stcore/metrics",
    "/_stcore/metrics/",
    "//_stcore/metrics",
    "/_stcore/%6detrics",
    "/kernels/../_stcore/metrics?families=session",
    "/_stcore/script-health-check",
)
NUMBERS = count()  # of requests, by which they are found in nginx's log


def new_visitor() -> str:
    return uuid4().hex


def visit(cluster: Cluster, visitor: str | None, path: str = "kernels") -> tuple[Answer, int]:
    """The answer to a visitor's request, and the port of the replica that gave it."""
    probe = f"probe={next(NUMBERS)} "
    cookie = {"Cookie": f"visitor={visitor}"} if visitor is not None else {}
    answer = ask(f"{cluster.url}/{path}?{probe.strip()}", **cookie)
    return answer, cluster.answered_by(probe)


def port_of(cluster: Cluster, visitor: str) -> int:
    answer, port = visit(cluster, visitor)
    assert answer.status == 200
    return port


def visitors_of_each(cluster: Cluster, number: int = 20) -> dict[str, int]:
    """New visitors with the ports of their replicas."""
    ports = {visitor: port_of(cluster, visitor) for visitor in (new_visitor() for _ in range(number))}
    assert set(ports.values()) == {replica.port for replica in cluster.replicas}
    return ports


def session_of(cluster: Cluster, visitor: str, probe: str) -> Session:
    """A visitor's session, with what a browser asks before it."""
    return Session(cluster.url, query=probe, cookies={"visitor": visitor}, xsrf=True)


def place_of_file(cluster: Cluster, session_id: str) -> str:
    return f"{cluster.url}/_stcore/upload_file/{session_id}/{uuid4()}"


def test_the_first_answer_names_the_visitor_and_no_later_one_does(cluster: Cluster):
    first, _ = visit(cluster, None)
    cookie = first.header("set-cookie")
    named = re.fullmatch("visitor=([0-9a-f]{32}); Path=/; HttpOnly; SameSite=Lax", cookie)
    assert named, cookie
    assert "set-cookie" not in visit(cluster, named[1])[0].headers


@pytest.mark.parametrize("cookie", ["", "me", "A" * 32, "0" * 33])
def test_a_name_that_nginx_did_not_give_is_replaced(cluster: Cluster, cookie: str):
    assert visit(cluster, cookie)[0].header("set-cookie").startswith("visitor=")


def test_the_first_request_goes_where_all_later_ones_go(cluster: Cluster):
    used = set()
    for _ in range(12):
        answer, port = visit(cluster, None)
        visitor = answer.header("set-cookie")[len("visitor=") :].partition(";")[0]
        assert port_of(cluster, visitor) == port
        used.add(port)
    assert len(used) == 2


def test_each_visitor_stays_and_all_replicas_are_used(cluster: Cluster):
    for visitor, port in visitors_of_each(cluster).items():
        assert [port_of(cluster, visitor) for _ in range(2)] == [port, port]


@pytest.mark.parametrize("path", METRICS)
def test_metrics_are_for_the_operator_alone(cluster: Cluster, path: str):
    assert ask(cluster.url + path).status == 404
    for replica in cluster.replicas:
        assert b"# TYPE" in ask(f"{replica.url}/_stcore/metrics").body


@pytest.mark.parametrize("path", CLOSED)
def test_programs_have_no_way_in(cluster: Cluster, path: str):
    assert ask(cluster.url + path).status == 404
    assert nginx.answered_by(cluster.log, path) == [], "a replica was asked"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:1"])
def test_a_page_of_another_site_opens_no_session(cluster: Cluster, origin: str):
    probe = f"origin={next(NUMBERS)}"
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{cluster.url.replace('http', 'ws')}/_stcore/stream?{probe}", origin=origin)  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403
    assert nginx.answered_by(cluster.log, f"{probe} ") == [], "a replica was asked"


def test_a_program_without_an_origin_opens_one(cluster: Cluster):
    with connect(f"{cluster.url.replace('http', 'ws')}/_stcore/stream", subprotocols=["streamlit"]):  # type: ignore[list-item]
        pass


def test_a_visitor_has_so_many_sessions_and_a_hall_more(cluster: Cluster):
    with ExitStack() as stack:
        visitor = new_visitor()

        def opens(visitor: str) -> int:
            try:
                stack.enter_context(Session(cluster.url, cookies={"visitor": visitor}))
            except InvalidStatus as refused:
                return refused.response.status_code
            return 101

        opened = [opens(visitor) for _ in range(25)]
        assert opened == 20 * [101] + 5 * [429]
        assert {opens(new_visitor()) for _ in range(25)} == {101}


def test_a_visitor_has_so_many_requests_and_a_hall_more(cluster: Cluster):
    def ask_often(cookie: Callable[[], str], times: int) -> Counter[int]:
        connection = HTTPConnection(cluster.url.removeprefix("http://"))
        statuses = Counter[int]()
        for _ in range(times):
            connection.request("GET", "/_stcore/health", headers={"Cookie": f"visitor={cookie()}"})
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] += 1
        connection.close()
        return statuses

    visitor = new_visitor()
    assert ask_often(lambda: visitor, 600)[429] > 0
    assert ask_often(new_visitor, 600) == {200: 600}


def test_answers_say_what_a_browser_may_do_with_them(cluster: Cluster):
    for path, framed in {
        "": "'self'",
        "kernels": "'self'",
        "kernels?embed=true": "*",
        "_stcore/agent/": "'self'",
    }.items():
        answer = ask(f"{cluster.url}/{path}")
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("referrer-policy") == "same-origin"
        assert answer.header("content-security-policy").endswith(f"; frame-ancestors {framed}")


def test_sessions_and_files_go_to_the_visitors_replica(cluster: Cluster):
    visitors = {port: visitor for visitor, port in visitors_of_each(cluster).items()}
    for port, visitor in visitors.items():
        probe = f"session={next(NUMBERS)}"
        with session_of(cluster, visitor, probe) as session:
            run = session.run("kernels", "ke_section=2.2+RBF&ke_gamma2=4")
            session_id = run.of("new_session")[0].initialize.session_id
            assert upload(place_of_file(cluster, session_id), session, MB) == 204
        assert run.of("script_finished") == [0]
        assert run.elements("exception") == []
        assert cluster.answered_by(f"{probe} ") == port


def test_files_have_the_limit_of_the_app(cluster: Cluster):
    with session_of(cluster, new_visitor(), "files") as session:
        session_id = session.run().of("new_session")[0].initialize.session_id
        assert upload(place_of_file(cluster, session_id), session, 20 * MB) == 204
        assert upload(place_of_file(cluster, session_id), session, 20 * MB + 1) == 413


def test_streamlits_files_are_packed_and_fetched_once(cluster: Cluster):
    page = ask(cluster.url, Accept_Encoding="gzip")
    script = re.search(r"static/js/index\.[\w-]+\.js", ask(cluster.url).body.decode())
    assert script
    assert page.header("content-encoding") == "gzip"
    for attempt in range(4):
        packed = ask(f"{cluster.url}/{script[0]}?attempt={attempt}", Accept_Encoding="gzip")
        assert packed.header("content-encoding") == "gzip"
        assert "immutable" in packed.header("cache-control")
    time.sleep(0.2)  # the log comes after the answer
    upstreams = [line.rsplit('" ', 1)[1] for line in cluster.log.read_text().splitlines() if script[0] in line]
    assert [upstream.startswith("-") for upstream in upstreams] == [False, True, True, True], (
        "an argument is no other file"
    )


def test_a_site_with_a_name_has_sessions(cluster: Cluster):
    with Session(cluster.url, name="theory.example") as session:
        assert session.run().of("script_finished") == [0]


def test_a_library_is_found_whichever_replica_has_it(cluster: Cluster):
    fresh, drawn = cluster.replicas
    visitors = {port: visitor for visitor, port in visitors_of_each(cluster).items()}
    with session_of(cluster, visitors[drawn.port], "library") as session:
        library = session.run("kernels").library()
    fresh.kill()
    fresh.start()
    fresh.wait()
    assert ask(f"{fresh.url}/{library}").status == 404
    answer, port = visit(cluster, visitors[fresh.port], library)
    assert (answer.status, port) == (200, drawn.port)
    assert answer.header("cache-control") == "max-age=604800"


def test_a_download_is_looked_for_at_every_replica(cluster: Cluster):
    assert ask(f"{cluster.url}/media/lost.csv").status == 404
    asked = nginx.answered_by(cluster.log, "/media/lost.csv")
    assert sorted(asked) == sorted(replica.port for replica in cluster.replicas)


def test_a_death_moves_only_the_visitors_of_the_dead(cluster: Cluster):
    ports = visitors_of_each(cluster)
    dead, alive = cluster.replicas
    dead.kill()
    try:
        assert all(port_of(cluster, visitor) == alive.port for visitor in ports)
    finally:
        dead.start()
        dead.wait()
    moved = next(visitor for visitor, port in ports.items() if port == dead.port)
    for _ in range(100):
        if port_of(cluster, moved) == dead.port:
            break
        time.sleep(0.1)
    assert {visitor: port_of(cluster, visitor) for visitor in ports} == ports


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a visitor with no cookies."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def controls(page: Page) -> list[tuple[str, str]]:
    """Names and values of the sliders."""
    script = "all => all.map(e => [e.ariaLabel, e.ariaValueText])"
    return [(name, value) for name, value in page.get_by_role("slider").evaluate_all(script)]


def charts(page: Page) -> list[str]:
    return page.get_by_role("figure").evaluate_all("all => all.map(e => e.ariaLabel)")


@pytest.mark.browser
@pytest.mark.parametrize(
    "path",
    [
        "?",
        "kernels?ke_section=Kernel+machine&ke_data=Your+own+points&embed=true",
        "neural_collapse?nc_section=Simplex+ETF",
    ],
)
def test_pages_do_nothing_that_the_policy_forbids(cluster: Cluster, page: Page, path: str):
    refused: list[str] = []
    page.expose_function("refused", lambda what: refused.append(what))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', e => refused(`${e.violatedDirective} ${e.blockedURI}`))"
    )
    page.goto(f"{cluster.url}/{path}")
    wait_ready(page)
    expect(page.locator("[role=figure] .main-svg").first).to_be_visible(timeout=TIMEOUT_MS)
    if path.startswith("neural"):
        page.get_by_role("button", name="Save", exact=True).click()
        for label in ("CSV", "The whole page as one report"):
            with page.expect_download() as download:
                page.get_by_role("button", name=label).first.click()
            assert download.value.path().stat().st_size > 100
    assert refused == []


@pytest.mark.browser
def test_visitors_of_a_dead_replica_go_on_where_they_were(cluster: Cluster, page: Page):
    page.goto(f"{cluster.url}/{LINK}")
    wait_ready(page)
    before, drawn, address = controls(page), charts(page), page.url
    assert [value for _, value in before][:2] == ["4", "20"]
    visitor = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "visitor")
    dead = cluster.replica(port_of(cluster, visitor))
    dead.kill()
    try:
        page.locator("[data-testid=stApp]:not([data-test-connection-state=CONNECTED])").wait_for(timeout=TIMEOUT_MS)
        wait_ready(page)
        assert (controls(page), charts(page), page.url) == (before, drawn, address)
        page.reload()
        wait_ready(page)
        assert (controls(page), charts(page), page.url) == (before, drawn, address)
        assert port_of(cluster, visitor) != dead.port
        assert page.get_by_test_id("stException").count() == 0
    finally:
        dead.start()
        dead.wait()
