"""prometheus_03_logging_app: answers with probabilities, and one JSON line for each prediction."""

import os
import shutil
from datetime import datetime

import mlflow
import pytest
from conftest import import_anew
from contract import EVERY_KIND, HEALTH, TRAIN, entries, places, post, reason, values
from fastapi.testclient import TestClient
from waiting import until

from titanic import store
from titanic.passenger import EXAMPLES
from titanic.rotation import last_number

NAME = "prometheus_03_logging_app"


@pytest.fixture
def api(client, champion):
    return client(NAME)


def test_an_answer_tells_the_probability_of_each_outcome(api):
    assert api.get("/").json() == {"message": "Titanic MLflow API is running"}
    assert api.get("/health").json() == HEALTH
    for passenger, prediction in zip(EXAMPLES, [1, 0, 1], strict=True):
        answer = post(api, "/predict_single", passenger).json()
        assert set(answer) == {"prediction", "survival_status", "probability"}
        assert answer["prediction"] == prediction
        assert answer["survival_status"] == ["Not Survived", "Survived"][prediction]
        assert answer["probability"]["Not Survived"] + answer["probability"]["Survived"] == pytest.approx(1)
        assert (answer["probability"]["Survived"] > 0.5) == (prediction == 1)


def test_a_batch_and_single_requests_agree(api):
    batch = post(api, "/predict_batch", EVERY_KIND).json()["batch_predictions"]
    singles = [post(api, "/predict_single", passenger).json() for passenger in EVERY_KIND]
    assert [set(row) for row in batch] == [{"passenger_index", "prediction", "survival_status", "probability"}] * 36
    for index, (row, single) in enumerate(zip(batch, singles, strict=True)):
        assert row["passenger_index"] == index
        assert row["prediction"] == single["prediction"]
        assert row["probability"] == pytest.approx(single["probability"])


def test_each_prediction_is_a_line_in_the_order_of_the_answers(api, log_file):
    answers = [post(api, "/predict_single", passenger).json() for passenger in EXAMPLES]
    answers += post(api, "/predict_batch", EXAMPLES).json()["batch_predictions"]
    lines = entries(log_file)
    assert [line["execute"] for line in lines] == [1, 2, 3, 4, 5, 6]
    for line, answer in zip(lines, answers, strict=True):
        assert list(line) == ["execute", "execution_time", "experiment_id", "run_id", "prediction", "probability"]
        assert (line["prediction"], line["probability"]) == (answer["prediction"], answer["probability"])


def test_a_line_tells_when_and_which_model(api, log_file):
    post(api, "/predict_single", EXAMPLES[0])
    (line,) = entries(log_file)
    assert datetime.fromisoformat(line["execution_time"]).tzinfo is not None
    client = mlflow.MlflowClient(store.tracking_uri())
    run = client.get_run(client.get_model_version_by_alias(store.MODEL_NAME, "champion").run_id)
    assert (line["experiment_id"], line["run_id"]) == (run.info.experiment_id, run.info.run_id)


def test_metrics_count_what_the_log_holds(api, log_file):
    post(api, "/predict_single", EXAMPLES[0])
    post(api, "/predict_batch", EVERY_KIND)
    lines = entries(log_file)
    assert values(api, "titanic_predictions_total") == [len(lines)] == [37]
    survived = sum(line["prediction"] for line in lines)
    assert values(api, "titanic_predictions_output_total", predicted_class="1") == [survived]
    assert values(api, "prediction_log_errors_total") == [0]


def test_an_empty_batch_writes_no_line(api, log_file):
    post(api, "/predict_single", EXAMPLES[0])
    assert post(api, "/predict_batch", []).json() == {"batch_predictions": []}
    post(api, "/predict_single", EXAMPLES[0])
    assert [line["execute"] for line in entries(log_file)] == [1, 2]


def test_a_refused_request_writes_no_line(api, log_file):
    assert places(post(api, "/predict_batch", [EXAMPLES[0], {}])) == [("body", 1, name) for name in EXAMPLES[0]]
    assert not log_file.exists()


def test_a_failing_model_is_neither_counted_nor_logged(client, raising_store, log_file, caplog):
    api = client(NAME)
    assert reason(post(api, "/predict_single", EXAMPLES[0]), caplog) == "the model is ill"
    assert reason(post(api, "/predict_batch", EXAMPLES), caplog, "Batch prediction") == "the model is ill"
    assert values(api, "titanic_predictions_total") == [0]
    assert values(api, "prediction_log_errors_total") == [0]
    assert not log_file.exists()


