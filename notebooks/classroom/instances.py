"""Stand-ins for the instances of an app: they have its metrics, and nothing else; they fall and get slow when told to.

An instance is one of several processes that run the same app. A real one would cost seconds of processor time each.
"""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric
from prometheus_client.exposition import MetricsHandler

from classroom.servers import ports

AT_EACH_SCRAPE = 20  # so many requests more, as if there were clients


class QuietServer(ThreadingHTTPServer):
    """A server that says nothing when Prometheus has not waited for an answer."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Do nothing: in a lesson, a traceback between the cells would only frighten."""


class Instance:
    """A stand-in that answers /metrics on a port of its own. seconds: how long its requests take."""

    def __init__(self) -> None:
        self.port = ports.free_port()
        self.seconds = 0.01
        self.requests = Counter("http_requests", "Requests.", ["method", "endpoint", "status_code"], registry=None)
        self.duration = Histogram(
            "http_request_duration_seconds", "Their duration.", ["method", "endpoint"], registry=None
        )
        self.server: QuietServer | None = None
        self.start()

    def collect(self) -> Iterator[Metric]:
        """The metrics, as Prometheus asks for them."""
        for _ in range(AT_EACH_SCRAPE):
            self.requests.labels("POST", "/predict_single", "200").inc()
            self.duration.labels("POST", "/predict_single").observe(self.seconds)
        yield from self.requests.collect()
        yield from self.duration.collect()

    def start(self) -> None:
        """Answer, if it does not do so already."""
        if self.server is None:
            registry = CollectorRegistry()
            registry.register(self)
            self.server = QuietServer(("127.0.0.1", self.port), MetricsHandler.factory(registry))
            threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def stop(self) -> None:
        """Fall: nothing answers on the port any more."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
