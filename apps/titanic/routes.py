"""The routes of lesson 07, for the apps that add something to them."""

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from titanic.health import NOT_LOADED, HealthResponse, model_health
from titanic.model import BatchResponse, Model, Prediction, batch_answer, status, survival_probabilities
from titanic.passenger import Passenger, PassengerBatch

basics = APIRouter()
predictions = APIRouter()


@basics.get("/")
def root() -> dict[str, str]:
    """Say that the API is running."""
    return {"message": "Titanic MLflow API is running"}


@basics.get("/health", responses=NOT_LOADED)
def health_check(request: Request, response: Response) -> HealthResponse:
    """Answer 200 if the model is loaded, else 503."""
    return model_health(request, response)


@predictions.post("/predict_single")
def predict_survival(passenger: Passenger, model: Model) -> Prediction:
    """Predict whether one passenger survives."""
    try:
        (probability,) = survival_probabilities(model, [passenger])
    except Exception as error:
        raise HTTPException(status_code=500, detail=f"Prediction failed: {error}") from error
    return Prediction(prediction=int(probability > 0.5), survival_status=status(probability))


@predictions.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: Model) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    try:
        probabilities = survival_probabilities(model, passengers.root)
    except Exception as error:
        raise HTTPException(status_code=500, detail=f"Batch prediction failed: {error}") from error
    return batch_answer(probabilities)
