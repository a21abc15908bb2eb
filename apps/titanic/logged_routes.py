"""The routes of lesson 11, which count and log, for the apps that add something to them."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse

from titanic.model import DetailedBatchResponse, DetailedPrediction, Model, detailed_batch_answer, outcome, status
from titanic.model_metrics import predict_and_count
from titanic.passenger import Passenger, PassengerBatch

predictions = APIRouter()


@predictions.post("/predict_single")
def predict_survival(passenger: Passenger, model: Model, request: Request) -> DetailedPrediction:
    """Predict whether one passenger survives."""
    try:
        (probability,) = predict_and_count("single", model, [passenger])
    except Exception as error:
        raise HTTPException(status_code=500, detail=f"Prediction failed: {error}") from error
    request.app.state.log.add([probability])
    return DetailedPrediction(survival_status=status(probability), **outcome(probability))


@predictions.post("/predict_batch", response_model=DetailedBatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: Model, request: Request) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    try:
        probabilities = predict_and_count("batch", model, passengers.root)
    except Exception as error:
        raise HTTPException(status_code=500, detail=f"Batch prediction failed: {error}") from error
    request.app.state.log.add(probabilities)
    return detailed_batch_answer(probabilities)
