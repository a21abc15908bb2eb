"""prometheus_00_simple_monitoring_app: every request is counted, under labels that no client can multiply."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

NAME = "prometheus_00_simple_monitoring_app"


@pytest.fixture
def api(client):
    return client(NAME)


def counted(api):
    """The counter as a dictionary: (method, endpoint, status code) to number."""
    families = text_string_to_metric_families(api.get("/metrics").text)
    samples = next(family.samples for family in families if family.name == "http_requests")
    return {(s.labels["method"], s.labels["endpoint"], s.labels["status_code"]): s.value for s in samples}


def test_it_has_the_route_of_the_first_app(api):
    assert api.get("/").json() == {"message": "Hello, FastAPI is working!"}


def test_metrics_are_answered_at_once_in_prometheus_own_format(api):
    response = api.get("/metrics", follow_redirects=False)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert "# TYPE http_requests_total counter" in response.text
    assert "_created" not in response.text


def test_each_request_is_counted_once(api):
    for _ in range(3):
        api.get("/")
    assert counted(api)["GET", "/", "200"] == 3


def test_a_scrape_is_counted_when_it_is_over(api):
    api.get("/")
    assert counted(api)["GET", "/metrics", "200"] == 0
    assert counted(api)["GET", "/metrics", "200"] == 1


def test_the_series_of_each_route_begin_at_0(api):
    codes = [("GET", path, code) for path in ("/", "/metrics") for code in ("200", "500")]
    assert counted(api) == dict.fromkeys(codes, 0)


def test_what_matches_no_route_is_one_series(api):
    for number in range(50):
        api.get(f"/page-{number}")
    unmatched = {labels: value for labels, value in counted(api).items() if labels[1] == "<unmatched>"}
    assert unmatched == {("GET", "<unmatched>", "404"): 50}


def test_invented_methods_are_one_series(api):
    for number in range(20):
        api.request(f"BREW{number}", "/")
    assert counted(api)["<other>", "/", "405"] == 20


def test_a_wrong_method_is_counted_under_its_route(api):
    api.post("/")
    assert counted(api)["POST", "/", "405"] == 1


def test_a_route_that_raises_is_counted_as_500(api):
    @api.app.get("/broken")
    def broken():
        raise RuntimeError("iceberg")

    assert api.get("/broken").status_code == 500
    assert counted(api)["GET", "/broken", "500"] == 1
