"""The dashboard: it is what its script builds, Grafana can read it, and each of its panels shows real numbers."""

import itertools
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import numpy as np
import promql_parser
import pytest
import requests
from collecting import USER, as_json, log_in, names_of_drift, passengers
from conftest import import_anew
from contract import value
from prometheus_client import REGISTRY
from serving import serve
from waiting import until

import build_dashboard
from classroom import prometheus, start_app
from classroom.servers import ports, prometheus_release
from dashboard_preview.durations import milliseconds
from dashboard_preview.queries import ask_all, fill_in
from titanic import drift
from titanic.dataset import read_passengers
from titanic.passenger import EXAMPLES

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "grafana_dashboard"
FILE = FOLDER / "titanic_api_simple_app_monitoring.json"
DASHBOARD = json.loads(FILE.read_text(encoding="utf-8"))
ALL = DASHBOARD["panels"]
PANELS = [panel for panel in ALL if panel["type"] != "row"]
QUERIES = [query for panel in PANELS for query in panel["targets"]]
ANNOTATIONS = DASHBOARD["annotations"]["list"]
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
MADE_BY_PROMETHEUS = {"up", "ALERTS"}
ALERTS = {"Which alerts fire now", "Alerts over time"}  # these are empty while nothing is wrong, and say so
# And these while there is no collector.
DRIFT = {"Drift: PSI of each feature", "Drift alerts", "Passengers in the last hour", "Custom metrics: mean"}
# And these while the app takes no outcomes.
OUTCOMES = {
    "Accuracy: by outcomes, estimated", "Precision and recall", "Outcomes: right and wrong",
    "Predictions without an outcome",
}  # fmt: skip
MACROS = {"__rate_interval": "1m", "__interval": "15s", "__range": "15m"}

each_panel = pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
each_query = pytest.mark.parametrize("query", QUERIES, ids=lambda query: query["expr"][:50])
needs_server = pytest.mark.skipif(prometheus_release.find() is None, reason="there is no Prometheus here")


# The file


def test_the_committed_file_is_what_the_script_builds():
    assert FILE.read_text(encoding="utf-8") == build_dashboard.text()


def test_the_folder_holds_one_json_file():
    assert list(FOLDER.rglob("*.json")) == [FILE]


def test_it_has_the_name_the_time_range_and_the_refresh_of_the_lesson():
    assert DASHBOARD["title"] == "Titanic API - Simple App Monitoring"
    assert DASHBOARD["time"] == {"from": "now-15m", "to": "now"}
    assert DASHBOARD["refresh"] == "5s"
    assert DASHBOARD["schemaVersion"] == 42


def test_one_file_serves_import_and_provisioning():
    assert DASHBOARD.get("id") is None
    assert re.fullmatch(r"[\w-]{1,40}", DASHBOARD["uid"])
    assert "__inputs" not in DASHBOARD
    variables = DASHBOARD["templating"]["list"]
    assert [(variable["name"], variable["type"], variable["query"]) for variable in variables] == [
        ("datasource", "datasource", "prometheus")
    ]


