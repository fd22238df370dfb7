"""What cannot be run here, for want of a Docker engine and of systemd: read, and held against what it is about."""

import base64
import configparser
import json
import re
import shutil
import subprocess
import sys
import tomllib
from hashlib import sha256
from importlib.metadata import requires
from pathlib import Path

import pytest
import streamlit
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy import uploads
from deploy.__main__ import SETTINGS
from tests.deploy import nginx
from tests.deploy.dockerfile import arguments, copies, instructions
from tests.server import ROOT, free_port

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd" / "theory@.service"
LISTED = ("replicas.conf", "replicas.compose.conf")


def pins(path: Path) -> dict[str, str]:
    """Names, as packages' names are compared, and versions."""
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", path.read_text(), re.M)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def compose() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def replica_services() -> dict[str, dict]:
    return {name: service for name, service in compose()["services"].items() if "build" in service}


def addresses(listed: str) -> list[str]:
    return re.findall(r"^server (\S+) max_fails=\d+ fail_timeout=\d+s;$", (nginx.SHIPPED / listed).read_text(), re.M)


def test_the_image_is_of_the_python_that_is_tested():
    (base,) = arguments("FROM")
    tested = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["python_version"]
    assert re.fullmatch(rf"python:{re.escape(tested)}\.\d+-slim-\w+", base)


def test_the_image_has_the_packages_that_are_tested_and_no_others():
    command = "pip install --no-cache-dir --require-hashes --requirement deploy/constraints.txt"
    assert [rest for rest in arguments("RUN") if "pip" in rest] == [command]
    constraints = pins(DEPLOY / "constraints.txt")
    assert "-r ../requirements.txt" in (DEPLOY / "requirements.txt").read_text()
    assert pins(ROOT / "requirements.txt").items() <= constraints.items()
    assert pins(DEPLOY / "requirements.txt").items() <= constraints.items()


def needed(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """All that an installed package needs here, itself included."""
    found, waiting = set(), [(name, extras)]
    while waiting:
        one, extras = waiting.pop()
        if one in found and not extras:
            continue
        found.add(one)
        for text in requires(one) or ():
            requirement = Requirement(text)
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""}):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return found


def test_all_that_is_installed_is_known_by_its_hash():
    text = (DEPLOY / "constraints.txt").read_text()
    entries = re.split(r"\n(?=[\w.-]+==)", re.sub(r"^#.*\n", "", text, flags=re.M))
    for entry in entries:
        first, *hashes = entry.strip().split(" \\\n")
        assert "==" in first
        assert hashes, first
        assert all(re.fullmatch(r" *--hash=sha256:[0-9a-f]{64}", one) for one in hashes), first
    locked = pins(DEPLOY / "constraints.txt")
    assert len(entries) == len(locked)
    wanted = {*pins(ROOT / "requirements.txt"), *pins(DEPLOY / "requirements.txt")} - {"uvloop"}
    assert set().union(*map(needed, wanted)) <= locked.keys()
    readme = (DEPLOY / "README.md").read_text()
    assert readme.count("pip install") == readme.count("pip install --require-hashes -r deploy/constraints.txt") == 2


def test_the_image_runs_as_nobody_in_particular():
    words = [word for word, _ in instructions()]
    (user,) = arguments("USER")
    assert int(user) > 0
    assert "RUN" not in words[words.index("USER") :]


def test_the_image_serves_where_it_is_asked():
    assert [json.loads(rest) for rest in arguments("CMD")] == [["python", "-m", "deploy", "--host", "0.0.0.0"]]
    assert arguments("EXPOSE") == ["8501"]
    assert all(address.endswith(":8501") for address in addresses("replicas.compose.conf"))


def test_the_image_is_built_of_what_it_copies():
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    allowed = {pattern.removeprefix("!") for pattern in ignored if pattern.startswith("!")}
    assert ignored[0] == "*"
    assert allowed == {source for sources, _ in copies() for source in sources}


def test_compose_has_replicas_where_nginx_looks_for_them():
    places = [f"{service['networks']['inside']['ipv4_address']}:8501" for service in replica_services().values()]
    assert len(places) >= 2
    assert places == addresses("replicas.compose.conf")


def test_replicas_share_a_secret_that_is_not_in_the_repository():
    secrets = {service["environment"]["STREAMLIT_SERVER_COOKIE_SECRET"] for service in replica_services().values()}
    (secret,) = secrets
    assert secret.startswith("${COOKIE_SECRET:?")
    assert ".env" in (DEPLOY / ".gitignore").read_text().split()


def test_only_the_proxy_is_public():
    services = compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert compose()["networks"]["inside"]["internal"]
    for service in replica_services().values():
        assert list(service["networks"]) == ["inside"]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


def megabytes(text: str) -> float:
    return float(text[:-1]) * {"k": 1 / 1024, "m": 1, "g": 1024}[text[-1].lower()]


