"""What is around the routes of an app that predicts, whatever kind of model it has (lessons 05 to 07)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from titanic import overload
from titanic.errors import refuse
from titanic.failure import PredictionError, report_failure
from titanic.startup_failure import ReportStartupFailure

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
# For the documentation: what else a route with a body may answer, and what else a route that predicts.
BODY_ANSWERS = {
    "400": {"description": "The body cannot be read"},
    "413": {"description": "The body is larger than 10 MB"},
}
MODEL_ANSWERS = {
    "500": {"description": "The model has failed; the number in the answer finds the reason in the log"},
    "503": {"description": "There is no model, or the app has more to do than it can"},
}


class FramedApp(FastAPI):
    """An app whose documentation also tells what its frame answers."""

    def openapi(self) -> dict[str, Any]:
        """The description that /docs and /openapi.json show."""
        description = super().openapi()
        for methods in description["paths"].values():
            for method, operation in methods.items():
                body_answers = BODY_ANSWERS if "requestBody" in operation else {}
                if body_answers or method == "post":
                    operation["responses"] = dict(
                        sorted((body_answers | MODEL_ANSWERS | operation["responses"]).items())
                    )
        return description


def frame(title: str, lifespan: Lifespan) -> FastAPI:
    """An app that refuses what is wrong or too much, and says what has failed; no routes and no model yet.

    lifespan: what this app does at its start and its end, such as loading its model.
    """

    @asynccontextmanager
    async def sharing(app: FastAPI) -> AsyncIterator[None]:
        overload.share_the_processor()
        async with lifespan(app):
            yield

    app = FramedApp(
        title=title,
        version="1.0.0",
        lifespan=sharing,
        exception_handlers={
            RequestValidationError: refuse,
            PredictionError: report_failure,
            413: overload.say_the_limit,
        },
    )
    app.add_middleware(overload.RefuseTooMuch)
    app.add_middleware(ReportStartupFailure)
    return app
