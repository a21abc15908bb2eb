"""The champion in ONNX: it answers as scikit-learn does, or it is not registered."""

import mlflow
import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import numpy_helper

import mlflow_00_train_model as script
from mlflow_00_train_model import candidates
from titanic import onnx_export, onnx_proof, store
from titanic.dataset import read_passengers
from titanic.passenger import EXAMPLES, Passenger
from titanic.problem import Problem

CHAMPION_IN_ONNX = f"models:/{store.ONNX_NAME}@champion"


@pytest.fixture(scope="module")
def pipeline(champion):
    """The champion as scikit-learn knows it."""
    mlflow.set_tracking_uri(store.tracking_uri())
    return mlflow.sklearn.load_model(store.CHAMPION)


@pytest.fixture
def exported(pipeline):
    """The champion in ONNX: the whole graph, and the trees."""
    return onnx_export.export(pipeline)


@pytest.fixture(scope="module")
def pyfunc(champion):
    """The champion in ONNX as `mlflow models serve` loads it."""
    mlflow.set_tracking_uri(store.tracking_uri())
    return mlflow.pyfunc.load_model(CHAMPION_IN_ONNX)


def prove(pipeline, exported):
    return onnx_proof.prove(pipeline, *exported, read_passengers()[0])


def tensor(graph, name):
    """The attribute of the trees in which these numbers stand."""
    (trees,) = [node for node in graph.graph.node if node.op_type == "TreeEnsembleRegressor"]
    (attribute,) = [attribute for attribute in trees.attribute if attribute.name == f"{name}_as_tensor"]
    return attribute


def change(graph, name, function):
    """Put other numbers in their place."""
    attribute = tensor(graph, name)
    numbers = function(numpy_helper.to_array(attribute.t).copy())
    attribute.t.CopyFrom(numpy_helper.from_array(numbers.astype(np.float64)))


def test_both_models_come_from_the_same_run(pipeline):
    client = mlflow.MlflowClient(store.tracking_uri())
    one, other = (client.get_model_version_by_alias(name, "champion") for name in (store.MODEL_NAME, store.ONNX_NAME))
    assert one.run_id == other.run_id


def test_it_is_the_same_model_at_the_thresholds_too(pipeline, exported):
    said = prove(pipeline, exported)
    assert int(said.split()[0]) > 11_306 + 200
    assert float(said.split()[-1]) <= 1e-6


def test_thresholds_in_float32_would_be_found(pipeline, exported):
    for graph in exported:
        change(graph, "nodes_values", lambda numbers: numbers.astype(np.float32))
    with pytest.raises(Problem, match=r"do not agree: of .* passengers, .* differ by up to"):
        prove(pipeline, exported)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    "wrong",
    [lambda values: values + 1e-5, lambda values: values * np.nan, lambda values: -values],
    ids=["a little more", "not a number", "less than 0"],
)
def test_a_graph_that_answers_differently_is_found(pipeline, exported, which, wrong):
    change(exported[which], "base_values", wrong)
    with pytest.raises(Problem, match=r"^The (whole graph|trees) in ONNX and scikit-learn do not agree"):
        prove(pipeline, exported)


def test_what_is_drawn_is_what_the_apps_accept():
    rows = onnx_proof.draw(2_000, seed=3)
    gaps = rows["Age"].isna()
    assert 0 < gaps.sum() < 1_000
    for row in rows[~gaps].to_dict("records"):
        Passenger.model_validate(row)
    assert {column: set(rows[column]) for column in ("Pclass", "Sex", "Embarked")} == {
        "Pclass": {1, 2, 3}, "Sex": {"male", "female"}, "Embarked": {"C", "Q", "S"},
    }  # fmt: skip
    assert set(rows["SibSp"]) == set(rows["Parch"]) == set(range(21))


def test_mlflow_takes_the_whole_graph_as_any_model(pyfunc):
    answer = pyfunc.predict(pd.DataFrame([*EXAMPLES, EXAMPLES[0] | {"Age": None}]).astype({"Age": float}))
    assert answer["prediction"].tolist()[:3] == [1, 0, 1]
    assert answer["probability"].between(0, 1).all()
    assert list(answer.columns) == ["prediction", "probability"]


def test_a_word_that_the_model_does_not_know_is_like_none(pipeline, pyfunc):
    rows = pd.DataFrame(EXAMPLES).replace({"female": "woman", "S": "X"})
    assert pyfunc.predict(rows)["probability"].to_numpy() == pytest.approx(pipeline.predict_proba(rows)[:, 1], abs=1e-6)


def test_the_signature_refuses_a_table_without_a_column(pyfunc):
    with pytest.raises(mlflow.exceptions.MlflowException, match="missing inputs"):
        pyfunc.predict(pd.DataFrame(EXAMPLES).drop(columns="Sex"))


def test_the_file_says_with_which_operators_it_was_made(exported):
    for graph in exported:
        assert {opset.domain: opset.version for opset in graph.opset_import} == onnx_export.OPSETS
        onnx.checker.check_model(graph, full_check=True)


@pytest.mark.parametrize("name", [name for name in candidates() if name != "dicts + gradient boosting"])
def test_a_pipeline_of_another_kind_is_not_exported(name):
    with pytest.raises(Problem, match=r"Only DictVectorizer and HistGradientBoostingClassifier can be exported"):
        onnx_export.export(candidates()[name])


def train(monkeypatch, *names):
    """Train these candidates only, without measuring much."""

    def measure(model, X, y):
        model.fit(X, y)
        return {"accuracy": 0.8, "auc": 0.8, "ms_1_row": 1.0, "ms_10000_rows": 1.0}

    monkeypatch.setattr(script, "candidates", lambda: {name: candidates()[name] for name in names})
    monkeypatch.setattr(script, "measure", measure)
    script.train()


def champions():
    """The version that is the champion, in both forms."""
    return [store.aliases_in(store.database(), name).get("champion") for name in (store.MODEL_NAME, store.ONNX_NAME)]


def interrupt(*arguments):
    raise KeyboardInterrupt


@pytest.mark.parametrize("where", ["titanic.onnx_export.export", "titanic.aliases.move_together"])
def test_an_interrupted_training_leaves_both_forms_as_they_were(copied_store, monkeypatch, capsys, where):
    before = champions()
    monkeypatch.setattr(where, interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(monkeypatch, "dicts + gradient boosting")
    assert champions() == before
    assert "registered" not in capsys.readouterr().out


def test_without_an_export_there_is_no_champion_in_onnx_and_a_sentence_says_why(copied_store, monkeypatch, capsys):
    champion, in_onnx = champions()
    assert in_onnx
    for number in (champion + 1, champion + 2):  # there is none to take the alias from when it happens again
        train(monkeypatch, "columns + random forest")
        assert "There is no model in ONNX. Only DictVectorizer" in capsys.readouterr().out
        assert champions() == [number, None]


def test_a_converter_that_fails_does_not_end_the_training(copied_store, monkeypatch, capsys):
    champion, _ = champions()
    monkeypatch.setattr(onnx_export, "to_onnx", lambda *arguments, **options: [][1])
    train(monkeypatch, "dicts + gradient boosting")
    assert "There is no model in ONNX. IndexError('list index out of range')\n" in capsys.readouterr().out
    assert champions() == [champion + 1, None]
