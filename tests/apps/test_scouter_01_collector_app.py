"""The collector, asked as Scouter's client asks: what it keeps, what it answers, what it refuses and counts."""

import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pandas as pd
import pytest
from collecting import as_json, passengers
from contract import samples
from pydantic import SecretStr
from scouter import (
    CustomDriftProfile,
    CustomMetric,
    CustomMetricDriftConfig,
    Drifter,
    GenAIEvalConfig,
    GenAIEvalProfile,
    SpcAlertConfig,
)
from scouter.alert import AlertCondition, AlertThreshold, GenAIAlertConfig
from scouter.drift import SpcDriftConfig
from scouter.evaluate import AssertionTask, ComparisonOperator, LLMJudgeTask
from scouter.genai import Prompt, Score
from scouter.types import CommonCrons
from waiting import until

from titanic import drift
from titanic.dataset import COLUMNS
from titanic.drift.profiles import NAME as SURVIVAL
from titanic.drift.profiles import SPACE
from titanic.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
NAME = "scouter_01_collector_app"
USER = {"Username": "ann", "Password": "violin"}
OPEN = {"/", "/metrics", "/scouter/auth/login", "/scouter/healthcheck", "/openapi.json", "/docs", "/redoc"}


@pytest.fixture
def start(client, tmp_path, monkeypatch):
    """start() starts the collector and logs in; each time with the same file."""
    monkeypatch.setenv("COLLECTOR_DATABASE", str(tmp_path / "new" / "collector.sqlite3"))
    monkeypatch.setenv("SCOUTER_USERNAME", USER["Username"])
    monkeypatch.setenv("SCOUTER_PASSWORD", USER["Password"])

    def start():
        api = client(NAME)
        token = api.get("/scouter/auth/login", headers=USER).json()["token"]
        api.headers["Authorization"] = f"Bearer {token}"
        return api

    return start


@pytest.fixture
def api(start):
    return start()


def register(api, profile, **more):
    """Register an active profile as the client does; the answer holds its number, the uid."""
    config = as_json(profile)["config"]
    body = {"space": "titanic", "drift_type": config["drift_type"], "profile": profile.model_dump_json()}
    answer = api.post("/scouter/profile", json=body | {"active": True} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def psi(api):
    """The uid of the registered profile of the passengers."""
    return register(api, drift.psi_profile(passengers()))["uid"]


def now():
    return datetime.now(UTC).isoformat()


def rows(uid, pclass, number):
    """A message about so many passengers, all of this class."""
    common = {"uid": uid, "created_at": now(), "entity_id": 0}
    return {"records": [{"Psi": common | {"feature": "Pclass", "bin_id": pclass, "bin_count": number}}]}


def custom_profile():
    metric = CustomMetric("probability", 0.4, AlertThreshold.Outside, 0.1)
    return CustomDriftProfile(CustomMetricDriftConfig(space="titanic", name="probability"), [metric])


def means(uid, values):
    """A message with these means of the metric of custom_profile."""
    common = {"uid": uid, "metric": "probability", "created_at": now(), "entity_id": 0}
    return {"records": [{"Custom": common | {"value": value}} for value in values]}


def psi_of(api, uid, **more):
    question = {"uid": uid, "space": "titanic", "time_interval": "OneHour", "max_data_points": 1}
    return api.get("/scouter/drift/psi", params=question | more)


def counted(api, outcome):
    """How many messages came by HTTP and ended so."""
    begin = f'collector_messages_total{{outcome="{outcome}",transport="http"}} '
    lines = api.get("/metrics").text.splitlines()
    return sum(float(line.removeprefix(begin)) for line in lines if line.startswith(begin))


# Who may come in


def test_it_says_that_it_is_there_without_a_login(start):
    api = start()
    del api.headers["Authorization"]
    assert api.get("/scouter/healthcheck").json() == {"alive": True}
    assert api.get("/").status_code == api.get("/metrics").status_code == 200


@pytest.mark.parametrize("wrong", [{}, {"Username": "ann"}, USER | {"Password": "viola"}, USER | {"Username": "bob"}])
def test_a_wrong_login_gets_no_token(api, wrong):
    answer = api.get("/scouter/auth/login", headers=wrong)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json() == {"detail": "Wrong user or password."}


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_user_and_password_may_have_any_letters(client, tmp_path, monkeypatch, encoding):
    monkeypatch.setenv("COLLECTOR_DATABASE", str(tmp_path / "collector.sqlite3"))
    monkeypatch.setenv("SCOUTER_USERNAME", "Jürgen")
    monkeypatch.setenv("SCOUTER_PASSWORD", "süß")
    api = client(NAME)
    login = {"Username": "Jürgen".encode(encoding), "Password": "süß".encode(encoding)}
    assert api.get("/scouter/auth/login", headers=login).status_code == 200
    login["Password"] = "suß".encode(encoding)
    assert api.get("/scouter/auth/login", headers=login).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_word_before_the_token_may_be_in_any_case(api, scheme):
    token = api.headers["Authorization"].removeprefix("Bearer ")
    for sent, status in ((f"{scheme} {token}", 200), (f"{scheme} x{token}", 401), (f"Basic {token}", 401)):
        assert api.get("/scouter/auth/refresh", headers={"Authorization": sent}).status_code == status


@pytest.mark.parametrize("wrong", [None, "", "Bearer ", "Bearer wrong", "token"])
def test_every_other_route_wants_the_token(api, wrong):
    del api.headers["Authorization"]
    headers = {} if wrong is None else {"Authorization": wrong}
    closed = {path: methods for path, methods in api.get("/openapi.json").json()["paths"].items() if path not in OPEN}
    assert len(closed) >= 9
    for path, methods in closed.items():
        for method, operation in methods.items():
            answer = api.request(method, path, headers=headers, json={})
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), (method, path)
            assert {"401", "503"} <= set(operation["responses"]), (method, path)


def test_the_documentation_tells_what_is_answered_of_an_unknown_profile(api):
    paths = api.get("/openapi.json").json()["paths"]
    for path in ("drift/psi", "drift/spc", "drift/custom", "drift/genai/task", "drift/genai/workflow"):
        assert api.get(f"/scouter/{path}?uid=nobody").status_code == 404
        assert "404" in paths[f"/scouter/{path}"]["get"]["responses"]
    asked = {path for path, methods in paths.items() for one in methods.values() if "404" in one["responses"]}
    assert len(asked) == 9  # both for /scouter/alerts


