"""prometheus_05_outcome_app: each prediction has an id, and learns later whether it was right."""

import json
import math
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from contract import (
    EVERY_KIND,
    HEALTH,
    JSON,
    LIMIT,
    TRAIN,
    chunks,
    entries,
    places,
    post,
    reason,
    samples,
    value,
    values,
)
from serving import serve
from waiting import until

from titanic.dataset import COLUMNS
from titanic.labelled import read_labelled
from titanic.passenger import EXAMPLES
from titanic.problem import Problem
from titanic.tally import tell_waiting

NAME = "prometheus_05_outcome_app"
REPORT = {"matched": 0, "unknown": [], "repeated": []}


@pytest.fixture
def api(client, champion):
    return client(NAME)


def predict(api, *passengers):
    """Predict these passengers; the answers."""
    return post(api, "/predict_batch", list(passengers or EXAMPLES)).json()["batch_predictions"]


def outcomes(answers, survived=1):
    """An outcome for each of these answers."""
    return [{"prediction_id": answer["prediction_id"], "survived": survived} for answer in answers]


def told(api):
    """How many outcomes are counted, by predicted and actual class."""
    return {
        (predicted, actual): value(
            api, "titanic_outcomes_total", predicted_class=str(predicted), actual_class=str(actual)
        )
        for predicted in (0, 1)
        for actual in (0, 1)
    }


def database():
    return Path(os.environ["OUTCOME_DATABASE"])


# What it answers


def test_it_has_the_routes_of_prometheus_03_and_each_answer_has_an_id(api, log_file):
    assert api.get("/").json() == {"message": "Titanic MLflow API is running"}
    assert api.get("/health").json() == HEALTH
    singles = [post(api, "/predict_single", passenger).json() for passenger in EVERY_KIND]
    batch = predict(api, *EVERY_KIND)
    expected = {"prediction_id", "prediction", "survival_status", "probability"}
    assert [set(answer) for answer in singles] == [expected] * 36
    assert [set(answer) for answer in batch] == [{"passenger_index", *expected}] * 36
    for single, row in zip(singles, batch, strict=True):
        assert single["prediction"] == row["prediction"]
        assert single["probability"] == pytest.approx(row["probability"])
    assert len({answer["prediction_id"] for answer in singles + batch}) == 72
    assert len(entries(log_file)) == 72
    assert value(api, "titanic_outcomes_pending") == 72
    assert value(api, "titanic_predictions_total") == 72


def test_outcomes_come_in_any_order_twice_or_for_nobody(api):
    first, second, third = predict(api)  # predicted 1, 0, 1
    sent = [*outcomes([third], 1), *outcomes([first], 0), {"prediction_id": "iceberg", "survived": 1},
            *outcomes([third], 0)]  # fmt: skip
    answer = post(api, "/outcomes", sent)
    assert answer.status_code == 200
    assert answer.json() == {"matched": 2, "unknown": ["iceberg"], "repeated": [third["prediction_id"]]}
    assert told(api) == {(0, 0): 0, (0, 1): 0, (1, 0): 1, (1, 1): 1}
    assert value(api, "titanic_outcomes_pending") == 1
    sent = outcomes([second, first], 0)
    assert post(api, "/outcomes", sent).json() == REPORT | {"matched": 1, "repeated": [first["prediction_id"]]}
    assert told(api) == {(0, 0): 1, (0, 1): 0, (1, 0): 1, (1, 1): 1}
    assert value(api, "titanic_outcomes_pending") == 0
    assert value(api, "titanic_outcome_delay_seconds_count") == 3
    assert 0 < value(api, "titanic_outcome_delay_seconds_sum") < 60


def test_no_outcome_and_no_passenger_change_nothing(api):
    assert post(api, "/outcomes", []).json() == REPORT
    assert post(api, "/predict_batch", []).json() == {"batch_predictions": []}
    assert values(api, "titanic_outcomes_pending") == [0]


OUTCOME = {"prediction_id": "a", "survived": 1}


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (OUTCOME | {"survived": 2}, "survived"),
        (OUTCOME | {"survived": None}, "survived"),
        (OUTCOME | {"survived": "yes"}, "survived"),
        (OUTCOME | {"survived": float("nan")}, "survived"),
        (OUTCOME | {"prediction_id": ""}, "prediction_id"),
        (OUTCOME | {"prediction_id": 7}, "prediction_id"),
        (OUTCOME | {"prediction_id": "\ud800"}, "prediction_id"),
        (OUTCOME | {"prediction_id": "a" * 101}, "prediction_id"),
        (OUTCOME | {"name": "Rose"}, "name"),
    ],
)
def test_a_wrong_outcome_is_refused_with_its_place_and_nothing_is_counted(api, wrong, place):
    (prediction,) = predict(api, EXAMPLES[0])
    assert places(post(api, "/outcomes", [*outcomes([prediction]), wrong])) == [("body", 1, place)]
    assert sum(told(api).values()) == 0
    assert value(api, "titanic_outcomes_pending") == 1


