"""The collector answers as PROTOCOL.md says, where Scouter's own server was asked the same; and as its client reads it.

The columns of the page about Scouter's server were measured once. What the collector answers is asked here anew.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from collecting import as_json, profiles
from conftest import ROOT, import_anew
from fastapi.testclient import TestClient

PAGE = (ROOT / "apps" / "collector" / "PROTOCOL.md").read_text(encoding="utf-8")
OWN = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}  # FastAPI's


def rows_of(heading):
    """The rows of the table below this heading, by their first cell."""
    lines = re.search(rf"## {heading}\n\n(\|.+?)\n\n", PAGE + "\n\n", re.DOTALL)[1].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """A collector, with a token; .uids: the identifiers of a profile of each type, which have records and alerts."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("protocol")
        patch.setenv("COLLECTOR_DATABASE", str(folder / "collector.sqlite3"))
        for name in ("SCOUTER_USERNAME", "SCOUTER_PASSWORD", "REDIS_ADDR", "RABBITMQ_ADDR", "KAFKA_BROKERS"):
            patch.delenv(name, raising=False)
        with TestClient(import_anew("scouter_01_collector_app").app, raise_server_exceptions=False) as api:
            login = {"Username": "admin", "Password": "admin"}
            api.headers["Authorization"] = f"Bearer {api.get('/scouter/auth/login', headers=login).json()['token']}"
            api.uids = {kind: register(api, profile).json()["uid"] for kind, profile in profiles().items()}
            for kind, content in records(api.uids).items():
                assert send(api, *[{kind: content}] * 3).status_code == 200
            yield api


def register(api, profile, **alert_config):
    content = as_json(profile)
    content["config"]["alert_config"] |= alert_config
    body = {"space": "titanic", "drift_type": content["config"]["drift_type"], "profile": json.dumps(content)}
    return api.post("/scouter/profile", json=body | {"active": True})


def records(uids):
    """A record of each kind, all of which are bad."""
    common = {"created_at": datetime.now(UTC).isoformat(), "entity_id": 0}
    return {
        "Psi": common | {"uid": uids["Psi"], "feature": "Pclass", "bin_id": 3, "bin_count": 500},
        "Spc": common | {"uid": uids["Spc"], "feature": "Age", "value": 200.0},
        "Custom": common | {"uid": uids["Custom"], "metric": "probability", "value": 9.0},
        "GenAIEval": {"record": common | {"entity_uid": uids["GenAI"], "uid": "1", "context": {"score": 0.9}}},
    }


def send(api, *records):
    return api.post("/scouter/message", json={"records": records})


def test_the_page_names_each_route(api):
    routes = {
        f"`{method.upper()} {path}`" for path, methods in api.get("/openapi.json").json()["paths"].items()
        for method in methods if path not in OWN
    }  # fmt: skip
    assert set(rows_of("Route by route")) == routes


def test_what_is_answered_to_what_is_what_the_page_says(api, monkeypatch):
    psi = records(api.uids)["Psi"]
    unknown = {"uid": "unknown", "space": "titanic", "time_interval": "OneHour", "max_data_points": 10}
    several = [[{"Psi": psi | {"bin_count": wrong}}] for wrong in ("5", 5.0, True)]
    asked = {
        "a question about the drift of an unknown `uid`": api.get("/scouter/drift/psi", params=unknown),
        "a question about the alerts of an unknown `uid`": api.post("/scouter/alerts", json={"uid": "unknown"}),
        "a profile whose schedule is no cron expression": register(api, profiles()["Custom"], schedule="bad"),
        "a count as text, as 5.0, or as true": [send(api, *one) for one in several],
        "a record without `entity_id`": send(api, {"Psi": {name: psi[name] for name in psi if name != "entity_id"}}),
        "10,001 records in one message": send(api, *[{"Psi": psi}] * 10_001),
        "a record of a feature that the profile does not have": send(api, {"Psi": psi | {"feature": "Shoes"}}),
        "a record of a bin that the profile does not have": send(api, {"Psi": psi | {"bin_id": 9}}),
        "a negative count": send(api, {"Psi": psi | {"bin_count": -1}}),
        "a message for a profile that is not known": send(api, {"Psi": psi | {"uid": "unknown"}}),
    }
    monkeypatch.setattr(api.app.state.store, "_path", Path("away"))
    asked["a message while the database or the file is away"] = send(api, {"Psi": psi | {"bin_count": 7}})
    monkeypatch.undo()
    said = rows_of("What is answered to what")
    assert set(said) == set(asked)
    for what, answers in asked.items():
        for answer in answers if isinstance(answers, list) else [answers]:
            assert str(answer.status_code) == said[what][1], (what, answer.text)
            assert answer.status_code == 200 or answer.json()["detail"]


STATS = {"avg", "lower_bound", "upper_bound"}


def test_answers_have_the_shape_that_scouters_client_reads(api):
    """As they were recorded between the client and a server that answered nothing but these."""

    def ask(kind, route):
        question = {"uid": api.uids[kind], "space": "titanic", "time_interval": "OneHour", "max_data_points": 10}
        return api.get(f"/scouter/drift/{route}", params=question).json()

    assert set(api.get("/scouter/auth/refresh").json()) == {"token"}
    answer = register(api, profiles()["Psi"]).json()
    assert set(answer) == {"space", "name", "version", "uid", "status", "active"}
    name = {part: answer[part] for part in ("space", "name", "version")} | {"drift_type": "Psi"}
    assert set(api.get("/scouter/profile", params=name).json()) == {"Psi"}
    assert set(api.put("/scouter/profile/status", json=name | {"active": True}).json()) == {"status", "message"}
    assert set(send(api, {"Custom": records(api.uids)["Custom"]}).json()) == {"status", "message"}
    for feature in ask("Psi", "psi")["features"].values():
        assert set(feature) == {"created_at", "psi", "overall_psi", "bins"}
    assert set(ask("Spc", "spc")["features"]["Age"]) == {"created_at", "values"}
    for kind, route, metric in (
        ("Custom", "custom", "probability"),
        ("GenAI", "genai/task", "sure"),
        ("GenAI", "genai/workflow", "workflow"),
    ):
        (found,) = ask(kind, route)["metrics"].values()
        assert set(found) == {"metric", "created_at", "stats"}
        assert (found["metric"], set(found["stats"][0])) == (metric, STATS)


CUSTOM = {"metric_name", "baseline_value", "observed_value", "delta", "alert_threshold"}
ALERTS = {"Psi": {"feature", "drift", "threshold"}, "Spc": {"feature", "kind", "zone"}, "Custom": CUSTOM}


@pytest.mark.parametrize("kind", ALERTS)
def test_alerts_have_the_shape_that_scouters_client_reads(api, kind):
    page = api.post("/scouter/alerts", json={"uid": api.uids[kind], "active": True, "limit": 10}).json()
    assert set(page) == {"items", "has_next", "next_cursor", "has_previous", "previous_cursor"}
    for item in page["items"]:
        assert set(item) == {"created_at", "entity_name", "alert", "id", "active"}
        assert set(item["alert"][kind]) == ALERTS[kind]
    assert page["items"]
