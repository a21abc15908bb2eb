"""Refuse at once what is too much, instead of letting it queue without end (lesson 10)."""

import asyncio
import sys
from weakref import WeakKeyDictionary

from anyio import to_thread
from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse
from prometheus_client import Counter
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY, RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from titanic import processors
from titanic.metrics_folder import make_metrics_folder

make_metrics_folder()  # before the first metric is defined

LARGE = 100_000  # bytes in a body: about 900 passengers
TOO_LARGE = 10_000_000  # bytes: refused with 413
MOST_WAITING = 3  # large requests; so none of them waits for more than a few others
PAUSE = 0.5  # seconds before a refusal: clients that come again at once would keep the app busy with refusing them
FULL = "The app has more to do than it can. Try again later, or send fewer passengers at once."
LIMIT = "The body is larger than {:,} bytes: send less at once."

http_requests_refused_total = Counter(
    "http_requests_refused_total", "Total number of requests that were refused because the app had too much to do."
)


class RefuseTooMuch:
    """A middleware: it lets one large request work at a time and a few wait for their turn, and refuses the others.

    Small ones are always let in: whoever asks for one passenger need not wait for those who send thousands. Nor need
    their bytes be counted, as FastAPI(max_body_size=...) does: a server reads no more than a client has announced, and
    to count takes as long as the trees of lesson 19.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.limited = RequestBodyLimitMiddleware(app, TOO_LARGE)
        self.waiting = 0
        self.turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )  # most apps have one

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; what FastAPI gets instead of a large body may be an HTTPException(503)."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = dict(scope["headers"])
        announced: bytes = headers.get(b"content-length", b"")
        in_pieces = b"transfer-encoding" in headers  # then nobody knows the length, whatever is announced
        if not in_pieces and announced.isdigit() and int(announced) <= LARGE:
            return await self.app(scope, receive, send)
        if not in_pieces and not announced:  # there is no body; if there is one, it is limited
            return await self.limited(scope, receive, send)
        has_turn, turn = False, self.turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())

        async def receive_in_turn() -> Message:
            nonlocal has_turn
            if has_turn:
                return await receive()
            await self.refuse_if_full()  # before its body is read: that would take time from the others
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                # The body is whole. Whoever sends it slowly, or never to the end, has not kept others waiting.
                await self.refuse_if_full()
                self.waiting += 1
                try:
                    await turn.acquire()
                finally:
                    self.waiting -= 1
                has_turn = True
            return message

        async def refuse(message: Message) -> None:  # the library would answer in plain text, whatever the app says
            if message["type"] == "http.response.start":
                await JSONResponse({"detail": LIMIT.format(TOO_LARGE)}, 413)(scope, receive, send)

        too_large = announced.isdigit() and int(announced) > TOO_LARGE
        try:
            await self.limited(scope, receive_in_turn, refuse if too_large else send)
        finally:
            if has_turn:
                turn.release()

    async def refuse_if_full(self) -> None:
        """Raise HTTPException(503), which FastAPI answers, if enough are waiting already."""
        if self.waiting >= MOST_WAITING:
            http_requests_refused_total.inc()
            await asyncio.sleep(PAUSE)
            raise HTTPException(503, FULL, {"Retry-After": "1"})


async def say_the_limit(request: Request, error: Exception) -> JSONResponse:
    """Answer 413 with the limit of this route, for a body whose length was not announced."""
    return JSONResponse({"detail": LIMIT.format(request.scope.get(MAX_BODY_SIZE_SCOPE_KEY, TOO_LARGE))}, 413)


def threads() -> int:
    """How many threads the routes have together."""
    return max(4, 2 * round(processors.usable()))


def share_the_processor() -> None:
    """Use few threads, which take short turns: with 40 threads and turns of 5 ms, /health would wait too long."""
    to_thread.current_default_thread_limiter().total_tokens = threads()
    sys.setswitchinterval(0.0005)
