"""An app as lessons 05 and 06 write it out, for the scripts that come after them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fastapi import FastAPI

from titanic import model
from titanic.app_frame import Lifespan, frame


def create_app(title: str, lifespan: Lifespan = lambda app: nullcontext()) -> FastAPI:
    """An app that loads the model, refuses what is wrong or too much, and reports failed predictions; no routes yet.

    lifespan: what this script does at its start and its end besides; the model is loaded by then.
    """

    @asynccontextmanager
    async def with_model(app: FastAPI) -> AsyncIterator[None]:
        async with model.lifespan(app), lifespan(app):
            yield

    app = frame(title, with_model)
    app.state.model = None  # until lifespan has loaded it
    return app
