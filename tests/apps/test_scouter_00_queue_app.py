"""scouter_00_queue_app: the app of lesson 07, whose passengers reach Scouter's server, and which does without it."""

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import pandas as pd
import pytest
import requests
from answering import answering
from confluent_kafka.admin import AdminClient, NewTopic
from conftest import ROOT, import_anew
from contract import EVERY_KIND, HEALTH, a_batch_is_as_singles, accepts_and_refuses, post, reason, value
from fastapi.testclient import TestClient
from scouter import Drifter, PsiDriftProfile, ScouterClient, ScouterQueue
from scouter.client import DriftAlertPaginationRequest, DriftRequest, GetProfileRequest, TimeInterval
from scouter.types import DriftType
from serving import serve
from waiting import until

from classroom.servers.app import start_app
from classroom.servers.ports import free_port
from titanic import drift
from titanic.dataset import read_passengers
from titanic.drift.handed import received
from titanic.passenger import EXAMPLES
from titanic.problem import Problem

NAME = "scouter_00_queue_app"
COLLECTOR = "scouter_01_collector_app"


@pytest.fixture(scope="module")
def training():
    """The passengers without gaps, and who survived."""
    passengers, survived = read_passengers()
    passengers = passengers.dropna()
    return passengers, survived[passengers.index]


@pytest.fixture(scope="module")
def running():
    """The real collector, as a process of its own."""
    app = start_app(COLLECTOR, port=free_port())
    yield app
    app.stop()


@pytest.fixture
def profiles(running, training, monkeypatch):
    """Both profiles, new to the collector, and saved for the app."""
    monkeypatch.setenv("SCOUTER_SERVER_URI", running.url)
    psi, custom = drift.psi_profile(training[0]), drift.custom_profile(training[1])
    drift.register(psi, custom)
    return psi, custom


@pytest.fixture
def no_server(monkeypatch):
    """There is no server, only a port at which one could be."""
    port = free_port()
    monkeypatch.setenv("SCOUTER_SERVER_URI", f"http://127.0.0.1:{port}")
    return port


@pytest.fixture
def api(champion, no_server, client):
    """The app, without a server."""
    return client(NAME)


def seen(profile, kind):
    """What the server has of this profile in the last 15 minutes, by feature or metric."""
    request = DriftRequest(profile.uid, "titanic", TimeInterval.FifteenMinutes, 1)
    found = ScouterClient(drift.http_config()).get_binned_drift(request, kind)
    return found.features if kind == DriftType.Psi else found.metrics


def psi_on_server(profile):
    return {name: feature.overall_psi for name, feature in seen(profile, DriftType.Psi).items()}


def rows(passengers, number, seed=0):
    return passengers.sample(number, replace=True, random_state=seed).to_dict("records")


# The app of lesson 07 is still there, with and without a server


def test_it_predicts_as_the_app_of_lesson_07_does(api):
    assert api.get("/").json() == {"message": "Titanic MLflow API is running"}
    a_batch_is_as_singles(api)
    assert [post(api, "/predict_single", one).json()["prediction"] for one in EXAMPLES] == [1, 0, 1]
    assert post(api, "/predict_batch", []).json() == {"batch_predictions": []}


def test_it_accepts_and_refuses_what_the_app_of_lesson_07_does(api):
    accepts_and_refuses(api)


def test_without_a_model_it_is_alive_and_not_ready(client, no_server, empty_store):
    api = client(NAME)
    assert api.get("/health").status_code == 503
    assert api.get("/health").json() == HEALTH | {"status": "model not loaded", "scouter": "down"}
    assert post(api, "/predict_single", EXAMPLES[0]).status_code == 503


def test_a_failing_model_is_an_error_and_its_passenger_is_not_watched(client, no_server, raising_store, caplog):
    api = client(NAME)
    assert reason(post(api, "/predict_single", EXAMPLES[0]), caplog) == "the model is ill"
    assert reason(post(api, "/predict_batch", EXAMPLES), caplog, "Batch prediction") == "the model is ill"
    assert value(api, "scouter_insert_errors_total") == 0


