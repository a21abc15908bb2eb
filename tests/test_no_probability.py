"""Where the answer of a model is no probability, no app makes a prediction of it, counts or logs one."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest
from contract import entries, post, reason, samples
from waiting import until

from classroom.servers.ports import free_port
from titanic.passenger import EXAMPLES

WITHOUT_BATCH = ["fastapi_04_single_app", "fastapi_04_02_single_app"]
WITH_BATCH = [
    "fastapi_05_batch_test_app", "fastapi_06_micro_batch_app", "fastapi_08_shadow_app",
    "prometheus_01_four_signal_monitor_app", "prometheus_02_model_monitor_app", "prometheus_03_logging_app",
    "prometheus_04_multi_execute_app", "prometheus_05_outcome_app", "scouter_00_queue_app",
]  # fmt: skip
COUNTERS = ("titanic_predictions", "prediction_type", "passenger_age", "prediction_log_errors", "titanic_outcome",
            "titanic_predictions_unwatched", "scouter_insert")  # fmt: skip
RAISED = "ValueError|TypeError"
NO_PROBABILITIES = {
    "not a number": lambda rows: np.full((rows, 2), np.nan),
    "more than one": lambda rows: np.tile([-0.7, 1.7], (rows, 1)),
    "less than nothing": lambda rows: np.tile([1.1, -0.1], (rows, 1)),
    "infinity": lambda rows: np.tile([0.5, np.inf], (rows, 1)),
    "less than one together": lambda rows: np.full((rows, 2), 0.4),
    "more than one together": lambda rows: np.full((rows, 2), 0.6),
    "None": lambda rows: None,
    "None for each": lambda rows: [[None, None]] * rows,
    "words": lambda rows: [["no", "yes"]] * rows,
    "no row": lambda rows: np.zeros((0, 2)),
    "a row too few": lambda rows: np.full((rows - 1, 2), 0.5),
    "a row too many": lambda rows: np.full((rows + 1, 2), 0.5),
    "one class": lambda rows: np.full((rows, 1), 0.5),
    "three classes": lambda rows: np.full((rows, 3), 0.3),
    "no table": lambda rows: np.full(2 * rows, 0.5),
}


@pytest.mark.parametrize("name", WITHOUT_BATCH + WITH_BATCH)
def test_it_is_an_error_and_nothing_is_counted_or_logged(name, client, monkeypatch, log_file, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///no_such_folder/mlflow.db")
    monkeypatch.setenv("SCOUTER_SERVER_URI", f"http://127.0.0.1:{free_port()}")
    model = SimpleNamespace()
    monkeypatch.setattr("titanic.model.load_model", lambda: model)
    api = client(name)
    api.app.state.model = model  # fastapi_04 loads by itself
    if name == "fastapi_08_shadow_app":
        api.app.state.model = importlib.import_module("titanic.following").Version(1, model)
    for kind, answer in NO_PROBABILITIES.items():
        model.predict_proba = lambda table, answer=answer: answer(len(table))
        assert reason(post(api, "/predict_single", EXAMPLES[0]), caplog, raised=RAISED), kind
        if name in WITH_BATCH:
            assert reason(post(api, "/predict_batch", EXAMPLES), caplog, "Batch prediction", RAISED), kind
    if name == "prometheus_04_multi_execute_app":
        assert reason(api.post("/simulate_predictions"), caplog, raised=RAISED)
    if name.startswith(("prometheus", "scouter", "fastapi_08")):
        counted = [s for s in samples(api) if s.name.startswith(COUNTERS)]
        assert {s.value for s in counted} <= {0}
    assert not log_file.exists()

    model.predict_proba = lambda table: np.tile([0.25, 0.75], (len(table), 1))
    assert post(api, "/predict_single", EXAMPLES[0]).json()["survival_status"] == "Survived"
    if name.startswith(("prometheus_03", "prometheus_04", "prometheus_05")):
        until(log_file.exists)
        assert [entry["execute"] for entry in entries(log_file)] == [1]
