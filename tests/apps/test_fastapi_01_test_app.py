"""The first app: a greeting and a guest book."""

import pytest


@pytest.fixture
def api(client):
    return client("fastapi_01_test_app")


@pytest.fixture(autouse=True)
def empty_book():
    from fastapi_01_test_app import guests

    guests.clear()


def test_the_greeting_is_the_documented_one(api):
    answer = api.get("/")
    assert (answer.status_code, answer.json()) == (200, {"message": "Hello, FastAPI is working!"})


def test_what_post_writes_get_reads(api):
    answer = api.post("/guests", params={"name": "Ada"})
    assert (answer.status_code, answer.json()) == (201, ["Ada"])
    assert api.get("/guests").json() == ["Ada"]


def test_get_changes_nothing_and_post_writes_each_time(api):
    for _ in range(2):
        api.get("/guests")
        api.post("/guests", params={"name": "Ada"})
    assert api.get("/guests").json() == ["Ada", "Ada"]


def test_the_book_keeps_the_last_ten_names(api):
    for number in range(12):
        api.post("/guests", params={"name": f"guest {number}"})
    assert api.get("/guests").json() == [f"guest {number}" for number in range(2, 12)]


def test_a_guest_without_a_name_is_refused(api):
    answer = api.post("/guests")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "name"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/gests", 404), ("POST", "/", 405)])
def test_an_unknown_path_or_method_is_refused(api, method, path, status):
    assert api.request(method, path).status_code == status


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_the_app_documents_itself(api, path):
    assert api.get(path).status_code == 200
