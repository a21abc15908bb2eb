"""MLflow's store may be out of reach, unusable, or deleted in part: each time, a sentence names the cause."""

import logging
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import mlflow
import pytest
from answering import answering
from contract import HEALTH, TRAIN, post

from classroom.commands import doctor
from classroom.servers.ports import free_port
from titanic import aliases, model, store
from titanic.passenger import EXAMPLES
from titanic.problem import Problem

APPS = Path(__file__).resolve().parents[1] / "apps"


@pytest.fixture(autouse=True)
def put_back():
    """The store of this process, and MLflow's own settings."""
    before = store.tracking_uri()  # what MLflow itself remembers may be that of an earlier test
    with pytest.MonkeyPatch.context() as patch:
        for name in [*store.PATIENCE, *store.STRAY]:
            patch.delenv(name, raising=False)
        yield
    mlflow.set_tracking_uri(before)


@pytest.fixture
def uri(monkeypatch):
    """uri(address) makes this the address of the store."""
    return lambda address: monkeypatch.setenv("MLFLOW_TRACKING_URI", address)


@pytest.fixture
def copied(champion, tmp_path, uri):
    """A copy of the database of a trained store, to be spoilt; its files are not copied."""
    file = Path(shutil.copy(store.database(), tmp_path / "mlflow.db"))
    uri(f"sqlite:///{file.as_posix()}")
    return file