# What reaches the server


def test_all_passengers_reach_the_server(client, champion, profiles, training):
    passengers = rows(training[0], 1_250)
    api = client(NAME)
    assert api.get("/health").json() == HEALTH | {"scouter": "up"}
    assert value(api, "scouter_server_up") == 1
    post(api, "/predict_batch", passengers[:1_200])
    for passenger in passengers[1_200:]:
        post(api, "/predict_single", passenger)
    assert value(api, "scouter_insert_errors_total") == 0
    api.__exit__()  # the app ends, and its queue is flushed
    psi, custom = profiles
    offline = Drifter().compute_drift(pd.DataFrame(passengers)[list(EXAMPLES[0])], psi).features
    until(lambda: psi_on_server(psi) == pytest.approx(offline, abs=1e-9))
    means = seen(custom, DriftType.Custom)["survival_probability"].stats
    assert len(means) == 1
    assert abs(means[0].avg - custom.metrics["survival_probability"]) < 0.1


def test_other_passengers_raise_an_alert_and_the_same_ones_do_not(client, champion, profiles, training):
    psi, _ = profiles
    request = DriftAlertPaginationRequest(psi.uid, active=True, limit=100)
    server = ScouterClient(drift.http_config())
    api = client(NAME)
    post(api, "/predict_batch", rows(training[0], 1_000))
    until(lambda: psi_on_server(psi))
    assert server.get_alerts(request).items == []
    passengers = training[0]
    post(api, "/predict_batch", rows(passengers[(passengers["Pclass"] == 3) & (passengers["Age"] > 35)], 1_000))
    until(lambda: {alert.entity_name for alert in server.get_alerts(request).items} >= {"Age", "Pclass"})


def test_the_profile_knows_every_category_that_the_app_accepts(training):
    passengers = training[0]
    with pytest.raises(ValueError, match="no passenger has Embarked Q, but the app accepts it"):
        drift.psi_profile(passengers[passengers["Embarked"] != "Q"])
    with pytest.raises(ValueError, match="no passenger has Pclass 2, but the app accepts it"):
        drift.psi_profile(passengers[passengers["Pclass"] != 2])
    psi = drift.psi_profile(passengers)
    found = Drifter().compute_drift(pd.DataFrame(EVERY_KIND), psi).features
    assert set(found) == set(EXAMPLES[0])


def test_a_profile_that_was_saved_and_read_finds_no_drift_in_its_own_training_data(training):
    read_again = PsiDriftProfile.model_validate_json(drift.psi_profile(training[0]).model_dump_json())
    assert max(Drifter().compute_drift(training[0], read_again).features.values()) < 1e-12


def test_a_few_predictions_are_no_mean_and_raise_no_alert(client, champion, profiles):
    psi, custom = profiles
    api = client(NAME)
    lady = EXAMPLES[0] | {"Pclass": 1, "Sex": "female"}  # she survives with 0.93: a mean of one would be far off
    post(api, "/predict_batch", [lady] * (drift.SIZE - 1))
    api.__exit__()  # the app ends, and its queue is flushed
    until(lambda: psi_on_server(psi))
    assert seen(custom, DriftType.Custom) == {}
    api = client(NAME)
    post(api, "/predict_batch", [lady] * drift.SIZE)
    until(lambda: seen(custom, DriftType.Custom))
    server = ScouterClient(drift.http_config())
    assert server.get_alerts(DriftAlertPaginationRequest(custom.uid, active=True, limit=100)).items


def test_profiles_that_are_registered_again_are_used_from_then_on(champion, profiles, training):
    module = import_anew(NAME)
    module.PROBE_SECONDS = 0.1
    with TestClient(module.app) as api:
        again = drift.psi_profile(training[0]), drift.custom_profile(training[1])
        drift.register(*again)
        until(lambda: api.app.state.profiles == drift.read_profiles())
        post(api, "/predict_batch", rows(training[0], 1_000))
        until(lambda: psi_on_server(again[0]))
    assert psi_on_server(profiles[0]) == {}
    assert value(api, "scouter_insert_errors_total") == 0


