"""prometheus_04_multi_execute_app: the app of lesson 11, and a route that invents passengers and predicts them."""

import pytest
from contract import HEALTH, TRAIN, entries, places, post, reason, values

from titanic.passenger import EXAMPLES

NAME = "prometheus_04_multi_execute_app"


@pytest.fixture
def api(client, champion):
    return client(NAME)


def simulate(api, **query):
    return api.post("/simulate_predictions", params=query)


def passengers(answer):
    return [row["passenger"] for row in answer.json()["simulated_predictions"]]


def test_it_answers_as_the_app_of_lesson_11_does(api, log_file):
    assert api.get("/").json() == {"message": "Titanic MLflow API is running"}
    assert api.get("/health").json() == HEALTH
    singles = [post(api, "/predict_single", passenger).json() for passenger in EXAMPLES]
    assert [single["prediction"] for single in singles] == [1, 0, 1]
    batch = post(api, "/predict_batch", EXAMPLES).json()["batch_predictions"]
    assert batch == [{"passenger_index": index} | single for index, single in enumerate(singles)]
    assert [line["execute"] for line in entries(log_file)] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(("query", "number"), [({}, 10), ({"num_executions": 1}, 1), ({"num_executions": 100}, 100)])
def test_as_many_passengers_are_predicted_as_asked_for(api, query, number):
    answer = simulate(api, **query)
    assert answer.status_code == 200
    assert answer.json()["requested_executions"] == number
    assert len(answer.json()["simulated_predictions"]) == number


@pytest.mark.parametrize("number", [0, 101, -1, "ten", "1.5", "", "NaN", "9" * 5_000])
def test_what_is_no_number_from_1_to_100_is_refused(api, log_file, number):
    assert places(simulate(api, num_executions=number)) == [("query", "num_executions")]
    assert values(api, "titanic_predictions_total") == [0]
    assert not log_file.exists()


@pytest.mark.parametrize("seed", [-1, 2**32, "abc"])
def test_an_impossible_seed_is_refused(api, seed):
    assert places(simulate(api, seed=seed)) == [("query", "seed")]


def test_a_simulated_prediction_agrees_with_the_log_and_with_a_single_one(api, log_file):
    rows = simulate(api).json()["simulated_predictions"]
    keys = {"execute", "execution_time", "passenger", "prediction", "survival_status", "probability"}
    for row, line in zip(rows, entries(log_file), strict=True):
        assert set(row) == keys
        assert {name: line[name] for name in keys - {"passenger", "survival_status"}}.items() <= row.items()
        single = post(api, "/predict_single", row["passenger"]).json()
        assert (row["prediction"], row["survival_status"]) == (single["prediction"], single["survival_status"])
        assert row["probability"] == pytest.approx(single["probability"])


def test_the_same_seed_invents_the_same_passengers(api):
    first, again, other = [passengers(simulate(api, seed=seed)) for seed in (7, 7, 8)]
    assert first == again != other
    assert passengers(simulate(api)) != passengers(simulate(api))


def test_passengers_are_drawn_from_these_ranges_and_all_of_them(api):
    drawn = [one for seed in range(20) for one in passengers(simulate(api, num_executions=100, seed=seed))]
    for name, choices in {
        "Pclass": {1, 2, 3}, "Sex": {"male", "female"}, "Embarked": {"C", "Q", "S"},
        "SibSp": {0, 1, 2, 3}, "Parch": {0, 1, 2, 3},
    }.items():  # fmt: skip
        assert {one[name] for one in drawn} == choices
    ages, fares = [one["Age"] for one in drawn], [one["Fare"] for one in drawn]
    assert 1 <= min(ages) < 5
    assert 75 < max(ages) <= 80
    assert 10 <= min(fares) < 20
    assert 240 < max(fares) <= 250
    assert all(age == round(age, 1) for age in ages)
    assert all(fare == round(fare, 2) for fare in fares)


def test_a_simulation_counts_and_logs_like_all_others(api, log_file):
    rows = simulate(api, num_executions=30).json()["simulated_predictions"]
    post(api, "/predict_single", EXAMPLES[0])
    survived = 1 + sum(row["prediction"] for row in rows)
    assert [row["execute"] for row in rows] == list(range(1, 31))
    assert [line["execute"] for line in entries(log_file)] == list(range(1, 32))
    assert values(api, "titanic_predictions_total") == [31]
    assert values(api, "titanic_predictions_output_total", predicted_class="1") == [survived]
    assert values(api, "titanic_predictions_output_total", predicted_class="0") == [31 - survived]
    assert values(api, "prediction_type_total", type="simulation") == [30]
    assert values(api, "prediction_type_total", type="single") == [1]
    assert values(api, "model_inference_seconds_count", type="simulation") == [1]
    assert values(api, "passenger_age_distribution_count") == [31]


def test_a_log_that_cannot_be_written_costs_the_lines_and_not_the_simulation(client, champion, log_file):
    log_file.mkdir(parents=True)
    api = client(NAME)
    rows = simulate(api).json()["simulated_predictions"]
    assert [row["execute"] for row in rows] == list(range(1, 11))
    assert values(api, "prediction_log_errors_total") == [10]


def test_without_a_model_it_says_what_to_do(client, empty_store):
    api = client(NAME)
    assert api.get("/health").status_code == 503
    answer = simulate(api)
    assert answer.status_code == 503
    assert TRAIN in answer.json()["detail"]
    assert values(api, "titanic_predictions_total") == [0]


def test_a_failing_model_is_neither_counted_nor_logged(client, raising_store, log_file, caplog):
    api = client(NAME)
    answers = [simulate(api), post(api, "/predict_single", EXAMPLES[0]), post(api, "/predict_batch", EXAMPLES)]
    for answer, what in zip(answers, ["Prediction", "Prediction", "Batch prediction"], strict=True):
        assert reason(answer, caplog, what) == "the model is ill"
    assert values(api, "http_errors_total", endpoint="/simulate_predictions") == [1]
    assert values(api, "titanic_predictions_total") == [0]
    assert values(api, "prediction_type_total") == [0, 0, 0]
    assert not log_file.exists()
