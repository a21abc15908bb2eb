"""Predict many passengers with one request. New: a body that is a list, and an answer that stays cheap.

Start it, in the folder apps: uvicorn fastapi_05_batch_test_app:app --reload
Its lesson: notebooks/07_fastapi_05_batch_test_app.ipynb
"""

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from titanic.errors import refuse
from titanic.health import NOT_LOADED, HealthResponse, model_health
from titanic.model import Model, Prediction, lifespan, status, survival_probabilities
from titanic.passenger import Passenger, PassengerBatch

app = FastAPI(
    title="Titanic Predictor API",
    version="1.0.0",
    lifespan=lifespan,
    max_body_size=10_000_000,
    exception_handlers={RequestValidationError: refuse},
)


class BatchPrediction(Prediction):
    """The answer for one passenger of a batch: passenger_index is its place in the list, from 0."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"passenger_index": 0, "prediction": 1, "survival_status": "Survived"}]}
    )

    passenger_index: int


class BatchResponse(BaseModel):
    """The answers, in the order of the passengers."""

    batch_predictions: list[BatchPrediction]


@app.get("/")
def root() -> dict[str, str]:
    """Say that the API is running."""
    return {"message": "Titanic MLflow API is running"}


@app.get("/health", responses=NOT_LOADED)
def health_check(request: Request, response: Response) -> HealthResponse:
    """Answer 200 if the model is loaded, else 503."""
    return model_health(request, response)


@app.post("/predict_single")
def predict_survival(passenger: Passenger, model: Model) -> Prediction:
    """Predict whether one passenger survives."""
    try:
        (probability,) = survival_probabilities(model, [passenger])
    except Exception as error:
        raise HTTPException(status_code=500, detail=f"Prediction failed: {error}") from error
    return Prediction(prediction=int(probability > 0.5), survival_status=status(probability))


@app.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: Model) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    try:
        probabilities = survival_probabilities(model, passengers.root)
    except Exception as error:
        raise HTTPException(status_code=500, detail=f"Batch prediction failed: {error}") from error
    results = [
        {"passenger_index": i, "prediction": int(probability > 0.5), "survival_status": status(probability)}
        for i, probability in enumerate(probabilities)
    ]
    # A JSONResponse goes out as it is. Without it, FastAPI would first make 10,000 BatchPrediction objects of this.
    return JSONResponse({"batch_predictions": results})