def test_the_body_has_a_limit_as_everywhere(api):
    assert api.post("/outcomes", content=b" " * (LIMIT + 1), headers=JSON).status_code == 413
    assert api.post("/outcomes", content=chunks(LIMIT + 1), headers=JSON).status_code == 413
    assert places(post(api, "/outcomes", [OUTCOME] * 130_001)) == [("body",)]
    assert api.post("/outcomes", content=b"[", headers=JSON).status_code == 422


def test_a_failing_model_leaves_nothing_that_waits(client, raising_store, caplog):
    api = client(NAME)
    assert reason(post(api, "/predict_single", EXAMPLES[0]), caplog) == "the model is ill"
    assert reason(post(api, "/predict_batch", EXAMPLES), caplog, "Batch prediction") == "the model is ill"
    assert value(api, "titanic_outcomes_pending") == 0
    assert not database().exists()


def test_without_a_model_it_says_what_to_do_and_takes_no_prediction(client, empty_store):
    api = client(NAME)
    assert api.get("/health").json() == HEALTH | {"status": "model not loaded"}
    answer = post(api, "/predict_single", EXAMPLES[0])
    assert answer.status_code == 503
    assert TRAIN in answer.json()["detail"]


# The estimate


def test_the_estimate_is_the_mean_of_the_larger_probabilities_of_the_window(api, monkeypatch):
    assert math.isnan(value(api, "titanic_estimated_accuracy"))
    answers = predict(api, *EVERY_KIND)
    sure = [max(answer["probability"].values()) for answer in answers]
    assert value(api, "titanic_estimated_accuracy") == pytest.approx(sum(sure) / 36)
    predict(api, *[EXAMPLES[0]] * 999)  # of the first 36, one is left
    (first,) = {max(answer["probability"].values()) for answer in predict(api, EXAMPLES[0])}
    assert value(api, "titanic_estimated_accuracy") == pytest.approx(first)


# The file


def test_the_file_holds_what_one_can_learn_from_and_no_name(api):
    answers = predict(api)
    post(api, "/outcomes", outcomes(answers[1:], 0))
    with sqlite3.connect(database()) as connection:
        rows = connection.execute("SELECT * FROM prediction").fetchall()
        names = [column[1] for column in connection.execute("PRAGMA table_info(prediction)")]
    assert names == ["number", "prediction_id", "made_at", "probability", "waits", "passenger", "survived"]
    for row, answer, passenger in zip(rows, answers, EXAMPLES, strict=True):
        assert (row[1], row[3]) == (answer["prediction_id"], answer["probability"]["Survived"])
        assert abs(row[2] - time.time()) < 60
        assert json.loads(row[5]) == passenger
    assert [(row[4], row[6]) for row in rows] == [(1, None), (0, 0), (0, 0)]
    assert read_labelled()[COLUMNS].to_dict("records") == EXAMPLES[1:]


def test_a_file_of_an_earlier_version_goes_on_and_its_passengers_are_nobody_to_learn_from(client, champion):
    database().parent.mkdir()
    with closing(sqlite3.connect(database())) as connection, connection:
        connection.executescript(
            "CREATE TABLE prediction (number INTEGER PRIMARY KEY, prediction_id TEXT UNIQUE, made_at REAL, "
            "probability REAL, waits INTEGER DEFAULT 1); CREATE TABLE tally (waiting INTEGER); "
            "INSERT INTO tally VALUES (1); INSERT INTO prediction VALUES (1, 'a', 1, 0.9, 1), (2, 'b', 1, 0.9, 0);"
        )
    with pytest.raises(Problem, match="There are no outcomes yet"):
        read_labelled()
    api = client(NAME)
    assert value(api, "titanic_outcomes_pending") == 1
    sent = [{"prediction_id": one, "survived": 1} for one in "ab"] + outcomes(predict(api, EXAMPLES[0]), 1)
    assert post(api, "/outcomes", sent).json() == REPORT | {"matched": 2, "repeated": ["b"]}
    assert read_labelled()["survived"].tolist() == [1]
    assert value(client(NAME), "titanic_outcomes_pending") == 0


