"""fastapi_08_shadow_app: it changes its model without a lost request, and a challenger harms nobody."""

import asyncio
import gc
import importlib
import itertools
import json
import sqlite3
import statistics
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import mlflow
import numpy as np
import psutil
import pytest
from contract import (
    EVERY_KIND,
    HEALTH,
    JSON,
    LIMIT,
    TRAIN,
    UNREADABLE,
    accepts_and_refuses,
    chunks,
    post,
    reason,
    value,
    values,
)
from ill_model import Exchanged, IllModel, NotANumber
from serving import serve
from waiting import until

import build_dashboard
from classroom import prometheus
from classroom.challengers import store_with_challengers
from classroom.load import connect, request
from classroom.servers.ports import free_port
from titanic import store
from titanic.passenger import EXAMPLES, Passenger
from titanic.prediction import survival_probabilities
from titanic.problem import Problem

NAME = "fastapi_08_shadow_app"
AGREE = ("true", "false", "dropped", "failed")
RAISES, NAN, EXCHANGED, GONE = 4, 5, 6, 7  # versions that must be refused
UNFIT = {
    RAISES: "Version 4 cannot predict: the model is ill",
    NAN: "Version 5 cannot predict: these are not two probabilities",
    EXCHANGED: "a coin would be better",
    GONE: "Version 7 stands in the store at",
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """A store with the three versions of the lesson and those that must be refused: .uri, .client, .database."""
    uri, folder = store_with_challengers(), tmp_path_factory.mktemp("unfit")
    client = mlflow.MlflowClient(uri)
    for number, model in (RAISES, IllModel()), (NAN, NotANumber()), (EXCHANGED, Exchanged()), (GONE, None):
        if model is not None:
            mlflow.sklearn.save_model(
                model, folder / str(number), skops_trusted_types=[f"ill_model.{type(model).__name__}"],
                pip_requirements=["scikit-learn"],
            )  # fmt: skip
        version = client.create_model_version(store.MODEL_NAME, (folder / str(number)).as_uri())
        assert version.version == number
    return SimpleNamespace(uri=uri, client=client, database=Path(uri.removeprefix("sqlite:///")))


@pytest.fixture
def aliases(registry, monkeypatch):
    """The app uses that store, and looks often. aliases(champion=2, challenger=None) moves an alias, or deletes it."""
    before = store.tracking_uri()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.uri)
    monkeypatch.setenv("MODEL_POLL_SECONDS", "0.05")

    def move(**to):
        for alias, number in to.items():
            if number is None:
                registry.client.delete_registered_model_alias(store.MODEL_NAME, alias)
            else:
                registry.client.set_registered_model_alias(store.MODEL_NAME, alias, str(number))

    move(champion=1, challenger=None)
    yield move
    mlflow.set_tracking_uri(before)  # what MLflow itself remembers


@pytest.fixture
def api(client, aliases):
    return client(NAME)


def block(name):
    """A module of titanic, as the app that runs now has imported it."""
    return importlib.import_module(f"titanic.{name}")


def version(api):
    """What /health says."""
    return api.get("/health").json()["model_version"]


def counted(api):
    """The shadow's counters, in the order of AGREE."""
    return [value(api, "titanic_shadow_predictions_total", agree=agree) for agree in AGREE]


def probabilities(number, passengers):
    """What this version answers."""
    model = block("following").load_version(number).model
    return survival_probabilities(model, [Passenger.model_validate(one) for one in passengers])


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


# The contract of lesson 07


def test_it_answers_as_the_app_of_lesson_07_and_health_names_the_version(api):
    assert api.get("/").json() == {"message": "Titanic MLflow API is running"}
    assert (api.get("/health").status_code, api.get("/health").json()) == (200, HEALTH | {"model_version": 1})
    expected = [(1, "Survived"), (0, "Not Survived"), (1, "Survived")]
    answers = [{"prediction": number, "survival_status": status} for number, status in expected]
    assert [post(api, "/predict_single", passenger).json() for passenger in EXAMPLES] == answers
    batch = post(api, "/predict_batch", EXAMPLES)
    assert batch.json() == {"batch_predictions": [{"passenger_index": i} | one for i, one in enumerate(answers)]}
    assert batch.headers["X-Model-Version"] == "1"
    assert post(api, "/predict_batch", []).json() == {"batch_predictions": []}
    assert value(api, "titanic_predictions_total") == 6
    assert value(api, "titanic_model_version") == 1
    assert value(api, "titanic_challenger_version") == 0
    assert counted(api) == [0, 0, 0, 0]