def test_grafanas_own_schema_accepts_it():
    schema = json.loads((ROOT / "tests" / "helpers" / "dashboard.jsonschema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(DASHBOARD)


# The grid


def test_each_panel_has_a_number_of_its_own():
    identities = [panel["id"] for panel in ALL]
    assert len(set(identities)) == len(identities)
    assert all(isinstance(identity, int) and identity > 0 for identity in identities)


def test_nothing_overlaps_and_nothing_leaves_the_grid():
    cells = []
    for panel in ALL:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        columns, rows = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        cells += itertools.product(columns, rows)
    assert len(set(cells)) == len(cells)
    assert len(cells) == 24 * (max(row for _, row in cells) + 1)  # and there are no holes


def test_the_rows_are_the_ones_of_the_lesson():
    first = [panel["title"] for panel in ALL if panel["gridPos"]["y"] == 0]
    assert len(first) == 6
    assert {panel["type"] for panel in ALL[:6]} == {"stat"}
    assert [panel["title"] for panel in ALL if panel["type"] == "row"] == [
        "The four golden signals", "The model", "Saturation in detail", "Alerts",
        "Was it right?", "Drift",
    ]  # fmt: skip
    golden = [panel["title"].split(":")[0] for panel in ALL[7:11]]
    assert golden == ["Traffic", "Errors", "Latency", "Saturation"]


# The panels


@each_panel
def test_a_panel_says_what_it_shows_and_what_to_do(panel):
    assert 8 <= len(panel["title"]) <= 36
    assert len(panel["description"]) > 80
    assert panel["description"].endswith((".", "?"))
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["unit"]
    assert panel["datasource"] == SOURCE
    assert all(query["datasource"] == SOURCE for query in panel["targets"])
    assert len({query["refId"] for query in panel["targets"]}) == len(panel["targets"])
    if panel["type"] != "heatmap":  # its colours are no thresholds
        assert defaults["thresholds"]["steps"][0]["value"] is None


@pytest.mark.parametrize("panel", [panel for panel in PANELS if panel["type"] in ("stat", "bargauge")], ids=str)
def test_a_panel_with_one_number_asks_about_now(panel):
    # The last value of a time range would still be shown long after an app has gone.
    assert all(query["instant"] and not query["range"] for query in panel["targets"])


def test_the_order_of_bars_and_rows_does_not_depend_on_prometheus():
    (bars,) = [panel for panel in PANELS if panel["type"] == "bargauge"]
    assert [query["legendFormat"] for query in bars["targets"]] == ["batch", "simulation", "single"]
    assert all(re.match(r"sum\(", query["expr"]) for query in bars["targets"])  # one series each
    (table,) = [panel for panel in PANELS if panel["type"] == "table"]
    assert [column["displayName"] for column in table["options"]["sortBy"]] == ["Alert"]


@each_panel
def test_a_colour_is_given_to_a_series_that_can_be(panel):
    legends = {query["legendFormat"] for query in panel["targets"]}
    for override in panel["fieldConfig"]["overrides"]:
        (name,) = override["matcher"]["options"]["names"]
        assert name in legends or any("{{" in legend for legend in legends)


# The queries


def metrics_in(expr):
    """The metrics that an expression names."""
    found = set()

    def note(part):
        if isinstance(part, promql_parser.VectorSelector):
            found.add(part.name)
        if isinstance(part, promql_parser.MatrixSelector):
            found.add(part.vector_selector.name)

    promql_parser.walk(promql_parser.parse(fill_in(expr, MACROS)), note)
    return found


@each_query
def test_an_expression_can_be_parsed(query):
    filled_in = fill_in(query["expr"], MACROS)
    assert "$" not in filled_in
    promql_parser.parse(filled_in)


def test_a_broken_expression_would_be_found():
    with pytest.raises(ValueError, match="unclosed left parenthesis"):
        promql_parser.parse("sum(rate(up[1m])")


@each_query
def test_a_window_is_one_that_grafana_works_out(query):
    windows = re.findall(r"\[(.*?)\]", query["expr"])
    assert set(windows) <= {"$__rate_interval", "$__range"}


@pytest.mark.parametrize("annotation", [one for one in ANNOTATIONS if "expr" in one], ids=lambda one: one["name"])
def test_no_change_falls_between_two_looks(annotation):
    (window,) = re.findall(r"\[(.*?)\]", annotation["expr"])
    # A change is seen by two scrapes, 15 seconds from each other; both must be in one window.
    assert milliseconds(window) >= milliseconds(annotation["step"]) + 15_000


@each_query
def test_the_visits_of_prometheus_and_of_health_checks_are_no_traffic(query):
    for selector in re.findall(
        r"http_(?:requests_total|errors_total|request_duration_seconds_bucket)({.*?})?\[", query["expr"]
    ):
        zero = "0 * sum(rate(http_requests_total[" in query["expr"]
        assert 'endpoint!~"/metrics|/health"' in selector or (selector == "" and zero)


def test_every_metric_is_one_that_the_app_exports():
    exported = set()
    for app in ("prometheus_04_multi_execute_app", "prometheus_05_outcome_app", "fastapi_08_shadow_app"):
        import_anew(app)
        exported |= {name for names in REGISTRY._collector_to_names.values() for name in names}
    asked = set().union(*(metrics_in(query["expr"]) for query in [*QUERIES, *ANNOTATIONS]))
    assert asked - MADE_BY_PROMETHEUS <= exported | names_of_drift()
    assert names_of_drift() <= asked
    assert {
        "http_requests_total", "http_request_duration_seconds_bucket", "http_errors_total", "http_requests_in_progress",
        "cpu_usage_percent", "memory_usage_bytes", "titanic_predictions_total", "titanic_predictions_output_total",
        "prediction_type_total", "passenger_age_distribution_bucket", "model_inference_seconds_bucket",
        "titanic_outcomes_total", "titanic_outcomes_pending", "titanic_estimated_accuracy", "titanic_model_version",
    } <= asked  # fmt: skip


# The queries, asked of a real Prometheus that watches the real app


def ask(watched, minutes=1):
    """What each panel gets: its answer, by its title."""
    widths = {place: 300 for place, panel in enumerate(ALL) if panel["type"] != "row"}
    answers = ask_all(DASHBOARD, watched.prometheus.url, minutes, widths)
    return {ALL[place]["title"]: answer for place, answer in answers.items()}


def last(answer):
    """The last number of each series, by its name in the legend."""
    return {series.name: series.values[-1] for series in answer.series}


def empty_panels(answers):
    """The panels that would show nothing."""
    full = {title for title, answer in answers.items() if any(np.isfinite(one.values).any() for one in answer.series)}
    return set(answers) - full


@pytest.mark.parametrize("gauge", ["http_requests_in_progress", "cpu_usage_percent", "memory_usage_bytes"])
def test_each_instance_has_a_line_of_its_own_where_the_limit_is_that_of_one(gauge):
    (query,) = [query for query in QUERIES if gauge in query["expr"]]
    assert (query["expr"], query["legendFormat"]) == (f"sum by (instance) ({gauge})", "{{instance}}")


@needs_server
def test_every_panel_shows_real_numbers(watched):
    until(lambda: empty_panels(ask(watched)) <= ALERTS | DRIFT | OUTCOMES)
    answers = ask(watched)
    assert not any(answer.problem for answer in answers.values())
    # While nothing fails, the panels about errors show 0, and not "No data".
    assert [*last(answers["Requests that fail"]).values()] == [0]
    assert last(answers["Errors: requests per second"]) == {"failed (5xx)": 0, "refused (4xx)": 0}
    assert [*last(answers["Alerts that fire"]).values()] == [len(answers["Which alerts fire now"].series)]
    assert [*last(answers["Is the app up?"]).values()] == [1]
    assert set(last(answers["Traffic: requests per second"])) >= {
        "/predict_single", "/predict_batch", "/simulate_predictions",
    }  # fmt: skip
    assert "/metrics" not in last(answers["Traffic: requests per second"])
    assert [*last(answers["Who asked: single, batch, simulation"])] == ["batch", "simulation", "single"]
    assert set(last(answers["Answers: share of each class"])) == {"survives", "does not survive"}
    assert len(answers["Ages of the passengers"].series) == 10


@needs_server
def test_the_numbers_agree_with_each_other(watched):
    until(lambda: empty_panels(ask(watched)) <= ALERTS | DRIFT | OUTCOMES)
    answers = ask(watched)
    (requests_a_second,) = last(answers["Requests per second"]).values()
    assert requests_a_second > 0
    (survived,) = last(answers["Predicted to survive"]).values()
    assert 0 < survived < 1
    ages = np.array([series.values[-1] for series in sorted(answers["Ages of the passengers"].series, key=upper_limit)])
    assert ages[-1] == 1  # all are younger than infinity
    assert np.all(np.diff(ages) >= 0)


def upper_limit(series):
    """Up to where this bucket of a histogram counts."""
    return float(series.labels["le"])


@needs_server
def test_a_refused_request_is_seen(watched):
    def refused():
        requests.post(f"{watched.app.url}/predict_single", json={})
        requests.get(f"{watched.app.url}/no-such-page")
        return last(ask(watched)["Errors: requests per second"])["refused (4xx)"] > 0

    until(refused)
    assert "<unmatched>" in last(ask(watched)["Traffic: requests per second"])
    assert [*last(ask(watched)["Requests that fail"]).values()] == [0]


@needs_server
def test_an_outage_is_seen_and_fires_an_alert(monkeypatch):
    monkeypatch.setenv("COURSE_PORT", str(ports.free_port()))
    monkeypatch.setenv("COURSE_PROMETHEUS_PORT", str(ports.free_port()))
    app, server = start_app("prometheus_00_simple_monitoring_app"), prometheus.start_prometheus("500ms")
    watched = SimpleNamespace(prometheus=server)
    about_now = {"Requests per second", "Requests that fail"}

    def numbers_are_there():
        requests.get(app.url)
        return not about_now & empty_panels(ask(watched))

    try:
        until(numbers_are_there)
        assert [*last(ask(watched)["Is the app up?"]).values()] == [1]
        app.stop()
        until(lambda: [*last(ask(watched)["Is the app up?"]).values()] == [0])
        until(lambda: not empty_panels(ask(watched)) & ALERTS)
        answers = ask(watched)
        (firing,) = answers["Which alerts fire now"].series
        assert firing.labels == {"alertname": "AppDown", "severity": "page"}
        assert [*last(answers["Alerts that fire"]).values()] == [1]
        # A number that is about now does not pretend that the app is still there.
        until(lambda: about_now <= empty_panels(ask(watched)))
    finally:
        app.stop()
        server.stop()


def firing(watched, name):
    """How urgent the alert of this name is, if it fires."""
    alerts = ask(watched)["Which alerts fire now"].series
    return [series.labels["severity"] for series in alerts if series.labels["alertname"] == name]


@needs_server
def test_drift_is_seen_and_fires_an_alert(tmp_path, monkeypatch):
    (tmp_path / "metrics").mkdir()
    settings = USER | {"COLLECTOR_DATABASE": tmp_path / "it.sqlite3", "PROMETHEUS_MULTIPROC_DIR": tmp_path / "metrics"}
    with serve("scouter_01_collector_app", "--workers", "2", **settings) as collector:
        monkeypatch.setenv("COURSE_COLLECTOR_PORT", str(collector.port))
        monkeypatch.setenv("COURSE_PROMETHEUS_PORT", str(ports.free_port()))
        server = prometheus.start_prometheus("500ms")
        try:
            watched = SimpleNamespace(prometheus=server)
            session, uids = log_in(collector), []
            for profile in map(as_json, [drift.psi_profile(passengers()), drift.custom_profile(read_passengers()[1])]):
                body = {"space": "titanic", "drift_type": profile["config"]["drift_type"], "active": True}
                answer = session.post(f"{collector.url}/scouter/profile", json=body | {"profile": json.dumps(profile)})
                uids.append(answer.json()["uid"])
            until(lambda: last(ask(watched)["Passengers in the last hour"]) == {"passengers": 0})
            created = {"created_at": datetime.now(UTC).isoformat(), "entity_id": 0}
            records = [
                {"Psi": created | {"uid": uids[0], "feature": "Pclass", "bin_id": 3, "bin_count": 1000}},
                {"Custom": created | {"uid": uids[1], "metric": "survival_probability", "value": 0.25}},
            ]
            assert session.post(f"{collector.url}/scouter/message", json={"records": records}).ok
            until(lambda: firing(watched, "FeatureAwayFromTraining") == ["ticket"])
            answers = ask(watched)
            assert last(answers["Drift: PSI of each feature"])["Pclass"] > 0.25
            assert last(answers["Passengers in the last hour"]) == {"passengers": 1000}
            assert last(answers["Custom metrics: mean"]) == {"survival_probability": 0.25}
            assert max(max(one.values) for one in answers["Drift alerts"].series) >= 1
            stored = {"transport": "http", "outcome": "stored"}  # whichever worker answers, it tells of all of them
            assert {value(collector, "collector_messages_total", **stored) for _ in range(8)} == {1}
        finally:
            server.stop()


@needs_server
def test_a_fall_of_the_accuracy_is_seen_and_fires_an_alert(champion, tmp_path, monkeypatch):
    settings = {"OUTCOME_DATABASE": tmp_path / "outcomes.sqlite3", "PREDICTION_LOG_PATH": tmp_path / "log.jsonl"}
    with serve("prometheus_05_outcome_app", **settings) as app:
        monkeypatch.setenv("COURSE_PROMETHEUS_PORT", str(ports.free_port()))
        server = prometheus.start_prometheus("500ms", app_ports=[app.port])
        try:
            watched = SimpleNamespace(prometheus=server)
            people = [EXAMPLES[0], EXAMPLES[1], EXAMPLES[1]] * 50  # predicted to be 1, 0, 0
            answers = app.post("/predict_batch", json=people).json()["batch_predictions"]
            until(lambda: last(ask(watched)["Predictions without an outcome"]) == {"waiting": 150})
            assert {"Accuracy: by outcomes, estimated"} == OUTCOMES & {
                title for title, answer in ask(watched).items() if set(last(answer)) == {"estimated"}
            }
            # Of three passengers the second dies, as predicted, and the first and the third do not do as predicted.
            happened = [{"prediction_id": one["prediction_id"], "survived": int(one["passenger_index"] % 3 == 2)}
                        for one in answers[:120]]  # fmt: skip
            assert app.post("/outcomes", json=happened).json()["matched"] == 120
            until(lambda: firing(watched, "AccuracyBelowTraining") == ["ticket"])
            until(lambda: not OUTCOMES & empty_panels(ask(watched)))
            answers = ask(watched)
            accuracy = last(answers["Accuracy: by outcomes, estimated"])
            assert accuracy["by outcomes"] == pytest.approx(1 / 3)
            assert accuracy["estimated"] == pytest.approx(value(app, "titanic_estimated_accuracy"))
            assert last(answers["Precision and recall"]) == {"precision": 0, "recall": 0}
            came = last(answers["Outcomes: right and wrong"])
            assert came["wrong"] == pytest.approx(2 * came["right"])
            assert last(answers["Predictions without an outcome"]) == {"waiting": 30}
        finally:
            server.stop()