def test_without_a_model_it_says_what_to_do_and_logs_nothing(client, empty_store, log_file):
    api = client(NAME)
    answer = api.get("/health")
    assert (answer.status_code, answer.json()) == (503, HEALTH | {"status": "model not loaded"})
    for path, body in [("/predict_single", EXAMPLES[0]), ("/predict_batch", EXAMPLES)]:
        answer = post(api, path, body)
        assert answer.status_code == 503
        assert TRAIN in answer.json()["detail"]
    assert not log_file.exists()


def test_the_next_start_counts_on(champion, log_file):
    for _ in range(2):
        with TestClient(import_anew(NAME).app) as api:
            post(api, "/predict_batch", EXAMPLES)
    assert [line["execute"] for line in entries(log_file)] == [1, 2, 3, 4, 5, 6]


def test_two_apps_with_one_path_have_a_file_each(client, champion, log_file, caplog):
    for api in [client(NAME), client(NAME)] * 2:
        post(api, "/predict_batch", EXAMPLES)
    own = log_file.with_name(f"predictions_{os.getpid()}.jsonl")
    for file in (log_file, own):
        assert [line["execute"] for line in entries(file)] == [1, 2, 3, 4, 5, 6]
    assert [str(own) in record.message for record in caplog.records if "writes to" in record.message] == [True]


def test_a_log_that_is_moved_or_deleted_is_begun_anew_and_counted_on(api, log_file):
    post(api, "/predict_batch", EXAMPLES)
    moved = log_file.rename(log_file.with_name("predictions.jsonl.1"))
    post(api, "/predict_single", EXAMPLES[0])
    assert [line["execute"] for file in (moved, log_file) for line in entries(file)] == [1, 2, 3, 4]
    shutil.rmtree(log_file.parent)
    post(api, "/predict_single", EXAMPLES[0])
    assert [line["execute"] for line in entries(log_file)] == [5]
    assert values(api, "prediction_log_errors_total") == [0]


def test_a_log_that_cannot_be_written_costs_the_line_and_not_the_prediction(client, champion, log_file, caplog):
    log_file.parent.write_text("a file where the folder should be")
    api = client(NAME)
    assert post(api, "/predict_single", EXAMPLES[0]).json()["prediction"] == 1
    assert len(post(api, "/predict_batch", EXAMPLES).json()["batch_predictions"]) == 3
    assert values(api, "titanic_predictions_total") == [4]
    assert values(api, "prediction_log_errors_total") == [4]
    assert [r.levelname for r in caplog.records if "Predictions are not logged" in r.message] == ["WARNING"]


@pytest.mark.parametrize("daily", ["true", "false"])
def test_what_is_old_is_deleted_though_nobody_asks_for_a_prediction(client, champion, log_file, monkeypatch, daily):
    monkeypatch.setenv("PREDICTION_LOG_KEEP_DAYS", "2")
    monkeypatch.setenv("PREDICTION_LOG_DAILY", daily)
    monkeypatch.setattr("titanic.hourly.HOUR", 0.05)
    log_file.parent.mkdir()
    old = [log_file.with_name(name) for name in ("predictions.20260101-000000-000000.jsonl", "predictions.jsonl.1")]

    def make_old(files):
        for file in files:
            file.write_text('{"execute": 7}\n')
            os.utime(file, (0, 0))

    make_old([log_file, *old])
    client(NAME)
    # The file at the path itself is in use, unless each day has a file of its own.
    left = set() if daily == "true" else {log_file}
    for _ in range(3):  # at the start, and again and again
        until(lambda: {file for file in log_file.parent.glob("predictions*") if last_number(file)} == left)
        make_old(old)


def test_without_a_path_the_log_is_named_after_its_start(api, monkeypatch):
    monkeypatch.delenv("PREDICTION_LOG_PATH")
    script = __import__(NAME)
    assert script.log_path().parent == script.LOGS
    datetime.strptime(script.log_path().name, "predictions_%Y%m%d_%H%M%S.jsonl")


def test_a_worker_has_a_log_of_its_own(api, log_file, monkeypatch, tmp_path):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    assert __import__(NAME).log_path() == log_file.with_name(f"predictions_{os.getpid()}.jsonl")
