"""The routes of lesson 07, for the apps that add something to them."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from titanic.answers import BatchResponse, Prediction, batch_answer, single_answer
from titanic.basic_routes import basics, root
from titanic.model import ModelDep
from titanic.passenger import Passenger, PassengerBatch
from titanic.prediction import survival_probabilities

__all__ = ["basics", "predict_survival", "predict_survival_batch", "predictions", "root"]

predictions = APIRouter()


@predictions.post("/predict_single")
def predict_survival(passenger: Passenger, model: ModelDep) -> Prediction:
    """Predict whether one passenger survives."""
    (probability,) = survival_probabilities(model, [passenger])
    return single_answer(probability)


@predictions.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: ModelDep) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    return batch_answer(survival_probabilities(model, passengers.root))
