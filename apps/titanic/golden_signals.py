"""The four golden signals (lesson 09), with one worker process or with several (lesson 12)."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
from fastapi import APIRouter, FastAPI, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from titanic import processors
from titanic.metrics_folder import make_metrics_folder
from titanic.workers import registry

log = logging.getLogger("titanic.signals")
disable_created_metrics()
make_metrics_folder()  # before the first metric is defined

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
# Saturation. With several workers: the sum over those that live.
http_requests_in_progress = Gauge(
    "http_requests_in_progress", "Requests that are being worked on now.", multiprocess_mode="livesum"
)
cpu_usage_percent = Gauge(
    "cpu_usage_percent", "Share of its processors that this app uses, 0 to 100.", multiprocess_mode="livesum"
)
memory_usage_bytes = Gauge("memory_usage_bytes", "Memory that this app uses, in bytes.", multiprocess_mode="livesum")
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


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Measure each second: whichever worker is asked for the metrics, it finds fresh numbers of all of them."""

    async def go_on() -> None:
        told = False
        while True:
            try:
                measure()
                told = False
            except Exception as error:  # such as too many open files: without this, the gauges would stay as they are
                if not told:
                    log.warning("Processor and memory cannot be measured: %r. This is tried again each second.", error)
                told = True
            await asyncio.sleep(1)

    task = asyncio.create_task(go_on())
    yield
    task.cancel()


router = APIRouter(lifespan=lifespan)


@router.get("/metrics", response_class=Response)
async def metrics() -> Response:
    """Tell Prometheus all metrics."""
    return Response(generate_latest(registry()), media_type=CONTENT_TYPE_LATEST)


def add_to(app: FastAPI) -> None:
    """Let this app feed the four golden signals, and tell them and all its other metrics at /metrics."""
    app.add_middleware(FourSignals)
    app.include_router(router)