def test_without_settings_user_and_password_are_scouters_own(client, tmp_path, monkeypatch):
    monkeypatch.setenv("COLLECTOR_DATABASE", str(tmp_path / "collector.sqlite3"))
    for name in ("SCOUTER_USERNAME", "SCOUTER_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    api = client(NAME)
    assert api.get("/scouter/auth/login", headers={"Username": "admin", "Password": "admin"}).status_code == 200
    assert api.get("/scouter/auth/login", headers=USER).status_code == 401


# Settings


def settings():
    from collector.settings import Settings

    return Settings()


def test_each_setting_has_its_variable_a_description_and_a_line_in_the_readme(monkeypatch):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    fields = type(settings()).model_fields
    assert len(fields) == 15
    for name, field in fields.items():
        assert field.description, name
        assert f"`{name.upper()}`" in readme, name
        monkeypatch.setenv(name.upper(), "new")
    values = [value.get_secret_value() if isinstance(value, SecretStr) else str(value) for _, value in settings()]
    assert set(values) == {"new"}


def test_a_variable_that_is_empty_counts_as_not_set(monkeypatch):
    for name in type(settings()).model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    usual = settings()
    for name in type(usual).model_fields:
        monkeypatch.setenv(name.upper(), "")
    assert settings() == usual
    assert usual.collector_database == ROOT / "logs" / "collector.sqlite3"
    assert usual.redis_addr is usual.rabbitmq_addr is usual.kafka_brokers is None


def test_both_ends_take_the_same_topic(monkeypatch):
    monkeypatch.setenv("KAFKA_BROKERS", "127.0.0.1:1")
    for variable, topic in ("KAFKA_TOPIC", "one"), ("SCOUTER_KAFKA_TOPIC", "two"):  # the second wins over the first
        monkeypatch.setenv(variable, topic)
        assert settings().kafka_topic == drift.transport_config().topic == topic


def test_the_readme_says_which_end_reads_how_to_log_in_to_kafka(monkeypatch):
    from collector import kafka

    values = {
        "KAFKA_BROKERS": "127.0.0.1:1",
        "KAFKA_GROUP": "us",
        "KAFKA_USERNAME": "ann",
        "KAFKA_PASSWORD": "violin",
        "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_CERT_LOCATION": "/ca.pem",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    collector = kafka.config(values["KAFKA_BROKERS"], settings()).values()
    app = drift.transport_config().config.values()
    for row in (ROOT / "README.md").read_text(encoding="utf-8").splitlines():
        for name in values.keys() & set(re.findall(r"`(\w+)`", row.partition(" | ")[0])):
            value = values.pop(name)
            assert value in collector
            assert (value in app) == ("| both ends" in row), name
    assert not values


def test_three_terminals_names_the_brokers_in_the_order_in_which_the_app_takes_them(monkeypatch):
    text = (ROOT / "notebooks" / "appendix" / "three_terminals.md").read_text(encoding="utf-8")
    named = re.search(r"finds an address: `(\w+)`, `(\w+)`, `(\w+)`", text).groups()
    addresses = {
        "REDIS_ADDR": "redis://127.0.0.1:1",
        "RABBITMQ_ADDR": "amqp://127.0.0.1:1/",
        "KAFKA_BROKERS": "127.0.0.1:1",
    }
    for name, address in addresses.items():
        monkeypatch.setenv(name, address)
    taken = []
    for name in named:
        taken.append(type(drift.transport_config()).__name__)
        monkeypatch.delenv(name)
    assert [one.removesuffix("Config").upper() for one in taken] == [name.partition("_")[0] for name in named]
    assert type(drift.transport_config()).__name__ == "HttpConfig"


def test_a_password_that_no_header_can_carry_is_named_when_it_starts(start, monkeypatch):
    monkeypatch.setenv("SCOUTER_PASSWORD", "adm\nin")
    with pytest.raises(Problem, match=r"^SCOUTER_PASSWORD is not right: .* HTTP cannot carry that\.$"):
        start()


def test_the_password_is_not_shown_with_the_settings(monkeypatch):
    monkeypatch.setenv("SCOUTER_PASSWORD", "violin")
    assert settings().scouter_password.get_secret_value() == "violin"
    assert "violin" not in f"{settings()!r} {settings()} {settings().model_dump_json()}"


def unconfigure(monkeypatch):
    """Make the collector's logger as uvicorn finds it: nobody has said yet where it writes to; pytest has."""
    monkeypatch.setattr(logging.getLogger("collector"), "handlers", [])
    monkeypatch.setattr(logging.getLogger("collector"), "propagate", False)


def test_what_the_collector_says_is_written_once_however_often_it_is_started(start, capsys, monkeypatch):
    unconfigure(monkeypatch)
    start()
    start()
    logging.getLogger("collector").info("three bells")
    assert len(re.findall(r"INFO: +[-\d]+ [\d:,]+ three bells\n", capsys.readouterr().err)) == 1


def test_a_broker_that_is_away_is_named_once(start, capsys, monkeypatch):
    unconfigure(monkeypatch)
    monkeypatch.setenv("REDIS_ADDR", "redis://127.0.0.1:1")
    written = ""

    def said():
        nonlocal written
        written += capsys.readouterr().err
        return "does not work" in written

    start()
    until(said)
    time.sleep(1.2)  # it is tried again every half second
    said()
    assert len(re.findall(r"WARNING: .*REDIS_ADDR does not work", written)) == 1


IMPORT = """
import logging, os, sys, prometheus_client.metrics
def state():
    loggers = [(logging.getLogger(n).level, logging.getLogger(n).handlers) for n in ("pika", "collector", "titanic")]
    return dict(os.environ), list(sys.path), loggers, prometheus_client.metrics._use_created
before = state()
import scouter_01_collector_app
assert state() == before
"""


def test_an_import_has_no_effect(tmp_path):
    env = os.environ | {"PYTHONPATH": str(ROOT / "apps"), "COLLECTOR_DATABASE": str(tmp_path / "new" / "file")}
    subprocess.run([sys.executable, "-c", IMPORT], cwd=tmp_path, env=env, check=True)
    assert list(tmp_path.iterdir()) == []


# Profiles


def test_a_profile_comes_back_as_it_was_registered_with_its_number(api):
    profile = drift.psi_profile(passengers())
    registered = register(api, profile)
    assert {name: registered[name] for name in ("space", "name", "version", "status", "active")} == {
        "space": "titanic", "name": "survival", "version": "0.1.0", "status": "success", "active": True,
    }  # fmt: skip
    name = {"space": "titanic", "name": "survival", "version": "0.1.0", "drift_type": "Psi"}
    found = api.get("/scouter/profile", params=name).json()["Psi"]
    assert found["features"] == as_json(profile)["features"]
    assert found["config"]["uid"] == registered["uid"]
    assert api.get("/scouter/profile", params=name | {"version": "9.9.9"}).status_code == 404


def test_the_same_name_again_is_a_new_version(api):
    profile = drift.psi_profile(passengers())
    request = {"version_request": {"version": "0.1.0", "version_type": "Minor"}}
    assert [register(api, profile, **request)["version"] for _ in range(3)] == ["0.1.0", "0.2.0", "0.3.0"]
    request["version_request"]["version_type"] = "Major"
    assert register(api, profile, **request)["version"] == "1.0.0"


@pytest.mark.parametrize("version", ["0.1000000.0", "10.20.30", "1.0.0-rc.1", "1.0.0+linux", "1.0.0-alpha-2.x+7.b"])
def test_each_version_that_semantic_versioning_allows_is_taken(api, version):
    profile = drift.psi_profile(passengers())
    assert register(api, profile, version_request={"version": version})["version"] == version
    core = [int(number) for number in version.split("-")[0].split("+")[0].split(".")]
    again = register(api, profile, version_request={"version": version, "version_type": "Patch"})["version"]
    assert again == ".".join(map(str, [*core[:2], core[2] + 1]))
    found = {"space": "titanic", "name": "survival", "version": version, "drift_type": "Psi", "active": True}
    assert api.put("/scouter/profile/status", json=found).status_code == 200


@pytest.mark.parametrize("version", ["1", "1.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "v1.0.0", "1.0.0 "])
def test_what_is_no_version_is_refused(api, version):
    body = {"space": "titanic", "drift_type": "Psi", "profile": drift.psi_profile(passengers()).model_dump_json()}
    assert api.post("/scouter/profile", json=body | {"version_request": {"version": version}}).status_code == 422


@pytest.mark.parametrize("alpha", [5e-324, 1e-17, 1 - 1e-16])
@pytest.mark.parametrize("kind", ["Normal", "ChiSquare"])
def test_a_message_is_judged_by_each_alpha_that_a_profile_may_have(api, kind, alpha):
    profile = as_json(drift.psi_profile(passengers()))
    profile["config"]["alert_config"]["threshold"] = {kind: {"alpha": alpha}}
    body = {"space": "titanic", "drift_type": "Psi", "profile": json.dumps(profile), "active": True}
    uid = api.post("/scouter/profile", json=body).json()["uid"]
    assert api.post("/scouter/message", json=rows(uid, 3, 100_000)).status_code == 200
    assert [one["entity_name"] for one in api.post("/scouter/alerts", json={"uid": uid}).json()["items"]] == ["Pclass"]


@pytest.mark.parametrize("number", [1e308, -1e308, 1.1e100])
def test_a_number_too_large_to_calculate_with_is_refused_at_the_door(api, number):
    uid = register(api, custom_profile())["uid"]
    assert api.post("/scouter/message", json=means(uid, [0.4, number])).status_code == 422
    assert api.post("/scouter/message", json=means(uid, [1e100, -1e100, 1e100])).status_code == 200
    question = {"uid": uid, "space": "titanic", "time_interval": "OneHour", "max_data_points": 10}
    assert api.get("/scouter/drift/custom", params=question).status_code == 200


@pytest.mark.parametrize(
    ("profile", "reason"),
    [("", "EOF"), ("{}", "features: Field required"), ("[]", "dictionary"), ("not JSON", "column 2"),
     ('{"features": {}}', "features: Dictionary"), ('{"Psi": {}}', "features: Field required")],
)  # fmt: skip
def test_what_is_no_profile_is_refused_with_the_reason(api, profile, reason):
    body = {"space": "titanic", "drift_type": "Psi", "profile": profile}
    answer = api.post("/scouter/profile", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("This is no profile of the type Psi: ")
    assert reason in answer.json()["detail"]


# Schedules


def scheduled(schedule):
    profile = as_json(custom_profile())
    profile["config"]["alert_config"]["schedule"] = schedule
    return {"space": "titanic", "drift_type": "Custom", "profile": json.dumps(profile), "active": True}


BAD = [
    "bad", "", "* * * * *", "61 * * * * *", "0 0 24 * * *", "0 0 0 32 * *", "0 0 0 * 13 *", "0 0 0 * * 0",
    "*/0 * * * * *", "50-10 * * * * *", "0 0 0 L * *", "@never", "0 0 0 * * mon,oneday", "0 0 0 * * * * *", 5,
]  # fmt: skip


def test_what_is_no_schedule_is_refused_at_the_door(api):
    for schedule in BAD:
        answer = api.post("/scouter/profile", json=scheduled(schedule))
        assert answer.status_code == 422, schedule
        assert "config.alert_config.schedule" in answer.json()["detail"]


@pytest.mark.parametrize(
    "field", ["0-99999999999", "99999999999-0", "0-59,0-99999999999/2", "99999999999", "-5-10", "60/1"]
)
def test_a_number_beyond_its_field_is_refused_before_it_becomes_a_list(monkeypatch, field):
    from collector import schedule

    monkeypatch.setattr(schedule, "range", limited, raising=False)
    with pytest.raises(ValueError, match="is no cron expression"):
        schedule.read(f"{field} 0 0 * * *")


def limited(first, end, step):
    """range, as long as it is short: a longer one would fill the memory of the tests too."""
    assert end - first <= 200
    return range(first, end, step)


def test_a_profile_with_a_schedule_is_judged_when_that_says_so_and_any_other_at_once(api):
    never = api.post("/scouter/profile", json=scheduled("0 0 0 1 1 * 2099")).json()["uid"]
    each_second = api.post("/scouter/profile", json=scheduled("* * * * * *")).json()["uid"]
    usual = register(api, custom_profile())["uid"]

    def alerts(uid):
        found = api.post("/scouter/alerts", json={"uid": uid}).json()["items"]
        return [one["alert"]["Custom"]["observed_value"] for one in found]

    for uid in (never, usual, each_second):
        api.post("/scouter/message", json=means(uid, [0.7, 0.9]))
    assert alerts(usual) == [0.8]
    until(lambda: alerts(each_second) == [0.8])
    api.post("/scouter/message", json=means(never, [0.5, 0.5]))
    assert alerts(never) == []
    broken = api.post("/scouter/profile", json=scheduled("0 0 0 1 1 * 2099")).json()["uid"]
    with api.app.state.store.writing() as connection:  # as no door lets it in: it must not hide the others
        connection.execute(
            "UPDATE profile SET profile = json_set(profile, '$.metrics', 0), rowid = -1 WHERE uid = ?", [broken]
        )
    new_year_2099 = datetime(2099, 1, 1, tzinfo=UTC).timestamp()
    for _ in range(2):  # the second time, nothing is new
        sys.modules["collector.timetable"].judge_due(api.app.state.store, new_year_2099 - 1, new_year_2099)
        assert alerts(never) == pytest.approx([0.65])
        assert alerts(each_second) == [0.8]


def test_a_profile_of_an_older_collector_that_sqlite_cannot_read_hides_no_other(api):
    """SQLite knows no Infinity before its version 3.42, and of what is no JSON, no version can read a part."""
    uids = [api.post("/scouter/profile", json=scheduled("0 0 0 1 1 * 2099")).json()["uid"] for _ in range(3)]
    with api.app.state.store.writing() as connection:
        for uid, begin in ((uids[0], '{"x": Infinity, '), (uids[1], "no JSON")):
            connection.execute("UPDATE profile SET profile = ? || substr(profile, 2) WHERE uid = ?", [begin, uid])
    api.post("/scouter/message", json=means(uids[2], [0.7, 0.9]))
    new_year_2099 = datetime(2099, 1, 1, tzinfo=UTC).timestamp()
    sys.modules["collector.timetable"].judge_due(api.app.state.store, new_year_2099 - 1, new_year_2099)
    assert len(api.post("/scouter/alerts", json={"uid": uids[2]}).json()["items"]) == 1


def test_while_the_file_cannot_be_used_the_log_says_once_that_nothing_is_judged(api, monkeypatch, caplog):
    asked = []

    def fail(*arguments):
        asked.append(arguments)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("collector.timetable.judge_due", fail)
    until(lambda: len(asked) >= 3)
    assert caplog.text.count("Profiles with a schedule are not judged until this is over: disk I/O error") == 1


@pytest.mark.parametrize("number", ["1e999", "-1e999", "Infinity", "NaN"])
def test_a_profile_with_a_number_that_has_no_end_is_refused(api, number):
    profile = custom_profile().model_dump_json().replace("{", f'{{"x": {number}, ', 1)
    answer = api.post("/scouter/profile", json={"space": "titanic", "drift_type": "Custom", "profile": profile})
    assert answer.status_code == 422
    assert "no profile of the type Custom" in answer.json()["detail"]


def test_a_check_before_the_first_record_takes_no_later_one_for_judged(api):
    """Also in a file in which an older collector has noted NULL."""
    each = api.post("/scouter/profile", json=scheduled("0 0 0 1 1 * 2099")).json()["uid"]
    of_ages = Drifter().create_drift_profile(
        passengers()[["Age"]],
        SpcDriftConfig(space="titanic", name="age", alert_config=SpcAlertConfig(schedule="0 0 0 1 1 * 2099")),
    )
    spc = register(api, of_ages)["uid"]
    new_year_2099 = datetime(2099, 1, 1, tzinfo=UTC).timestamp()

    def check():
        sys.modules["collector.timetable"].judge_due(api.app.state.store, new_year_2099 - 1, new_year_2099)
        return [len(api.post("/scouter/alerts", json={"uid": uid}).json()["items"]) for uid in (each, spc)]

    def send(value):
        record = {"uid": spc, "feature": "Age", "value": value, "created_at": now(), "entity_id": 0}
        for message in (means(each, [value]), {"records": [{"Spc": record}]}):
            assert api.post("/scouter/message", json=message).status_code == 200

    assert check() == [0, 0]
    send(1000)
    assert check() == [1, 1]
    assert check() == [1, 1]
    with api.app.state.store.writing() as connection:
        connection.execute("UPDATE profile SET judged = NULL")
    send(2000)
    assert check() == [2, 2]
    assert check() == [2, 2]


MOMENTS = {
    "0 */15 * * * *": ["2026-11-27T12:15:00", "2026-11-27T12:30:00"],
    "30 5 12 * * *": ["2026-11-27T12:05:30", "2026-11-28T12:05:30"],
    "0 0 0 * * SUN": ["2026-11-29T00:00:00", "2026-12-06T00:00:00"],
    "0 0 0 * * 1": ["2026-11-29T00:00:00", "2026-12-06T00:00:00"],
    "0 0 8 ? * Mon-Fri": ["2026-11-30T08:00:00", "2026-12-01T08:00:00"],
    "0 0 0 29/1 Nov,December *": ["2026-11-29T00:00:00", "2026-11-30T00:00:00"],
    "0 0 0 1 * Tue * ": ["2026-12-01T00:00:00", None],
    "@hourly": ["2026-11-27T13:00:00", "2026-11-27T14:00:00"],
}


@pytest.mark.parametrize("schedule", MOMENTS)
def test_the_moments_of_a_schedule(schedule):
    from collector.schedule import is_due

    before = datetime(2026, 11, 27, 12, 0, 1, tzinfo=UTC).timestamp()  # a Friday
    for moment in filter(None, MOMENTS[schedule]):
        exact = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
        assert not is_due(schedule, max(before, exact - 3600), exact - 1)
        assert is_due(schedule, exact - 0.5, exact + 0.2)
        before = exact


def test_the_next_moment_is_the_one_that_scouter_names():
    from collector.schedule import is_due

    for cron in (
        CommonCrons.Every1Minute,
        CommonCrons.Every15Minutes,
        CommonCrons.EveryHour,
        CommonCrons.Every6Hours,
        CommonCrons.EveryWeek,
    ):
        moment = datetime.fromisoformat(cron.get_next().replace(" UTC", "+00:00")).timestamp()
        assert is_due(cron.cron, moment - 1, moment)
        assert not is_due(cron.cron, max(time.time(), moment - 60), moment - 1)


@pytest.mark.parametrize("schedule", ["0 0 12 1 1 * 2099", "59 59 23 1 * *"])
def test_a_clock_that_jumps_costs_no_look_at_each_second(schedule, monkeypatch):
    from collector.schedule import is_due

    looked = Mock(wraps=time.gmtime)
    monkeypatch.setattr("time.gmtime", looked)
    begin = datetime(2026, 11, 1, 0, 0, 0, tzinfo=UTC).timestamp()
    assert not is_due(schedule, begin + 86_400, begin + 30 * 86_400)
    assert looked.call_count <= 100, "29 days are 2,505,600 seconds"
    assert is_due(schedule, begin, datetime(2099, 1, 1, 12, tzinfo=UTC).timestamp())


def test_a_profile_that_is_not_active_raises_no_alert(api, psi):
    status = {"space": "titanic", "name": "survival", "version": "0.1.0", "drift_type": "Psi", "active": False}
    assert api.put("/scouter/profile/status", json=status).status_code == 200
    api.post("/scouter/message", json=rows(psi, 3, 1000))
    assert api.post("/scouter/alerts", json={"uid": psi}).json()["items"] == []
    assert api.put("/scouter/profile/status", json=status | {"name": "unknown"}).status_code == 404


def test_a_profile_that_becomes_active_is_judged_by_what_comes_from_then_on(api, psi):
    custom = register(api, custom_profile(), active=False)["uid"]

    def alerts(uid):
        return len(api.post("/scouter/alerts", json={"uid": uid}).json()["items"])

    def set_active(active, **which):
        status = {"space": "titanic", "version": "0.1.0", "active": active} | which
        assert api.put("/scouter/profile/status", json=status).status_code == 200

    set_active(False, name="survival")
    api.post("/scouter/message", json=rows(psi, 3, 1000))
    api.post("/scouter/message", json=means(custom, [0.9] * 20))
    set_active(True, name="survival")
    set_active(True, name="probability")
    api.post("/scouter/message", json=rows(psi, 1, 5))
    api.post("/scouter/message", json=means(custom, [0.4]))
    assert (alerts(psi), alerts(custom)) == (0, 0)
    set_active(True, name="survival")  # once more: what is waiting is still waiting
    api.post("/scouter/message", json=rows(psi, 1, 26))
    api.post("/scouter/message", json=means(custom, [0.9]))
    assert (alerts(psi), alerts(custom)) == (1, 1)


# Messages


def test_what_becomes_of_messages_is_counted_from_0_on(api):
    lines = [line for line in api.get("/metrics").text.splitlines() if line.startswith("collector_messages_total{")]
    assert len(lines) >= 4 * 3  # by transport and outcome
    assert all(line.endswith(" 0.0") for line in lines)


def test_a_message_is_stored_before_it_is_answered(api, start, psi):
    answer = api.post("/scouter/message", json=rows(psi, 3, 1000))
    assert answer.json() == {"status": "success", "message": "Message stored"}
    # A second collector, beside the first one, finds it in the file.
    assert psi_of(start(), psi).json()["features"]["Pclass"]["bins"] == {"3": 1.0}


def test_the_same_message_again_counts_once(api, psi):
    body = rows(psi, 3, 1000)
    assert [api.post("/scouter/message", json=body).json()["message"] for _ in range(3)] == [
        "Message stored", "Message repeated", "Message repeated",
    ]  # fmt: skip
    assert counted(api, "stored") == 1
    assert counted(api, "repeated") == 2


def test_a_message_is_stored_whole_or_not_at_all_and_a_refusal_is_counted(api, psi):
    good = rows(psi, 3, 1000)["records"][0]
    wrong = [
        {"Psi": {name: value for name, value in good["Psi"].items() if name != "entity_id"}},
        {"Psi": good["Psi"] | {"uid": "unknown"}},
        {"Psi": good["Psi"] | {"feature": "Shoes"}},
        {"Psi": good["Psi"] | {"bin_id": 4}},
        {"Psi": good["Psi"] | {"bin_count": -1}},
        {"Psi": good["Psi"] | {"created_at": "yesterday"}},
        {"Other": good["Psi"]},
    ]
    for record in wrong:
        answer = api.post("/scouter/message", json={"records": [good, record]})
        assert answer.status_code == 422, record
    assert api.post("/scouter/message", json={"records": []}).status_code == 422
    assert psi_of(api, psi).json() == {"features": {}}
    assert counted(api, "refused") == len(wrong) + 1
    assert counted(api, "stored") == 0


def test_a_collector_that_is_started_again_still_has_everything(api, start, psi):
    api.post("/scouter/message", json=rows(psi, 3, 1000))
    before = psi_of(api, psi).json()["features"]["Pclass"]["overall_psi"]
    api.__exit__()
    again = start()
    assert psi_of(again, psi).json()["features"]["Pclass"]["overall_psi"] == before
    assert len(again.post("/scouter/alerts", json={"uid": psi}).json()["items"]) == 1
    assert again.post("/scouter/message", json=rows(psi, 2, 1000)).status_code == 200


# Drift


def test_psi_is_zero_for_passengers_as_in_training_and_large_for_others(api, psi):
    counts = passengers()["Pclass"].value_counts()
    for pclass, number in counts.items():
        api.post("/scouter/message", json=rows(psi, pclass, int(number)))
    found = psi_of(api, psi).json()["features"]["Pclass"]
    assert found["overall_psi"] == pytest.approx(0, abs=1e-9)
    assert found["bins"] == {str(pclass): number / 1043 for pclass, number in counts.items()}
    api.post("/scouter/message", json=rows(psi, 3, 5000))
    assert psi_of(api, psi).json()["features"]["Pclass"]["overall_psi"] > 0.25


def test_only_the_time_that_is_asked_for_counts(api, psi):
    old = rows(psi, 1, 1000)
    old["records"][0]["Psi"]["created_at"] = "2026-01-01T12:00:00Z"
    api.post("/scouter/message", json=old)
    assert psi_of(api, psi).json() == {"features": {}}
    span = {"start_custom_datetime": "2026-01-01T11:00:00Z", "end_custom_datetime": "2026-01-01T13:00:00Z"}
    assert psi_of(api, psi, **span).json()["features"]["Pclass"]["bins"] == {"1": 1.0}


def told_at(uid, metric, minutes, values):
    """A message with these values of a metric, made so many minutes ago."""
    created_at = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
    common = {"uid": uid, "metric": metric, "created_at": created_at, "entity_id": 0}
    return {"records": [{"Custom": common | {"value": value}} for value in values]}


def test_a_metric_that_leaves_its_limits_is_an_alert_until_somebody_has_seen_to_it(api):
    uid = register(api, custom_profile())["uid"]
    for value in (0.45, 0.55):
        api.post("/scouter/message", json=means(uid, [value]))
    question = {"uid": uid, "space": "titanic", "time_interval": "OneHour", "max_data_points": 1}
    stats = api.get("/scouter/drift/custom", params=question).json()["metrics"]["probability"]["stats"]
    assert stats[0]["avg"] == pytest.approx(0.5)
    (alert,) = api.post("/scouter/alerts", json={"uid": uid, "active": True}).json()["items"]
    assert alert["alert"]["Custom"]["observed_value"] == 0.55
    seen_to = {"id": alert["id"], "active": False, "space": "titanic"}
    assert api.put("/scouter/alerts", json=seen_to).json() == {"updated": True}
    assert api.post("/scouter/alerts", json={"uid": uid, "active": True}).json()["items"] == []


@pytest.mark.parametrize("bad", ['{"ok": true, "n": 1' + "0" * 30 + "}", '{"ok": "\\ud800"}'])
def test_a_record_that_cannot_be_checked_leaves_no_other_unchecked(api, bad):
    check = AssertionTask("ok", context_path="ok", operator=ComparisonOperator.Equals, expected_value=True)
    uid = register(api, GenAIEvalProfile(config=GenAIEvalConfig(space="titanic", name="desk"), tasks=[check]))["uid"]
    contexts = [{"ok": True}, json.loads(bad), {"ok": True}, {"ok": False}]
    contents = [{"entity_uid": uid, "uid": str(n), "context": one} for n, one in enumerate(contexts)]
    records = [{"GenAIEval": {"record": content | {"created_at": now()}}} for content in contents]
    kind = {"Content-Type": "application/json"}
    assert api.post("/scouter/message", content=json.dumps({"records": records}), headers=kind).status_code == 200
    question = {"uid": uid, "space": "titanic", "time_interval": "OneHour", "max_data_points": 1}
    metrics = api.get("/scouter/drift/genai/task", params=question).json()["metrics"]
    assert metrics["ok"]["stats"][0]["avg"] == pytest.approx(2 / 3)


def test_a_language_model_is_judged_by_25_records_and_not_by_one(api):
    check = AssertionTask("ok", context_path="ok", operator=ComparisonOperator.Equals, expected_value=True)
    config = GenAIEvalConfig(
        space="titanic", name="desk",
        alert_config=GenAIAlertConfig(alert_condition=AlertCondition(0.8, AlertThreshold.Below, None)),
    )  # fmt: skip
    uid = register(api, GenAIEvalProfile(config=config, tasks=[check]))["uid"]

    def observed_after(*passed):
        contents = [{"entity_uid": uid, "uid": str(n), "context": {"ok": ok}} for n, ok in enumerate(passed)]
        records = [{"GenAIEval": {"record": content | {"created_at": now()}}} for content in contents]
        assert api.post("/scouter/message", json={"records": records}).status_code == 200
        items = api.post("/scouter/alerts", json={"uid": uid}).json()["items"]
        return [item["alert"]["GenAI"]["observed_value"] for item in items]

    assert observed_after(False) == []
    assert observed_after(*[False] * 4, *[True] * 19) == []
    assert observed_after(False) == [pytest.approx(19 / 25)], "the first ones count too"
    assert len(observed_after(*[False] * 24)) == 1, "these are new ones"
    assert observed_after(False) == [0, pytest.approx(19 / 25)]


def test_each_feature_is_judged_once_it_has_enough_rows_however_many_the_others_have(api, psi):
    """Scouter's queue counts all features of a passenger; another client may tell of some oftener than of others."""
    bins = [one.id for one in drift.psi_profile(passengers()).features["Age"].bins]
    common = {"uid": psi, "entity_id": 0}

    def alerts():
        items = api.post("/scouter/alerts", json={"uid": psi}).json()["items"]
        return [one["alert"]["Psi"]["feature"] for one in items]

    for number, feature, bin_id, count in (
        (2, "Age", bins[0], 30),  # all of them as young as that: 80 rows are not more than ten for each of eight bins
        (1, "Age", bins[0], 20),
        (1, "Age", bins[0], 1),
    ):
        for _ in range(number):
            record = common | {"feature": feature, "bin_id": bin_id, "bin_count": count, "created_at": now()}
            others = [rows(psi, pclass, share)["records"][0] for pclass, share in ((1, 272), (2, 250), (3, 478))]
            assert alerts() == []
            assert api.post("/scouter/message", json={"records": [{"Psi": record}, *others]}).status_code == 200
    assert alerts() == ["Age"]
    api.post("/scouter/message", json=rows(psi, 3, 30))
    assert alerts() == ["Age"]
    api.post("/scouter/message", json=rows(psi, 3, 1))
    assert alerts() == ["Pclass", "Age"], "newest first"


def test_in_a_file_of_an_older_collector_nothing_is_judged_again(api, start, psi):
    """Its mark was one for all features."""
    api.post("/scouter/message", json=rows(psi, 3, 1000))
    with api.app.state.store.writing() as connection:
        connection.execute("DROP TABLE judged")
        connection.execute("CREATE INDEX bin_count_by_id ON bin_count (uid)")
        connection.execute("UPDATE profile SET judged = (SELECT MAX(id) FROM bin_count)")
    api.__exit__()
    again = start()

    def alerts_after(number):
        assert again.post("/scouter/message", json=rows(psi, 3, number)).status_code == 200
        return len(again.post("/scouter/alerts", json={"uid": psi}).json()["items"])

    assert [alerts_after(number) for number in (20, 10, 1)] == [1, 1, 2]


def test_alerts_are_all_or_the_active_ones_or_those_seen_to(api):
    uid = register(api, custom_profile())["uid"]
    for value in (0.55, 0.65):
        api.post("/scouter/message", json=means(uid, [value]))

    def found(**more):
        return [one["id"] for one in api.post("/scouter/alerts", json={"uid": uid} | more).json()["items"]]

    newest, oldest = found()
    api.put("/scouter/alerts", json={"id": oldest, "active": False, "space": "titanic"})
    assert (found(), found(active=True), found(active=False)) == ([newest, oldest], [newest], [oldest])
    assert api.post("/scouter/alerts", json={"uid": "unknown"}).status_code == 404


def test_what_a_profile_asks_for_in_vain_is_said_at_the_door_and_on_the_page(api, caplog):
    profile = as_json(custom_profile())
    profile["config"]["alert_config"]["dispatch_config"] = {"Slack": {"channel": "#x"}}
    body = {"space": "titanic", "drift_type": "Custom", "profile": json.dumps(profile), "active": True}
    answer = api.post("/scouter/profile", json=body).json()["not_done"]
    task = LLMJudgeTask(
        id="good", prompt=Prompt(messages="Rate ${input}", model="any", provider="openai", output_type=Score),
        expected_value=3, context_path="score", operator=ComparisonOperator.GreaterThanOrEqual,
    )  # fmt: skip
    judged = GenAIEvalProfile(config=GenAIEvalConfig(space="titanic", name="judged"), tasks=[task])
    answer += register(api, judged)["not_done"]
    assert [sentence.split(":")[0] for sentence in answer] == [
        "Its alerts are not sent by Slack",
        "Its checks of the kind judge are not run",
    ]
    page = api.get("/").text
    assert all(sentence in page and sentence in caplog.text for sentence in answer)
    assert "not_done" not in register(api, custom_profile())


@pytest.mark.parametrize("kind", ["psi", "spc", "custom", "genai/task", "genai/workflow"])
def test_drift_of_an_unknown_profile_is_not_found(api, kind):
    question = {"uid": "unknown", "space": "titanic", "time_interval": "OneHour", "max_data_points": 10}
    assert api.get(f"/scouter/drift/{kind}", params=question).status_code == 404


def test_it_counts_what_has_come_of_a_profile_since_a_moment(api, psi):
    def received(uid, since="2026-01-01T00:00:00Z"):
        return api.get("/scouter/received", params={"uid": uid, "since": since})

    assert received(psi).json() == {"received": 0}
    for pclass in (1, 3):
        api.post("/scouter/message", json=rows(psi, pclass, 500))
    custom = register(api, custom_profile())["uid"]
    api.post("/scouter/message", json=means(custom, [0.4, 0.5, 0.6]))
    assert (received(psi).json(), received(custom).json()) == ({"received": 1000}, {"received": 3})
    assert received(psi, now()).json() == {"received": 0}
    assert received("unknown").status_code == 404


# What Prometheus is told


def told(api, name, label="feature"):
    """This metric of drift: its value for each feature or metric."""
    return {one.labels[label]: one.value for one in samples(api) if one.name == f"titanic_drift_{name}"}


def test_drift_is_told_once_there_are_enough_rows_and_alerts_from_0_on(api, psi):
    assert told(api, "alerts_total") == told(api, "sample_size") == dict.fromkeys(COLUMNS, 0)
    api.post("/scouter/message", json=rows(psi, 3, 30))  # three bins: not more than ten rows for each
    assert told(api, "sample_size")["Pclass"] == 30
    assert told(api, "psi") == {}
    api.post("/scouter/message", json=rows(psi, 3, 1000))
    assert told(api, "psi") == {"Pclass": psi_of(api, psi).json()["features"]["Pclass"]["overall_psi"]}
    assert told(api, "sample_size")["Pclass"] == 1030
    assert told(api, "alerts_total") == dict.fromkeys(COLUMNS, 0) | {"Pclass": 1}


def test_only_the_last_hour_is_told(api, psi):
    uid = register(api, custom_profile())["uid"]
    for hours, number in ((2, 500), (0.5, 200), (-1, 70)):  # the last one comes from a clock that is wrong
        message = json.dumps([rows(psi, 3, number), means(uid, [number / 1000])])
        then = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
        for one in json.loads(re.sub(r'(?<="created_at": )"[^"]*"', f'"{then}"', message)):
            assert api.post("/scouter/message", json=one).status_code == 200
    assert told(api, "sample_size")["Pclass"] == 200
    assert told(api, "custom_metric_mean", "metric") == {"probability": 0.2}


def test_alerts_are_counted_on_over_a_restart_and_a_new_version(api, start, psi):
    uid = register(api, custom_profile())["uid"]
    api.post("/scouter/message", json=rows(psi, 3, 1000))
    api.post("/scouter/message", json=means(uid, [0.25, 0.5]))
    before = told(api, "psi")
    api.__exit__()
    again = start()
    assert told(again, "psi") == before
    assert told(again, "alerts_total")["Pclass"] == 1
    assert told(again, "custom_metric_mean", "metric") == {"probability": 0.375}
    register(again, drift.psi_profile(passengers()), deactivate_others=True)
    assert told(again, "psi") == {}, "the new version has no rows yet"
    assert told(again, "alerts_total")["Pclass"] == 1


def test_whoever_registers_profiles_does_not_hide_those_of_the_app(api, psi):
    """As lesson 15 does, which registers one for practice."""
    survived = drift.custom_profile(pd.Series([0, 1]))
    custom = register(api, survived)["uid"]
    others = []
    for profile in (drift.psi_profile(passengers()), drift.custom_profile(pd.Series([0, 1]))):
        profile.update_config_args(name="practice")
        others.append(register(api, profile)["uid"])
    for uid in (psi, others[0]):
        api.post("/scouter/message", json=rows(uid, 3, 1000))
    for uid, mean in ((custom, 0.5), (others[1], 0.25)):
        message = json.dumps(means(uid, [mean])).replace('"probability"', '"survival_probability"')
        assert api.post("/scouter/message", json=json.loads(message)).status_code == 200
    assert list(told(api, "psi")) == ["Pclass"]
    assert told(api, "alerts_total")["Pclass"] == 1, "only that of the app's profile"
    assert told(api, "custom_metric_mean", "metric") == {"survival_probability": 0.5}
    module = sys.modules["collector.drift_metrics"]
    assert (module.SPACE, module.NAME) == (SPACE, SURVIVAL)


def test_whoever_registers_profiles_makes_no_series_without_end(api, psi):
    profile = as_json(drift.psi_profile(passengers()))
    profile["features"] |= {f"f{number}": profile["features"]["Pclass"] for number in range(500)}
    profile["config"]["alert_config"]["features_to_monitor"] = ["Age", "Age", *profile["features"]]
    for name in ("one", "two", "survival"):
        profile["config"]["name"] = name
        body = {"space": "titanic", "drift_type": "Psi", "profile": json.dumps(profile), "active": True}
        uid = api.post("/scouter/profile", json=body).json()["uid"]
    profile["config"]["space"] = "another"
    api.post("/scouter/profile", json=body | {"profile": json.dumps(profile)})
    common = {"uid": uid, "bin_id": 3, "bin_count": 50, "created_at": now(), "entity_id": 0}
    records = [{"Psi": common | {"feature": name}} for name in profile["features"] if name.startswith("f")]
    assert api.post("/scouter/message", json={"records": records}).status_code == 200
    assert [len(told(api, name)) for name in ("psi", "sample_size", "alerts_total")] == [100 - 7, 100, 100]
    assert len([one for one in samples(api) if one.name == "titanic_drift_alerts_total"]) == 100


# What somebody has done to the file, one after the other, and what can still be told.
BROKEN = [
    (
        "INSERT INTO bin_count (uid, created_at, feature, bin_id, bin_count)"
        " SELECT uid, created_at, 'Age', column1, column2 FROM bin_count, (VALUES (1, 1000), (2, -5))",
        {"psi", "sample_size", "alerts_total", "custom_metric_mean"},
    ),
    ("UPDATE value SET value = NULL", {"psi", "sample_size", "alerts_total"}),
    ("UPDATE value SET value = 0.25", {"psi", "sample_size", "alerts_total", "custom_metric_mean"}),
    ("UPDATE profile SET profile = '{}' WHERE drift_type = 'Psi'", {"custom_metric_mean"}),
    ("DROP TABLE profile", set()),
]


def test_one_bad_item_does_not_take_the_other_metrics_away(api, psi, tmp_path, caplog):
    uid = register(api, custom_profile())["uid"]
    api.post("/scouter/message", json=means(uid, [0.25]))
    api.post("/scouter/message", json=rows(psi, 3, 1000))

    def left():
        names = [one.name for one in samples(api)]
        assert names.count("collector_messages_total") == 16
        return {name.removeprefix("titanic_drift_") for name in names if name.startswith("titanic_drift_")}

    for statement, rest in BROKEN:
        with api.app.state.store.writing() as connection:
            connection.execute(statement)
        assert left() == rest, statement
        if "psi" in rest:
            assert list(told(api, "psi")) == ["Pclass"], "all but the broken one"
    (tmp_path / "new" / "collector.sqlite3").unlink()
    assert left() == left() == set()
    said = [record.getMessage() for record in caplog.records if "not told to Prometheus" in record.getMessage()]
    assert [sentence.split(" is ")[0] for sentence in said] == [
        "The PSI of Age", "The mean of probability", "The PSI profile", "The profile of custom metrics", "Drift",
    ], "each is said once"  # fmt: skip


def test_a_scrape_waits_for_nobody_who_waits_for_the_file(api, psi):
    api.post("/scouter/message", json=rows(psi, 3, 1000))
    store = api.app.state.store
    with ThreadPoolExecutor(45) as pool, ThreadPoolExecutor() as scrape:  # 45: more than the routes have threads
        with store._lock, sqlite3.connect(store._path) as somebody_else:
            somebody_else.execute("BEGIN IMMEDIATE")
            sent = [pool.submit(api.post, "/scouter/message", json=rows(psi, 2, number)) for number in range(45)]
            wait(sent, timeout=0.5)
            assert not any(one.done() for one in sent)
            assert 'psi{feature="Pclass"}' in scrape.submit(api.get, "/metrics").result(timeout=20).text
            assert not any(one.done() for one in sent)
        assert {one.result().status_code for one in sent} == {200}


def test_reading_drift_ends_before_prometheus_stops_waiting(api, psi):
    with api.app.state.store.writing() as connection:
        query = "INSERT INTO value (uid, created_at, name, value) VALUES (?, ?, 'x', 1)"
        connection.executemany(query, [[psi, time.time()]] * 50_000)
        connection.execute("UPDATE profile SET drift_type = 'Custom'")
    api.headers["X-Prometheus-Scrape-Timeout-Seconds"] = "10"
    assert told(api, "custom_metric_mean", "metric") == {"x": 1}
    api.headers["X-Prometheus-Scrape-Timeout-Seconds"] = "1e-9"
    assert told(api, "custom_metric_mean", "metric") == {}


# The page


def test_the_page_shows_drift_by_feature_and_marks_alerts(api, psi):
    assert "No records in this time." in api.get("/").text
    api.post("/scouter/message", json=rows(psi, 3, 1000))
    page = api.get("/").text
    assert "titanic survival 0.1.0: Psi" in page
    number = psi_of(api, psi).json()["features"]["Pclass"]["overall_psi"]
    assert f"<tr><td>Pclass</td><td class=alert>{number:.4f}</td></tr>" in page


def test_the_page_shows_the_mean_of_the_last_hour_and_nothing_if_there_is_none(api):
    metrics = [CustomMetric(name, 0.4, AlertThreshold.Outside, 9) for name in ("new", "old")]
    profile = CustomDriftProfile(CustomMetricDriftConfig(space="titanic", name="means"), metrics)
    uid = register(api, profile)["uid"]
    for metric, minutes, values in (("new", 1, [0.1]), ("new", 58, [0.3]), ("new", 62, [9]), ("old", 1200, [7])):
        api.post("/scouter/message", json=told_at(uid, metric, minutes, values))
    page = api.get("/").text
    assert "mean of the last hour" in page
    assert page.index("<tr><td>new</td><td>0.2000</td></tr>") < page.index("<tr><td>old</td><td></td></tr>")


def test_an_alert_stays_on_the_page_when_no_records_come_any_more(api, psi):
    uid = register(api, custom_profile())["uid"]
    yesterday = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    message = json.dumps([rows(psi, 3, 1000), means(uid, [0.9])])
    for one in json.loads(re.sub(r'(?<="created_at": )"[^"]*"', f'"{yesterday}"', message)):
        assert api.post("/scouter/message", json=one).status_code == 200
    page = api.get("/").text
    assert "<tr><td>Pclass</td><td class=alert></td></tr>" in page
    assert "<tr><td>probability</td><td class=alert></td></tr>" in page


def test_a_profile_that_cannot_be_shown_hides_no_other(api, psi, monkeypatch, caplog):
    api.post("/scouter/message", json=rows(psi, 3, 1000))
    uid = register(api, custom_profile())["uid"]
    with api.app.state.store.writing() as connection:  # from a time when the door let them in
        for _ in range(2):
            connection.execute(
                "INSERT INTO value (uid, created_at, name, value) VALUES (?, ?, ?, ?)", [uid, time.time(), "x", 1e308]
            )
    page = api.get("/").text
    assert "This profile cannot be shown" in page
    assert "<td>Pclass</td>" in page
    assert "The page cannot show titanic probability 0.1.0: Custom" in caplog.text


def test_the_page_of_an_empty_collector_says_so(api):
    assert "No profile is registered yet." in api.get("/").text


def test_a_name_cannot_put_code_into_the_page(api):
    profile = drift.psi_profile(passengers())
    profile.update_config_args(name="<script>")
    register(api, profile)
    assert "<script>" not in api.get("/").text
    assert "&lt;script&gt;" in api.get("/").text