def test_a_server_that_has_forgotten_the_profiles_is_noticed_and_told_them_again(
    champion, no_server, training, tmp_path, monkeypatch, caplog
):
    monkeypatch.setenv("COLLECTOR_DATABASE", str(tmp_path / "collector.sqlite3"))
    server = start_app(COLLECTOR, port=no_server)
    drift.register(drift.psi_profile(training[0]), drift.custom_profile(training[1]))
    module = import_anew(NAME)
    module.PROBE_SECONDS, module.PROBES_BETWEEN_CHECKS = 0.1, 1
    with TestClient(module.app) as api:
        assert api.get("/health").json()["scouter"] == "up"
        server.kill()
        (tmp_path / "collector.sqlite3").unlink()
        server = start_app(COLLECTOR, port=no_server)
        until(lambda: api.get("/health").json()["scouter"] == "unknown profile")
        assert value(api, "scouter_server_up") == 0
        post(api, "/predict_single", EXAMPLES[0])
        assert value(api, "scouter_insert_errors_total") == 1
        assert "Scouter's server does not know the profiles" in caplog.text
        drift.register(drift.psi_profile(training[0]), drift.custom_profile(training[1]))
        until(lambda: api.get("/health").json()["scouter"] == "up")
    server.stop()


@pytest.mark.parametrize(
    ("status", "state"), [(200, "unknown profile"), (404, "unknown profile"), (401, "wrong password"), (500, "down")]
)
def test_only_a_server_that_says_so_does_not_know_the_profiles(profiles, monkeypatch, status, state):
    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status if self.path.startswith("/scouter/profile") else 200)
            self.end_headers()
            self.wfile.write(b'{"token": "x"}')

    with answering(Server) as server:
        monkeypatch.setenv("SCOUTER_SERVER_URI", server.url)
        assert drift.server_state() == state
        told = "is there, but does not say which profiles it knows" if state == "down" else drift.REASONS[state]
        assert told in drift.reason(state)


def test_a_wrong_password_is_told_as_that_and_no_passenger_seems_to_be_watched(
    client, champion, profiles, monkeypatch, caplog
):
    monkeypatch.setenv("SCOUTER_PASSWORD", "wrong")
    api = client(NAME)
    assert api.get("/health").json()["scouter"] == "wrong password"
    assert value(api, "scouter_server_up") == 0
    post(api, "/predict_batch", EXAMPLES)
    assert value(api, "scouter_insert_errors_total") == 3
    assert "Scouter's server refuses SCOUTER_USERNAME and SCOUTER_PASSWORD" in caplog.text
    failed = subprocess.run(
        [sys.executable, "-m", "titanic.drift"], cwd=ROOT / "apps", capture_output=True, text=True, check=False
    )
    assert failed.returncode == 1
    assert "refuses SCOUTER_USERNAME" in failed.stderr
    assert "Start it first" not in failed.stderr + failed.stdout


@pytest.mark.parametrize("password", [" admin", "adm\nin"])
def test_a_password_that_no_header_can_carry_is_told_in_one_sentence(client, champion, running, monkeypatch, password):
    monkeypatch.setenv("SCOUTER_SERVER_URI", running.url)
    monkeypatch.setenv("SCOUTER_PASSWORD", password)
    sentence = (
        "SCOUTER_PASSWORD is not right: it begins or ends with a blank, or has a line break in it; "
        "HTTP cannot carry that."
    )
    with pytest.raises(Problem, match=f"^{sentence}$"):
        client(NAME)
    made = [sys.executable, "-m", "titanic.drift"]
    failed = subprocess.run(made, cwd=ROOT / "apps", capture_output=True, text=True, check=False)
    assert (failed.returncode, failed.stderr) == (1, f"{sentence}\n")