def test_what_is_possible_is_accepted_and_what_cannot_be_is_refused(api):
    accepts_and_refuses(api)


@pytest.mark.parametrize("share", ["0", "1"])
def test_an_unreadable_body_is_refused_also_if_a_canary_looks_at_it(client, aliases, monkeypatch, share):
    monkeypatch.setenv("CANARY_SHARE", share)
    aliases(challenger=2)
    api = client(NAME)
    until(lambda: value(api, "titanic_challenger_version") == 2)
    for path in ("/predict_single", "/predict_batch"):
        for kind, (body, headers) in UNREADABLE.items():
            assert 400 <= api.post(path, content=body, headers=headers).status_code < 500, kind
        assert api.post(path, content=chunks(LIMIT + 1), headers=JSON).status_code == 413


# Without a fit champion at the start


def test_without_a_store_it_says_what_to_do_and_takes_the_champion_that_comes(
    client, aliases, registry, monkeypatch, tmp_path
):
    new = tmp_path / "new.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{new.as_posix()}")
    api = client(NAME)
    answer = api.get("/health")
    assert (answer.status_code, answer.json()) == (
        503, HEALTH | {"status": "model not loaded", "model_version": None},
    )  # fmt: skip
    assert TRAIN in post(api, "/predict_single", EXAMPLES[0]).json()["detail"]
    assert not new.exists()
    new.with_suffix(".part").write_bytes(registry.database.read_bytes())
    new.with_suffix(".part").rename(new)
    until(lambda: api.get("/health").status_code == 200)
    assert post(api, "/predict_single", EXAMPLES[0]).json()["prediction"] == 1


def test_a_champion_that_is_not_fit_at_the_start_answers_500_and_health_503_until_there_is_another(
    client, aliases, caplog
):
    aliases(champion=RAISES)
    api = client(NAME)
    answer = api.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "model not fit")
    assert reason(post(api, "/predict_single", EXAMPLES[0]), caplog) == "the model is ill"
    assert reason(post(api, "/predict_batch", EXAMPLES), caplog, "Batch prediction") == "the model is ill"
    assert value(api, "titanic_predictions_total") == 0
    aliases(champion=1)
    until(lambda: api.get("/health").json() == HEALTH | {"model_version": 1})
    assert post(api, "/predict_single", EXAMPLES[0]).status_code == 200


# Following


def test_it_follows_the_alias_there_and_back(api, aliases):
    for number in (2, 1):
        aliases(champion=number)
        until(lambda number=number: version(api) == number)
        assert value(api, "titanic_model_version") == number
        answer = post(api, "/predict_batch", EVERY_KIND)
        assert answer.headers["X-Model-Version"] == str(number)
        classes = [one["prediction"] for one in answer.json()["batch_predictions"]]
        assert classes == [int(p > 0.5) for p in probabilities(number, EVERY_KIND)]


def test_a_challenger_that_is_promoted_is_not_loaded_again_nor_compared_with_itself(api, aliases, monkeypatch):
    aliases(challenger=2)
    until(lambda: value(api, "titanic_challenger_version") == 2)
    challenger = api.app.state.challenger
    monkeypatch.setattr("titanic.following.load_version", lambda number: pytest.fail("it is loaded again"))
    aliases(champion=2)
    until(lambda: value(api, "titanic_challenger_version") == 0)
    assert api.app.state.model is challenger
    assert api.app.state.challenger is None


@pytest.mark.parametrize(("number", "why"), UNFIT.items())
def test_what_cannot_be_loaded_or_answers_nonsense_is_refused_once_and_the_old_goes_on(
    api, aliases, caplog, number, why, monkeypatch
):
    tried = []
    load = block("following").load_version
    monkeypatch.setattr("titanic.following.load_version", lambda number: (tried.append(number), load(number))[1])
    looks = count_looks(monkeypatch)
    aliases(champion=number)
    until(lambda: warnings(caplog))
    seen = len(looks)
    until(lambda: len(looks) > seen + 3)
    assert (version(api), value(api, "titanic_model_version")) == (1, 1)
    assert post(api, "/predict_single", EXAMPLES[0]).headers["X-Model-Version"] == "1"
    (told,) = warnings(caplog)
    assert told.startswith("Refused as champion, and the old one stays. ")
    assert why in told
    assert tried == [number]
    monkeypatch.setattr("titanic.following.AGAIN", 0)  # the minute is over: its files may be complete by now
    aliases(champion=1)
    aliases(champion=2)
    until(lambda: version(api) == 2)


