"""`python course.py monitor`, used as a learner uses it."""

import os
import shutil
import signal
import subprocess
import sys

import psutil
import pytest
import requests
from conftest import BASE_PYTHON, ROOT
from waiting import read_until

from classroom.servers import alertmanager_release, ports, prometheus_release

READY = (ROOT / ".venv" / "course-is-ready").exists()

pytestmark = [
    pytest.mark.skipif(not READY, reason="course.py has not set up this folder"),
    pytest.mark.skipif(prometheus_release.find() is None, reason="there is no Prometheus here"),
]

needs_alertmanager = pytest.mark.skipif(alertmanager_release.find() is None, reason="there is no Alertmanager here")


def run(*arguments, **changes):
    command = [BASE_PYTHON, "course.py", "monitor", "--no-grafana", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | changes, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture
def port():
    """A free port; what a monitor on it has stored is deleted, and what Alertmanager has."""
    port = ports.free_port()
    yield port
    shutil.rmtree(ROOT / ".tools" / "prometheus-data" / str(port), ignore_errors=True)
    alertmanager = os.environ["COURSE_ALERTMANAGER_PORT"]
    shutil.rmtree(ROOT / ".tools" / "alertmanager-data" / alertmanager, ignore_errors=True)


@pytest.fixture
def monitor(port, course):
    """A running `course.py monitor`, and the lines that it has printed."""
    no_way = {"http_proxy": "http://127.0.0.1:9", "NO_PROXY": ""}  # a proxy that leads nowhere: see test_proxies.py
    process = course("monitor", "--no-grafana", "--interval", "1s", "--port", str(port), **no_way)
    process.printed = read_until(process, "Ctrl-C")
    return process


def processes_of(port):
    """All processes that name this port."""
    found = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return [command for command in found if any(part.endswith(str(port)) for part in command)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_leaves_nothing_when_stopped(monitor, port, end):
    url = f"http://127.0.0.1:{port}"
    assert monitor.printed[0] == f"Prometheus is running at {url}"
    assert monitor.printed[1].endswith("/targets")
    if requests.get(url, timeout=30).ok:  # else it was built without its pages
        targets = requests.get(monitor.printed[1].split()[-1], timeout=30)
        assert targets.ok
        assert "fastapi_app" in targets.text or "Prometheus" in targets.text
    data = ROOT / ".tools" / "prometheus-data" / str(port)
    assert monitor.printed[2].endswith(str(data))
    assert requests.get(f"{url}/-/ready", timeout=30).ok
    if alertmanager_release.find():
        assert len(processes_of(os.environ["COURSE_ALERTMANAGER_PORT"])) >= 2  # the server and its watcher
    monitor.send_signal(end)
    rest = monitor.communicate(timeout=120)[0]
    assert "Prometheus is stopped." in rest
    assert "Traceback" not in rest
    assert monitor.returncode == 0
    assert not ports.is_taken(port)
    assert processes_of(port) == []
    assert processes_of(os.environ["COURSE_ALERTMANAGER_PORT"]) == []
    assert (data / "wal").is_dir()


def test_a_second_one_on_the_same_port_says_who_has_it(monitor, port):
    second = run("--port", str(port))
    assert second.returncode == 1
    assert second.stderr.startswith(f"Port {port} is taken by ")
    assert len(second.stderr.splitlines()) == 1
    if sys.platform == "linux":
        assert "prometheus (process " in second.stderr
    assert requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=30).ok


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize("name", ["Prometheus", "Alertmanager"])
def test_a_server_that_ends_by_itself_is_no_success(monitor, port, name):
    if name == "Alertmanager" and alertmanager_release.find() is None:
        pytest.skip("there is no Alertmanager here")
    file = {"Prometheus": prometheus_release, "Alertmanager": alertmanager_release}[name].find()
    (server,) = [
        one for one in psutil.Process(monitor.pid).children(recursive=True)
        if one.cmdline()[0] == str(file)
    ]  # fmt: skip
    server.kill()
    assert f"{name} has ended by itself" in monitor.communicate(timeout=120)[0]
    assert monitor.returncode == 1
    assert processes_of(port) == []


@needs_alertmanager
def test_it_starts_alertmanager_too_and_says_that_nobody_takes_its_alerts(monitor):
    said = "\n".join(monitor.printed)
    url = f"http://127.0.0.1:{os.environ['COURSE_ALERTMANAGER_PORT']}"
    assert f"Alertmanager is at       {url}" in said
    assert "where nothing answers yet; before lesson 23 that is right." in said
    assert "In another terminal: python course.py app prometheus_06_alert_app" in said
    settings = requests.get(f"{url}/api/v2/status", timeout=30).json()["config"]["original"]
    assert "group_wait: 2s" in settings, "fitted to a scrape each second"
    assert f"http://127.0.0.1:{os.environ['COURSE_ALERT_PORT']}/alerts" in settings


def test_without_alertmanager_it_says_so_and_prometheus_goes_on(port, course):
    changes = {"ALERTMANAGER_BIN": "/no/such/alertmanager"}
    process = course("monitor", "--no-grafana", "--interval", "1s", "--port", str(port), **changes)
    printed = read_until(process, "Ctrl-C")
    assert "ALERTMANAGER_BIN is /no/such/alertmanager, but there is no such program: mend it, or unset it." in printed
    assert "Prometheus runs without Alertmanager: it shows alerts, and nobody is told of them." in printed
    assert requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=30).ok


@pytest.mark.parametrize(
    ("arguments", "changes", "sentence"),
    [
        (["--port", "70000"], {}, "70000 is not a port"),
        (["--interval", "often"], {}, "'often' is not an interval"),
        (["--interval", "1٢s"], {}, "'1٢s' is not an interval"),  # an Arabic digit, which Prometheus would refuse
        ([], {"PROMETHEUS_BIN": "/no/such/prometheus"}, "there is no such program"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(arguments, changes, sentence, port):
    arguments = arguments if "--port" in arguments else [*arguments, "--port", str(port)]
    result = run(*arguments, **changes)
    assert result.returncode == 1
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