@pytest.mark.parametrize("broker", ["redis", "rabbitmq", "tansu"])
def test_the_records_travel_by_the_broker_that_the_environment_names(
    champion, no_server, training, brokers, tmp_path, monkeypatch, broker
):
    channel = f"test{no_server}"
    variables = dict.fromkeys(["REDIS_CHANNEL", "RABBITMQ_QUEUE", "KAFKA_TOPIC"], channel) | brokers(broker).settings
    variables |= {"COLLECTOR_DATABASE": str(tmp_path / "collector.sqlite3"), "SCOUTER_SHUTDOWN_SECONDS": "1"}
    for name, setting in variables.items():
        monkeypatch.setenv(name, setting)
    if broker == "tansu":
        admin = AdminClient({"bootstrap.servers": variables["KAFKA_BROKERS"]})
        admin.create_topics([NewTopic(channel, num_partitions=1)])[channel].result()
    collector = start_app(COLLECTOR, port=no_server)
    psi = drift.psi_profile(training[0])
    drift.register(psi, drift.custom_profile(training[1]))
    transport = "kafka" if broker == "tansu" else broker
    until(
        lambda: f'collector_broker_up{{transport="{transport}"}} 1.0' in requests.get(f"{collector.url}/metrics").text
    )
    module = import_anew(NAME)
    module.PROBE_SECONDS = 0.1
    with TestClient(module.app) as api:
        post(api, "/predict_batch", rows(training[0], 1_000))
        until(lambda: psi_on_server(psi))
        page = requests.get(f"{collector.url}/metrics").text
        assert f'collector_messages_total{{outcome="stored",transport="{transport}"}} 0.0' not in page
        assert 'collector_messages_total{outcome="stored",transport="http"} 0.0' in page

        collector.stop()
        until(lambda: api.get("/health").json()["scouter"] == "down")
        post(api, "/predict_batch", rows(training[0], 1_000))  # two of the brokers keep them meanwhile
        kept = broker != "redis"
        assert value(api, "scouter_insert_errors_total") == (0 if kept else 1_000)
        collector = start_app(COLLECTOR, port=no_server)
        until(lambda: received(psi.uid, "2026-01-01T00:00:00Z") == (2_000 if kept else 1_000))
    collector.stop()


def test_a_queue_that_is_closed_by_two_at_once_is_closed_once(profiles, monkeypatch):
    monkeypatch.setenv("SCOUTER_SHUTDOWN_SECONDS", "0")
    queue = ScouterQueue.from_profile(drift.load_profiles(drift.read_profiles()), drift.http_config())
    handed, inside = drift.Handed(drift.read_profiles()), []

    class Shared:
        def shutdown(self):
            inside.append(1)
            drift.close(self, handed)
            queue.shutdown()

    drift.close(Shared(), handed)
    assert inside == [1]


# Without a server


def test_without_a_server_passengers_are_counted_and_the_reason_is_logged_once(api, caplog):
    assert api.get("/health").status_code == 200
    assert api.get("/health").json() == HEALTH | {"scouter": "down"}
    assert value(api, "scouter_server_up") == 0
    for passenger in EXAMPLES:
        assert post(api, "/predict_single", passenger).status_code == 200
    assert post(api, "/predict_batch", EXAMPLES * 10).status_code == 200
    assert value(api, "scouter_insert_errors_total") == 33
    assert caplog.text.count("A passenger is not watched for drift: Scouter's server does not answer") == 1


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"Psi": {}}', b"[1]", b"\xff\xfe{\x00"])
def test_without_readable_profiles_it_predicts_and_says_what_to_do(client, champion, profiles, caplog, content):
    path = drift.profile_paths()["psi"]
    path.unlink() if content is None else path.write_bytes(content)
    api = client(NAME)
    assert post(api, "/predict_single", EXAMPLES[0]).status_code == 200
    assert value(api, "scouter_insert_errors_total") == 1
    assert "Run lesson 15" in caplog.text


