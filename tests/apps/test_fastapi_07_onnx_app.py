"""The app that predicts with ONNX: fastapi_05's contract, scikit-learn's answers, a process without scikit-learn."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import mlflow
import numpy as np
import onnx
import pytest
from contract import (
    HEALTH,
    JSON,
    LIMIT,
    PASSENGER,
    TRAIN,
    a_batch_is_as_singles,
    accepts_and_refuses,
    chunks,
    documented_examples,
    places,
    post,
    reason,
)
from onnx import helper

from classroom.servers import app as servers_app
from classroom.servers import child
from fastapi_07_onnx_app import FEATURES, Trees
from titanic import onnx_model, onnx_proof, store
from titanic.passenger import EXAMPLES, Passenger
from titanic.problem import Problem

NAME = "fastapi_07_onnx_app"
APPS = Path(__file__).resolve().parents[2] / "apps"
BOTH = [("/predict_single", EXAMPLES[0]), ("/predict_batch", EXAMPLES)]


@pytest.fixture
def api(client, champion):
    return client(NAME)


def test_it_answers_as_the_app_of_lesson_07_does(api):
    assert api.get("/").json() == {"message": "Titanic MLflow API is running"}
    assert (api.get("/health").status_code, api.get("/health").json()) == (200, HEALTH)
    expected = [(1, "Survived"), (0, "Not Survived"), (1, "Survived")]
    singles = [{"prediction": number, "survival_status": status} for number, status in expected]
    assert [post(api, "/predict_single", passenger).json() for passenger in EXAMPLES] == singles
    assert post(api, "/predict_batch", EXAMPLES).json() == {
        "batch_predictions": [{"passenger_index": index} | single for index, single in enumerate(singles)]
    }
    answer = post(api, "/predict_batch", [])
    assert (answer.status_code, answer.json()) == (200, {"batch_predictions": []})


def test_its_documentation_is_that_of_the_app_of_lesson_07(client, champion):
    descriptions = [client(name).get("/openapi.json").json() for name in (NAME, "fastapi_05_batch_test_app")]
    assert descriptions[0]["components"] == descriptions[1]["components"]
    assert descriptions[0]["paths"].keys() == descriptions[1]["paths"].keys()
    for path in ("/predict_single", "/predict_batch"):
        one, other = ({**description["paths"][path]["post"], "description": ""} for description in descriptions)
        assert one == other


def test_its_probabilities_are_those_of_scikit_learn(champion):
    mlflow.set_tracking_uri(store.tracking_uri())
    pipeline = mlflow.sklearn.load_model(store.CHAMPION)
    rows = [onnx_proof.draw(10_000, seed=7).fillna({"Age": 40.5}), onnx_proof.at_thresholds(pipeline, seed=8)]
    for table in rows:
        table = table[table["Age"].notna()]
        passengers = [Passenger.model_validate(row) for row in table.to_dict("records")]
        trees, expected = Trees(), pipeline.predict_proba(table)[:, 1]
        probabilities = trees.survival_probabilities(passengers)
        assert probabilities == pytest.approx(expected, abs=1e-6)
        assert [trees.survival_probability(one) for one in passengers] == probabilities
        assert ((np.array(probabilities) > 0.5) == (expected > 0.5)).all()
    assert pipeline[1].feature_names_ == FEATURES.split(",")


def test_a_batch_and_single_requests_agree(api):
    assert {single["prediction"] for single in a_batch_is_as_singles(api)} == {0, 1}


def test_10_000_passengers_are_answered_in_their_order_with_one_call(api):
    trees = api.app.state.model
    trees.session = Mock(wraps=trees.session)
    answers = post(api, "/predict_batch", list(islice(cycle(EXAMPLES), 10_000))).json()["batch_predictions"]
    assert [answer["passenger_index"] for answer in answers] == list(range(10_000))
    assert [answer["prediction"] for answer in answers] == list(islice(cycle([1, 0, 1]), 10_000))
    post(api, "/predict_single", EXAMPLES[0])
    assert (trees.session.run.call_count, trees.session.run_with_iobinding.call_count) == (1, 1)


def test_what_is_possible_is_accepted_and_what_cannot_be_is_refused(api):
    accepts_and_refuses(api)
    for path in ("/predict_single", "/predict_batch"):
        (example,) = documented_examples(api, path)
        assert post(api, path, example).status_code == 200


def test_one_passenger_is_no_batch_and_what_was_sent_is_not_sent_back(api):
    assert places(post(api, "/predict_batch", EXAMPLES[0])) == [("body",)]
    answer = post(api, "/predict_single", EXAMPLES[0] | {"Sex": "a secret"})
    assert places(answer) == [("body", "Sex")]
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/predict_single", "/predict_batch"])
def test_a_body_may_be_large_but_not_too_large(api, path):
    body = PASSENGER if path == "/predict_single" else b"[" + PASSENGER + b"]"
    assert api.post(path, content=body.ljust(LIMIT), headers=JSON).status_code == 200
    assert api.post(path, content=body.ljust(LIMIT + 1), headers=JSON).status_code == 413
    assert api.post(path, content=chunks(LIMIT + 1), headers=JSON).status_code == 413


def refused(api):
    """The sentence of an app that has started without its model."""
    answer = api.get("/health")
    assert (answer.status_code, answer.json()) == (503, HEALTH | {"status": "model not loaded"})
    answers = [post(api, path, body) for path, body in BOTH]
    assert {answer.status_code for answer in answers} == {503}
    (sentence,) = {answer.json()["detail"] for answer in answers}
    assert "\n" not in sentence
    assert api.get("/").status_code == 200
    return sentence


def test_without_a_store_it_starts_and_says_what_to_do(client, empty_store):
    assert refused(client(NAME)) == onnx_model.NO_MODEL
    assert TRAIN in onnx_model.NO_MODEL


@pytest.fixture
def older_store(copied_store):
    """A store of an older course: it has the champion, but not in ONNX."""
    execute(copied_store, "DELETE FROM registered_model_aliases WHERE name = 'titanic_onnx'")
    return copied_store


def execute(file, statement, *values):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement, values)


def test_the_store_of_an_older_course_is_said_to_want_a_training(client, older_store):
    assert refused(client(NAME)) == onnx_model.NO_MODEL
    assert client("fastapi_05_batch_test_app").get("/health").status_code == 200


def test_with_the_store_of_an_older_course_the_course_trains(older_store, monkeypatch):
    calls = []
    monkeypatch.setattr(child, "run", lambda command, output: calls.append(Path(command[-1]).name) or 0)
    servers_app.train_if_needed("fastapi_05_batch_test_app")
    assert calls == []
    servers_app.train_if_needed(NAME)
    assert calls == ["mlflow_00_train_model.py"]


@pytest.fixture
def spoilt(copied_store, tmp_path):
    """spoilt(bytes) makes this the file that the app loads; the bytes that it is made of are .good."""
    folder = tmp_path / "artifacts é" / "extra_files"
    folder.mkdir(parents=True)
    good = onnx_model.read()
    statement = "UPDATE model_versions SET storage_location = ? WHERE name = 'titanic_onnx'"
    execute(copied_store, statement, folder.parent.as_uri())

    def spoil(content):
        (folder / "trees.onnx").write_bytes(content)

    return SimpleNamespace(write=spoil, good=good, folder=folder)


def changed(content, change):
    """This model after a change."""
    model = onnx.load_model_from_string(content)
    change(model)
    return model.SerializeToString()


def rename_input(model):
    model.graph.input[0].name = model.graph.node[0].input[0] = "features"


def rename_output(model):
    model.graph.output[0].name = model.graph.node[0].output[0] = "probability"


SPOILS = {
    "nothing": lambda good: b"",
    "no ONNX": lambda good: b"this is no model",
    "cut off": lambda good: good[: len(good) // 2],
    "another opset": lambda good: changed(good, lambda model: setattr(model.opset_import[0], "version", 999)),
    "other operators": lambda good: changed(good, lambda model: setattr(model.graph.node[0], "op_type", "Forest")),
    "another input": lambda good: changed(good, rename_input),
    "another output": lambda good: changed(good, rename_output),
    "other columns": lambda good: changed(good, lambda model: helper.set_model_props(model, {"columns": "Age"})),
    "the whole graph": lambda good: onnx_model.read("model.onnx"),
}


def test_the_file_as_it_is_is_loaded_from_where_the_store_says(client, spoilt):
    spoilt.write(spoilt.good)
    assert client(NAME).get("/health").status_code == 200


@pytest.mark.parametrize("what", SPOILS)
def test_a_file_that_cannot_be_used_is_the_reason_that_is_told(what, champion, client, copied_store, tmp_path, request):
    content = SPOILS[what](onnx_model.read())
    request.getfixturevalue("spoilt").write(content)
    sentence = refused(client(NAME))
    if what in ("another input", "another output", "other columns", "the whole graph"):
        assert sentence.startswith("The model in ONNX is of another kind: it takes [")
        assert TRAIN in sentence
    else:
        assert sentence.startswith("The model in ONNX could not be loaded (")


def test_a_file_that_is_gone_is_the_reason_that_is_told(client, spoilt):
    sentence = refused(client(NAME))
    assert "its files were deleted" in sentence
    assert TRAIN in sentence


def test_a_model_of_a_server_is_fetched_by_mlflow(champion, monkeypatch):
    expected = onnx_model.read()
    monkeypatch.setattr(store, "database", lambda: None)  # as if the store were elsewhere; MLflow knows better
    assert onnx_model.read() == expected
    with pytest.raises(Problem, match="files were deleted"):
        onnx_model.read("no_such_file")


NO_SCORES = {
    "not a number": [[np.nan]], "nothing": [], "too many": [[0.5], [0.5]], "two classes": [[0.5, 0.5]],
    "words": [["yes"]], "None": [[None]], "less than can be": [[-1e9]],
    "infinity": [[np.inf]], "less than all": [[-np.inf]],
}  # fmt: skip


def test_a_score_that_is_none_is_a_500(api, caplog):
    trees = api.app.state.model
    for kind, numbers in NO_SCORES.items():
        answer = np.array(numbers, dtype=object) if kind in ("words", "None") else np.array(numbers)
        trees.session = SimpleNamespace(run=lambda names, feeds, answer=answer: [answer])
        told = reason(
            post(api, "/predict_batch", EXAMPLES[:1]), caplog, "Batch prediction", "ValueError|TypeError|OverflowError"
        )
        assert told, kind
    for score in (np.nan, -1e9, np.inf, -np.inf):
        trees.session = SimpleNamespace(run_with_iobinding=lambda _, options, score=score: trees.score.fill(score))
        assert reason(post(api, "/predict_single", EXAMPLES[0]), caplog, raised="ValueError|OverflowError")


def test_a_fault_inside_the_model_is_a_500_whose_reason_is_in_the_log(api, caplog):
    ill = Mock(side_effect=ValueError("the model is ill"))
    api.app.state.model.session = SimpleNamespace(run=ill, run_with_iobinding=ill)
    assert reason(post(api, "/predict_single", EXAMPLES[0]), caplog) == "the model is ill"
    assert reason(post(api, "/predict_batch", EXAMPLES), caplog, "Batch prediction") == "the model is ill"


LOADED = """
import json, sys
from fastapi import testclient
from fastapi_07_onnx_app import app
from titanic.passenger import EXAMPLES

with testclient.TestClient(app) as client:
    answers = [client.post("/predict_single", json=EXAMPLES[0]), client.post("/predict_batch", json=EXAMPLES)]
packages = {name.partition(".")[0] for name in sys.modules}
print(json.dumps([[answer.status_code for answer in answers], sorted(packages)]))
"""


def test_the_process_has_neither_scikit_learn_nor_pandas_nor_mlflow(champion):
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=APPS, capture_output=True, text=True, check=True)
    codes, packages = json.loads(done.stdout)
    assert codes == [200, 200]
    assert {"onnxruntime", "numpy", "fastapi"} <= set(packages)
    assert set(packages).isdisjoint({"sklearn", "pandas", "mlflow", "scipy", "onnx", "skl2onnx", "skops", "sqlalchemy"})