def test_only_the_newest_predictions_are_kept(client, champion, monkeypatch):
    monkeypatch.setenv("OUTCOME_KEEP_PREDICTIONS", "5")
    api = client(NAME)
    answers = predict(api) + predict(api)
    assert value(api, "titanic_outcomes_pending") == 5
    report = post(api, "/outcomes", outcomes(answers)).json()
    assert report == REPORT | {"matched": 5, "unknown": [answers[0]["prediction_id"]]}
    answers = predict(api)  # three of the five that are matched go, and nobody waits for them
    assert value(api, "titanic_outcomes_pending") == 3
    with sqlite3.connect(database()) as connection:
        assert connection.execute("SELECT count(*) FROM prediction").fetchall() == [(5,)]


def test_the_next_start_knows_what_waits_and_what_the_estimate_is(client, champion):
    api = client(NAME)
    answers = predict(api, *EVERY_KIND)
    post(api, "/outcomes", outcomes(answers[:6]))
    estimate = value(api, "titanic_estimated_accuracy")
    anew = client(NAME)
    assert value(anew, "titanic_outcomes_pending") == 30
    assert value(anew, "titanic_estimated_accuracy") == pytest.approx(estimate)
    assert sum(told(anew).values()) == 0  # a counter may begin at 0: Prometheus knows that
    report = post(anew, "/outcomes", outcomes(answers)).json()
    assert (report["matched"], len(report["repeated"])) == (30, 6)


def test_a_delay_of_weeks_and_a_clock_that_was_set_back_are_measured(api):
    old, future = predict(api, *EXAMPLES[:2])
    week = 7 * 86_400
    with sqlite3.connect(database()) as connection:
        for prediction, change in (old, -2.5 * week), (future, week):
            connection.execute(
                "UPDATE prediction SET made_at = made_at + ? WHERE prediction_id = ?",
                [change, prediction["prediction_id"]],
            )
    assert post(api, "/outcomes", outcomes([old, future])).json()["matched"] == 2
    counted = {float(s.labels["le"]): s.value for s in samples(api) if s.name == "titanic_outcome_delay_seconds_bucket"}
    assert (counted[1], counted[2 * week], counted[4 * week], counted[math.inf]) == (1, 1, 2, 2)


# A file that cannot be written


def test_a_disk_that_cannot_be_written_costs_the_watch_and_not_the_prediction(client, champion, log_file, caplog):
    log_file.parent.write_text("a file where the folder should be")
    api = client(NAME)
    for _ in range(2):
        assert post(api, "/predict_single", EXAMPLES[0]).json()["prediction"] == 1
    (first, *_) = predict(api)
    assert value(api, "titanic_predictions_unwatched_total") == 5
    assert [r.levelname for r in caplog.records if "Predictions are not stored" in r.message] == ["WARNING"]
    answer = post(api, "/outcomes", outcomes([first]))
    assert (answer.status_code, list(answer.json())) == (503, ["detail"])
    assert "Send all of them again later" in answer.json()["detail"]
    log_file.parent.unlink()
    time.sleep(1)  # what has just failed is not tried again
    answers = predict(api)
    assert post(api, "/outcomes", outcomes([first, *answers])).json() == REPORT | {
        "matched": 3, "unknown": [first["prediction_id"]],
    }  # fmt: skip


