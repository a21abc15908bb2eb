"""prometheus_01_four_signal_monitor_app: the app of lesson 07, and its four golden signals."""

import asyncio
import socket
from threading import Barrier, Thread

import pytest
from contract import samples, value, values
from fastapi import BackgroundTasks
from fastapi.responses import StreamingResponse
from prometheus_client import REGISTRY
from serving import serve, settle

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


def state(path):
    """What Prometheus would be told now: requests in progress, and how many on this path are counted and measured."""
    get, labels = REGISTRY.get_sample_value, {"method": "GET", "endpoint": path}
    return (
        get("http_requests_in_progress"),
        get("http_requests_total", labels | {"status_code": "200"}),
        get("http_request_duration_seconds_count", labels),
    )


def test_a_request_is_over_with_the_last_byte_and_not_with_what_the_app_does_afterwards(api):
    seen = []

    @api.app.get("/slow")
    def slow(tasks: BackgroundTasks):
        tasks.add_task(lambda: seen.append(state("/slow")))

    @api.app.get("/stream")
    def stream():
        def parts():
            yield "women "
            seen.append(state("/stream"))
            yield "and children first"

        return StreamingResponse(parts())

    assert api.get("/slow").text == "null"
    assert api.get("/stream").text == "women and children first"
    assert seen == [(0, 1, 1), (1, None, None)]
    assert state("/stream") == (0, 1, 1)


def test_what_fails_before_the_last_byte_is_a_500_and_what_fails_after_it_is_none(api):
    @api.app.get("/half")
    def half():
        def parts():
            yield "half"
            raise RuntimeError("iceberg")

        return StreamingResponse(parts())

    @api.app.get("/afterwards")
    def afterwards(tasks: BackgroundTasks):
        tasks.add_task(lambda: 1 / 0)

    api.get("/half"), api.get("/afterwards")
    assert value(api, "http_requests_total", endpoint="/half") == value(api, "http_errors_total", endpoint="/half") == 1
    assert value(api, "http_requests_total", endpoint="/half", status_code="500") == 1
    assert value(api, "http_requests_total", endpoint="/afterwards") == 1
    assert value(api, "http_requests_total", endpoint="/afterwards", status_code="200") == 1


def test_a_client_that_goes_away_is_no_longer_in_progress(api):
    gone = asyncio.Event()

    @api.app.get("/endless")
    async def endless():
        async def parts():
            while True:
                yield "all is well "
                gone.set()
                await asyncio.sleep(0)

        return StreamingResponse(parts())

    async def receive():
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        pass

    scope = {"type": "http", "method": "GET", "path": "/endless", "query_string": b"", "headers": []}
    asyncio.run(asyncio.wait_for(api.app(scope, receive, send), 20))
    assert state("/endless") == (0, 1, 1)


@pytest.mark.parametrize("closed_at", ["http.response.start", "http.response.body"])
def test_a_connection_that_is_closed_before_the_answer_is_no_error_of_the_app(api, closed_at):
    async def receive():
        return {"type": "http.request"}

    async def send(message):
        if message["type"] == closed_at:
            raise RuntimeError("the handler is closed")

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(api.app(scope, receive, send))
    assert state("/") == (0, 1, 1)
    assert set(values(api, "http_errors_total")) == {0}


def test_who_sends_nonsense_behind_requests_makes_no_error_of_the_app(champion):
    get = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    with serve(NAME) as server:
        before = sum(values(server, "http_requests_total", endpoint="/"))
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
                connection.sendall(2 * get + b"NONSENSE\r\n\r\n")
                while connection.recv(4096):
                    pass
        settle(server)
        assert sum(values(server, "http_requests_total", endpoint="/")) > before
        assert set(values(server, "http_errors_total")) == {0}


def test_every_series_of_a_route_begins_at_0(api):
    def found(name, label):
        return [(s.labels["method"], s.labels["endpoint"], s.labels.get(label)) for s in samples(api) if s.name == name]

    gets, posts = ["/", "/health", "/metrics"], ["/predict_single", "/predict_batch"]
    routes = [("GET", path) for path in gets] + [("POST", path) for path in posts]
    assert {s.value for s in samples(api) if s.name.startswith("http_") and "endpoint" in s.labels} == {0}
    assert sorted(found("http_requests_total", "status_code")) == sorted(
        (method, path, code)
        for method, path in routes
        for code in ("200", "400", "413", "422", "500", "503")
        if code not in ("400", "422") or method == "POST"
    )
    assert sorted(found("http_errors_total", "")) == sorted((*route, None) for route in routes)
    assert sorted(found("http_request_duration_seconds_count", "")) == sorted((*route, None) for route in routes)


def test_clients_cannot_make_series(api):
    api.get("/nowhere")
    before = len(api.get("/metrics").text.splitlines())
    for number in range(200):
        api.get(f"/page-{number}")
    assert len(api.get("/metrics").text.splitlines()) <= before + 25  # the series of /metrics itself
