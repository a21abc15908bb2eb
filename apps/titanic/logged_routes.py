"""The routes of lesson 11, which count and log, for the apps that add something to them."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from titanic.answers import DetailedBatchResponse, DetailedPrediction, detailed_answer, detailed_batch_answer
from titanic.model import ModelDep
from titanic.model_metrics import predict_and_count
from titanic.passenger import Passenger, PassengerBatch

predictions = APIRouter()


@predictions.post("/predict_single")
def predict_survival(passenger: Passenger, model: ModelDep, request: Request) -> DetailedPrediction:
    """Predict whether one passenger survives."""
    (probability,) = predict_and_count("single", model, [passenger])
    request.app.state.log.add([probability])
    return detailed_answer(probability)


@predictions.post("/predict_batch", response_model=DetailedBatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: ModelDep, request: Request) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    probabilities = predict_and_count("batch", model, passengers.root)
    request.app.state.log.add(probabilities)
    return detailed_batch_answer(probabilities)
