"""An app that must not start says why in one sentence, and its log tells no secret (lesson 24)."""

import logging
import traceback

from starlette.types import ASGIApp, Receive, Scope, Send

from titanic.beginning import live
from titanic.problem import Problem

access_log = logging.getLogger("uvicorn.access")


class SayWhy:
    """A middleware: a Problem at the start ends in its sentence, where the server would print a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, except what is said of a start that fails."""
        if scope["type"] != "lifespan":
            return await self.app(scope, receive, send)
        if error := await live(self.app, scope, receive, send):
            why = str(error) if isinstance(error, Problem) else "".join(traceback.format_exception(error))
            await send({"type": "lifespan.startup.failed", "message": why})
            raise error


def without_query(record: logging.LogRecord) -> bool:
    """Let uvicorn log each request without what stands behind a "?": some clients send their token there."""
    if isinstance(record.args, tuple) and len(record.args) == 5:
        address, method, path, *rest = record.args
        record.args = (address, method, str(path).partition("?")[0], *rest)
    return True


def hide_queries() -> None:
    """Do so from now on."""
    access_log.addFilter(without_query)  # the same filter is added only once
