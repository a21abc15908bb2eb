"""Watch the four golden signals of the app of lesson 07. New: a histogram for time, gauges for what goes up and down.

Start it, in the folder apps: uvicorn prometheus_01_four_signal_monitor_app:app --reload
Its lesson: notebooks/09_prometheus_01_four_signal_monitor_app.ipynb
"""

import time

import psutil
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from titanic import processors, routes
from titanic.api import create_app

disable_created_metrics()
# The first limit is half a millisecond: below the lowest limit, Prometheus can only guess.
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

http_requests_total = Counter(  # traffic
    "http_requests_total",
    "Total number of HTTP requests received, by method, endpoint and status code.",
    ["method", "endpoint", "status_code"],
)
http_request_duration_seconds = Histogram(  # latency
    "http_request_duration_seconds",
    "Time from the arrival of a request to the end of its answer, in seconds.",
    ["method", "endpoint"],
    buckets=SECONDS,
)
http_errors_total = Counter(  # errors
    "http_errors_total",
    "Total number of requests that failed on the server (status 500 and above).",
    ["method", "endpoint"],
)
http_requests_in_progress = Gauge("http_requests_in_progress", "Requests that are being worked on now.")  # saturation
cpu_usage_percent = Gauge("cpu_usage_percent", "Share of its processors that this app uses, 0 to 100.")
memory_usage_bytes = Gauge("memory_usage_bytes", "Memory that this app uses, in bytes.")
this_process = psutil.Process()


def begin_at_zero(app: FastAPI) -> None:
    """Make the series of each route, at 0: of one that is born with its first errors, `rate` does not see these."""
    for endpoint, methods in app.openapi()["paths"].items():
        for method, documented in methods.items():
            http_request_duration_seconds.labels(method.upper(), endpoint)
            http_errors_total.labels(method.upper(), endpoint)
            # What its documentation names; and any route can refuse (413, 503) or fail (500).
            for status_code in sorted({*documented["responses"], "413", "500", "503"}):
                http_requests_total.labels(method.upper(), endpoint, status_code)


class FourSignals:
    """A middleware that feeds the four golden signals: latency, traffic, errors, saturation."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, note the status of the answer, and count when its last byte is sent."""
        if scope["type"] == "lifespan":  # the app starts, and all its routes are known
            begin_at_zero(scope["app"])
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        start = time.perf_counter()
        status_code = 500  # stays, if the app raises an error and never begins to answer
        over = sending = False
        http_requests_in_progress.inc()

        def count() -> None:
            nonlocal over
            over = True
            http_requests_in_progress.dec()
            endpoint = getattr(scope.get("route"), "path", "<unmatched>")
            method = scope["method"] if scope["method"] in METHODS else "<other>"
            http_requests_total.labels(method, endpoint, str(status_code)).inc()
            http_request_duration_seconds.labels(method, endpoint).observe(time.perf_counter() - start)
            if status_code >= 500:
                http_errors_total.labels(method, endpoint).inc()

        async def note(message: Message) -> None:
            nonlocal status_code, sending
            if message["type"] == "http.response.start":
                status_code = message["status"]
            sending = True
            await send(message)
            sending = False
            if message["type"] == "http.response.body" and not message.get("more_body"):
                count()  # what the app still does (a background task) is not the time of the client

        try:
            await self.app(scope, receive, note)
        except BaseException:
            status_code = status_code if sending else 500  # 500 also after half of it; not for a closed connection
            raise
        finally:
            if not over:
                count()


def measure() -> None:
    """Note how much of the processor and of the memory this process uses."""
    # Over a very short time the system's clock is too coarse, and the share could seem to be more than all.
    cpu_usage_percent.set(min(100, this_process.cpu_percent() / processors.usable()))
    memory_usage_bytes.set(this_process.memory_info().rss)


app = create_app("Titanic Predictor API: four golden signals")
app.add_middleware(FourSignals)
app.include_router(routes.basics)
app.include_router(routes.predictions)


@app.get("/metrics", response_class=Response)
async def metrics() -> Response:
    """Look at the processor and the memory, then tell Prometheus all metrics."""
    measure()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