def test_a_file_that_another_process_keeps_locked_does_not_hold_up_the_app(api, monkeypatch):
    monkeypatch.setattr("titanic.pending.LOCKED", 0.1)
    predict(api)
    other = sqlite3.connect(database(), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    api.app.state.pending.close()  # opened anew, with the shorter time to wait
    begin = time.monotonic()
    answers = predict(api)
    assert len(predict(api)) == len(answers) == 3
    assert post(api, "/outcomes", outcomes(answers)).status_code == 503
    assert time.monotonic() - begin < 2
    other.rollback()
    time.sleep(1)
    predict(api)
    assert (value(api, "titanic_predictions_unwatched_total"), value(api, "titanic_outcomes_pending")) == (6, 6)
    other.close()


def clock(sleep):
    """The module time, with another sleep."""
    return SimpleNamespace(time=time.time, monotonic=time.monotonic, sleep=sleep)


def test_many_outcomes_are_stored_in_parts_and_predictions_come_in_between(api, monkeypatch):
    monkeypatch.setattr("titanic.pending.TOGETHER", 2)
    answers = [*predict(api), *predict(api)]
    waited, pending = [], api.app.state.pending

    def pause(seconds):
        with closing(sqlite3.connect(database(), timeout=0)) as other:  # it may write at once
            other.execute("BEGIN IMMEDIATE")
        pending.add([("in between", 0.9, None)] if not waited else [])
        waited.append(seconds)

    monkeypatch.setattr("titanic.pending.time", clock(pause))
    assert post(api, "/outcomes", outcomes(answers)).json() == REPORT | {"matched": 6}
    assert len(waited) == 2
    assert value(api, "titanic_outcomes_pending") == 1


def test_if_a_part_cannot_be_stored_what_came_before_is_counted_once(api, monkeypatch):
    monkeypatch.setattr("titanic.pending.TOGETHER", 4)
    answers = [*predict(api), *predict(api)]
    with closing(sqlite3.connect(database())) as other, monkeypatch.context() as patch:
        patch.setattr("titanic.pending.LOCKED", 0.1)
        api.app.state.pending.close()  # opened anew, with the shorter time to wait
        patch.setattr("titanic.pending.time", clock(lambda _: other.execute("BEGIN IMMEDIATE")))
        assert post(api, "/outcomes", outcomes(answers)).status_code == 503
    assert sum(values(api, "titanic_outcomes_total")) == 4
    time.sleep(1)  # what has just failed is not tried again
    report = post(api, "/outcomes", outcomes(answers)).json()
    assert (report["matched"], len(report["repeated"]), report["unknown"]) == (2, 4, [])
    assert sum(values(api, "titanic_outcomes_total")) == 6


def test_a_file_that_is_deleted_is_begun_anew_and_that_is_told(api, caplog):
    (old, *_) = predict(api)
    database().unlink()
    answers = predict(api)
    assert [r.levelname for r in caplog.records if f"{database()} was deleted or replaced" in r.message] == ["WARNING"]
    report = post(api, "/outcomes", outcomes([old, *answers])).json()
    assert report == REPORT | {"matched": 3, "unknown": [old["prediction_id"]]}
    assert value(api, "titanic_predictions_unwatched_total") == 0


# The real server


def test_two_copies_with_one_file_tell_the_same_whoever_has_handled_the_outcomes(champion, tmp_path):
    files = {"OUTCOME_DATABASE": tmp_path / "outcomes.sqlite3"}
    first_log, second_log = ({"PREDICTION_LOG_PATH": tmp_path / f"{name}.jsonl"} for name in "ab")
    with serve(NAME, **files, **first_log) as first, serve(NAME, **files, **second_log) as second:
        answers = first.post("/predict_batch", json=EXAMPLES * 10).json()["batch_predictions"]
        until(lambda: value(second, "titanic_outcomes_pending") == 30)  # it has seen none of them itself
        assert second.post("/outcomes", json=outcomes(answers[:29])).json()["matched"] == 29
        assert value(second, "titanic_outcomes_pending") == 1
        until(lambda: value(first, "titanic_outcomes_pending") == 1)


def test_the_number_stays_while_the_file_is_locked_or_gone(api):
    predict(api)
    pending = api.app.state.pending
    with closing(sqlite3.connect(database(), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE tally SET waiting = 7")
        tell_waiting(pending)
        assert value(api, "titanic_outcomes_pending") == 3
    database().unlink()
    tell_waiting(pending)
    assert value(api, "titanic_outcomes_pending") == 3
    assert not database().exists()


def test_two_workers_share_what_waits_and_kill_9_loses_nothing(client, champion, tmp_path, monkeypatch):
    (tmp_path / "metrics").mkdir()
    settings = {
        "OUTCOME_DATABASE": tmp_path / "outcomes.sqlite3", "PREDICTION_LOG_PATH": tmp_path / "predictions.jsonl",
        "PROMETHEUS_MULTIPROC_DIR": tmp_path / "metrics",
    }  # fmt: skip
    with serve(NAME, "--workers", "2", **settings) as app:
        answers = [
            row for _ in range(10) for row in app.post("/predict_batch", json=EXAMPLES).json()["batch_predictions"]
        ]
        reports = [app.post("/outcomes", json=outcomes([answer])).json() for answer in answers[:10]]
        assert reports == [REPORT | {"matched": 1}] * 10
        assert {value(app, "titanic_outcomes_pending") for _ in range(5)} == {20}
        last = app.post("/predict_single", json=EXAMPLES[0]).json()
        for process in [app.process, *app.process.children(recursive=True)]:
            process.kill()
        until(lambda: not app.is_ready())
    monkeypatch.setenv("OUTCOME_DATABASE", str(settings["OUTCOME_DATABASE"]))
    api = client(NAME)
    assert value(api, "titanic_outcomes_pending") == 21
    report = post(api, "/outcomes", outcomes([*answers, last])).json()
    assert (report["matched"], len(report["repeated"]), report["unknown"]) == (21, 10, [])
    assert sum(told(api).values()) == 21
