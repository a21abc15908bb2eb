"""The training: what is logged, the rule that chooses, what is registered, and where the model can be loaded."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import mlflow
import numpy as np
import pandas as pd
import pytest
import requests
from conftest import store_uri

from classroom.servers.contestants import COURSE, Contestant
from mlflow_00_train_model import candidates, choose
from titanic import store
from titanic.dataset import COLUMNS, read_passengers
from titanic.passenger import EXAMPLES

APPS = Path(__file__).resolve().parents[2] / "apps"
EXPECTED = [1, 0, 1]


@pytest.fixture
def registry(training, monkeypatch):
    """MLflow's client, on the store in which was trained once; into that of this process lesson 01 may train too."""
    before = store.tracking_uri()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store_uri(training.course / "mlruns"))
    mlflow.set_tracking_uri(store.tracking_uri())
    yield mlflow.MlflowClient()
    mlflow.set_tracking_uri(before)  # what MLflow itself remembers


@pytest.fixture
def runs(registry):
    """All runs that trained a candidate."""
    return registry.search_runs([registry.get_experiment_by_name("titanic").experiment_id])


def test_the_passengers_are_the_ones_whose_fare_and_port_are_known():
    X, y = read_passengers()
    assert list(X.columns) == COLUMNS == list(EXAMPLES[0])
    assert (len(X), y.sum(), X["Age"].isna().sum()) == (1306, 498, 263)
    assert not X.drop(columns="Age").isna().any(axis=None)


def test_at_least_three_candidates_compete(runs):
    assert len({run.info.run_name for run in runs}) >= 3
    assert {run.info.run_name for run in runs} == set(candidates())


def test_every_run_has_parameters_metrics_and_its_roc_curve(registry, runs):
    for run in runs:
        assert run.data.params["pipeline"] == run.info.run_name
        assert {"seed", "rows"} < set(run.data.params)
        assert {"accuracy", "auc", "ms_1_row", "ms_10000_rows"} <= set(run.data.metrics)
        assert "roc_curve.png" in [file.path for file in registry.list_artifacts(run.info.run_id)]


def test_every_run_has_a_model_with_its_signature_and_an_input_example(runs):
    flavors = []
    for run in runs:
        for model in run.outputs.model_outputs:
            info = mlflow.models.get_model_info(f"models:/{model.model_id}")
            flavors.append("onnx" if "onnx" in info.flavors else "sklearn")
            assert info.signature.inputs.input_names() == COLUMNS
            assert info.signature.outputs is not None
            assert info.saved_input_example_info is not None
    assert sorted(flavors) == ["onnx", *["sklearn"] * len(candidates())]  # the champion's run has both


def test_the_champion_is_good_enough(registry):
    version = registry.get_model_version_by_alias("titanic", "champion")
    assert registry.get_run(version.run_id).data.metrics["auc"] >= 0.85


@pytest.mark.parametrize(
    ("aucs", "times", "chosen"),
    [
        ({"a": 0.80, "b": 0.90}, {"a": 1, "b": 9}, "b"),  # much better: its time does not matter
        ({"a": 0.895, "b": 0.90}, {"a": 1, "b": 9}, "a"),  # nearly as good: the faster one
        ({"a": 0.895, "b": 0.90}, {"a": 9, "b": 1}, "b"),
        ({"a": 0.889, "b": 0.90, "c": 0.891}, {"a": 1, "b": 9, "c": 5}, "c"),  # on both sides of the limit
        ({"a": 0.5}, {"a": 1}, "a"),
    ],
)
def test_the_rule_is_the_fastest_of_the_best(aucs, times, chosen):
    table = pd.DataFrame({"auc": aucs, "ms_1_row": times, "accuracy": 0.5, "ms_10000_rows": 1.0})
    assert choose(table) == chosen


def test_the_same_data_and_seed_give_the_same_predictions():
    X, y = read_passengers()
    for first, second in zip(candidates().values(), candidates().values(), strict=True):
        assert np.array_equal(first.fit(X, y).predict_proba(X), second.fit(X, y).predict_proba(X))


def test_the_champion_predicts_the_three_passengers_and_unknown_ages(registry):
    model = mlflow.sklearn.load_model(store.CHAMPION)
    assert model.predict(pd.DataFrame(EXAMPLES)).tolist() == EXPECTED
    assert np.isfinite(model.predict_proba(pd.DataFrame(EXAMPLES).assign(Age=np.nan))).all()


def test_the_champion_loads_as_any_model_of_mlflow(registry):
    model = mlflow.pyfunc.load_model(store.CHAMPION)
    assert model.predict(pd.DataFrame(EXAMPLES)).tolist() == EXPECTED
    for column in EXAMPLES[0]:
        with pytest.raises(mlflow.exceptions.MlflowException, match="missing inputs"):
            model.predict(pd.DataFrame(EXAMPLES).drop(columns=column))


