"""Grafana: found, fetched and checked, told what to show, started and stopped.

No real Grafana is run here. What is started is a fake that these tests write: a small program that answers on Grafana's
port and says which settings it was given. It shows that the course starts, waits for, and stops a Grafana rightly; what
Grafana makes of its settings, it cannot show.
"""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import psutil
import pytest
import requests
import yaml
from waiting import read_until, until

from classroom.servers import grafana_release as release
from classroom.servers import grafana_server, ports, prometheus_release
from titanic.problem import Problem

ROOT = Path(__file__).resolve().parents[1]
PROVISIONING = ROOT / "grafana_dashboard" / "provisioning"
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)
READY = (ROOT / ".venv" / "course-is-ready").exists()
LIST = f"/{release.VERSION}/packages"
ARCHIVE = "/oss/grafana.linux-amd64.tar.gz"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows starts no shell script")
needs_course = pytest.mark.skipif(not READY, reason="course.py has not set up this folder")
needs_prometheus = pytest.mark.skipif(prometheus_release.find() is None, reason="there is no Prometheus here")

FAKE_GRAFANA = f"""#!{sys.executable}
import http.server, json, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({{"arguments": sys.argv[1:], "settings": dict(os.environ)}}).encode())

    def log_message(self, *arguments):
        pass

address = os.environ["GF_SERVER_HTTP_ADDR"], int(os.environ["GF_SERVER_HTTP_PORT"])
http.server.HTTPServer(address, Handler).serve_forever()
"""


def make_home(folder, program="grafana", text=FAKE_GRAFANA):
    """A folder with the parts of a Grafana that the course looks for; its program is a fake."""
    (folder / "bin").mkdir(parents=True)
    (folder / "conf").mkdir()
    (folder / "conf" / "defaults.ini").write_text("")
    (folder / "bin" / program).write_text(text)
    (folder / "bin" / program).chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch, tmp_path):
    """As if this machine had no Grafana."""
    monkeypatch.delenv("GRAFANA_HOME", raising=False)
    monkeypatch.setattr(release, "INSTALLED", [str(tmp_path / "nothing installed")])
    monkeypatch.setenv("PATH", os.pathsep.join(folder for folder in os.environ["PATH"].split(os.pathsep)
                                               if not (Path(folder) / "grafana").exists()))  # fmt: skip


# The search


def test_the_chosen_one_comes_before_the_path_and_that_before_an_installed_and_a_fetched_one(tmp_path, monkeypatch):
    chosen, on_path = make_home(tmp_path / "chosen"), make_home(tmp_path / "path")
    installed = make_home(tmp_path / "nothing installed")
    fetched = make_home(tmp_path / "tools" / f"grafana-{release.VERSION}")
    monkeypatch.setenv("PATH", str(on_path / "bin"))
    monkeypatch.setenv("GRAFANA_HOME", str(chosen))
    homes = [release.find(tmp_path / "tools").home]
    monkeypatch.delenv("GRAFANA_HOME")
    homes.append(release.find(tmp_path / "tools").home)
    monkeypatch.setenv("PATH", str(tmp_path))
    homes.append(release.find(tmp_path / "tools").home)
    shutil.rmtree(installed)
    homes.append(release.find(tmp_path / "tools").home)
    assert homes == [chosen, on_path, installed, fetched]
    shutil.rmtree(fetched)
    assert release.find(tmp_path / "tools") is None


def test_a_link_on_the_path_leads_to_the_folder(tmp_path, monkeypatch):
    home = make_home(tmp_path / "Cellar" / "grafana" / "share" / "grafana")
    program = tmp_path / "Cellar" / "grafana" / "bin" / "grafana"
    program.parent.mkdir()
    shutil.move(home / "bin" / "grafana", program)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "grafana").symlink_to(program)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert release.find(tmp_path) == ([str(tmp_path / "bin" / "grafana"), "server"], home)


def test_an_older_one_whose_program_is_only_the_server_is_found(tmp_path, monkeypatch):
    home = make_home(tmp_path / "old", "grafana-server")
    monkeypatch.setenv("GRAFANA_HOME", str(home))
    assert release.find(tmp_path) == ([str(home / "bin" / "grafana-server")], home)


