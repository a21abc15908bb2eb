"""The champion: how to load it (lesson 05), and the routes' way to it (lesson 06)."""

import logging
from contextlib import AbstractAsyncContextManager
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import Depends, FastAPI
from sklearn.pipeline import Pipeline

from titanic import store
from titanic.loading import loaded, require_model
from titanic.problem import Problem

log = logging.getLogger("titanic.model")


def load_model() -> Pipeline:
    """The champion of MLflow's registry. Problem: it cannot be loaded, and why."""
    if not store.has_champion():
        raise Problem(store.NO_MODEL)
    with store.problems("The model could not be loaded"):
        return load(store.CHAMPION)


def load(uri: str) -> Pipeline:
    """A model of the registry, such as models:/titanic@champion. MlflowException, OSError: it cannot be loaded."""
    store.connect()
    import mlflow  # here and not above: it takes two seconds

    with TemporaryDirectory() as copy:  # MLflow writes beside the model, and the store may be read-only (lesson 26)
        return mlflow.sklearn.load_model(uri, dst_path=copy)


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


def lifespan(app: FastAPI) -> AbstractAsyncContextManager[None]:
    """Load the champion once, before the first request; titanic/loading.py says what happens if that fails."""
    return loaded(app, load_model)


# What a route writes to be given the model: see lesson 03 for Depends.
ModelDep = Annotated[Pipeline, Depends(require_model)]