@pytest.fixture
def black_hole():
    """The address of a server that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://ann:iceberg@127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def pauses(monkeypatch):
    """The seconds of each pause between two tries; no pause is really made."""
    asked_for = []
    monkeypatch.setattr(time, "sleep", asked_for.append)
    return asked_for


def sentence(call):
    """What the Problem says that this call raises: one sentence or two, on one line."""
    with pytest.raises(Problem) as raised:
        call()
    text = str(raised.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert TRAIN in text
    return text


def execute(file, *statements):
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_server_that_does_not_answer_is_named_in_seconds(uri, pauses):
    for address in (f"http://127.0.0.1:{free_port()}", "http://no-such-host.invalid:5000"):
        uri(address)
        for call in (model.load_model, store.open_store):
            why = "refused" if "127.0.0.1" in address else "resolve"
            assert f"MLflow's server at {address} does not answer ({why})" in sentence(call)
    assert sum(pauses) < 10


def test_a_server_that_accepts_and_says_nothing_is_named_too(uri, black_hole, monkeypatch):
    assert 2 * int(store.PATIENCE["MLFLOW_HTTP_REQUEST_TIMEOUT"]) <= 10  # seconds: it is asked twice
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")  # who sets it knows why; here, to be faster
    uri(black_hole)
    told = sentence(model.load_model)
    assert f"{black_hole.replace('ann:iceberg@', '')} does not answer (timed out)" in told
    assert "iceberg" not in told


@pytest.mark.parametrize(
    ("code", "body", "told"),
    [
        (503, "down", "cannot answer now (too many 503 error responses)"),
        (401, "no", "wants a login (error code 401)"),
        (404, '{"detail": "Not Found"}', "is no server of MLflow"),
        (200, "<html>", "is no server of MLflow"),
    ],
)
def test_what_answers_instead_of_a_well_server_of_mlflow_is_told(uri, pauses, code, body, told):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Retry-After", "100")  # seconds: nobody waits so long
            self.end_headers()
            self.wfile.write(body.encode())

    with answering(Handler) as server:
        uri(server.url)
        assert f"{server.url} {told}" in sentence(store.open_store)
    assert sum(pauses) < 10


@pytest.mark.parametrize(
    "address",
    ["htp://127.0.0.1:5000", "127.0.0.1:5000", "sqlite:mlflow.db", "sqlite://mlflow.db", "mlruns", "http:/127.0.0.1",
     "ftp://", "http://", "sqlite://", "sqlite:///", "sqlite:///:memory:"],
)  # fmt: skip
def test_an_address_of_no_kind_that_mlflow_knows_is_told(uri, address):
    uri(address)
    assert doctor.model_line()[1] == "not readable"
    assert "MLflow has no such kind of store" in doctor.model_line()[2]
    for call in (model.load_model, store.open_store, aliases.roll_back):
        assert f"MLFLOW_TRACKING_URI is {address}, and MLflow has no such kind of store" in sentence(call)


@pytest.mark.parametrize(
    "address",
    ["http://x", "https://x/y", "sqlite:////x.db", "sqlite+pysqlite:///x.db", "databricks", "databricks://me", "uc:x",
     "postgresql+psycopg2://x/y", "iceberg:x"],
)  # fmt: skip
def test_an_address_of_a_kind_that_mlflow_knows_is_left_to_it(uri, address, monkeypatch):
    plugins = EntryPoints([EntryPoint("iceberg", "iceberg:store", "mlflow.tracking_store")])
    monkeypatch.setattr("titanic.store_errors.entry_points", lambda group: plugins)
    uri(address)
    store.database()


def test_what_to_do_fits_who_has_asked():
    missing = "Registered model alias champion not found."
    for then in ("start again what needs it", "call this again"):
        with pytest.raises(Problem, match=rf"Run lesson 01, or {TRAIN}, then {then}\.$"), store.problems("", then):
            raise ValueError(missing)


def test_it_names_the_version_that_was_wanted():
    for missing in ("Model Version (name=titanic, version=9) not found", "No such artifact: 'MLmodel'"):
        wanted = ("Version 9", "Let the alias point to another version")
        with (
            pytest.raises(Problem, match=r"^Version 9 .*\. Let the alias .* version, then x\.$") as raised,
            store.problems("", "x", wanted),
        ):
            raise ValueError(missing)
        assert "champion" not in str(raised.value)


def test_an_error_that_nobody_foresaw_is_told_too(uri):
    uri("postgresql://ann:iceberg@127.0.0.1/x")
    with pytest.raises(Problem, match=r"^The model could not be loaded \(postgresql://127\.0\.0\.1/x\): .*psycopg"):
        model.load_model()


def test_doctor_calls_a_store_of_another_version_not_ready(copied):
    execute(copied, "UPDATE alembic_version SET version_num = 'ffff'")
    state, to_do = doctor.model_line()[1:3]
    assert state == "not readable"
    assert "was made by another version of MLflow" in to_do


def unreadable(file):
    """What may stand where the database should be."""
    return {
        "garbage": lambda: file.write_text("this is no database, but some other file\n" * 100),
        "a folder": file.mkdir,
        "a folder that is a file": lambda: file.parent.rmdir() or file.parent.write_text(""),
    }


def test_the_advice_is_about_the_setting_only_where_somebody_has_set_it(uri, tmp_path, monkeypatch):
    (tmp_path / "mlflow.db").write_text("this is no database, but some other file\n" * 100)
    uri(f"sqlite:///{(tmp_path / 'mlflow.db').as_posix()}")
    assert "unset MLFLOW_TRACKING_URI" in sentence(model.load_model)
    monkeypatch.setattr(store, "STORE", tmp_path)  # MLflow writes the address of the course's own into the variable too
    assert "delete the folder mlruns" in sentence(model.load_model)


def test_of_many_lines_the_one_with_the_cause_is_told(uri):
    uri("sqlite:////iceberg/mlflow.db")
    with (
        pytest.raises(Problem, match=r"store: OperationalError\) attempt to write a readonly database\. Mend"),
        store.problems(),
    ):
        raise RuntimeError(
            "(raised as a result of autoflush)\n(sqlite3.OperationalError) attempt to write a readonly database\n"
        )


def test_a_store_that_another_program_has_locked_is_not_to_be_deleted(copied):
    with (
        pytest.raises(
            Problem, match=r"^Another program keeps sqlite:.*/mlflow\.db for itself .*, then call this again\.$"
        ),
        store.problems(then="call this again"),
    ):
        raise RuntimeError("(sqlite3.OperationalError) database is locked\n[SQL: BEGIN]")


@pytest.mark.parametrize("what", unreadable(Path("x/y")))
def test_a_file_that_is_no_database_is_named(uri, tmp_path, pauses, what):
    file = tmp_path / "store" / "mlflow.db"
    file.parent.mkdir()
    unreadable(file)[what]()
    uri(f"sqlite:///{file.as_posix()}")
    for call in (store.open_store, *([] if "is a file" in what else [store.has_champion, model.load_model])):
        assert str(file.as_posix()) in sentence(call)
    assert sum(pauses) < 10, "MLflow tries again and again"


def test_a_store_of_another_version_of_mlflow_is_told(copied):
    execute(copied, "UPDATE alembic_version SET version_num = 'ffffffffffff'")
    for call in (model.load_model, store.open_store):
        assert "was made by another version of MLflow" in sentence(call)


def test_an_experiment_that_was_deleted_is_restored(copied, caplog):
    client = mlflow.MlflowClient(store.tracking_uri())
    client.delete_experiment(client.get_experiment_by_name("titanic").experiment_id)
    model.load_model()
    assert client.get_experiment_by_name("titanic").lifecycle_stage == "active"
    assert "The experiment titanic was deleted in MLflow. It is restored" in caplog.text
    caplog.clear()
    store.open_store()
    assert caplog.text == ""


@pytest.mark.parametrize("table", ["registered_model_aliases", "registered_models"])
def test_without_the_alias_or_the_registered_model_there_is_no_champion(copied, table):
    execute(copied, f"DELETE FROM {table}")
    assert not store.has_champion() or table == "registered_models"
    assert "champion" in sentence(model.load_model)


@pytest.mark.parametrize("name", ["fastapi_04_single_app", "fastapi_05_batch_test_app"])
def test_files_of_the_champion_that_are_gone_are_the_reason_that_is_told(copied, client, caplog, name):
    for table, column in [("logged_models", "artifact_location"), ("model_versions", "storage_location")]:
        execute(copied, f"UPDATE {table} SET {column} = replace({column}, 'artifacts', 'gone')")
    api = client(name)
    assert (api.get("/health").status_code, api.get("/health").json()["status"]) == (503, "model not loaded")
    assert set(api.get("/health").json()) == set(HEALTH)
    answer = post(api, "/predict_single", EXAMPLES[0])
    assert answer.status_code == 503
    assert "its files were deleted" in answer.json()["detail"]
    assert TRAIN in answer.json()["detail"]
    assert answer.json()["detail"] in [record.message for record in caplog.records]


@pytest.mark.parametrize("name", store.STRAY)
def test_what_other_work_left_in_the_terminal_does_not_steer_the_training(copied, monkeypatch, tmp_path, caplog, name):
    monkeypatch.setenv(name, f"sqlite:///{tmp_path / 'other.db'}" if name == "MLFLOW_REGISTRY_URI" else "m-1")
    store.open_store()
    with mlflow.start_run() as run:
        mlflow.log_metric("auc", 0.9)
    assert mlflow.get_experiment(run.info.experiment_id).name == "titanic"
    assert mlflow.get_registry_uri() == store.tracking_uri()
    assert [name in record.message for record in caplog.records if record.levelno >= logging.WARNING] == [True]


OPEN = """
import mlflow
from titanic import store

