"""The alerts: a real app, a real Prometheus and real requests, at the pace of a lesson, with a scrape each second."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest
import requests
import yaml
from waiting import until

from classroom import start_app
from classroom.prometheus import ask, promql, start_prometheus, wait_for_scrape
from classroom.servers import prometheus_release
from classroom.traffic import SHAPES, be_a_client, real_passengers
from classroom.wrong_model import store_with_wrong_model
from titanic.passenger import EXAMPLES

GOLDEN_SIGNALS = Path(__file__).resolve().parents[1] / "prometheus" / "rules" / "golden_signals.yml"

pytestmark = pytest.mark.skipif(prometheus_release.find() is None, reason="there is no Prometheus here")


@pytest.fixture(scope="module")
def server():
    """The Prometheus of a lesson."""
    server = start_prometheus()
    yield server
    server.stop()


def alert(name):
    """The alert of this name; its state is pending, firing or, if Prometheus has none, over."""
    return next((alert for alert in ask("alerts")["alerts"] if alert["labels"]["alertname"] == name), {"state": "over"})


def wait_for(name, state):
    """Wait until this alert is in this state; return the alert."""
    until(lambda: alert(name)["state"] == state, 60, lambda: f"the alerts: {ask('alerts')}")
    return alert(name)


def value(record):
    """The only value of this recording rule; None if there is none."""
    values = promql(record)["value"].tolist()
    assert len(values) <= 1
    return values[0] if values else None


@contextmanager
def traffic(app, shape):
    """Traffic of this shape until the block ends; then .codes are the status codes that came back."""
    clients, pause = SHAPES[shape]
    over, sent = Event(), SimpleNamespace(codes=set())
    with ThreadPoolExecutor(clients) as pool:
        told = [pool.submit(be_a_client, app.url, shape, pause, over, n, real_passengers()) for n in range(clients)]
        try:
            yield sent
        finally:
            over.set()
        sent.codes = {code for client in told for code in client.result()}


def test_a_burst_of_500s_fires_the_alert_and_it_resolves(server):
    app = start_app("prometheus_01_four_signal_monitor_app", tracking_uri=store_with_wrong_model())
    try:
        with traffic(app, "calm") as burst:
            wait_for("HighErrorRatio", "pending")
            firing = wait_for("HighErrorRatio", "firing")
            assert firing["annotations"]["summary"] == "100% of the requests to fastapi_app fail on the server."
            for rule in yaml.safe_load(GOLDEN_SIGNALS.read_text(encoding="utf-8"))["groups"][0]["rules"]:
                assert value(rule["record"]) >= 0, rule["record"]
        assert burst.codes == {"500"}
        with traffic(app, "bad client") as bad_client:
            until(lambda: value("app:http_errors:ratio") == 0)
            wait_for("HighErrorRatio", "over")
        assert bad_client.codes == {"404", "422"}
        until(lambda: value("app:http_requests_in_progress:max") == 0)
    finally:
        app.stop()


def test_the_first_burst_of_errors_is_seen(server, tmp_path):
    app = start_app("prometheus_01_four_signal_monitor_app", tracking_uri=f"sqlite:///{tmp_path / 'none.db'}")
    try:
        wait_for_scrape()  # it has seen the 0
        answers = [requests.post(f"{app.url}/predict_single", json=EXAMPLES[0], timeout=30) for _ in range(40)]
        assert {answer.status_code for answer in answers} == {503}
        until(lambda: (value("app:http_errors:ratio") or 0) > 0.9)
        assert promql("sum(increase(http_errors_total[1m]))")["value"].tolist()[0] >= 40
    finally:
        app.stop()


def test_a_stopped_app_is_an_alert_until_it_runs_again(server):
    app = start_app("prometheus_00_simple_monitoring_app")
    try:
        wait_for("AppDown", "over")
        app.stop()
        wait_for("AppDown", "pending")
        assert wait_for("AppDown", "firing")["labels"]["severity"] == "page"
        app = start_app("prometheus_00_simple_monitoring_app")
        wait_for("AppDown", "over")
    finally:
        app.stop()