def test_a_chosen_folder_without_grafana_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAFANA_HOME", str(tmp_path))
    for search in (release.find, release.find_or_fetch):
        with pytest.raises(Problem, match=re.escape(f"GRAFANA_HOME is {tmp_path}, but there is no Grafana in it")):
            search()


# The download, from a server of this test


def pack(*members):
    """An archive with these files, each a tiny program."""
    script = b"#!/bin/sh\necho a tiny grafana\n"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for member in members:
            info = tarfile.TarInfo(member)
            info.size, info.mode = len(script), 0o755
            archive.addfile(info, io.BytesIO(script))
    return packed.getvalue()


GOOD = pack("grafana-13/bin/grafana", "grafana-13/conf/defaults.ini")


def released(archive, address, **changes):
    """The list of packages, with some that are not wanted, and the archive: by their paths."""
    right = {"os": "linux", "arch": "amd64", "url": address, "sha256": hashlib.sha256(archive).hexdigest()} | changes
    others = [
        {"os": "linux", "arch": "arm64", "url": f"{address}.arm.tar.gz", "sha256": "arm"},
        {"os": "linux", "arch": "amd64", "url": f"{address}-slim.tar.gz", "sha256": "slim"},
        {"os": "linux", "arch": "amd64", "url": f"{address}.deb", "sha256": "deb"},
        {"os": "win", "arch": "amd64", "url": "http://127.0.0.1/grafana.msi", "sha256": "msi"},
        {"os": "win", "arch": "amd64", "url": "http://127.0.0.1/grafana.zip", "sha256": "zip"},
        {"os": "darwin", "arch": "arm64", "url": "http://127.0.0.1/grafana-mac.tar.gz", "sha256": "mac"},
    ]
    return {LIST: json.dumps({"items": [*others, right]}).encode(), ARCHIVE: archive}


def serve_release(serve, archive=GOOD, cut_off=None, **changes):
    """The address of a copy of the official list. It names the archive's own address, so that must be known first."""
    files = {}
    url = serve(files, cut_off)
    files.update(released(archive, f"{url}{ARCHIVE}", **changes))
    return url


def test_the_right_release_is_unpacked_and_can_be_run(serve, tmp_path, capsys):
    grafana = release.fetch(serve_release(serve), tmp_path)
    assert grafana == ([str(tmp_path / f"grafana-{release.VERSION}" / "bin" / "grafana"), "server"], grafana.home)
    assert subprocess.check_output(grafana.command, text=True) == "a tiny grafana\n"
    assert list(tmp_path.iterdir()) == [grafana.home]
    assert f"Fetching Grafana {release.VERSION}" in capsys.readouterr().out
    assert release.find(tmp_path) == grafana


@pytest.mark.parametrize(
    ("system", "machine", "checksum"),
    [("Windows", "AMD64", "zip"), ("Darwin", "arm64", "mac"), ("Linux", "aarch64", "arm")],
)
def test_each_system_gets_its_own_archive(serve, monkeypatch, system, machine, checksum):
    url = serve_release(serve)
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert release.released(f"{url}{LIST}")[1] == checksum


def fetch_in_vain(url, folder):
    """Fetch what cannot be had: the sentence that says so."""
    with pytest.raises(Problem) as problem:
        release.fetch(url, folder)
    assert list(folder.iterdir()) == []
    assert len(str(problem.value).splitlines()) == 1
    return str(problem.value)


@pytest.mark.parametrize(
    ("archive", "changes", "cut_off", "why"),
    [
        (GOOD, {"sha256": "0" * 64}, None, "its checksum is not that of the release"),
        (GOOD, {}, ARCHIVE, "ChunkedEncodingError"),
        (GOOD, {"url": "http://127.0.0.1:1/grafana.tar.gz"}, None, "ConnectionError"),
        (GOOD, {"arch": "riscv"}, None, "there is no archive for linux-amd64 among its releases"),
        (b"no archive at all", {}, None, "ReadError"),
        (pack("grafana-13/bin/grafana", "../outside"), {}, None, "OutsideDestinationError"),
        (pack("grafana-13/README"), {}, None, "there is no such program in its release"),
        (pack("grafana-13/bin/grafana"), {}, None, "its release lacks conf/defaults.ini"),
    ],
    ids=["changed", "cut off", "not there", "not listed", "not packed", "escaping", "no program", "no settings"],
)
def test_a_wrong_release_is_refused_and_leaves_nothing_behind(serve, tmp_path, archive, changes, cut_off, why):
    folder = tmp_path / "inner"
    folder.mkdir()
    assert why in fetch_in_vain(serve_release(serve, archive, cut_off, **changes), folder)
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html>", "JSONDecodeError"),
        (b"[]", "not what it used to be"),
        (b'{"items": [{}]}', "not what it used to be"),
        (b'{"items": []}', "there is no archive"),
        (None, "HTTPError"),
    ],
)
def test_a_list_that_is_none_is_said(serve, tmp_path, content, why):
    assert why in fetch_in_vain(serve({LIST: content}), tmp_path)


