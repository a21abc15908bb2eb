"""Refuse at once what is too much, instead of letting it queue without end (lesson 10)."""

from anyio import to_thread
from fastapi import HTTPException
from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from titanic import processors
from titanic.settings import metrics_folder

metrics_folder()  # if one is named, the library opens a file in it for the metric that is defined here

LARGE = 100_000  # bytes in a body; about 900 passengers
FULL = "The app is full: it has as much to do as it can. Try again in a second."

http_requests_refused_total = Counter(
    "http_requests_refused_total", "Total number of requests that were refused because the app had too much to do."
)


class RefuseTooMuch:
    """A middleware: of large requests, the app works on as many at once as it has processors, and refuses the others.

    Small ones are always let in. So a client that asks for one passenger need not wait for those who send thousands.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.limit = max(1, round(processors.usable()))
        self.large = 0  # large requests that are being worked on

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; when its whole body is here, let it in or raise HTTPException(503)."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        size, let_in = 0, False

        async def let_in_or_refuse() -> Message:
            nonlocal size, let_in
            message = await receive()
            size += len(message.get("body", b""))
            # Only now: one that has announced a large body and never sends it must not keep the others out.
            if size > LARGE and not message.get("more_body") and not let_in:
                if self.large >= self.limit:
                    http_requests_refused_total.inc()
                    raise HTTPException(503, FULL, {"Retry-After": "1"})
                self.large += 1
                let_in = True
            return message

        try:
            await self.app(scope, let_in_or_refuse, send)
        finally:
            self.large -= let_in


def limit_threads() -> None:
    """Let the routes work in two threads for each processor; the usual 40 take it from each other, and from /health."""
    to_thread.current_default_thread_limiter().total_tokens = max(4, 2 * round(processors.usable()))
