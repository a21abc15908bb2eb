"""Load the champion and predict with it (lesson 05). From lesson 06 on, this file alone calls scikit-learn."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Literal

import pandas as pd
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sklearn.pipeline import Pipeline

from titanic import store
from titanic.passenger import Passenger

COLUMNS = ["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked"]
log = logging.getLogger("uvicorn.error")


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


def load_model() -> Pipeline | None:
    """The champion of MLflow's registry; None, and a line in the log, if it cannot be loaded."""
    store.follow_move()
    if not store.has_champion():
        log.error(store.NO_MODEL)
        return None
    import mlflow  # here and not above: it takes two seconds

    mlflow.set_tracking_uri(store.tracking_uri())
    try:
        return mlflow.sklearn.load_model(store.CHAMPION)
    except Exception as error:  # whatever is wrong with a stored model, the app must start and say so
        log.error("The model could not be loaded: %s", error)
        return None


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
    """The probability, 0 to 1, that each of these passengers survives: one table, one call of the model."""
    if not passengers:
        return []
    columns = {name: [getattr(passenger, name) for passenger in passengers] for name in COLUMNS}
    return model.predict_proba(pd.DataFrame(columns))[:, 1].tolist()


def status(probability: float) -> Literal["Survived", "Not Survived"]:
    """The answer in words."""
    return "Survived" if probability > 0.5 else "Not Survived"


def batch_answer(probabilities: Sequence[float]) -> JSONResponse:
    """The answer to a batch; sent as it is (lesson 07)."""
    results = [
        {"passenger_index": i, "prediction": int(probability > 0.5), "survival_status": status(probability)}
        for i, probability in enumerate(probabilities)
    ]
    return JSONResponse({"batch_predictions": results})