@pytest.mark.parametrize("by", ["download_profile", "model_dump_json", "an editor"])
def test_a_profile_works_however_it_came_into_its_file(client, champion, profiles, training, by):
    """Saved with save_to_json: this is what all other tests do."""
    kinds = DriftType.Psi, DriftType.Custom
    for profile, kind, path in zip(profiles, kinds, drift.profile_paths().values(), strict=True):
        if by == "download_profile":
            request = GetProfileRequest("survival", "titanic", profile.config.version, kind)
            ScouterClient(drift.http_config()).download_profile(request, path)
            assert len(json.loads(path.read_text(encoding="utf-8"))) == 1  # its type is around it
        else:
            path.write_text(profile.model_dump_json(), encoding="utf-8" if by == "model_dump_json" else "utf-8-sig")
    api = client(NAME)
    assert api.get("/health").json()["scouter"] == "up"
    post(api, "/predict_batch", rows(training[0], 1_000))
    until(lambda: psi_on_server(profiles[0]))


def test_a_profile_that_the_client_cannot_read_is_no_server_that_takes_records(client, champion, profiles):
    path = drift.profile_paths()["psi"]
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"features": None}))
    api = client(NAME)
    assert api.get("/health").json()["scouter"] == "no profiles"
    assert value(api, "scouter_server_up") == 0


def test_a_client_that_panics_costs_no_prediction(client, champion, profiles, monkeypatch):
    api = client(NAME)
    monkeypatch.setattr(drift.sample, "SIZE", 1)  # each prediction is a mean
    # A metric that is no number is what Scouter's client really panics at; PanicException is no Exception.
    monkeypatch.setattr(sys.modules[NAME], "Metrics", lambda metrics: sys.modules["scouter"].Metrics({"wrong": "x"}))
    assert post(api, "/predict_single", EXAMPLES[0]).status_code == 200
    assert post(api, "/predict_batch", EXAMPLES).status_code == 200
    assert value(api, "scouter_insert_errors_total") == 4


def test_a_server_that_comes_and_goes_is_noticed(champion, profiles, no_server, training, tmp_path, monkeypatch):
    monkeypatch.setenv("COLLECTOR_DATABASE", str(tmp_path / "collector.sqlite3"))
    module = import_anew(NAME)
    module.PROBE_SECONDS = 0.1
    with TestClient(module.app) as api:
        scouter = lambda: api.get("/health").json()["scouter"]  # noqa: E731
        assert scouter() == "down"
        server = start_app(COLLECTOR, port=no_server)
        psi = drift.psi_profile(training[0])
        drift.register(psi, profiles[1])
        until(lambda: scouter() == "up")
        for _ in range(2):
            server.kill()
            until(lambda: scouter() == "down")
            assert value(api, "scouter_server_up") == 0
            assert post(api, "/predict_single", EXAMPLES[0]).status_code == 200
            server = start_app(COLLECTOR, port=no_server)
            until(lambda: scouter() == "up")
        post(api, "/predict_batch", rows(training[0], 1_000))
        until(lambda: set(psi_on_server(psi)) == set(EXAMPLES[0]))
    server.stop()
    assert module.scouter_insert_errors_total._value.get() == 2


def test_a_server_that_accepts_and_never_answers_holds_nothing_up(client, champion, monkeypatch):
    with socket.create_server(("127.0.0.1", free_port())) as silent:
        monkeypatch.setenv("SCOUTER_SERVER_URI", f"http://127.0.0.1:{silent.getsockname()[1]}")
        api = client(NAME)
        assert api.get("/health").json()["scouter"] == "down"
        assert post(api, "/predict_batch", EXAMPLES).status_code == 200
        assert value(api, "scouter_insert_errors_total") == 3  # and not kept in memory


def test_an_address_that_is_none_is_a_server_that_does_not_answer(client, champion, monkeypatch):
    monkeypatch.setenv("SCOUTER_SERVER_URI", "http://127..0.0.1:8090")  # requests finds that out late, by a ValueError
    api = client(NAME)
    assert api.get("/health").json()["scouter"] == "down"
    assert drift.reason("down") == drift.REASONS["down"]
    assert post(api, "/predict_batch", EXAMPLES).status_code == 200


