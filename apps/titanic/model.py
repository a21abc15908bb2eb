"""Load the champion when the app starts (lesson 05), and hand it to the routes that need it (lesson 06)."""

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from sklearn.pipeline import Pipeline

from titanic import app_log, store
from titanic.problem import Problem

log = logging.getLogger("titanic.model")


def load_model() -> Pipeline:
    """The champion of MLflow's registry. Problem: it cannot be loaded, and why."""
    if not store.has_champion():
        raise Problem(store.NO_MODEL)
    with store.problems("The model could not be loaded"):
        store.connect()
        import mlflow  # here and not above: it takes two seconds

        model = mlflow.sklearn.load_model(store.CHAMPION)
    # What is loaded now stays. Python's garbage collector need not look through it again and again between requests.
    gc.collect()
    gc.freeze()
    return model


def champion_origin() -> dict[str, str | None]:
    """The experiment_id and run_id of the run that made the champion; None each, if MLflow cannot tell."""
    try:
        if store.has_champion():
            with store.problems("MLflow cannot tell"):
                import mlflow

                client = mlflow.MlflowClient(store.tracking_uri())
                run_id = str(client.get_model_version_by_alias(store.MODEL_NAME, "champion").run_id)
                return {"experiment_id": client.get_run(run_id).info.experiment_id, "run_id": run_id}
    except Problem as problem:  # a prediction is worth its line also without its origin
        log.warning("The run that made the model is not known: %s", problem)
    return {"experiment_id": None, "run_id": None}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model once, before the first request. If that fails, the app starts all the same, and says why."""
    app_log.configure()
    try:
        app.state.model = load_model()
    except Problem as problem:
        app.state.model, app.state.reason = None, str(problem)
        log.error("%s", problem)
    yield


async def require_model(request: Request) -> Pipeline:
    """The loaded model; 503 if there is none, with the reason."""
    model: Pipeline | None = getattr(request.app.state, "model", None)
    if model is None:
        raise HTTPException(status_code=503, detail=getattr(request.app.state, "reason", store.NO_MODEL))
    return model


# What a route writes to be given the model: see lesson 03 for Depends.
ModelDep = Annotated[Pipeline, Depends(require_model)]
