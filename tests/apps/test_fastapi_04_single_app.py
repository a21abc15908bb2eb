"""The first app with the model. It checks types only: that is its lesson, and what it lets pass is shown here too."""

import pytest
from contract import (
    HEALTH,
    JSON,
    LIMIT,
    PASSENGER,
    TRAIN,
    UNREADABLE,
    chunks,
    count_calls,
    documented_examples,
    post,
    reason,
)

from titanic.passenger import EXAMPLES

NAME = "fastapi_04_single_app"


@pytest.fixture
def api(client, champion):
    return client(NAME)


def test_the_app_says_that_it_is_running(api):
    answer = api.get("/")
    assert (answer.status_code, answer.json()) == (200, {"message": "Titanic MLflow API is running"})


def test_the_three_passengers_of_the_course_are_predicted(api):
    answers = [post(api, "/predict_single", passenger).json() for passenger in EXAMPLES]
    assert answers == [
        {"prediction": 1, "survival_status": "Survived"},
        {"prediction": 0, "survival_status": "Not Survived"},
        {"prediction": 1, "survival_status": "Survived"},
    ]


def test_the_documented_example_is_accepted(api):
    (example,) = documented_examples(api, "/predict_single")
    assert post(api, "/predict_single", example).status_code == 200


def test_one_request_calls_the_model_once(api):
    calls = count_calls(api)
    post(api, "/predict_single", EXAMPLES[0])
    assert calls.call_count == 1


@pytest.mark.parametrize("change", [{"Age": -5}, {"Pclass": 9}, {"SibSp": 400}, {"Sex": "woman"}, {"Cabin": "C85"}])
def test_nonsense_of_the_right_type_reaches_the_model(api, change):
    assert post(api, "/predict_single", EXAMPLES[0] | change).status_code == 200


@pytest.mark.parametrize("change", [{"Age": "old"}, {"Pclass": 1.5}, {"Sex": 1}, {"Fare": None}, {"SibSp": []}])
def test_a_wrong_type_is_refused(api, change):
    answer = post(api, "/predict_single", EXAMPLES[0] | change)
    assert answer.status_code == 422
    assert [fault["loc"] for fault in answer.json()["detail"]] == [["body", *change]]


@pytest.mark.parametrize(
    "body", ['{"Pclass": NaN}', "NaN", '[{"Age": -Infinity}]', '{"Fare": [1e999]}', '{"Sex": 1, "\\ud800": "\\ud800"}']
)
def test_what_json_cannot_hold_is_refused_as_any_wrong_type(api, body):
    """FastAPI's own 422 sends it back, and fails on that."""
    answer = api.post("/predict_single", content=body, headers=JSON)
    assert answer.status_code == 422
    assert "input" not in answer.json()["detail"][0]


@pytest.mark.parametrize("field", EXAMPLES[0])
def test_a_missing_field_is_refused(api, field):
    passenger = {name: value for name, value in EXAMPLES[0].items() if name != field}
    answer = post(api, "/predict_single", passenger)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", field]


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_unreadable_body_is_refused_and_the_app_goes_on(api, kind):
    body, headers = UNREADABLE[kind]
    assert 400 <= api.post("/predict_single", content=body, headers=headers).status_code < 500
    assert post(api, "/predict_single", EXAMPLES[0]).status_code == 200


def test_a_body_of_10_mb_is_read_and_a_longer_one_refused(api):
    assert api.post("/predict_single", content=PASSENGER.ljust(LIMIT), headers=JSON).status_code == 200
    assert api.post("/predict_single", content=PASSENGER.ljust(LIMIT + 1), headers=JSON).status_code == 413
    assert api.post("/predict_single", content=chunks(LIMIT + 1), headers=JSON).status_code == 413


def test_health_is_ok_with_a_model(api):
    answer = api.get("/health")
    assert (answer.status_code, answer.json()) == (200, HEALTH)


def test_without_a_model_the_app_starts_and_says_what_to_do(client, empty_store):
    api = client(NAME)
    answer = api.get("/health")
    assert (answer.status_code, answer.json()) == (503, HEALTH | {"status": "model not loaded"})
    answer = post(api, "/predict_single", EXAMPLES[0])
    assert answer.status_code == 503
    assert TRAIN in answer.json()["detail"]
    assert api.get("/").status_code == 200


def test_a_fault_inside_the_model_is_a_500_whose_reason_is_in_the_log(client, raising_store, caplog):
    assert reason(post(client(NAME), "/predict_single", EXAMPLES[0]), caplog) == "the model is ill"
