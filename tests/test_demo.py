"""`python course.py demo`: everything at once, and nothing left of it."""

import os
import signal
import socket
import subprocess

import psutil
import pytest
import requests
from conftest import BASE_PYTHON, ROOT
from waiting import until

from classroom import start_app
from classroom.commands import demo
from classroom.servers import ports, prometheus_release
from classroom.servers.process import stop_all
from classroom.traffic import SHAPES
from dashboard_preview.prometheus_api import Prometheus
from titanic.problem import Problem

READY = (ROOT / ".venv" / "course-is-ready").exists()

pytestmark = [
    pytest.mark.skipif(not READY, reason="course.py has not set up this folder"),
    pytest.mark.skipif(prometheus_release.find() is None, reason="there is no Prometheus here"),
]


@pytest.fixture
def show(champion, course):
    """A running demo, as soon as it has said where everything is; .ports are those of dashboard, Prometheus and app."""
    dashboard, prometheus, app = free = [ports.free_port() for _ in range(3)]
    environment = {"COURSE_PORT": str(app), "COURSE_PROMETHEUS_PORT": str(prometheus)}
    environment |= {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}  # which leads nowhere: see test_proxies.py
    process = course("demo", "--no-browser", "--minutes", "0.2", "--port", str(dashboard), **environment)
    process.ports = free
    process.printed = ""
    for line in process.stdout:
        process.printed += line
        if "Ctrl-C" in line:
            break
    return process


def processes_of(free):
    """All processes that name one of these ports."""
    commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return [command for command in commands if any(str(port) in part for port in free for part in command)]


def test_it_shows_everything_for_some_minutes_and_ends_by_itself(show):
    dashboard, prometheus, app = [f"http://127.0.0.1:{port}" for port in show.ports]
    assert all(address in show.printed for address in (dashboard, prometheus, app))
    assert requests.get(dashboard, timeout=30).ok

    def predictions():
        return Prometheus(prometheus).ask("query", query="sum(titanic_predictions_total) > 0")["result"]

    until(predictions)
    rest = show.communicate(timeout=120)[0]
    assert "Prometheus is stopped." in rest
    assert "Traceback" not in rest
    assert show.returncode == 0
    assert [port for port in show.ports if ports.is_taken(port)] == []
    assert processes_of(show.ports) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_ctrl_c_stops_all_of_it_at_once(show):
    show.send_signal(signal.SIGINT)
    rest = show.communicate(timeout=60)[0]
    assert "Traceback" not in rest
    assert show.returncode == 0
    assert [port for port in show.ports if ports.is_taken(port)] == []
    assert processes_of(show.ports) == []


def test_when_it_is_killed_everything_else_ends_too(show):
    show.kill()
    show.wait(timeout=30)
    assert all(ports.wait_until_free(port, seconds=30) for port in show.ports)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGSTOP")
def test_an_app_that_is_frozen_is_told_in_one_sentence(monkeypatch):
    monkeypatch.setattr(demo, "PATIENCE", 0.5)
    app = start_app("fastapi_01_test_app", ports.free_port())
    for process in psutil.Process(app.watcher.pid).children():
        process.suspend()
    try:
        with pytest.raises(Problem, match=r"^prometheus_04_multi_execute_app does not answer any more: "):
            demo.play(app, 1)
    finally:
        app.kill()


def test_each_act_is_a_shape_of_traffic_or_an_outage():
    assert [shape for shape, _, _ in demo.ACTS] == [*SHAPES, "outage"]


def test_without_a_model_it_does_not_begin(monkeypatch, capsys):
    free = [ports.free_port() for _ in range(4)]
    for name, port in zip(["COURSE_PORT", "COURSE_PROMETHEUS_PORT", "COURSE_COLLECTOR_PORT"], free, strict=False):
        monkeypatch.setenv(name, str(port))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{ports.free_port()}")
    with pytest.raises(
        Problem, match=rf"^{demo.APP} cannot predict\. MLflow's server at .* does not answer \(refused\)"
    ):
        demo.demo(free[3], 0.1, browser=False)
    stop_all()
    assert f"{demo.APP} is stopped." in capsys.readouterr().out
    assert not any(map(ports.is_taken, free))


def test_a_port_that_is_taken_is_one_sentence(champion):
    taken = ports.free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        other.listen()
        result = subprocess.run(
            [BASE_PYTHON, "course.py", "demo", "--no-browser", "--port", str(taken)],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
            env=os.environ | {"COURSE_PROMETHEUS_PORT": str(ports.free_port()), "COURSE_PORT": str(ports.free_port())},
        )  # fmt: skip
    assert result.returncode == 1
    assert result.stderr.startswith(f"Port {taken} is taken by ")
    assert "Traceback" not in result.stderr