@pytest.mark.parametrize("alias", ["champion", "challenger"])
def test_what_is_told_of_files_that_are_gone_names_that_version_and_does_not_blame_the_champion(aliases, alias):
    following = block("following")
    follower = following.Follower(SimpleNamespace(model=following.load_champion(), challenger=None), 1)
    aliases(**{alias: GONE})
    follower.look()
    told = follower.told[alias]
    assert "Version 7 stands in the store at" in told
    assert "its files were deleted" in told
    assert "The champion stands" not in told
    assert "Let the alias point to another version" in told


def test_a_version_that_is_refused_again_later_is_told_again(aliases, caplog):
    following = block("following")
    follower = following.Follower(SimpleNamespace(model=following.load_champion(), challenger=None), 1)
    for number in (GONE, 1, GONE):
        aliases(champion=number)
        follower.refused.clear()  # an hour is over
        follower.look()
    assert [told.startswith("Refused as champion") for told in warnings(caplog)] == [True, True]


def count_looks(monkeypatch):
    """A list that grows by one whenever an app looks at the aliases."""
    looks = []
    look = block("aliases").current
    monkeypatch.setattr("titanic.aliases.current", lambda: (looks.append(1), look())[1])
    return looks


def test_a_refused_version_is_tried_again_later(aliases, monkeypatch):
    following = block("following")
    state = SimpleNamespace(model=following.load_champion(), challenger=None)
    follower = following.Follower(state, 1)
    aliases(champion=2)
    with monkeypatch.context() as patch:
        patch.setattr(following, "try_out", lambda version: (_ for _ in ()).throw(Problem("too early")))
        follower.look()
        assert follower.told["champion"].endswith("too early")
    follower.look()
    assert state.model.number == 1
    follower.refused["champion", 2] = 0
    follower.look()
    assert state.model.number == 2


@pytest.mark.parametrize("how", ["no file", "no database", "no server", "no alias"])
def test_without_mlflow_or_the_alias_the_old_model_goes_on_and_the_log_says_so_once(
    api, aliases, registry, caplog, how, monkeypatch, tmp_path
):
    looks = count_looks(monkeypatch)
    address = f"sqlite:///{(tmp_path / 'mlflow.db').as_posix()}"
    if how == "no database":
        (tmp_path / "mlflow.db").write_text("this is no database, and it is long enough to be read as one")
    if how == "no server":
        address = f"http://127.0.0.1:{free_port()}"
    with monkeypatch.context() as patch:
        if how == "no alias":
            aliases(champion=None)
        else:
            patch.setenv("MLFLOW_TRACKING_URI", address)
        until(lambda: warnings(caplog))
        seen = len(looks)
        until(lambda: len(looks) > seen + 1)
        assert version(api) == 1
        assert post(api, "/predict_single", EXAMPLES[0]).status_code == 200
    (told,) = warnings(caplog)
    assert "The model stays as it is." in told
    aliases(champion=2)
    until(lambda: version(api) == 2)
    assert how == "no database" or not list(tmp_path.glob("*.db"))


@pytest.mark.parametrize("at_first", [None, GONE])
def test_an_app_that_begins_without_a_model_says_what_is_true_and_takes_one_that_comes(
    client, aliases, caplog, monkeypatch, at_first
):
    monkeypatch.setattr("titanic.following.AGAIN", 0)
    aliases(champion=at_first)
    looks = count_looks(monkeypatch)
    api = client(NAME)
    until(lambda: len(looks) > 2)
    answer = api.post("/predict_single", json=EXAMPLES[0])
    assert answer.status_code == 503
    assert answer.json()["detail"].endswith(", then this app takes it by itself.")
    assert not [told for told in caplog.messages if "the old one stays" in told or "stays as it is" in told]
    assert not [told for told in caplog.messages if "start this app again" in told]
    aliases(champion=2)
    until(lambda: version(api) == 2)


