"""An app that cannot start says why in one sentence, where the server would print a traceback."""

import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from titanic.problem import Problem


class ReportStartupFailure:
    """A middleware: of a Problem at the start, such as a setting that is not right, only its sentence is printed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, except the message that the start has failed."""
        if scope["type"] != "lifespan":
            return await self.app(scope, receive, send)
        if error := await run_lifespan(self.app, scope, receive, send):
            why = str(error) if isinstance(error, Problem) else "".join(traceback.format_exception(error))
            await send({"type": "lifespan.startup.failed", "message": why})
            raise error


async def run_lifespan(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> Exception | None:
    """Start the app and, in the end, stop it. If it does not start, return the error; the server does not know it yet.

    Source: https://asgi.readthedocs.io/en/latest/specs/lifespan.html
    """
    started = False

    async def pass_on(message: Message) -> None:
        nonlocal started
        started = started or message["type"] == "lifespan.startup.complete"
        if message["type"] != "lifespan.startup.failed":
            await send(message)

    try:
        await app(scope, receive, pass_on)
    except Exception as error:
        if started:
            raise
        return error
    return None