@pytest.mark.parametrize("redirected", ["healthcheck", "auth/login"])
def test_a_server_that_points_elsewhere_is_not_followed_with_the_password(monkeypatch, redirected):
    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"token": "x"}')

    class Server(Elsewhere):
        def do_GET(self):
            is_redirected = self.path.endswith(redirected)
            self.send_response(302 if is_redirected else 200)
            self.send_header("Location", f"{elsewhere.url}{self.path}" if is_redirected else "")
            self.end_headers()

    asked = []
    with answering(Elsewhere) as elsewhere, answering(Server) as server:
        monkeypatch.setenv("SCOUTER_SERVER_URI", server.url)
        assert drift.connection() == "down"
        assert "is another program" in drift.reason("down")
    assert asked == []


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot halt a process by a signal")
def test_while_the_server_hangs_nothing_piles_up_in_the_queue(champion, no_server, training, tmp_path, monkeypatch):
    monkeypatch.setenv("COLLECTOR_DATABASE", str(tmp_path / "collector.sqlite3"))
    server = start_app(COLLECTOR, port=no_server)
    drift.register(drift.psi_profile(training[0]), drift.custom_profile(training[1]))
    uvicorn = server.process
    module = import_anew(NAME)
    module.PROBE_SECONDS = 0.1
    try:
        with TestClient(module.app) as api:
            assert api.get("/health").json()["scouter"] == "up"
            uvicorn.suspend()
            until(lambda: api.get("/health").json()["scouter"] == "down")
            assert post(api, "/predict_batch", EXAMPLES * 100).status_code == 200
            assert value(api, "scouter_insert_errors_total") == 300
            uvicorn.resume()
            until(lambda: api.get("/health").json()["scouter"] == "up")
            post(api, "/predict_batch", EXAMPLES)
            assert value(api, "scouter_insert_errors_total") == 300
    finally:
        uvicorn.resume()
        server.stop()


# The end


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot halt a process by a signal")
def test_the_end_waits_for_a_server_that_stands_still_and_says_what_has_not_arrived(
    client, champion, profiles, running, training, monkeypatch, caplog
):
    uvicorn = running.process
    received = sys.modules["titanic.drift.handed"].received
    for seconds, arrived in (10, 3_000), (0.2, 0):
        drift.register(*profiles)  # a new version, which has no records yet
        since = datetime.now(UTC).isoformat()
        monkeypatch.setenv("SCOUTER_SHUTDOWN_SECONDS", str(seconds))
        api = client(NAME)
        uvicorn.suspend()
        assert post(api, "/predict_batch", rows(training[0], 3_000)).status_code == 200
        goes_on = threading.Timer(1.5 if arrived else 30, uvicorn.resume)
        goes_on.start()
        api.__exit__()
        goes_on.cancel()
        uvicorn.resume()
        if arrived:
            assert [received(profile.uid, since) for profile in profiles] == [3_000, 30]
            assert "The drift queue is shut down" not in caplog.text
        else:
            assert "The drift queue is shut down. 3000 of 3000 (psi), 30 of 30 (custom) may be lost" in caplog.text


