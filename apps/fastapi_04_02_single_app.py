"""Refuse what cannot be true. New: types, constraints and descriptions in the Passenger.

Start it, in the folder apps: uvicorn fastapi_04_02_single_app:app --reload
Its lesson: notebooks/06_fastapi_04_02_single_app.ipynb
"""

from typing import Annotated, Literal

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from titanic.answers import Prediction, single_answer
from titanic.errors import refuse
from titanic.failure import PredictionError, report_failure
from titanic.health import NOT_LOADED, HealthResponse, model_health
from titanic.model import ModelDep, lifespan
from titanic.prediction import survival_probabilities


class Passenger(BaseModel):
    """One passenger of the Titanic, as the model needs it."""

    # An unknown field is most often a misspelt one; a number that is none, or has no end, is a fault of the sender.
    model_config = ConfigDict(
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={
            "examples": [
                {"Pclass": 1, "Sex": "female", "Age": 24.0, "SibSp": 0, "Parch": 0, "Fare": 75.0, "Embarked": "C"}
            ]
        },
    )

    Pclass: Annotated[Literal[1, 2, 3], Field(description="Passenger class (1 = 1st, 2 = 2nd, 3 = 3rd)")]
    Sex: Annotated[Literal["male", "female"], Field(description="Sex of the passenger")]
    Age: Annotated[float, Field(gt=0, lt=100, description="Age in years, between 0 and 100")]
    SibSp: Annotated[int, Field(ge=0, le=20, description="Number of siblings and spouses aboard")]
    Parch: Annotated[int, Field(ge=0, le=20, description="Number of parents and children aboard")]
    Fare: Annotated[float, Field(ge=0, le=10_000, description="Fare paid, in pounds")]
    Embarked: Annotated[
        Literal["C", "Q", "S"],
        Field(description="Port of embarkation (C = Cherbourg, Q = Queenstown, S = Southampton)"),
    ]


app = FastAPI(
    title="Titanic Predictor API",
    version="1.0.0",
    lifespan=lifespan,
    max_body_size=10_000_000,
    exception_handlers={RequestValidationError: refuse, PredictionError: report_failure},
)


@app.get("/")
def root() -> dict[str, str]:
    """Say that the API is running."""
    return {"message": "Titanic MLflow API is running"}


@app.get("/health", responses=NOT_LOADED)
def health_check(request: Request, response: Response) -> HealthResponse:
    """Answer 200 if the model is loaded, else 503."""
    return model_health(request, response)


@app.post("/predict_single", responses={500: {"description": "The model failed"}, 503: {"description": "No model"}})
def predict_survival(passenger: Passenger, model: ModelDep) -> Prediction:
    """Predict whether one passenger survives."""
    (probability,) = survival_probabilities(model, [passenger])
    return single_answer(probability)