def test_without_internet_it_says_what_to_do_on_each_system(tmp_path, monkeypatch):
    monkeypatch.setattr(release.find, "__defaults__", (tmp_path,))
    monkeypatch.setattr(release.fetch, "__defaults__", (f"http://127.0.0.1:{ports.free_port()}", tmp_path))
    with pytest.raises(Problem) as problem:
        release.find_or_fetch()
    assert str(problem.value).startswith("Grafana was not fetched: no connection (ConnectionError) at ")
    for way in (
        "winget install GrafanaLabs.Grafana.OSS",
        "brew install grafana",
        "https://grafana.com/grafana/download",
    ):
        assert way in str(problem.value)


# What Grafana is told


def filled_in(file):
    """A file of the provisioning as Grafana reads it: the settings stand for the values that begin with $."""
    settings = grafana_server.settings(3000, "http://127.0.0.1:9090", "5s")
    text = (PROVISIONING / file).read_text(encoding="utf-8")
    used = re.findall(r"^[^#\n]*\$(\w+)", text, re.MULTILINE)
    assert used
    assert set(used) <= set(settings)
    return yaml.safe_load(re.sub(r"\$(\w+)", lambda match: settings[match[1]], re.sub(r"#.*", "", text)))


def test_the_data_source_is_the_prometheus_of_the_course():
    (source,) = filled_in("datasources/prometheus.yml")["datasources"]
    assert (source["type"], source["url"], source["uid"]) == (
        "prometheus",
        "http://127.0.0.1:9090",
        "titanic-prometheus",
    )
    assert source["isDefault"] is True
    assert source["jsonData"]["timeInterval"] == "5s"  # as often as Prometheus asks the app


def test_the_provider_loads_the_one_dashboard():
    (provider,) = filled_in("dashboards/titanic.yml")["providers"]
    assert list(Path(provider["options"]["path"]).rglob("*.json")) == [grafana_server.DASHBOARD]


