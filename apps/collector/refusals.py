"""What a client is answered when something is not as it should be; and if it sent a message, that is counted."""

import logging
import sqlite3
from typing import Any

from fastapi import Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from collector import intake, login
from titanic.errors import refuse

log = logging.getLogger("collector")
MESSAGE = "/scouter/message"
NOT_KEPT: dict[int | str, dict[str, Any]] = {503: {"description": "The collector's file cannot be used"}}


async def refuse_and_count(request: Request, error: RequestValidationError) -> Response:
    """Answer 422, and if it was a message, count it: the client that sent it will not say that it was refused."""
    if locked := await locked_out(request):
        return locked
    count_message(request, "refused")
    return await refuse(request, error)


async def answer_and_count(request: Request, error: HTTPException) -> Response:
    """Answer what the exception says, and if it was a message that is too large or unreadable, count it too.

    One with a token that is not good counts: after a new password, the client goes on with the old one, and does not
    say so. One without a token does not: it comes from no client of Scouter, but from whoever has found the port.
    """
    if error.status_code in (400, 413):
        if locked := await locked_out(request):
            return locked
        count_message(request, "refused")
    if error.status_code == 401 and await login.bearer(request):
        count_message(request, "refused")
    return await http_exception_handler(request, error)


async def locked_out(request: Request) -> Response | None:
    """The 401 for whoever has no good token, if the route wants one: FastAPI reads a body before it asks for that."""
    if "/scouter/" not in request.url.path:
        return None
    try:
        login.require_login(request.app.state.settings, await login.bearer(request))
    except HTTPException as error:
        return await answer_and_count(request, error)
    return None


async def say_what_the_file_has(request: Request, error: sqlite3.OperationalError) -> Response:
    """Answer 503, with the reason: a file that is locked, full or gone is not the fault of who asks."""
    log.error("The collector's file cannot be used: %s", error)
    count_message(request, "lost")
    return JSONResponse({"detail": f"The collector's file cannot be used: {error}"}, status_code=503)


def count_message(request: Request, outcome: intake.Outcome) -> None:
    """Count this request, if it brought a message."""
    if request.url.path.endswith(MESSAGE):  # a proxy may put something before it
        intake.count("http", outcome)
