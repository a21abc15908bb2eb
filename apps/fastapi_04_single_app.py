"""Predict one passenger. New: the model is loaded when the app starts, and answers requests.

Start it, in the folder apps: uvicorn fastapi_04_single_app:app --reload
Its lesson: notebooks/05_fastapi_04_single_app.ipynb
"""

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pandas as pd
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from sklearn.pipeline import Pipeline

from titanic import app_log, store
from titanic.errors import refuse
from titanic.health import HealthResponse
from titanic.problem import Problem

log = logging.getLogger("titanic.fastapi_04")


class Passenger(BaseModel):
    """One passenger. Only the types are checked so far."""

    Pclass: int
    Sex: str
    Age: float
    SibSp: int
    Parch: int
    Fare: float
    Embarked: str

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"Pclass": 1, "Sex": "female", "Age": 24.0, "SibSp": 0, "Parch": 0, "Fare": 75.0, "Embarked": "C"}
            ]
        }
    )


class Prediction(BaseModel):
    """The answer for one passenger."""

    prediction: int
    survival_status: str

    model_config = ConfigDict(json_schema_extra={"examples": [{"prediction": 1, "survival_status": "Survived"}]})


def load_model() -> Pipeline:
    """The champion of MLflow's registry. Problem: it cannot be loaded, and why."""
    if not store.has_champion():
        raise Problem(store.NO_MODEL)
    with store.problems("The model could not be loaded"):
        store.connect()
        import mlflow  # here and not above: it takes two seconds

        return mlflow.sklearn.load_model(store.CHAMPION)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Before yield: when the app starts. After yield: when it stops."""
    app_log.configure()
    try:
        app.state.model = load_model()
    except Problem as problem:  # whatever is wrong with a stored model, the app must start and say so
        app.state.model, app.state.reason = None, str(problem)
        log.error("%s", problem)
    yield


app = FastAPI(
    title="Titanic Predictor API",
    version="1.0.0",
    lifespan=lifespan,
    max_body_size=10_000_000,
    exception_handlers={RequestValidationError: refuse},
)
app.state.model, app.state.reason = None, store.NO_MODEL  # until lifespan has loaded it


@app.get("/")
def root() -> dict[str, str]:
    """Say that the API is running."""
    return {"message": "Titanic MLflow API is running"}


@app.get("/health", responses={503: {"model": HealthResponse}})
def health_check(request: Request, response: Response) -> HealthResponse:
    """Answer 200 if the model is loaded, else 503."""
    if request.app.state.model is None:
        response.status_code = 503
        return HealthResponse(status="model not loaded")
    return HealthResponse()


@app.post("/predict_single", responses={500: {"description": "The model failed"}, 503: {"description": "No model"}})
def predict_survival(passenger: Passenger, request: Request) -> Prediction:
    """Predict whether one passenger survives."""
    model = request.app.state.model
    if model is None:
        raise HTTPException(status_code=503, detail=request.app.state.reason)
    try:
        table = pd.DataFrame([passenger.model_dump()])
        ((other, probability),) = model.predict_proba(table)
        if not (0 <= probability <= 1 and abs(other + probability - 1) < 1e-6):
            raise ValueError(f"{other} and {probability} are no probabilities")
    except Exception as error:
        reference = secrets.token_hex(4)
        log.error("Prediction failed: %s: %s", reference, error, exc_info=error)
        raise HTTPException(status_code=500, detail=f"Prediction failed: {reference}") from error
    survives = probability > 0.5
    return Prediction(prediction=int(survives), survival_status="Survived" if survives else "Not Survived")
