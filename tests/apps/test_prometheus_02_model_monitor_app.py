"""prometheus_02_model_monitor_app: the app of lesson 07, the four golden signals, and metrics of the model itself."""

import pytest
from contract import EVERY_KIND, HEALTH, TRAIN, places, post, reason, samples, values

from titanic.passenger import EXAMPLES

NAME = "prometheus_02_model_monitor_app"


@pytest.fixture
def api(client, champion):
    return client(NAME)


def test_it_answers_as_the_app_of_lesson_07_does(api):
    assert api.get("/").json() == {"message": "Titanic MLflow API is running"}
    assert api.get("/health").json() == HEALTH
    batch = post(api, "/predict_batch", EXAMPLES).json()
    assert batch == {
        "batch_predictions": [
            {"passenger_index": 0, "prediction": 1, "survival_status": "Survived"},
            {"passenger_index": 1, "prediction": 0, "survival_status": "Not Survived"},
            {"passenger_index": 2, "prediction": 1, "survival_status": "Survived"},
        ]
    }
    singles = [post(api, "/predict_single", passenger).json() for passenger in EXAMPLES]
    assert [{"passenger_index": index} | single for index, single in enumerate(singles)] == batch["batch_predictions"]


def test_before_the_first_prediction_both_classes_are_zero(api):
    assert values(api, "titanic_predictions_total") == [0]
    assert values(api, "titanic_predictions_output_total", predicted_class="0") == [0]
    assert values(api, "titanic_predictions_output_total", predicted_class="1") == [0]


def test_passengers_and_requests_are_counted(api):
    for passenger in EXAMPLES:
        post(api, "/predict_single", passenger)
    for _ in range(2):
        post(api, "/predict_batch", EVERY_KIND)
    survived = sum(row["prediction"] for row in post(api, "/predict_batch", EVERY_KIND).json()["batch_predictions"])
    total = 3 + 3 * len(EVERY_KIND)
    assert values(api, "titanic_predictions_total") == [total]
    assert values(api, "titanic_predictions_output_total", predicted_class="1") == [2 + 3 * survived]
    assert values(api, "titanic_predictions_output_total", predicted_class="0") == [total - 2 - 3 * survived]
    assert values(api, "prediction_type_total", type="single") == [3]
    assert values(api, "prediction_type_total", type="batch") == [3]
    assert values(api, "model_inference_seconds_count", type="single") == [3]
    assert values(api, "model_inference_seconds_count", type="batch") == [3]


def test_ages_are_counted_in_decades(api):
    ages = [0.5, 10, 10.5, 29, 80, 99]
    post(api, "/predict_batch", [EXAMPLES[0] | {"Age": age} for age in ages])
    assert values(api, "passenger_age_distribution_count") == [6]
    assert values(api, "passenger_age_distribution_sum") == [sum(ages)]
    limits = {"10.0": 2, "20.0": 3, "30.0": 4, "70.0": 4, "80.0": 5, "90.0": 5, "+Inf": 6}
    for limit, number in limits.items():
        assert values(api, "passenger_age_distribution_bucket", le=limit) == [number], limit


def test_an_empty_batch_is_a_request_without_passengers(api):
    post(api, "/predict_batch", [])
    assert values(api, "titanic_predictions_total") == [0]
    assert values(api, "prediction_type_total", type="batch") == [1]


def test_a_refused_request_is_no_prediction(api):
    assert places(post(api, "/predict_single", EXAMPLES[0] | {"Age": -1})) == [("body", "Age")]
    assert values(api, "titanic_predictions_total") == [0]
    assert values(api, "prediction_type_total") == [0, 0, 0]
    assert values(api, "http_requests_total", endpoint="/predict_single", status_code="422") == [1]
    assert set(values(api, "http_errors_total")) == {0}


def test_without_a_model_it_says_what_to_do_and_predicts_nothing(client, empty_store):
    api = client(NAME)
    assert api.get("/health").status_code == 503
    for path, body in [("/predict_single", EXAMPLES[0]), ("/predict_batch", EXAMPLES)]:
        answer = post(api, path, body)
        assert answer.status_code == 503
        assert TRAIN in answer.json()["detail"]
        assert values(api, "http_errors_total", endpoint=path) == [1]
    assert values(api, "titanic_predictions_total") == [0]


def test_a_failing_model_is_an_error_and_no_prediction(client, raising_store, caplog):
    api = client(NAME)
    assert reason(post(api, "/predict_single", EXAMPLES[0]), caplog) == "the model is ill"
    assert reason(post(api, "/predict_batch", EXAMPLES), caplog, "Batch prediction") == "the model is ill"
    assert values(api, "http_errors_total", endpoint="/predict_single") == [1]
    assert values(api, "http_errors_total", endpoint="/predict_batch") == [1]
    assert values(api, "titanic_predictions_total") == [0]
    assert values(api, "titanic_predictions_output_total") == [0, 0]
    assert values(api, "prediction_type_total") == [0, 0, 0]
    assert values(api, "passenger_age_distribution_count") == [0]


def test_metrics_answer_without_a_redirect_and_without_times_of_creation(api):
    post(api, "/predict_single", EXAMPLES[0])
    answer = api.get("/metrics", follow_redirects=False)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert not [sample.name for sample in samples(api) if sample.name.endswith("_created")]


def test_each_metric_has_the_labels_of_its_contract(api):
    post(api, "/predict_single", EXAMPLES[0])
    labels = {sample.name: set(sample.labels) for sample in samples(api)}
    assert labels["titanic_predictions_total"] == set()
    assert labels["titanic_predictions_output_total"] == {"predicted_class"}
    assert labels["prediction_type_total"] == {"type"}
    assert labels["passenger_age_distribution_bucket"] == {"le"}
    assert labels["model_inference_seconds_bucket"] == {"type", "le"}
    assert labels["http_requests_total"] == {"method", "endpoint", "status_code"}
    assert {"http_requests_in_progress", "cpu_usage_percent", "memory_usage_bytes"} <= set(labels)
