"""`python course.py demo`: everything at once, and nothing left of it."""

import os
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing

import psutil
import pytest
import requests
from conftest import BASE_PYTHON, ROOT
from waiting import until

from classroom import start_app
from classroom.commands import _other_rules, demo
from classroom.outcomes import known_passengers, outcomes_come
from classroom.servers import ports, prometheus_release, prometheus_server
from classroom.servers.app import start_own_app
from classroom.servers.process import stop_all
from classroom.traffic import SHAPES
from dashboard_preview.prometheus_api import Prometheus
from titanic import store
from titanic.passenger import EXAMPLES
from titanic.problem import Problem

READY = (ROOT / ".venv" / "course-is-ready").exists()

pytestmark = [
    pytest.mark.skipif(not READY, reason="course.py has not set up this folder"),
    pytest.mark.skipif(prometheus_release.find() is None, reason="there is no Prometheus here"),
]


@pytest.fixture
def show(champion, course, tmp_path):
    """A running demo, as soon as it has said where everything is; .ports are those of dashboard, Prometheus and app.

    Its temporary files are in tmp_path.
    """
    dashboard, prometheus, app = free = [ports.free_port() for _ in range(3)]
    environment = {"COURSE_PORT": str(app), "COURSE_PROMETHEUS_PORT": str(prometheus), "TMPDIR": str(tmp_path)}
    environment |= {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}  # which leads nowhere: see test_proxies.py
    process = course("demo", "--no-browser", "--minutes", "0.2", "--port", str(dashboard), **environment)
    process.ports = free
    process.printed = ""
    for line in process.stdout:
        process.printed += line
        if "Ctrl-C" in line:
            break
    return process


@pytest.fixture(autouse=True)
def only_its_own(monkeypatch):
    """What ends all servers of this process ends those of this test: the brokers of other tests go on."""
    monkeypatch.setattr("classroom.servers.process.started", {})


def processes_of(free):
    """All processes that name one of these ports."""
    commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return [command for command in commands if any(str(port) in part for port in free for part in command)]


def test_it_shows_everything_for_some_minutes_and_ends_by_itself(show, tmp_path):
    dashboard, prometheus, app = [f"http://127.0.0.1:{port}" for port in show.ports]
    assert all(address in show.printed for address in (dashboard, prometheus, app))
    assert requests.get(dashboard, timeout=30).ok

    def predictions():
        return Prometheus(prometheus).ask("query", query="sum(titanic_predictions_total) > 0")["result"]

    until(predictions)
    until(lambda: Prometheus(prometheus).ask("query", query="app:titanic_accuracy:ratio")["result"])
    assert list(tmp_path.iterdir())
    rest = show.communicate(timeout=120)[0]
    assert "Prometheus is stopped." in rest
    assert "Traceback" not in rest
    assert show.returncode == 0
    assert [port for port in show.ports if ports.is_taken(port)] == []
    assert processes_of(show.ports) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_ctrl_c_stops_all_of_it_at_once(show, tmp_path):
    show.send_signal(signal.SIGINT)
    rest = show.communicate(timeout=120)[0]
    assert "Traceback" not in rest
    assert show.returncode == 0
    assert [port for port in show.ports if ports.is_taken(port)] == []
    assert processes_of(show.ports) == []
    assert list(tmp_path.iterdir()) == []


def test_when_it_is_killed_everything_else_ends_too(show, tmp_path):
    assert list(tmp_path.iterdir())
    show.kill()
    show.wait(timeout=120)
    assert all(ports.wait_until_free(port, seconds=60) for port in show.ports)
    until(lambda: not list(tmp_path.iterdir()))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGSTOP")
def test_an_app_that_is_frozen_is_told_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(demo, "PATIENCE", 0.5)
    app = start_app("fastapi_01_test_app", ports.free_port())
    app.process.suspend()
    try:
        with pytest.raises(Problem, match=rf"^{demo.APP} does not answer any more: "):
            demo.play(app, {"OUTCOME_DATABASE": str(tmp_path / "outcomes.sqlite3")}, 1)
    finally:
        app.kill()