@pytest.fixture
def served(champion):
    """The address of a server that MLflow itself starts for the champion."""
    server = Contestant("mlflow models serve", COURSE["mlflow models serve"])
    server.wait_until_ready(120)
    yield server.url
    server.stop()


def test_mlflow_itself_can_serve_the_champion(served):
    rows = [*EXAMPLES, EXAMPLES[0] | {"Age": None}]
    answer = requests.post(f"{served}/invocations", json={"dataframe_records": rows}, timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.json()["predictions"][:3] == EXPECTED
    assert answer.json()["predictions"][3] in (0, 1)


# A copy of the course was trained. It is moved, loaded from and trained again: all of it by the real scripts.


def call(apps, *arguments):
    """Run Python in this folder apps, as a learner does: without a setting for the store."""
    env = {name: value for name, value in os.environ.items() if name not in ("MLFLOW_TRACKING_URI", "PYTHONPATH")}
    return subprocess.run([sys.executable, *arguments], cwd=apps, env=env, capture_output=True, text=True)


def copy_as_if_moved(course, old, new):
    """Copy a trained course to new, as if it had been trained in old, a folder that is no longer there.

    All that the store has noted down about its place is changed; the course itself stays, because other tests use it.
    """
    shutil.copytree(course, new)
    database = new / "mlruns" / "mlflow.db"
    with closing(sqlite3.connect(database)) as connection:
        dump = "\n".join(connection.iterdump())
    database.unlink()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(dump.replace(course.as_uri(), old.as_uri()))
    for file in (new / "mlruns").rglob("MLmodel"):
        file.write_text(file.read_text("utf-8").replace(course.as_uri(), old.as_uri()), "utf-8")


def predictions(apps):
    """What the three passengers are told by the model that the apps of this folder load."""
    code = """if True:
        import json, pandas
        from titanic.model import load_model
        from titanic.passenger import EXAMPLES
        print(json.dumps(load_model().predict(pandas.DataFrame(EXAMPLES)).tolist()))
    """
    return json.loads(call(apps, "-c", code).stdout)


def champion_version(course):
    """The number of the version that the alias points to."""
    client = mlflow.MlflowClient(f"sqlite:///{(course / 'mlruns' / 'mlflow.db').as_posix()}")
    return int(client.get_model_version_by_alias("titanic", "champion").version)


def delete_on_the_page(mlruns):
    """Delete the experiment, as MLflow's page does, and all files of its runs and models."""
    with closing(sqlite3.connect(mlruns / "mlflow.db")) as connection, connection:
        connection.execute("UPDATE experiments SET lifecycle_stage = 'deleted' WHERE name = 'titanic'")
        connection.execute("UPDATE runs SET lifecycle_stage = 'deleted'")
    shutil.rmtree(mlruns / "artifacts")


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def moved(training, tmp_path_factory, monkeypatch_module):
    """What was seen while a trained copy of the course was moved, loaded from, spoilt and trained again."""
    old = tmp_path_factory.mktemp("courses") / "a b é"
    new = old.with_name("moved ü")
    copy_as_if_moved(training.course, old, new)
    seen = SimpleNamespace(old=old, new=new, first_version=champion_version(new))
    seen.predictions_after_move = predictions(new / "apps")
    delete_on_the_page(new / "mlruns")
    monkeypatch_module.setenv("MLFLOW_RUN_ID", "0" * 32)  # left in the terminal by other work
    seen.second_training = call(new / "apps", "mlflow_00_train_model.py")
    seen.second_version = champion_version(new)
    seen.predictions_at_the_end = predictions(new / "apps")
    return seen


def test_the_script_prints_a_short_table_and_nothing_else(training):
    lines = training.stdout.splitlines()
    assert (training.returncode, training.stderr) == (0, "")
    assert len(lines) < 15
    assert max(map(len, lines)) <= 120
    assert all(any(line.startswith(name) for line in lines) for name in candidates())


def test_training_again_makes_the_next_version_and_moves_the_alias(moved):
    assert moved.second_training.returncode == 0
    assert (moved.first_version, moved.second_version) == (1, 2)


def test_training_mends_what_was_deleted_and_says_so(moved):
    assert moved.second_training.stderr.splitlines() == [
        "MLFLOW_RUN_ID is set in this terminal. The course does without it.",
        "The experiment titanic was deleted in MLflow. It is restored, with its runs.",
    ]
    with closing(sqlite3.connect(moved.new / "mlruns" / "mlflow.db")) as connection:
        for table in ("experiments", "runs"):
            assert {*connection.execute(f"SELECT lifecycle_stage FROM {table}")} == {("active",)}


def test_the_model_is_found_after_the_folder_was_moved(moved):
    assert moved.predictions_after_move == EXPECTED
    assert moved.predictions_at_the_end == EXPECTED


def test_training_after_the_move_does_not_make_the_old_folder_again(moved):
    assert not moved.old.exists()
    assert sorted(path.name for path in moved.new.iterdir()) == ["apps", "mlruns"]
