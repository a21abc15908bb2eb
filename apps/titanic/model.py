"""Load the champion and predict with it (lesson 05). From lesson 06 on, this file alone calls scikit-learn."""

import gc
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import Pipeline
from threadpoolctl import ThreadpoolController

from titanic import store
from titanic.passenger import Passenger

COLUMNS = ["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked"]
DETAILED = {"prediction": 1, "survival_status": "Survived", "probability": {"Not Survived": 0.05, "Survived": 0.95}}
log = logging.getLogger("uvicorn.error")
# scikit-learn's own threads (OpenMP) spin while they wait for each other. Beside the threads of many requests that
# makes a prediction several times slower, and few rows need no help: each call of the model keeps to its one thread.
openmp = ThreadpoolController().select(user_api="openmp")


class Prediction(BaseModel):
    """The answer for one passenger."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"prediction": 1, "survival_status": "Survived"}]})

    prediction: Literal[0, 1]
    survival_status: Literal["Survived", "Not Survived"]


class BatchPrediction(Prediction):
    """The answer for one passenger of a batch: passenger_index is its place in the list, from 0."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"passenger_index": 0, "prediction": 1, "survival_status": "Survived"}]}
    )

    passenger_index: int


class BatchResponse(BaseModel):
    """The answers, in the order of the passengers."""

    batch_predictions: list[BatchPrediction]


class DetailedPrediction(Prediction):
    """The answer for one passenger, with the probability of each outcome, 0 to 1 (lesson 11)."""

    model_config = ConfigDict(json_schema_extra={"examples": [DETAILED]})

    probability: dict[Literal["Not Survived", "Survived"], float]


class DetailedBatchPrediction(DetailedPrediction):
    """The same, with the place of the passenger in the list, from 0."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"passenger_index": 0, **DETAILED}]})

    passenger_index: int


class DetailedBatchResponse(BaseModel):
    """The answers with their probabilities, in the order of the passengers."""

    batch_predictions: list[DetailedBatchPrediction]


def load_model() -> Pipeline | None:
    """The champion of MLflow's registry; None, and a line in the log, if it cannot be loaded."""
    store.follow_move()
    if not store.has_champion():
        log.error(store.NO_MODEL)
        return None
    import mlflow  # here and not above: it takes two seconds

    mlflow.set_tracking_uri(store.tracking_uri())
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
    unknown = {"experiment_id": None, "run_id": None}
    if not store.has_champion():
        return unknown
    import mlflow

    try:
        client = mlflow.MlflowClient(store.tracking_uri())
        run_id = client.get_model_version_by_alias(store.MODEL_NAME, "champion").run_id
        return {"experiment_id": client.get_run(run_id).info.experiment_id, "run_id": run_id}
    except Exception as error:  # a prediction is worth its line also without its origin
        log.warning("The run that made the model is not known: %s", error)
        return unknown


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model once, before the first request."""
    app.state.model = load_model()
    yield


async def require_model(request: Request) -> Pipeline:
    """The loaded model; 503 if there is none."""
    model = getattr(request.app.state, "model", None)
    if model is None:
        raise HTTPException(status_code=503, detail=store.NO_MODEL)
    return model


# What a route writes to be given the model: see lesson 03 for Depends.
Model = Annotated[Pipeline, Depends(require_model)]


def survival_probabilities(model: Pipeline, passengers: Sequence[Passenger]) -> list[float]:
    """The probability, 0 to 1, that each of these passengers survives; one call of the model for all of them."""
    if not passengers:
        return []
    return predict_proba(model, [passenger.model_dump() for passenger in passengers])[:, 1].tolist()


def predict_proba(model: Pipeline, rows: list[dict]) -> np.ndarray:
    """The probabilities of both classes, shape (rows, 2), for rows that are dictionaries."""
    steps = getattr(model, "steps", [])
    with openmp.limit(limits=1):
        if len(steps) > 1 and isinstance(model[1], DictVectorizer):
            # The champion's first step makes dictionaries of a table (lesson 01). Here they are already: to build a
            # table only to take it apart again would take half of the time of a prediction.
            return model[1:].predict_proba(rows)
        return model.predict_proba(pd.DataFrame(rows, columns=COLUMNS))


def status(probability: float) -> Literal["Survived", "Not Survived"]:
    """The answer in words."""
    return "Survived" if probability > 0.5 else "Not Survived"


def outcome(probability: float) -> dict:
    """What is predicted, with the probability of each class: what the log keeps and an answer tells (lesson 11)."""
    return {
        "prediction": int(probability > 0.5),
        "probability": {"Not Survived": 1 - probability, "Survived": probability},
    }


def batch_answer(probabilities: Sequence[float]) -> JSONResponse:
    """The answer to a batch; sent as it is (lesson 07)."""
    results = [
        {"passenger_index": i, "prediction": int(probability > 0.5), "survival_status": status(probability)}
        for i, probability in enumerate(probabilities)
    ]
    return JSONResponse({"batch_predictions": results})


def detailed_batch_answer(probabilities: Sequence[float]) -> JSONResponse:
    """The answer to a batch, with probabilities (lesson 11)."""
    results = [
        {"passenger_index": i, "survival_status": status(probability), **outcome(probability)}
        for i, probability in enumerate(probabilities)
    ]
    return JSONResponse({"batch_predictions": results})