def test_a_fault_of_the_program_does_not_end_the_thread(api, aliases, caplog, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("titanic.aliases.current", lambda: 1 / 0)
        until(lambda: warnings(caplog))
    assert "ZeroDivisionError" in warnings(caplog)[0]
    aliases(champion=2)
    until(lambda: version(api) == 2)


def test_old_models_are_let_go(aliases, monkeypatch):
    following = block("following")
    state = SimpleNamespace(model=following.load_champion(), challenger=None)
    follower, old = following.Follower(state, 1), []
    for number in (2, 1) * 4:
        old.append(weakref.ref(state.model.model))
        aliases(champion=number)
        follower.look()
        assert state.model.number == number
    gc.collect()
    assert [one() for one in old] == [None] * 8


# The shadow


def test_the_challenger_predicts_the_same_passengers_and_its_differences_are_counted(api, aliases):
    aliases(challenger=3)
    until(lambda: value(api, "titanic_challenger_version") == 3)
    batch = post(api, "/predict_batch", EVERY_KIND)
    singles = [post(api, "/predict_single", passenger) for passenger in EVERY_KIND]
    own, champions = np.array(probabilities(3, EVERY_KIND)), np.array(probabilities(1, EVERY_KIND))
    same = int(((own > 0.5) == (champions > 0.5)).sum())
    assert 0 < same < 36
    until(lambda: counted(api) == [2 * same, 2 * (36 - same), 0, 0])
    assert value(api, "titanic_shadow_probability_difference_count") == 72
    assert value(api, "titanic_shadow_probability_difference_sum") == pytest.approx(2 * abs(own - champions).sum())
    assert {answer.headers["X-Model-Version"] for answer in [batch, *singles]} == {"1"}
    assert [answer.json()["prediction"] for answer in singles] == [int(p > 0.5) for p in champions]
    assert value(api, "titanic_predictions_total") == 72  # the shadow's are no predictions that anybody got


@pytest.fixture
def by_hand(client, aliases, monkeypatch):
    """by_hand(model) starts the app with this challenger, which nothing will replace."""

    def start(model, share=0):
        monkeypatch.setenv("CANARY_SHARE", str(share))
        api = client(NAME)
        api.app.state.follower.stop()
        api.app.state.challenger = block("following").Version(9, model)
        return api

    return start


class Slow:
    """A challenger that answers only when it is told to."""

    def __init__(self):
        self.asked, self.free, self.asked_by = threading.Event(), threading.Event(), 0

    def predict_proba(self, table):
        self.asked.set()
        self.asked_by += 1
        assert self.free.wait(60)
        return np.tile([0.25, 0.75], (len(table), 1))


class Ends:
    """A challenger that would end the program."""

    def predict_proba(self, table):
        sys.exit("the model is ill")


def test_a_challenger_that_does_not_answer_keeps_nobody_waiting_and_the_queue_has_an_end(by_hand):
    slow = Slow()
    api = by_hand(slow)
    most = block("shadow").MOST_WAITING
    post(api, "/predict_single", EXAMPLES[0])
    assert slow.asked.wait(60)
    for _ in range(5):  # it is at work all the time; the clients are answered
        assert post(api, "/predict_single", EXAMPLES[0]).json()["prediction"] == 1
    answer = post(api, "/predict_batch", [EXAMPLES[1]] * (most + 95))
    assert len(answer.json()["batch_predictions"]) == most + 95
    assert counted(api) == [0, 0, 100, 0]
    slow.free.set()
    until(lambda: counted(api) == [6, most - 5, 100, 0])


@pytest.mark.parametrize("model", [IllModel, Ends])
def test_a_challenger_that_fails_is_counted_and_told_once(by_hand, caplog, model):
    api = by_hand(model())
    for _ in range(2):
        assert post(api, "/predict_batch", EXAMPLES).status_code == 200
    until(lambda: counted(api) == [0, 0, 0, 6])
    assert warnings(caplog) == ["The challenger, version 9, fails: the model is ill"]
    assert post(api, "/predict_single", EXAMPLES[0]).json()["prediction"] == 1
    api.app.state.challenger = block("following").Version(10, NotANumber())
    post(api, "/predict_single", EXAMPLES[0])
    until(lambda: counted(api) == [0, 0, 0, 8])
    assert len(warnings(caplog)) == 2


def test_a_fault_of_the_program_does_not_end_the_shadow(by_hand, caplog, monkeypatch):
    api = by_hand(IllModel())
    with monkeypatch.context() as patch:
        patch.setattr(block("shadow"), "survival_probabilities", lambda *_: 1 / 0)
        for _ in range(2):
            post(api, "/predict_batch", EXAMPLES)
            until(lambda: not api.app.state.shadow.waiting)
    assert post(api, "/predict_batch", EXAMPLES).status_code == 200
    until(lambda: counted(api) == [0, 0, 0, 3])
    (warning,) = warnings(caplog)
    assert "division by zero" in warning


# The canary


def test_the_choice_is_repeatable_fair_and_grows_with_the_share():
    is_chosen = importlib.import_module(NAME).is_chosen
    bodies = [json.dumps(EXAMPLES[0] | {"Fare": fare / 10}).encode() for fare in range(20_000)]
    chosen = {share: {body for body in bodies if is_chosen(body, share)} for share in (0, 0.01, 0.1, 0.5, 1)}
    assert (len(chosen[0]), len(chosen[1])) == (0, 20_000)
    for share in (0.01, 0.1, 0.5):
        assert abs(len(chosen[share]) - 20_000 * share) < 4 * (20_000 * share * (1 - share)) ** 0.5
    assert chosen[0.01] < chosen[0.1] < chosen[0.5] < chosen[1]


def test_a_share_of_the_requests_is_answered_by_the_challenger_and_the_others_are_shadowed(
    client, aliases, monkeypatch
):
    monkeypatch.setenv("CANARY_SHARE", "0.5")
    aliases(challenger=3)
    api = client(NAME)
    until(lambda: value(api, "titanic_challenger_version") == 3)
    expected = {number: probabilities(number, EVERY_KIND) for number in (1, 3)}
    versions = []
    for place, passenger in enumerate(EVERY_KIND):
        first, second = post(api, "/predict_single", passenger), post(api, "/predict_single", passenger)
        assert first.headers["X-Model-Version"] == second.headers["X-Model-Version"]
        versions.append(int(first.headers["X-Model-Version"]))
        assert first.json()["prediction"] == int(expected[versions[-1]][place] > 0.5)
    assert set(versions) == {1, 3}
    until(lambda: sum(counted(api)[:2]) == 2 * versions.count(1))
    assert counted(api)[2:] == [0, 0]


def test_slow_canaries_leave_half_of_the_threads_and_the_champion_answers_who_finds_no_room(by_hand):
    slow = Slow()
    api = by_hand(slow, share=1)
    half = block("overload").threads() // 2
    with ThreadPoolExecutor(half) as pool:
        held = [pool.submit(post, api, "/predict_single", EXAMPLES[0]) for _ in range(half)]
        until(lambda: slow.asked_by == half)
        for _ in range(5):
            assert post(api, "/predict_batch", EXAMPLES).headers["X-Model-Version"] == "1"
        assert counted(api) == [0, 0, 15, 0]
        slow.free.set()
        assert {one.result().headers["X-Model-Version"] for one in held} == {"9"}
    for _ in range(half + 1):  # there is room again
        assert post(api, "/predict_single", EXAMPLES[0]).headers["X-Model-Version"] == "9"


@pytest.mark.parametrize("model", [IllModel, Ends])
def test_a_canary_that_fails_costs_nobody_the_answer(by_hand, caplog, model):
    api = by_hand(model(), share=1)
    single, batch = post(api, "/predict_single", EXAMPLES[0]), post(api, "/predict_batch", EXAMPLES)
    assert (single.status_code, batch.status_code) == (200, 200)
    assert {single.headers["X-Model-Version"], batch.headers["X-Model-Version"]} == {"1"}
    assert counted(api) == [0, 0, 0, 4]
    assert value(api, "titanic_predictions_total") == 4
    assert warnings(caplog) == ["The challenger, version 9, fails: the model is ill"]


# The proof: the real server


class Fleet:
    """Clients without a pause, each on a connection of its own, which one worker serves."""

    def __init__(self, url, number, expected):
        """expected: what each version predicts for each of EVERY_KIND."""
        self.url, self.expected = url, expected
        self.newest = [0] * number  # the version of each client's newest answer
        self.answers, self.wrong, self.over = 0, [], threading.Event()

    async def be_a_client(self, client, answered):
        connection = await connect(self.url)
        bodies = [request(f"{self.url}/predict_single", json.dumps(one).encode()) for one in EVERY_KIND]
        for place in itertools.cycle(range(client % 36, 36)):
            if self.over.is_set():
                break
            head, body = await exchange(connection, bodies[place])
            found = int((head.partition(b"x-model-version:")[2].split() or [b"0"])[0])
            self.answers += 1
            if b" 200 " not in head[:15] or json.loads(body)["prediction"] != self.expected[found][place]:
                self.wrong.append((head, body))
            self.newest[client] = found
            answered.set()
        connection[1].close()

    async def sail(self):
        """One begins after the other: whichever worker has less to do takes the next."""
        async with asyncio.TaskGroup() as group:
            for client in range(len(self.newest)):
                group.create_task(self.be_a_client(client, answered := asyncio.Event()))
                await answered.wait()


async def exchange(connection, sent):
    """Send a request, and read its answer to the end: the head, in small letters, and the body."""
    reader, writer = connection
    writer.write(sent)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    return head, await reader.readexactly(int(head.partition(b"content-length:")[2].split()[0]))


@contextmanager
def sailing(url, number, expected):
    """So many clients ask without a pause while the block runs; an error of any of them is raised at its end."""
    fleet = Fleet(url, number, expected)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(asyncio.run, fleet.sail())
        try:
            until(lambda: all(fleet.newest))
            yield fleet
        finally:
            fleet.over.set()
        done.result()


@contextmanager
def watching(app, monkeypatch):
    """A Prometheus that watches this app while the block runs; None, if there is none on this machine."""
    monkeypatch.setenv("COURSE_PROMETHEUS_PORT", str(free_port()))
    server = prometheus.start_prometheus("500ms", app_ports=[app.port])
    try:
        yield server
    finally:
        if server:
            server.stop()


def annotation():
    """The one of the dashboard."""
    (found,) = json.loads(build_dashboard.text())["annotations"]["list"]
    return found


def asked(query):
    """The series that Prometheus answers with."""
    return prometheus.ask("query", query=query)["result"]


def workers_of(app):
    """The processes that serve, below the one that watches over them."""
    found = [(one, " ".join(one.cmdline())) for one in app.process.children(recursive=True)]
    return [one for one, command in found if "spawn" in command and "resource_tracker" not in command]


def test_32_clients_and_two_workers_lose_no_request_while_the_champion_changes_ten_times(
    aliases, tmp_path, registry, monkeypatch
):
    settings = {"MODEL_POLL_SECONDS": "0.2", "PROMETHEUS_MULTIPROC_DIR": tmp_path, "MLFLOW_TRACKING_URI": registry.uri}
    expected = {number: [int(p > 0.5) for p in probabilities(number, EVERY_KIND)] for number in (1, 2)}
    assert expected[1] != expected[2]
    with serve(NAME, "--workers", "2", "--no-access-log", **settings) as app, watching(app, monkeypatch) as watcher:
        until(lambda: app.log.read_text().count("Application startup complete") == 2)
        with sailing(app.url, 32, expected) as fleet:
            workers = workers_of(app)
            serving = [sum(c.status == psutil.CONN_ESTABLISHED for c in one.net_connections("tcp")) for one in workers]
            assert len(serving) == 2
            assert min(serving) > 0, "each worker has clients"
            sizes, refused = [], 0
            for number in (2, RAISES, 1, NAN, 2, EXCHANGED, 1, GONE, 2, 1):
                aliases(champion=number)
                if number in UNFIT:
                    refused += 2  # by each worker
                    until(lambda expect=refused: app.log.read_text().count("Refused as champion") == expect)
                else:
                    until(lambda number=number: set(fleet.newest) == {number})
                sizes.append(sum(one.memory_info().rss for one in workers))
        assert fleet.wrong == []
        assert fleet.answers > 1000
        assert value(app, "titanic_model_version") == 1
        assert set(values(app, "http_errors_total")) == {0}
        assert statistics.mean(sizes[-3:]) < 1.2 * statistics.mean(sizes[1:4])
        if watcher:  # now that nobody hurries, its visits are answered in time
            until(lambda: asked("titanic_model_version == 1"))
            aliases(champion=2)
            named = {"job": "fastapi_app", "version": "2"}
            until(lambda: [series["metric"] for series in asked(annotation()["expr"])] == [named])


def test_the_store_is_only_read(registry, client, aliases):
    """An app that follows must not write into the store of others."""
    with closing(sqlite3.connect(registry.database)) as connection:
        before = list(connection.iterdump())
    api = client(NAME)
    assert version(api) == 1
    with closing(sqlite3.connect(registry.database)) as connection:
        assert list(connection.iterdump()) == before
