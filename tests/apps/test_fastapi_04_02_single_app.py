"""The app that checks each passenger: what it accepts, what it refuses, and what it tells about it."""

import pytest
from contract import (
    ACCEPTED,
    HEALTH,
    JSON,
    LIMIT,
    PASSENGER,
    REFUSED,
    TRAIN,
    UNREADABLE,
    chunks,
    count_calls,
    documented_examples,
    places,
    post,
    reason,
)

import fastapi_04_02_single_app
from titanic import passenger
from titanic.passenger import EXAMPLES

NAME = "fastapi_04_02_single_app"


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


def test_every_field_is_described(api):
    fields = api.get("/openapi.json").json()["components"]["schemas"]["Passenger"]["properties"]
    assert all(field["description"] for field in fields.values())


def test_the_passenger_of_this_lesson_is_the_one_of_all_later_apps():
    here, later = fastapi_04_02_single_app.Passenger, passenger.Passenger
    assert here.model_json_schema() == later.model_json_schema()
    assert here.model_config == later.model_config


def test_one_request_calls_the_model_once(api):
    calls = count_calls(api)
    post(api, "/predict_single", EXAMPLES[0])
    assert calls.call_count == 1


@pytest.mark.parametrize(("field", "value"), ACCEPTED)
def test_what_is_possible_is_accepted(api, field, value):
    assert post(api, "/predict_single", EXAMPLES[0] | {field: value}).status_code == 200


@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_what_cannot_be_is_refused_and_named(api, field, value):
    answer = post(api, "/predict_single", EXAMPLES[0] | {field: value})
    assert places(answer) == [("body", field)]


@pytest.mark.parametrize("field", EXAMPLES[0])
def test_a_missing_field_is_refused_and_named(api, field):
    passenger = {name: value for name, value in EXAMPLES[0].items() if name != field}
    assert places(post(api, "/predict_single", passenger)) == [("body", field)]


def test_all_faults_are_named_at_once(api):
    answer = post(api, "/predict_single", EXAMPLES[0] | {"Age": -1, "Fare": -1})
    assert places(answer) == [("body", "Age"), ("body", "Fare")]


def test_the_input_is_not_sent_back(api):
    answer = post(api, "/predict_single", EXAMPLES[0] | {"Sex": "a secret", "Age": "another secret"})
    assert places(answer) == [("body", "Sex"), ("body", "Age")]
    assert "secret" not in answer.text


def test_half_a_character_in_the_name_of_a_field_is_refused(api):
    body = PASSENGER[:-1] + rb', "\ud800": 1}'
    assert api.post("/predict_single", content=body, headers=JSON).status_code == 422


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_unreadable_body_is_refused_and_the_app_goes_on(api, kind):
    body, headers = UNREADABLE[kind]
    assert 400 <= api.post("/predict_single", content=body, headers=headers).status_code < 500
    assert post(api, "/predict_single", EXAMPLES[0]).status_code == 200


def test_a_very_long_name_of_a_field_is_not_sent_back_whole(api):
    answer = post(api, "/predict_single", EXAMPLES[0] | {"é" * 1_000_000: 1})
    assert answer.status_code == 422
    assert len(answer.content) < 2_000


def test_too_many_faults_are_cut_to_the_first_100(api):
    unknown = {f"unknown {number}": 0 for number in range(150)}
    assert len(places(post(api, "/predict_single", EXAMPLES[0] | unknown))) == 100


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
