"""prometheus_01_four_signal_monitor_app: the app of lesson 07, and its four golden signals."""

from threading import Barrier, Thread

import pytest
from contract import samples, values

from titanic.passenger import EXAMPLES

NAME = "prometheus_01_four_signal_monitor_app"


@pytest.fixture
def api(client, champion):
    return client(NAME)


def test_it_predicts_as_the_app_of_lesson_07_does(api):
    assert api.get("/").json() == {"message": "Titanic MLflow API is running"}
    assert api.get("/health").json()["status"] == "ok"
    rows = api.post("/predict_batch", json=EXAMPLES).json()["batch_predictions"]
    assert [row["prediction"] for row in rows] == [1, 0, 1]
    assert [api.post("/predict_single", json=one).json()["prediction"] for one in EXAMPLES] == [1, 0, 1]


def test_without_a_model_it_is_alive_and_not_ready(client, empty_store):
    api = client(NAME)
    assert api.get("/health").status_code == 503
    assert api.post("/predict_single", json=EXAMPLES[0]).status_code == 503
    assert values(api, "http_errors_total", endpoint="/predict_single") == [1]


def test_latency_is_measured_in_buckets_that_fit_milliseconds(api):
    for _ in range(4):
        api.post("/predict_single", json=EXAMPLES[0])
    labels = {"method": "POST", "endpoint": "/predict_single"}
    assert values(api, "http_request_duration_seconds_count", **labels) == [4]
    assert values(api, "http_request_duration_seconds_bucket", **labels, le="+Inf") == [4]
    (total,) = values(api, "http_request_duration_seconds_sum", **labels)
    assert total > 0
    limits = {float(sample.labels["le"]) for sample in samples(api) if "le" in sample.labels}
    assert len([limit for limit in limits if limit <= 0.01]) >= 4


def test_traffic_is_counted_by_what_was_answered(api):
    api.post("/predict_single", json=EXAMPLES[0])
    api.post("/predict_single", json={})
    api.get("/nowhere")
    assert values(api, "http_requests_total", endpoint="/predict_single", status_code="200") == [1]
    assert values(api, "http_requests_total", endpoint="/predict_single", status_code="422") == [1]
    assert values(api, "http_requests_total", endpoint="<unmatched>", status_code="404") == [1]
    assert set(values(api, "http_errors_total")) == {0}


def test_a_failing_model_is_one_error_for_each_request(client, raising_store):
    api = client(NAME)
    for _ in range(3):
        assert api.post("/predict_single", json=EXAMPLES[0]).status_code == 500
    assert values(api, "http_errors_total", method="POST", endpoint="/predict_single") == [3]
    assert values(api, "http_requests_total", endpoint="/predict_single", status_code="500") == [3]


def test_an_exception_in_a_route_is_one_error(api):
    @api.app.get("/broken")
    def broken():
        raise RuntimeError("iceberg")

    assert api.get("/broken").status_code == 500
    assert values(api, "http_errors_total", endpoint="/broken") == [1]
    assert values(api, "http_requests_total", endpoint="/broken", status_code="500") == [1]


def test_saturation_is_seen_on_every_system(api):
    assert values(api, "memory_usage_bytes")[0] > 1_000_000
    assert 0 <= values(api, "cpu_usage_percent")[0] <= 100


def test_requests_in_progress_go_up_and_down(api):
    everybody_waits = Barrier(4)

    @api.app.get("/wait")
    def wait():
        everybody_waits.wait(timeout=20)  # three requests, and the test
        everybody_waits.wait(timeout=20)

    threads = [Thread(target=api.get, args=["/wait"]) for _ in range(3)]
    for thread in threads:
        thread.start()
    everybody_waits.wait(timeout=20)
    assert values(api, "http_requests_in_progress") == [4]  # the three, and the one that asks
    everybody_waits.wait(timeout=20)
    for thread in threads:
        thread.join()
    assert values(api, "http_requests_in_progress") == [1]


def test_clients_cannot_make_series(api):
    api.get("/nowhere")
    before = len(api.get("/metrics").text.splitlines())
    for number in range(200):
        api.get(f"/page-{number}")
    assert len(api.get("/metrics").text.splitlines()) <= before + 25  # the series of /metrics itself