@pytest.mark.parametrize("name", compose()["services"])
def test_every_service_is_bounded(name: str):
    service = compose()["services"][name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert 0 < service["pids_limit"] <= 512
    folders = dict(place.split(":size=") for place in service["tmpfs"])  # every one has a size, and counts as memory
    assert sum(map(megabytes, folders.values())) < megabytes(service["mem_limit"]) <= 1024


def test_places_hold_what_may_come():
    services = compose()["services"]
    site = (nginx.SHIPPED / "site.conf").read_text()
    cache = re.search(r"max_size=(\w+)", site)
    assert cache
    (room,) = (place for place in services["proxy"]["tmpfs"] if place.startswith("/var/cache/nginx:"))
    coming = uploads.IN_ALL / 1024**2
    assert megabytes(room.partition("size=")[2]) > megabytes(cache[1]) + coming
    assert megabytes(services["replica-1"]["tmpfs"][0].partition("size=")[2]) > coming


def test_the_proxy_has_the_tested_files_where_nginx_looks_for_them():
    proxy = compose()["services"]["proxy"]
    assert re.fullmatch(r"nginx:\d+\.\d+\.\d+-alpine", proxy["image"])
    mounts = dict(volume.split(":")[:2] for volume in proxy["volumes"])
    assert all((DEPLOY / source).is_file() for source in mounts)
    assert sorted(mounts.values()) == [
        "/etc/nginx/nginx.conf",
        "/etc/nginx/theory/replicas.conf",
        "/etc/nginx/theory/site.conf",
    ]


@pytest.mark.parametrize("listed", LISTED)
def test_nginx_accepts_each_list_of_replicas(tmp_path: Path, listed: str):
    ports = [free_port() for _ in addresses(listed)]
    main_file = nginx.configure(tmp_path, free_port(), ports, listed=listed)
    checked = subprocess.run(nginx.command(main_file, "-t"), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_limits_agree():
    site = (nginx.SHIPPED / "site.conf").read_text()
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert f"client_max_body_size {config['server']['maxUploadSize']}m;" in site
    assert config["server"]["maxUploadSize"] * 1024 * 1024 == uploads.LARGEST
    assert config["server"]["maxWidgetStateSize"] * 1_000_000 == SETTINGS["ws_max_size"]
    assert SETTINGS["timeout_keep_alive"] > 60, "nginx keeps idle connections for 60 seconds"
    assert "keepalive_timeout" not in site
    silence = re.search(r"proxy_read_timeout (\d+)s;", site)
    assert silence
    assert int(silence[1]) > 2 * SETTINGS["ws_ping_interval"]


def test_the_policy_knows_the_script_in_streamlits_page():
    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    scripts = re.findall(r"<script>(.*?)</script>", index, re.S)
    hashes = [f"'sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts]
    site = (nginx.SHIPPED / "site.conf").read_text()
    assert re.findall(r"'sha256-[^']+'", site) == hashes
    assert "'unsafe-eval'" not in site


def test_no_location_has_headers_of_its_own():
    """They would replace those of the server."""
    site = (nginx.SHIPPED / "site.conf").read_text()
    assert re.findall(r"^( +)add_header", site, re.M) == ["    "] * 4


def test_a_new_replica_takes_few_visitors_from_the_others():
    assert "hash $visitor consistent;" in (nginx.SHIPPED / "site.conf").read_text()


def unit() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read_string(UNIT.read_text())
    return parser["Service"]


def test_the_service_runs_the_entry_and_can_do_little_else():
    service = unit()
    assert service["ExecStart"] == f"{service['WorkingDirectory']}/.venv/bin/python -m deploy --port %i"
    assert service["EnvironmentFile"]
    for option in ("DynamicUser", "NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"):
        assert service[option] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert (service["IPAddressDeny"], service["IPAddressAllow"]) == ("any", "localhost")
    assert service["CapabilityBoundingSet"] == ""
    assert int(service["TasksMax"]) <= 512


def test_a_worker_that_is_killed_for_its_memory_goes_alone():
    assert unit()["OOMPolicy"] == "continue"
    assert unit()["MemoryMax"] == compose()["services"]["replica-1"]["mem_limit"].upper()


def names_of(group: str) -> set[str]:
    """Calls in one of systemd's groups; where there is no systemd, as it lists them."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return {"setpriority", "setrlimit", "nice"} if group == "@resources" else set()
    listed = subprocess.run([analyze, "syscall-filter", group], capture_output=True, text=True, check=True).stdout
    return {line.strip() for line in listed.splitlines()[1:] if line.strip() and not line.strip().startswith("#")}


def test_workers_may_be_nice_and_bound_their_memory():
    filters = re.findall(r"^SystemCallFilter=(.+)$", UNIT.read_text(), re.M)
    allowed: set[str] = set()
    for words in filters:  # as systemd reads them: one after the other, a tilde takes away
        names: set[str] = set()
        for word in words.lstrip("~").split():
            names |= names_of(word) | {word} if word.startswith("@") else {word}
        allowed = allowed - names if words.startswith("~") else allowed | names
    assert {"setpriority", "setrlimit", "prlimit64"} <= allowed
    assert not {"nice", "sched_setscheduler", "ioprio_set"} & allowed


def test_instances_are_where_nginx_looks_for_them():
    ports = [address.removeprefix("127.0.0.1:") for address in addresses("replicas.conf")]
    assert len(ports) >= 2
    enable = "systemctl enable --now " + " ".join(f"theory@{port}" for port in ports)
    assert enable in UNIT.read_text()
    assert enable in (DEPLOY / "README.md").read_text()


def test_systemd_knows_every_option_of_the_service(tmp_path: Path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # what can be read is tested above
    service = unit()
    text = UNIT.read_text().replace(f"{service['WorkingDirectory']}/.venv/bin/python", sys.executable)
    (tmp_path / UNIT.name).write_text(text.replace(service["WorkingDirectory"], str(tmp_path)))
    command = [analyze, "verify", str(tmp_path / UNIT.name)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
