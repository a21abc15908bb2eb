"""What is around the routes of an app that predicts, whatever kind of model it has (lessons 05 to 07)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from titanic import overload
from titanic.beginning import SayWhy
from titanic.errors import refuse
from titanic.failure import PredictionError, report_failure

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def frame(title: str, lifespan: Lifespan) -> FastAPI:
    """An app that refuses what is wrong or too much, and says what has failed; no routes and no model yet.

    lifespan: what this app does at its start and its end, such as loading its model.
    """

    @asynccontextmanager
    async def sharing(app: FastAPI) -> AsyncIterator[None]:
        overload.share_the_processor()
        async with lifespan(app):
            yield

    app = FastAPI(
        title=title,
        version="1.0.0",
        lifespan=sharing,
        exception_handlers={RequestValidationError: refuse, PredictionError: report_failure},
    )
    app.add_middleware(overload.RefuseTooMuch)
    app.add_middleware(SayWhy)
    return app
