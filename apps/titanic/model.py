"""Load the champion when the app starts (lesson 05), and hand it to the routes that need it (lesson 06)."""

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from sklearn.pipeline import Pipeline

from titanic import app_log, store

log = logging.getLogger("titanic.model")


def load_model() -> Pipeline | None:
    """The champion of MLflow's registry; None, and a line in the log, if it cannot be loaded."""
    if not store.has_champion():
        log.error(store.NO_MODEL)
        return None
    store.connect()
    import mlflow  # here and not above: it takes two seconds

    try:
        model = mlflow.sklearn.load_model(store.CHAMPION)
    except Exception as error:  # whatever is wrong with a stored model, the app must start and say so
        log.error("The model could not be loaded: %s", error)
        return None
    # What is loaded now stays. Python's garbage collector need not look through it again and again between requests.
    gc.collect()
    gc.freeze()
    return model


def champion_origin() -> dict[str, str | None]:
    """The experiment_id and run_id of the run that made the champion; None each, if MLflow cannot tell."""
    unknown: dict[str, str | None] = {"experiment_id": None, "run_id": None}
    if not store.has_champion():
        return unknown
    import mlflow

    try:
        client = mlflow.MlflowClient(store.tracking_uri())
        run_id = str(client.get_model_version_by_alias(store.MODEL_NAME, "champion").run_id)
        return {"experiment_id": client.get_run(run_id).info.experiment_id, "run_id": run_id}
    except Exception as error:  # a prediction is worth its line also without its origin
        log.warning("The run that made the model is not known: %s", error)
        return unknown


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model once, before the first request."""
    app_log.configure()
    app.state.model = load_model()
    yield


async def require_model(request: Request) -> Pipeline:
    """The loaded model; 503 if there is none."""
    model: Pipeline | None = getattr(request.app.state, "model", None)
    if model is None:
        raise HTTPException(status_code=503, detail=store.NO_MODEL)
    return model


# What a route writes to be given the model: see lesson 03 for Depends.
ModelDep = Annotated[Pipeline, Depends(require_model)]
