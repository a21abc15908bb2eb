"""Watch the four golden signals of the app of lesson 07. New: a histogram for time, gauges for what goes up and down.

Start it, in the folder apps: uvicorn prometheus_01_four_signal_monitor_app:app --reload
Its lesson: notebooks/09_prometheus_01_four_signal_monitor_app.ipynb
"""

import time

import psutil
from fastapi import Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from titanic import routes
from titanic.api import create_app

disable_created_metrics()

# The first limit is half a millisecond: below the lowest limit, Prometheus can only guess.
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

# Traffic
http_requests_total = Counter(
    "http_requests_total",
    "Total number of HTTP requests received, by method, endpoint and status code.",
    ["method", "endpoint", "status_code"],
)
# Latency
http_request_duration_seconds = Histogram(
    "http_request_duration_seconds",
    "Time from the arrival of a request to the end of its answer, in seconds.",
    ["method", "endpoint"],
    buckets=SECONDS,
)
# Errors
http_errors_total = Counter(
    "http_errors_total",
    "Total number of requests that failed on the server (status 500 and above).",
    ["method", "endpoint"],
)
# Saturation
http_requests_in_progress = Gauge("http_requests_in_progress", "Requests that are being worked on now.")
cpu_usage_percent = Gauge("cpu_usage_percent", "Share of all processors that this app uses, 0 to 100.")
memory_usage_bytes = Gauge("memory_usage_bytes", "Memory that this app uses, in bytes.")
this_process = psutil.Process()


class FourSignals:
    """A middleware that feeds the four golden signals: latency, traffic, errors, saturation."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, note the status of the answer, and count when all is over."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        status_code = 500  # stays, if the app raises an error and never begins to answer

        async def note_status(message: Message) -> None:
            nonlocal status_code
            if message["type"] == "http.response.start":
                status_code = message["status"]
            await send(message)

        start = time.perf_counter()
        http_requests_in_progress.inc()
        try:
            await self.app(scope, receive, note_status)
        finally:
            http_requests_in_progress.dec()
            endpoint = getattr(scope.get("route"), "path", "<unmatched>")
            method = scope["method"] if scope["method"] in METHODS else "<other>"
            http_requests_total.labels(method, endpoint, str(status_code)).inc()
            http_request_duration_seconds.labels(method, endpoint).observe(time.perf_counter() - start)
            if status_code >= 500:
                http_errors_total.labels(method, endpoint).inc()


app = create_app("Titanic Predictor API: four golden signals")
app.add_middleware(FourSignals)
app.include_router(routes.basics)
app.include_router(routes.predictions)


@app.get("/metrics", response_class=Response)
def metrics() -> Response:
    """Look at the processor and the memory, then tell Prometheus all metrics."""
    # Over a very short time the system's clock is too coarse, and the share could seem to be more than all.
    cpu_usage_percent.set(min(100, this_process.cpu_percent() / (psutil.cpu_count() or 1)))
    memory_usage_bytes.set(this_process.memory_info().rss)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
