"""Load a model when the app starts (lesson 05), and hand it to the routes that need it (lesson 06)."""

import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, HTTPException, Request

from titanic import app_log, store
from titanic.problem import Problem

log = logging.getLogger("titanic.model")


@asynccontextmanager
async def loaded(app: FastAPI, load: Callable[[], object]) -> AsyncIterator[None]:
    """Load the model once, before the first request. If that fails, the app starts all the same, and says why."""
    app_log.configure()
    gc.disable()  # loading makes many objects and next to no garbage: to look for it takes a seventh of the start
    try:
        app.state.model = load()
    except Problem as problem:
        app.state.model, app.state.reason = None, str(problem)
        log.error("%s", problem)
    finally:
        # What is loaded now stays. The garbage collector need not look through it again and again between requests.
        gc.collect()
        gc.freeze()
        gc.enable()
    yield


async def require_model(request: Request) -> Any:
    """The loaded model; 503 if there is none, with the reason."""
    model = getattr(request.app.state, "model", None)
    if model is None:
        raise HTTPException(status_code=503, detail=getattr(request.app.state, "reason", store.NO_MODEL))
    return model
