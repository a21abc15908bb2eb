"""Count the requests. New: one counter, a middleware that feeds it, and /metrics, where Prometheus reads it.

Start it, in the folder apps: uvicorn prometheus_00_simple_monitoring_app:app --reload
Its lesson: notebooks/08_prometheus_00_simple_monitoring_app.ipynb
"""

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, disable_created_metrics, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from titanic.metrics_folder import make_metrics_folder

make_metrics_folder()  # for several workers (lesson 12); without that, it does nothing
app = FastAPI(title="Simple monitoring")

disable_created_metrics()  # else each counter brings a second series: the time of its creation

http_requests_total = Counter(
    "http_requests_total",
    "Total number of HTTP requests received, by method, endpoint and status code.",
    ["method", "endpoint", "status_code"],
)
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}


def begin_at_zero(app: FastAPI) -> None:
    """Make the series of each route, at 0: of one that is born with its first errors, Prometheus misses these."""
    for endpoint, methods in app.openapi()["paths"].items():
        for method, documented in methods.items():
            for status_code in sorted({*documented["responses"], "500"}):
                http_requests_total.labels(method.upper(), endpoint, status_code)


class CountRequests:
    """A middleware: every request passes through it on the way in, every answer on the way out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, note the status of the answer, and count when all is over."""
        if scope["type"] == "lifespan":  # the app starts, and all its routes are known
            begin_at_zero(scope["app"])
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        status_code = 500  # stays, if the app raises an error and never begins to answer

        async def note_status(message: Message) -> None:
            nonlocal status_code
            if message["type"] == "http.response.start":
                status_code = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        finally:
            # The route's template, not the path as sent: else a client could invent paths, and each would be a series.
            endpoint = getattr(scope.get("route"), "path", "<unmatched>")
            method = scope["method"] if scope["method"] in METHODS else "<other>"
            http_requests_total.labels(method, endpoint, str(status_code)).inc()


app.add_middleware(CountRequests)


@app.get("/")
def read_root() -> dict[str, str]:
    """Say that the app works."""
    return {"message": "Hello, FastAPI is working!"}


@app.get("/metrics", response_class=Response)
def metrics() -> Response:
    """Tell Prometheus all metrics of this app, in its own text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
