"""The answer to a request that is not valid (lesson 06)."""

import json
from collections.abc import Sequence

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError

MOST = 100  # a batch of 100,000 wrong rows is told about the first ones only


async def refuse(request: Request, error: RequestValidationError) -> Response:
    """Answer 422 in FastAPI's own format, but do not send the input back.

    The input may be personal data, and it may hold what JSON cannot (NaN), on which FastAPI's own answer fails.
    """
    detail = [{"type": e["type"], "loc": short(e["loc"]), "msg": e["msg"]} for e in error.errors()[:MOST]]
    # json.dumps writes all but ASCII as \u escapes; so even half a character in a field's name can be answered.
    return Response(json.dumps({"detail": detail}), status_code=422, media_type="application/json")


def short(loc: Sequence[int | str]) -> list[int | str]:
    """Where a mistake is; of a name, 100 letters: that of an unknown field may be megabytes that somebody has sent."""
    return [part[:100] if isinstance(part, str) else part for part in loc]
