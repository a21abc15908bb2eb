"""The app that predicts many passengers at once: the batch, and that the single prediction is still what it was."""

from itertools import cycle, islice

import pytest
from contract import (
    ACCEPTED,
    EVERY_KIND,
    HEALTH,
    JSON,
    LIMIT,
    PASSENGER,
    REFUSED,
    TRAIN,
    UNREADABLE,
    a_batch_is_as_singles,
    chunks,
    count_calls,
    documented_examples,
    places,
    post,
    reason,
)

from titanic.passenger import EXAMPLES

NAME = "fastapi_05_batch_test_app"


@pytest.fixture
def api(client, champion):
    return client(NAME)


def test_the_app_says_that_it_is_running(api):
    answer = api.get("/")
    assert (answer.status_code, answer.json()) == (200, {"message": "Titanic MLflow API is running"})


def test_the_three_passengers_of_the_course_are_predicted(api):
    answer = post(api, "/predict_batch", EXAMPLES)
    assert answer.status_code == 200
    assert answer.json() == {
        "batch_predictions": [
            {"passenger_index": 0, "prediction": 1, "survival_status": "Survived"},
            {"passenger_index": 1, "prediction": 0, "survival_status": "Not Survived"},
            {"passenger_index": 2, "prediction": 1, "survival_status": "Survived"},
        ]
    }


def test_a_batch_and_single_requests_agree(api):
    assert {single["prediction"] for single in a_batch_is_as_singles(api)} == {0, 1}


def test_10_000_passengers_are_answered_in_their_order(api):
    answers = post(api, "/predict_batch", list(islice(cycle(EXAMPLES), 10_000))).json()["batch_predictions"]
    assert [answer["passenger_index"] for answer in answers] == list(range(10_000))
    assert [answer["prediction"] for answer in answers] == list(islice(cycle([1, 0, 1]), 10_000))


def test_an_empty_batch_has_an_empty_answer(api):
    answer = post(api, "/predict_batch", [])
    assert (answer.status_code, answer.json()) == (200, {"batch_predictions": []})


@pytest.mark.parametrize(("path", "body"), [("/predict_single", EXAMPLES[0]), ("/predict_batch", EVERY_KIND)])
def test_one_request_calls_the_model_once(api, path, body):
    calls = count_calls(api)
    post(api, path, body)
    assert calls.call_count == 1


@pytest.mark.parametrize("path", ["/predict_single", "/predict_batch"])
def test_the_documented_example_is_accepted(api, path):
    (example,) = documented_examples(api, path)
    assert post(api, path, example).status_code == 200


def test_the_answer_of_a_batch_is_documented(api):
    description = api.get("/openapi.json").json()
    answer = description["components"]["schemas"]["BatchPrediction"]["properties"]
    assert set(answer) == {"passenger_index", "prediction", "survival_status"}


@pytest.mark.parametrize(("field", "value"), ACCEPTED)
def test_what_is_possible_is_accepted(api, field, value):
    passenger = EXAMPLES[0] | {field: value}
    assert post(api, "/predict_single", passenger).status_code == 200
    assert post(api, "/predict_batch", [EXAMPLES[1], passenger]).status_code == 200


@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_what_cannot_be_is_refused_and_named_with_its_row(api, field, value):
    passenger = EXAMPLES[0] | {field: value}
    assert places(post(api, "/predict_single", passenger)) == [("body", field)]
    assert places(post(api, "/predict_batch", [EXAMPLES[1], passenger])) == [("body", 1, field)]


@pytest.mark.parametrize("field", EXAMPLES[0])
def test_a_missing_field_is_refused_and_named_with_its_row(api, field):
    passenger = {name: value for name, value in EXAMPLES[0].items() if name != field}
    assert places(post(api, "/predict_batch", [EXAMPLES[1], passenger])) == [("body", 1, field)]


@pytest.mark.parametrize("row", [None, 1, "Rose", [], [EXAMPLES[0]]])
def test_a_row_that_is_no_passenger_is_refused_and_named(api, row):
    assert places(post(api, "/predict_batch", [EXAMPLES[0], row])) == [("body", 1)]


def test_one_passenger_is_no_batch(api):
    assert places(post(api, "/predict_batch", EXAMPLES[0])) == [("body",)]


def test_the_input_is_not_sent_back(api):
    answer = post(api, "/predict_batch", [EXAMPLES[0] | {"Sex": "a secret", "Age": "another secret"}])
    assert places(answer) == [("body", 0, "Sex"), ("body", 0, "Age")]
    assert "secret" not in answer.text


def test_half_a_character_in_the_name_of_a_field_is_refused(api):
    body = b"[" + PASSENGER[:-1] + rb', "\ud800": 1}]'
    assert api.post("/predict_batch", content=body, headers=JSON).status_code == 422


@pytest.mark.parametrize("path", ["/predict_single", "/predict_batch"])
@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_unreadable_body_is_refused_and_the_app_goes_on(api, path, kind):
    body, headers = UNREADABLE[kind]
    assert 400 <= api.post(path, content=body, headers=headers).status_code < 500
    assert post(api, "/predict_batch", EXAMPLES).status_code == 200


def test_too_many_faults_are_cut_to_the_first_100(api):
    faults = places(post(api, "/predict_batch", [{}] * 50))
    assert faults == [("body", row, field) for row in range(15) for field in EXAMPLES[0]][:100]


# The smaller number comes first: without the limit it fails in seconds, and the larger one would take all memory.
def test_three_million_empty_passengers_are_refused_with_one_sentence(api):
    for number in (130_001, 3_000_000):
        body = b"[" + b"{}," * (number - 1) + b"{}]"
        assert places(api.post("/predict_batch", content=body, headers=JSON)) == [("body",)]
    assert post(api, "/predict_batch", EXAMPLES).status_code == 200


@pytest.mark.parametrize("path", ["/predict_single", "/predict_batch"])
def test_a_body_of_10_mb_is_read_and_a_longer_one_refused(api, path):
    body = PASSENGER if path == "/predict_single" else b"[" + PASSENGER + b"]"
    assert api.post(path, content=body.ljust(LIMIT), headers=JSON).status_code == 200
    for too_large in (body.ljust(LIMIT + 1), chunks(LIMIT + 1)):
        answer = api.post(path, content=too_large, headers=JSON)
        assert answer.status_code == 413
        assert answer.json() == {"detail": "The body is larger than 10,000,000 bytes: send less at once."}


def test_health_is_ok_with_a_model(api):
    answer = api.get("/health")
    assert (answer.status_code, answer.json()) == (200, HEALTH)


def test_without_a_model_the_app_starts_and_says_what_to_do(client, empty_store):
    api = client(NAME)
    answer = api.get("/health")
    assert (answer.status_code, answer.json()) == (503, HEALTH | {"status": "model not loaded"})
    for path, body in [("/predict_single", EXAMPLES[0]), ("/predict_batch", EXAMPLES)]:
        answer = post(api, path, body)
        assert answer.status_code == 503
        assert TRAIN in answer.json()["detail"]
    assert api.get("/").status_code == 200


def test_a_fault_inside_the_model_is_a_500_whose_reason_is_in_the_log(client, raising_store, caplog):
    api = client(NAME)
    assert reason(post(api, "/predict_single", EXAMPLES[0]), caplog) == "the model is ill"
    assert reason(post(api, "/predict_batch", EXAMPLES), caplog, "Batch prediction") == "the model is ill"