def test_each_act_is_a_shape_of_traffic_or_one_of_two_others():
    assert [shape for shape, _, _ in demo.ACTS] == [*SHAPES, "other rules", "outage"]


def test_the_accuracy_falls_an_alert_fires_and_a_new_model_mends_it(champion_anew, tmp_path, monkeypatch, capfd):
    app_port, port = [ports.free_port() for _ in range(2)]
    monkeypatch.setenv("COURSE_PORT", str(app_port))
    monkeypatch.setenv("COURSE_PROMETHEUS_PORT", str(port))
    course_store = store.database()
    before = store.aliases_in(course_store)
    settings = _other_rules.new_round(tmp_path / "round") | {"PREDICTION_LOG_PATH": str(tmp_path / "log.jsonl")}
    app = start_own_app(demo.APP, settings)
    server = prometheus_server.start(port, app_port, "1s", tmp_path / "data", keep_data=False)
    prometheus = Prometheus(server.url)

    def answer(query):
        return [float(series["value"][1]) for series in prometheus.ask("query", query=query)["result"]]

    accuracy = "app:titanic_accuracy:ratio"
    with outcomes_come(app.url, known_passengers("calm"), 100):
        until(lambda: answer(f"{accuracy} and app:titanic_outcomes:increase >= 100"))
    (at_first,) = answer(accuracy)
    app = _other_rules.play_other_rules(app, settings, seconds=4, faster=5)
    (lowest,), (at_last,) = answer(f"min_over_time({accuracy}[10m])"), answer(accuracy)
    assert lowest < 0.76 < 0.8 < at_first
    assert at_last > lowest + 0.05
    assert answer(f'count_over_time(ALERTS{{alertname="{_other_rules.ALERT}", alertstate="firing"}}[10m])')
    said = capfd.readouterr().out
    assert said.index("AccuracyBelowTraining fires") < said.index("Version 2 is the challenger: the rule is met.")
    assert said.index("Version 2 is the champion now") < said.index(f"{demo.APP} is stopped.")
    passenger = EXAMPLES[0] | {"Pclass": 1}  # a woman; of this ship's first class, hardly anybody survives
    assert requests.post(f"{app.url}/predict_single", json=passenger).json()["prediction"] == 0
    assert store.aliases_in(tmp_path / "round" / "mlflow.db") == {"champion": 2, "previous": 1}
    assert store.aliases_in(course_store) == before
    stop_all()
    assert not (tmp_path / "data").exists()
    assert processes_of([port, app_port]) == []


def test_a_new_round_begins_with_the_first_champion_and_no_outcomes(champion, tmp_path):
    settings = _other_rules.new_round(tmp_path / "round")
    copy = tmp_path / "round" / "mlflow.db"
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("DELETE FROM registered_model_aliases")
    (tmp_path / "round" / "outcomes.sqlite3").touch()
    assert _other_rules.new_round(tmp_path / "round") == settings
    assert store.aliases_in(copy) == store.aliases_in(store.database())
    assert list((tmp_path / "round").iterdir()) == [copy]


def test_without_a_model_it_does_not_begin(copied_store, monkeypatch, capsys):
    with closing(sqlite3.connect(copied_store)) as connection, connection:
        connection.execute("UPDATE model_versions SET storage_location = 'file:///nowhere', source = 'file:///nowhere'")
        connection.execute("UPDATE logged_models SET artifact_location = 'file:///nowhere'")
    free = [ports.free_port() for _ in range(4)]
    for name, port in zip(["COURSE_PORT", "COURSE_PROMETHEUS_PORT", "COURSE_COLLECTOR_PORT"], free, strict=False):
        monkeypatch.setenv(name, str(port))
    with pytest.raises(Problem, match=rf"^{demo.APP} cannot predict\. .* its files were deleted"):
        demo.demo(free[3], 0.1, browser=False)
    stop_all()
    assert f"{demo.APP} is stopped." in capsys.readouterr().out
    assert not any(map(ports.is_taken, free))


def test_a_store_on_a_server_is_not_copied(monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{ports.free_port()}")
    with pytest.raises(Problem, match=r"a server cannot be copied\. Unset MLFLOW_TRACKING_URI, and begin again;"):
        _other_rules.new_round(tmp_path / "round")


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
