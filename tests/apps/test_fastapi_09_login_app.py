"""fastapi_09_login_app: who may come in, how often, and what is kept of them; and attacks, each with its answer."""

import base64
import json
import logging
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import guests
import jwt
import pytest
from conftest import ROOT, import_anew
from contract import HEALTH, JSON, LIMIT, PASSENGER, UNREADABLE, chunks, places, samples
from fastapi.testclient import TestClient
from guests import CAPTAIN, KEY, MACHINE, ROSE, SECRET, TRACE_KEY, WORDS, holding
from limits import parse
from serving import serve
from waiting import until

from login import accounts, passwords, rates
from login.asked_log import pseudonym
from login.door import Door
from login.kept_page import stores
from login.rates import Rates
from titanic.passenger import EXAMPLES
from titanic.problem import Problem

NAME = "fastapi_09_login_app"
LOCKED = [("POST", "/predict_single"), ("POST", "/predict_batch"), ("POST", "/outcomes"), ("GET", "/admin"),
          ("POST", "/erase")]  # fmt: skip
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def running(champion, door, tmp_path_factory):
    """The app, started once for all tests here."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        for name, value in door.items():
            patch.setenv(name, value)
        patch.setenv("PREDICTION_LOG_PATH", str(folder / "predictions.jsonl"))
        patch.setenv("OUTCOME_DATABASE", str(folder / "outcomes.sqlite3"))
        yield stack.enter_context(TestClient(import_anew(NAME).app, raise_server_exceptions=False))


@pytest.fixture
def api(running):
    """The app, as if nobody had asked it yet too often."""
    running.app.state.door.rates = Rates("100000/minute")
    return running


def log_in(api, name, word=None):
    return api.post("/token", data={"username": name, "password": WORDS[name] if word is None else word})


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def rose(api):
    """The headers with which Rose asks."""
    return bearer(log_in(api, ROSE).json()["access_token"])


@pytest.fixture
def captain(api):
    return bearer(log_in(api, CAPTAIN).json()["access_token"])


def ask(api, headers, *passengers):
    """Predict these passengers; the answer."""
    return api.post("/predict_batch", json=list(passengers or EXAMPLES), headers=headers)


def erase(api, headers, name):
    """Ask the app to erase somebody; the answer."""
    return api.post("/erase", json={"name": name}, headers=headers)


def claims(**changes):
    """What a good token of Rose says, with these changes; what is None is left out."""
    now = datetime.now(UTC)
    right = {"sub": ROSE, "aud": "titanic-predictor", "iat": now, "exp": now + HOUR}
    return {name: value for name, value in (right | changes).items() if value is not None}


def signed(key=SECRET, algorithm="HS256", headers=None, **changes):
    return jwt.encode(claims(**changes), key, algorithm, headers)


def part(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


# Who may come in


def test_a_password_is_changed_for_a_token(api):
    answer = log_in(api, ROSE)
    assert answer.status_code == 200
    assert list(answer.json()) == ["access_token", "token_type"]
    assert answer.json()["token_type"] == "bearer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert jwt.decode(answer.json()["access_token"], SECRET, ["HS256"], audience="titanic-predictor")["sub"] == ROSE


@pytest.mark.parametrize("headers", [None, {"X-API-Key": KEY}], ids=["token", "key"])
def test_with_a_token_or_a_key_it_predicts_as_fastapi_05(api, rose, headers):
    single = api.post("/predict_single", json=EXAMPLES[0], headers=headers or rose)
    assert single.json() == {"prediction": 1, "survival_status": "Survived"}
    rows = ask(api, headers or rose).json()["batch_predictions"]
    assert [list(row) for row in rows] == [["passenger_index", "prediction", "survival_status"]] * 3
    assert [row["prediction"] for row in rows] == [1, 0, 1]
    wrong = api.post("/predict_single", json=EXAMPLES[0] | {"Age": -1}, headers=headers or rose)
    assert places(wrong) == [("body", "Age")]


@pytest.mark.parametrize(("method", "path"), LOCKED)
def test_without_either_each_locked_route_answers_401_whatever_is_sent(api, method, path):
    bodies = [(PASSENGER, JSON), *UNREADABLE.values(), (chunks(LIMIT + 1), JSON)]  # too large, but nobody reads it
    for body, headers in bodies if method == "POST" else [(None, {})]:
        answer = api.request(method, path, content=body, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert list(answer.json()) == ["detail"]


def test_health_metrics_and_the_page_are_open(api):
    assert api.get("/health").json() == HEALTH
    assert "http_requests_total" in api.get("/metrics").text
    assert api.get("/").json() == {"message": "Titanic MLflow API is running"}
    assert api.get("/kept").status_code == 200


def test_admin_is_for_admins(api, rose, captain):
    for headers in (rose, {"X-API-Key": KEY}):
        for answer in (api.get("/admin", headers=headers), erase(api, headers, CAPTAIN)):
            assert (answer.status_code, answer.json()) == (403, {"detail": "Access denied: Admins only."})
    before = api.get("/admin", headers=captain).json()
    assert set(before) == {ROSE, CAPTAIN, MACHINE}
    ask(api, rose)
    ask(api, {"X-API-Key": KEY}, EXAMPLES[0])
    after = api.get("/admin", headers=captain).json()
    assert {name: after[name] - before[name] for name in after} == {ROSE: 3, CAPTAIN: 0, MACHINE: 1}


def test_the_documentation_knows_both_ways_in_and_which_routes_are_locked(api):
    description = api.get("/openapi.json").json()
    kinds = {name: one["type"] for name, one in description["components"]["securitySchemes"].items()}
    assert kinds == {"OAuth2PasswordBearer": "oauth2", "APIKeyHeader": "apiKey"}
    locked = {(method.upper(), path) for path, methods in description["paths"].items()
              for method, one in methods.items() if one.get("security")}  # fmt: skip
    assert locked == set(LOCKED)


# Attacks

ATTACKS = {
    "no token": "",
    "two tokens": f"{signed()} {signed()}",
    "expired": signed(exp=datetime.now(UTC) - timedelta(seconds=1)),
    "it never expires": signed(exp=None),
    "not good yet": signed(iat=datetime.now(UTC) + HOUR),
    "tampered": ".".join([signed().split(".")[0], part(claims(sub=CAPTAIN, iat=0, exp=2**33)), signed().split(".")[2]]),
    "alg none": f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims(iat=0, exp=2**33))}.",
    "alg None": f"{part({'alg': 'None'})}.{part(claims(iat=0, exp=2**33))}.",
    "another algorithm": signed(key=SECRET * 2, algorithm="HS512"),
    "another key": signed(key="x" * 32),
    "another audience": signed(aud="another-app"),
    "no audience": signed(aud=None),
    "nobody": signed(sub=None),
    "a name that is none": signed(sub="jack"),
    "a name of many letters": signed(sub="j" * 5000),
    "the machine's key": KEY,
    "no JSON": "a.b.c",
    "only dots": "...",
}


@pytest.mark.filterwarnings("ignore:The HMAC key:jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_token_that_is_not_ours_is_refused_and_not_told_why(api, attack):
    answer = api.get("/admin", headers={"Authorization": f"Bearer {ATTACKS[attack]}"})
    nobody = api.get("/admin")
    assert (answer.status_code, answer.json()) == (401, nobody.json())
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_token_that_these_are_made_from_is_good(api):
    assert ask(api, bearer(signed())).status_code == 200


ODD = [b"\xff", b"\xe9" * 9, "Zoë".encode(), b"\x00", b"'; DROP TABLE prediction; --", b"a" * 20_000, b"{}", b""]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_letters_in_a_header_are_refused_as_everything_else(api, odd):
    for headers in ({"Authorization": b"Bearer " + odd}, {"Authorization": odd}, {"X-API-Key": odd}):
        assert api.get("/admin", headers=headers).status_code == 401


def test_a_token_anywhere_else_opens_nothing(api):
    token = log_in(api, CAPTAIN).json()["access_token"]
    assert api.get("/admin", params={"access_token": token, "token": token}).status_code == 401
    assert api.get("/admin", headers={"Cookie": f"access_token={token}"}).status_code == 401
    assert api.get("/admin", headers={"Authorization": f"Basic {token}"}).status_code == 401


def test_a_wrong_token_beside_a_right_key_is_refused(api):
    assert api.get("/admin", headers=bearer("x") | {"X-API-Key": KEY}).status_code == 401


def test_a_role_that_one_gives_oneself_counts_for_nothing(api, rose):
    form = {"username": ROSE, "password": WORDS[ROSE], "role": "admin", "scope": "admin"}
    token = api.post("/token", data=form).json()["access_token"]
    for headers in (bearer(token), bearer(signed(role="admin", scope="admin")), rose | {"role": "admin"}):
        assert api.get("/admin", headers=headers, params={"role": "admin"}).status_code == 403
    assert places(api.post("/predict_single", json=EXAMPLES[0] | {"role": "admin"}, headers=rose)) == [("body", "role")]


def test_who_is_removed_is_out_at_once_token_or_not_and_a_spoilt_file_changes_nothing(api, tmp_path, caplog):
    path = tmp_path / "accounts.json"
    guests.write(path)
    api.app.state.door.accounts, usual = accounts.Accounts(path), api.app.state.door.accounts
    try:
        token = bearer(log_in(api, ROSE).json()["access_token"])
        assert ask(api, token).status_code == 200
        accounts.write(path, {name: one for name, one in accounts.read(path).items() if name != ROSE})
        assert ask(api, token).status_code == log_in(api, ROSE).status_code == 401
        path.write_text("{")
        assert ask(api, token).status_code == 401
        assert log_in(api, CAPTAIN).status_code == 200
        assert len([record for record in caplog.records if "stay as they were" in record.message]) == 1
    finally:
        api.app.state.door.accounts = usual


def test_a_token_from_before_the_account_was_made_anew_opens_nothing(api, tmp_path):
    path = tmp_path / "accounts.json"
    guests.write(path)
    api.app.state.door.accounts, usual = accounts.Accounts(path), api.app.state.door.accounts
    try:
        before = bearer(log_in(api, ROSE).json()["access_token"])
        with accounts.changing(path) as known:
            known[ROSE] = known[ROSE].model_copy(update={"since": time.time()})
        assert ask(api, before).status_code == 401
        assert ask(api, bearer(log_in(api, ROSE).json()["access_token"])).status_code == 200  # in the same second, too
        assert ask(api, {"X-API-Key": KEY}).status_code == 200
    finally:
        api.app.state.door.accounts = usual


# A thousand guesses


def test_wrong_passwords_are_soon_too_many_also_if_the_next_is_right(api):
    answers = [log_in(api, ROSE, "wrong") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401] * 5
    for answer in (log_in(api, ROSE, "wrong"), log_in(api, ROSE)):
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert log_in(api, CAPTAIN).status_code == 200


def test_a_thousand_guesses_are_answered_and_only_twenty_are_tried(api, monkeypatch, captain):
    tried = []
    module = sys.modules["login.passwords"]  # the app's own, which was imported anew
    monkeypatch.setattr(module, "fits", lambda word, kept, fits=module.fits: tried.append(word) or fits(word, kept))
    statuses, seconds = [], {401: [], 429: []}
    for number in range(1000):
        begin = time.perf_counter()
        statuses.append(log_in(api, f"guess-{number}", "wrong").status_code)
        seconds[statuses[-1]].append(time.perf_counter() - begin)
    assert len(tried) == 20
    assert statuses == [401] * 20 + [429] * 980
    assert statistics.median(seconds[429]) < statistics.median(seconds[401]) / 2
    assert (
        len(api.app.state.door.rates.limiter.storage.events) < 50
    )  # what they leave in the memory does not grow with them
    assert api.get("/admin", headers=captain).status_code == 200  # whoever is in stays in


def test_guesses_at_the_same_moment_are_counted_too(api):
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: log_in(api, ROSE, "wrong"), range(40)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {401, 429}
    assert statuses.count(401) <= 5
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status_code == 429)


def test_neither_text_nor_time_tells_whether_a_user_exists(api):
    seconds = {ROSE: [], "jack": [], MACHINE: []}
    for _ in range(15):
        for name, measured in seconds.items():
            api.app.state.door.rates = Rates("100/minute")
            begin = time.perf_counter()
            answer = log_in(api, name, "wrong")
            measured.append(time.perf_counter() - begin)
            assert (answer.status_code, answer.json()) == (401, {"detail": "Wrong user or password."})
    medians = [statistics.median(measured) for measured in seconds.values()]
    assert max(medians) < 2 * min(medians)  # one who hashed nothing would answer ten times as fast


def test_a_hash_is_slow_and_never_the_same(api):
    assert passwords.hash_of("iceberg") != passwords.hash_of("iceberg")
    assert passwords.fits("iceberg", passwords.hash_of("iceberg"))
    assert not passwords.fits("", None)


@pytest.mark.parametrize("form", [{}, {"username": ROSE}, {"password": "x"}, {"username": ROSE, "password": "\0é" * 99},
                                  {"grant_type": "none", "username": ROSE, "password": WORDS[ROSE]}])  # fmt: skip
def test_a_form_that_is_none_opens_nothing_and_is_not_sent_back(api, form):
    answer = api.post("/token", data=form)
    assert answer.status_code in (401, 422)
    assert "\0" not in answer.text
    assert "never let go" not in answer.text


# Limits


def test_each_account_has_a_rate_of_its_own(api, rose, captain):
    api.app.state.door.rates = Rates("3/minute")
    answers = [ask(api, rose) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert ask(api, captain).status_code == ask(api, {"X-API-Key": KEY}).status_code == 200


def test_names_that_strangers_invent_do_not_fill_the_memory(monkeypatch):
    for limit in ("WRONG_PER_NAME", "WRONG_PER_ADDRESS"):
        monkeypatch.setattr(rates, limit, parse("5/second"))
    own = Rates("1/minute")
    for number in range(200):
        own.count_wrong(f"{number}" * 3_000, f"address {number}")
    assert all(len(key) < 200 for key in own.wrong.events)

    def is_forgotten():
        own.count_wrong(ROSE, "here")
        return len(own.wrong.events) <= 2

    until(is_forgotten)


def test_bodies_have_a_limit(api, rose):
    assert api.post("/predict_batch", content=b" " * (LIMIT + 1), headers=JSON).status_code == 413
    assert api.post("/predict_batch", content=b" " * (LIMIT + 1), headers=rose | JSON).status_code == 413
    assert log_in(api, ROSE, "x" * 20_000).status_code == 413
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = api.post("/token", content=chunks(20_000), headers=form)
    assert (answer.status_code, answer.json()["detail"]) == (
        413, "The body is larger than 10,000 bytes: send less at once."
    )  # fmt: skip


def test_no_client_makes_a_series(api, rose):
    def series():
        return {(sample.name, *sample.labels.values()) for sample in samples(api)}

    def everything():
        for number in range(20):
            log_in(api, f"name-{number}", "x")
            ask(api, {"X-API-Key": f"key-{number}"})
            erase(api, rose, f"name-{number}")
        ask(api, rose)

    everything()
    before = series()
    everything()
    assert series() == before
    assert not any(ROSE in str(one) or "name-" in str(one) for one in before)


# It does not start


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"LOGIN_SECRET": ""}, "LOGIN_SECRET is missing: set it to at least 32 random letters"),
        ({"LOGIN_SECRET": "x" * 31}, "LOGIN_SECRET is too short"),
        ({"LOGIN_TRACE_KEY": ""}, "LOGIN_TRACE_KEY is missing"),
        ({"LOGIN_RATE": "often"}, "LOGIN_RATE is 'often': write one rate, such as 600/minute"),
        ({"LOGIN_RATE": "1/day; 600/minute"}, "LOGIN_RATE is '1/day; 600/minute': write one rate, such as 600/minute"),
        ({"LOGIN_ACCOUNTS": "no/file.json"}, "There are no accounts: make one with python course.py user NAME"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(door, monkeypatch, changes, why):
    for name, value in (door | changes).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Problem) as error:
        Door()
    assert str(error.value).startswith(why)
    assert "xxx" not in str(error.value)


# A hash with a digit or with letters of another script: no password could be checked against it.
GOOD_HASH = passwords.hash_of("iceberg")
ODD_HASHES = [
    json.dumps({ROSE: {"role": "user", "password_hash": odd}}, ensure_ascii=False)
    for odd in (GOOD_HASH.replace("t=2", "t=\N{ARABIC-INDIC DIGIT TWO}"), GOOD_HASH[:-3] + "ééé")
]


@pytest.mark.parametrize("text", ["", "[]", '{"rose": {}}', '{"rose": {"role": "king"}}', '{"Rose": {"role": "user"}}',
                                  '{"rose": {"role": "user", "password": "iceberg"}}', '{"../x": {"role": "user"}}',
                                  '{"rose": {"role": "user", "password_hash": "iceberg"}}',
                                  '{"rose": {"role": "user", "since": NaN}}', *ODD_HASHES])  # fmt: skip
def test_a_file_that_holds_no_accounts_is_said_in_a_sentence_without_what_is_in_it(tmp_path, text):
    path = tmp_path / "accounts.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as error:
        accounts.Accounts(path)
    assert "iceberg" not in str(error.value)
    assert "\n" not in str(error.value)


def test_bare_uvicorn_ends_with_that_sentence_and_no_traceback(door):
    env = {name: value for name, value in os.environ.items() if not name.startswith("LOGIN_")}
    command = [sys.executable, "-m", "uvicorn", f"{NAME}:app", "--port", "0"]
    end = subprocess.run(command, cwd=ROOT / "apps", env=env, capture_output=True, text=True)
    assert end.returncode != 0
    assert "Traceback" not in end.stderr
    errors = [line for line in end.stderr.splitlines() if line.startswith("ERROR")]
    assert len(errors) == 2  # the second one is uvicorn's own: Application startup failed.
    assert "LOGIN_SECRET is missing: set it" in errors[0]


# What is kept


def test_erase_by_the_captain_leaves_others_and_no_trace(api, rose, captain):
    app = api.app
    assert api.get("/kept").text.count("<tr><td>") == sum(len(store.fields()) for store in stores(30))
    ids = [ask(api, headers).headers["X-Request-Id"] for headers in (rose, captain)]
    asked = {name: pseudonym(name, TRACE_KEY) for name in (ROSE, CAPTAIN)}
    folder = app.state.log.file.path.parent
    assert all(holding(one, folder) for one in [*ids, *asked.values()])
    erased = erase(api, captain, ROSE).json()
    assert erased["lines"] == erased["predictions"] >= 3
    assert erased["not_searched"] == []
    assert [bool(holding(one, folder)) for one in [*ids, *asked.values()]] == [False, True, False, True]
    outcomes = [{"prediction_id": f"{one}-0", "survived": 1} for one in ids]
    report = api.post("/outcomes", json=outcomes, headers={"X-API-Key": KEY}).json()
    assert report == {"matched": 1, "unknown": [f"{ids[0]}-0"], "repeated": []}
    assert api.get("/admin", headers=captain).json()[ROSE] == 0
    nothing = erase(api, captain, "nobody-of-this-name").json()
    assert (nothing["lines"], nothing["predictions"]) == (0, 0)


def test_a_database_that_is_in_use_leaves_the_log_as_it_was(api, rose, captain, monkeypatch):
    ask(api, rose)
    log = api.app.state.log.file.path
    before = log.read_bytes()

    def fail(requests):
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(api.app.state.pending, "erase", fail)
        answer = erase(api, captain, ROSE)
    assert (answer.status_code, log.read_bytes()) == (503, before)
    assert erase(api, captain, ROSE).json()["lines"] >= 3


# Its own log


def test_the_log_of_the_app_tells_no_secret(door, champion, tmp_path):
    settings = door | {"PREDICTION_LOG_PATH": tmp_path / "p.jsonl", "OUTCOME_DATABASE": tmp_path / "o.sqlite3"}
    with serve(NAME, **settings) as app:
        token = app.post("/token", data={"username": ROSE, "password": WORDS[ROSE]}).json()["access_token"]
        app.post("/token", data={"username": ROSE, "password": "a wrong word"})
        assert app.post("/predict_batch", json=EXAMPLES, headers=bearer(token)).status_code == 200
        assert app.get(f"/admin?access_token={token}&X-API-Key={KEY}").status_code == 401
        assert app.get("/admin", headers=bearer(token[:-1])).status_code == 401
        captain = app.post("/token", data={"username": CAPTAIN, "password": WORDS[CAPTAIN]}).json()["access_token"]
        assert app.post("/erase", json={"name": ROSE}, headers=bearer(captain)).json()["lines"] == 3
        told = app.log.read_text()
    assert "GET /admin" in told
    for hidden in (token, token[:40], KEY, WORDS[ROSE], "a wrong word", SECRET, ROSE, "?"):
        assert hidden not in told


def test_the_filter_leaves_other_records_as_they_are():
    from login.access_log import without_query

    record = logging.LogRecord("uvicorn.access", 20, "", 1, "%s", ("one",), None)
    assert without_query(record)
    assert record.getMessage() == "one"