print("ready", flush=True)
input()
store.open_store()
"""


def test_two_that_make_the_same_store_at_once_both_can(tmp_path):
    file = tmp_path / "mlflow.db"
    environment = os.environ | {"MLFLOW_TRACKING_URI": f"sqlite:///{file.as_posix()}"}
    pipe = subprocess.PIPE
    both = [
        subprocess.Popen([sys.executable, "-c", OPEN], cwd=APPS, env=environment, stdin=pipe, stdout=pipe, stderr=pipe)
        for _ in range(2)
    ]
    assert [one.stdout.readline().strip() for one in both] == [b"ready"] * 2
    for one in both:
        one.stdin.write(b"\n")
        one.stdin.flush()
    assert [one.communicate()[1].decode() for one in both] == ["", ""]
    assert [one.returncode for one in both] == [0, 0]
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM experiments WHERE name = 'titanic'").fetchone() == (1,)


def test_who_keeps_the_store_for_minutes_is_not_waited_for(uri, tmp_path, pauses):
    uri(f"sqlite:///{(tmp_path / 'mlflow.db').as_posix()}")
    with store.alone_with(tmp_path / "mlflow.db"), pytest.raises(Problem, match=r"^Another program keeps .*mlflow\.db"):
        store.open_store()
    assert sum(pauses) > 60


def test_the_training_ends_in_a_sentence():
    address = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "mlflow_00_train_model.py"]
    ended = subprocess.run(
        command, cwd=APPS, env=os.environ | {"MLFLOW_TRACKING_URI": address}, capture_output=True, text=True
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"There is no new model. MLflow's server at {address} does not answer (refused).")
