"""Whatever the collector is sent: no server error, no record stored by halves, nothing without the login."""

import copy
import json
import math

import pytest
from collecting import as_json, profiles
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NAME = "scouter_01_collector_app"
OPEN = {"/", "/metrics", "/scouter/auth/login", "/scouter/healthcheck"}
BOUNDED = settings(
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

EXTREME = [0, -1, 2**31, 2**63, 10**400, 1e308, math.nan, math.inf]
LIKELY = [0, 1, 7, 0.25, "Psi", "Age", "Sex", "ChiSquare", "inf", "2026-11-22T02:13:51.7Z", "2026-11-22T02:13:51+14:00"]
TIMES = ["2026-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "0001-01-01"]
numbers = st.one_of(st.integers(), st.floats(), st.sampled_from(EXTREME))
texts = st.one_of(st.text(max_size=20), st.sampled_from(["Psi", "inf", "\0", "\ud800"]))
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts, st.sampled_from(LIKELY)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def api(client, tmp_path, monkeypatch):
    """A client that has logged in."""
    monkeypatch.setenv("COLLECTOR_DATABASE", str(tmp_path / "collector.sqlite3"))
    api = client(NAME)
    token = api.get("/scouter/auth/login", headers={"Username": "admin", "Password": "admin"}).json()["token"]
    api.headers["Authorization"] = f"Bearer {token}"
    return api


def send(api, method, path, body):
    """Send this as JSON, also what is none; the answer is no server error."""
    text = json.dumps(body)  # writes NaN and half characters too
    answer = api.request(method, path, content=text, headers={"content-type": "application/json"})
    assert answer.status_code < 500, (method, path, text)
    return answer


def register(api, profile):
    """Register this profile as the client does; it then knows its number."""
    kind = {"Psi": "Psi", "Spc": "Spc", "Custom": "Custom", "GenAI": "GenAI"}[as_json(profile)["config"]["drift_type"]]
    body = {"space": "titanic", "drift_type": kind, "profile": profile.model_dump_json(), "active": True}
    return kind, send(api, "POST", "/scouter/profile", body).json()["uid"]


def read_all(api, kind, uid):
    """Ask everything about a profile."""
    for path in {"Psi": ["psi"], "Spc": ["spc"], "Custom": ["custom"], "GenAI": ["genai/task", "genai/workflow"]}[kind]:
        query = {"uid": uid, "space": "titanic", "time_interval": "SevenDays", "max_data_points": 10}
        assert api.get(f"/scouter/drift/{path}", params=query).status_code == 200
    assert send(api, "POST", "/scouter/alerts", {"uid": uid, "active": True}).status_code == 200
    assert api.get("/").status_code == 200


def rows(api):
    """How many records of all kinds are stored."""
    with api.app.state.store.reading() as connection:
        tables = ["bin_count", "value", "eval_record", "message"]
        return [connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables]


def places(value, path=()):
    """The place of each part of this JSON value, as the keys that lead to it."""
    yield path
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def replaced(value, path, new):
    """The same with another part at this place."""
    if not path:
        return new
    value = copy.deepcopy(value)
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return value


def with_one_part_replaced(value):
    """This JSON value, but with anything at one place, now and then something that is right there."""
    return st.tuples(st.sampled_from(list(places(value))), anything | st.floats(0, 100)).map(
        lambda pair: replaced(value, *pair)
    )


@pytest.mark.parametrize("body", ["message", "profile", "profile/status", "alerts"])
def test_no_body_is_a_server_error(api, body):
    method = "PUT" if body == "profile/status" else "POST"

    @BOUNDED
    @given(anything)
    def check(value):
        assert send(api, method, f"/scouter/{body}", value).status_code >= 400

    check()
    assert rows(api) == [0, 0, 0, 0]


def test_no_query_is_a_server_error(api):
    paths = {path: list(item) for path, item in api.get("/openapi.json").json()["paths"].items() if "get" in item}
    names = ["uid", "space", "name", "version", "drift_type", "time_interval", "max_data_points"]
    names += ["start_custom_datetime", "end_custom_datetime"]
    _, uid = register(api, profiles()["Psi"])
    values = st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20), numbers.map(str), st.just(uid),
        st.sampled_from(["Psi", "OneHour", "Custom", *TIMES]),
    )  # fmt: skip

    @BOUNDED
    @given(st.sampled_from(sorted(paths)), st.dictionaries(st.sampled_from(names), values))
    def check(path, query):
        assert api.get(path, params={"uid": uid} | query).status_code < 500, (path, query)

    check()