@pytest.mark.parametrize("lost", [0, 1_000])
def test_the_end_knows_what_has_not_arrived_also_after_the_server_was_away(
    champion, no_server, training, tmp_path, monkeypatch, caplog, lost
):
    monkeypatch.setenv("COLLECTOR_DATABASE", str(tmp_path / "collector.sqlite3"))
    monkeypatch.setenv("SCOUTER_SHUTDOWN_SECONDS", "3")
    server = start_app(COLLECTOR, port=no_server)
    psi, custom = drift.psi_profile(training[0]), drift.custom_profile(training[1])
    drift.register(psi, custom)
    module = import_anew(NAME)
    module.PROBE_SECONDS = 1
    with TestClient(module.app) as api:
        since = "2026-01-01T00:00:00Z"
        post(api, "/predict_batch", rows(training[0], 500))  # they wait in the queue, and their means arrive
        until(lambda: received(custom.uid, since) == 5)
        server.kill()
        if lost:  # before the probe has looked
            post(api, "/predict_batch", rows(training[0], lost))
        until(lambda: api.get("/health").json()["scouter"] == "down")
        server = start_app(COLLECTOR, port=no_server)
        until(lambda: api.get("/health").json()["scouter"] == "up")
        until(lambda: received(psi.uid, since) == 500)  # what the queue of before had left
        post(api, "/predict_batch", rows(training[0], 100))
    assert received(psi.uid, since) == 600
    server.stop()
    said = "".join(record.getMessage() for record in caplog.records if "is shut down" in record.getMessage())
    told = "The drift queue is shut down. 1000 of 1600 (psi), 10 of 16 (custom) have not arrived."
    assert said == (told if lost else "")


@pytest.mark.parametrize(
    ("arrived", "missing"),
    [(2_500, {"psi": 2_000, "custom": 20}), (4_500, {}), (5_000, None), (KeyError("received"), None)],
)
def test_what_is_missing_is_known_unless_the_server_does_not_count_or_counts_those_of_others_too(
    monkeypatch, arrived, missing
):
    def received(uid, since):
        if isinstance(arrived, Exception):
            raise arrived
        return arrived if uid == "one" else arrived // 100

    monkeypatch.setattr("titanic.drift.handed.received", received)
    handed = drift.Handed(
        {name: json.dumps({"config": {"uid": uid}}) for name, uid in [("psi", "one"), ("custom", "two")]}
    )
    for name, number in ("psi", 4_500), ("custom", 45):
        for _ in range(number):
            handed.add(name)
    assert handed.missing() == missing


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that asks a process to end")
def test_a_process_that_is_asked_to_end_sends_its_queue_and_a_killed_one_loses_it(champion, profiles, running):
    psi = profiles[0]
    for killed in (True, False):
        with serve(NAME, SCOUTER_SERVER_URI=running.url) as app:
            for passenger in EXAMPLES:
                app.post("/predict_single", json=passenger)
            if killed:
                app.kill()
        assert bool(psi_on_server(psi)) != killed


def test_predictions_are_as_fast_without_the_server_as_with_it(champion, profiles, running, no_server):
    quiet = ("--log-level", "error")
    with (
        serve(NAME, *quiet, SCOUTER_SERVER_URI=running.url) as app,
        serve(NAME, *quiet, SCOUTER_SERVER_URI=f"http://127.0.0.1:{no_server}") as lonely,
        requests.Session() as session,
    ):
        durations = {app.url: [], lonely.url: []}
        for _ in range(100):
            for url, times in durations.items():
                start = time.perf_counter()
                session.post(f"{url}/predict_single", json=EXAMPLES[0])
                times.append(time.perf_counter() - start)
    with_server, without = (statistics.median(times[10:]) for times in durations.values())
    assert 0.5 < without / with_server < 2


def test_profiles_can_be_made_without_the_lesson(profiles, no_server, running):
    command = [sys.executable, "-m", "titanic.drift"]
    failed = subprocess.run(command, cwd=ROOT / "apps", capture_output=True, text=True)
    assert failed.returncode == 1
    assert "python course.py app scouter_01_collector_app" in failed.stderr
    assert "Traceback" not in failed.stderr
    before = json.loads(drift.profile_paths()["psi"].read_text(encoding="utf-8"))["config"]["uid"]
    env = os.environ | {"SCOUTER_SERVER_URI": running.url}
    made = subprocess.run(command, cwd=ROOT / "apps", env=env, capture_output=True, text=True, check=True)
    assert "Two profiles of 1043 passengers are registered" in made.stdout
    after = json.loads(drift.profile_paths()["psi"].read_text(encoding="utf-8"))["config"]["uid"]
    assert after != before