def test_it_is_open_to_this_machine_only_and_asks_nobody_on_the_internet():
    settings = grafana_server.settings(3000, "http://127.0.0.1:9090", "15s")
    assert settings["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
    assert settings["GF_AUTH_ANONYMOUS_ENABLED"] == "true"
    assert settings["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
    assert Path(settings["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]).is_file()
    assert settings["GF_ANALYTICS_REPORTING_ENABLED"] == settings["GF_ANALYTICS_CHECK_FOR_UPDATES"] == "false"
    assert settings["GF_PLUGINS_PREINSTALL_DISABLED"] == "true"
    assert "GF_PATHS_DATA" not in settings


# Started and stopped: a fake


def processes_of(home):
    """The processes that run the Grafana in this folder, or watch over it."""
    found = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return [command for command in found if str(home) in command]


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """The folder of a fake Grafana, which is the one that the course finds."""
    home = make_home(tmp_path / "a fake grafana")
    monkeypatch.setenv("GRAFANA_HOME", str(home))
    yield home
    until(lambda: processes_of(home) == [])


def test_a_started_one_gets_its_settings_and_a_stopped_one_leaves_nothing(fake):
    port = ports.free_port()
    server = grafana_server.start(port, "http://127.0.0.1:9091", "1s")
    said = requests.get(server.url, timeout=30).json()
    assert said["arguments"] == ["server", "--homepath", str(fake)]
    expected = grafana_server.settings(port, "http://127.0.0.1:9091", "1s")
    assert expected.items() <= said["settings"].items()
    assert len(processes_of(fake)) == 2
    server.stop()
    assert processes_of(fake) == []
    assert not ports.is_taken(port)


def test_one_that_belongs_to_the_system_keeps_its_data_with_the_course(fake, monkeypatch):
    monkeypatch.setattr(grafana_server, "is_writable", lambda folder: folder != fake)
    server = grafana_server.start(ports.free_port())
    said = requests.get(server.url, timeout=30).json()
    server.stop()
    assert Path(said["settings"]["GF_PATHS_DATA"]).name == "grafana-data"


def test_one_that_ends_at_once_says_why(tmp_path, monkeypatch):
    home = make_home(tmp_path / "broken", text="#!/bin/sh\necho level=error no such luck\nexit 1\n")
    monkeypatch.setenv("GRAFANA_HOME", str(home))
    with pytest.raises(Problem, match=r"Grafana did not start: level=error no such luck \(all of it is in logs"):
        grafana_server.start(ports.free_port())


@pytest.fixture
def monitor(course):
    """monitor() runs `course.py monitor`, or another program in its place; it is stopped at the end."""
    stored = []

    def start(*program):
        port, grafana_port = ports.free_port(), ports.free_port()
        stored.append(ROOT / ".tools" / "prometheus-data" / str(port))
        arguments = ["--interval", "1s", "--port", str(port), "--grafana-port", str(grafana_port)]
        process = course(*arguments, program=program or (BASE_PYTHON, "course.py", "monitor"))
        process.printed = read_until(process, "Ctrl-C")
        process.ports = port, grafana_port
        return process

    yield start
    for folder in stored:
        shutil.rmtree(folder, ignore_errors=True)


@needs_course
@needs_prometheus
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_monitor_starts_both_and_leaves_nothing_when_stopped(fake, monitor, end):
    process = monitor()
    port, grafana_port = process.ports
    assert process.printed[-2] == f"Grafana is running at    http://127.0.0.1:{grafana_port}"
    said = requests.get(f"http://127.0.0.1:{grafana_port}/api/health", timeout=30).json()["settings"]
    assert said["COURSE_PROMETHEUS_URL"] == f"http://127.0.0.1:{port}"
    assert said["COURSE_SCRAPE_INTERVAL"] == "1s"
    process.send_signal(end)
    rest = process.communicate(timeout=120)[0]
    stopped = [line for line in rest.split("\n") if line.endswith(" is stopped.") and "Alertmanager" not in line]
    assert stopped == ["Grafana is stopped.", "Prometheus is stopped."]
    assert process.returncode == 0
    assert not ports.is_taken(port)
    assert not ports.is_taken(grafana_port)


@needs_course
@needs_prometheus
def test_a_grafana_that_ends_by_itself_ends_the_monitor_with_a_sentence(fake, monitor):
    process = monitor()
    grafana = next(p for p in psutil.process_iter(["cmdline"]) if str(fake) in (p.info["cmdline"] or [])
                   and "--watch" not in p.info["cmdline"])  # fmt: skip
    grafana.kill()
    assert "Grafana has ended by itself" in process.communicate(timeout=120)[0]
    assert process.returncode == 1
    assert not ports.is_taken(process.ports[0])


@needs_prometheus
def test_where_grafana_cannot_be_had_prometheus_runs_alone(monitor, tmp_path):
    # The program of `course.py monitor`, with a list of packages that does not answer.
    code = f"""
import pathlib, sys
from classroom.servers import grafana_release
tools = pathlib.Path({str(tmp_path)!r})
grafana_release.INSTALLED = []
grafana_release.find.__defaults__ = (tools,)
grafana_release.fetch.__defaults__ = ("http://127.0.0.1:{ports.free_port()}", tools)
from classroom.commands import monitor
sys.exit(monitor.main())
"""
    process = monitor(sys.executable, "-u", "-c", code)
    why, alone, _ = process.printed[-3:]
    assert why.startswith("Grafana was not fetched: no connection (ConnectionError) at ")
    assert alone == "Prometheus runs without Grafana."
    assert requests.get(f"http://127.0.0.1:{process.ports[0]}/-/ready", timeout=30).ok
    process.send_signal(signal.SIGINT)
    assert "Traceback" not in process.communicate(timeout=120)[0]
    assert process.returncode == 0