@pytest.mark.parametrize("broken", ["Psi", "Spc", "Custom", "GenAI"])
def test_a_message_is_stored_whole_or_not_at_all(api, broken):
    profile = profiles()[broken]
    kind, uid = register(api, profile)
    common = {"uid": uid, "created_at": "2026-11-22T02:13:51.773610921Z", "entity_id": 0}
    good = {
        "Psi": [{"Psi": common | {"feature": "Sex", "bin_id": number, "bin_count": 3}} for number in (0, 1)],
        "Spc": [{"Spc": common | {"feature": "Age", "value": value}} for value in (30.5, 1e9)],
        "Custom": [{"Custom": common | {"metric": "probability", "value": value}} for value in (0.3, 0.9)],
        "GenAI": [
            {"GenAIEval": {"record": common | {"entity_uid": uid, "context": {"score": score, "words": ["a"]}}}}
            for score in (0.3, 0.9)
        ],
    }[kind]
    assert send(api, "POST", "/scouter/message", {"records": good}).status_code == 200
    accepted = 0

    @BOUNDED
    @given(with_one_part_replaced({"records": good}))
    def check(value):
        nonlocal accepted
        before = rows(api)
        status = send(api, "POST", "/scouter/message", value).status_code
        bins, values, evals, messages = (after - was for after, was in zip(rows(api), before, strict=True))
        assert messages in (0, 1)
        if status == 200 and messages:
            accepted += 1
            records = len(value["records"])
            assert (bins + evals if kind in ("Psi", "GenAI") else values) == records
        else:
            assert [bins, values, evals, messages] == [0, 0, 0, 0]
        if status >= 400:
            assert messages == 0

    check()
    assert accepted > 0
    read_all(api, kind, uid)


@pytest.mark.parametrize("broken", ["Psi", "Spc", "Custom", "GenAI"])
def test_a_profile_that_is_accepted_can_be_used(api, broken):
    profile = profiles()[broken]
    kind, _ = register(api, profile)
    content = as_json(profile)

    @BOUNDED
    @given(with_one_part_replaced(content))
    def check(value):
        body = {"space": "titanic", "drift_type": kind, "profile": json.dumps(value), "active": True}
        answer = send(api, "POST", "/scouter/profile", body)
        if answer.status_code >= 400:
            return
        uid = answer.json()["uid"]
        if kind == "Psi":
            names = [(name, one["id"]) for name, feature in value["features"].items() for one in feature["bins"]]
            common = {"uid": uid, "created_at": "2026-11-22T02:13:51Z", "entity_id": 0, "bin_count": 200}
            records = [{"Psi": common | {"feature": name, "bin_id": number}} for name, number in names]
        elif kind == "GenAI":
            record = {"uid": "1", "entity_uid": uid, "created_at": "2026-11-22T02:13:51Z", "context": {"score": 1}}
            records = [{"GenAIEval": {"record": record}}]
        else:
            common = {"uid": uid, "created_at": "2026-11-22T02:13:51Z", "entity_id": 0, "value": 1e6}
            names = value["features"] if kind == "Spc" else value["metrics"]
            records = [{kind: common | {"feature" if kind == "Spc" else "metric": name}} for name in names]
        if records:
            assert send(api, "POST", "/scouter/message", {"records": records}).status_code == 200
        read_all(api, kind, uid)
        found = {"space": "titanic", "name": answer.json()["name"], "version": answer.json()["version"]}
        query = found | {"space": answer.json()["space"], "drift_type": kind}
        assert api.get("/scouter/profile", params=query).status_code == 200

    check()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Username": "admin"}, {"Password": "admin"}, {"Username": "admin", "Password": "Admin"},
     {"Username": "root", "Password": "admin"}, {"Username": "admin", "Password": ""},
     {"Username": "admin", "Password": b"\xff\xfe"}],
)  # fmt: skip
def test_a_wrong_login_is_refused(api, headers):
    assert api.get("/scouter/auth/login", headers=headers).status_code == 401


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer x", "Basic {}", "{}", "Bearer {}x", b"Bearer \xff"])
def test_without_the_token_everything_is_refused(api, token):
    right = api.headers.pop("Authorization").removeprefix("Bearer ")
    value = token if isinstance(token, bytes) else token.format(right)
    asked = 0
    for path, item in api.get("/openapi.json").json()["paths"].items():
        for method in item if path not in OPEN else []:
            answer = api.request(method, path, headers={"Authorization": value}, json={})
            assert answer.status_code == 401, (method, path)
            asked += 1
    assert asked >= 12
    assert rows(api) == [0, 0, 0, 0]
