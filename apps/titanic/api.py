"""An app as lessons 05 and 06 write it out, for the scripts that come after them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from titanic import model, overload
from titanic.errors import refuse
from titanic.prediction import PredictionError, report_failure

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(title: str, lifespan: Lifespan = lambda app: nullcontext()) -> FastAPI:
    """An app that loads the model, refuses what is wrong or too much, and reports failed predictions; no routes yet.

    lifespan: what this script does at its start and its end besides; the model is loaded by then.
    """

    @asynccontextmanager
    async def with_model(app: FastAPI) -> AsyncIterator[None]:
        overload.share_the_processor()
        async with model.lifespan(app), lifespan(app):
            yield

    app = FastAPI(
        title=title,
        version="1.0.0",
        lifespan=with_model,
        max_body_size=10_000_000,
        exception_handlers={RequestValidationError: refuse, PredictionError: report_failure},
    )
    app.add_middleware(overload.RefuseTooMuch)
    return app
