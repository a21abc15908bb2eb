"""The routes of lesson 07, for the apps that add something to them."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from titanic.answers import BatchResponse, Prediction, batch_answer, single_answer
from titanic.health import NOT_LOADED, HealthResponse, model_health
from titanic.model import ModelDep
from titanic.passenger import Passenger, PassengerBatch
from titanic.prediction import survival_probabilities

basics = APIRouter()
predictions = APIRouter()


@basics.get("/")
def root() -> dict[str, str]:
    """Say that the API is running."""
    return {"message": "Titanic MLflow API is running"}


@basics.get("/health", responses=NOT_LOADED)
async def health_check(request: Request, response: Response) -> HealthResponse:
    """Answer 200 if the model is loaded, else 503."""
    return model_health(request, response)


@predictions.post("/predict_single")
def predict_survival(passenger: Passenger, model: ModelDep) -> Prediction:
    """Predict whether one passenger survives."""
    (probability,) = survival_probabilities(model, [passenger])
    return single_answer(probability)


@predictions.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: ModelDep) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    return batch_answer(survival_probabilities(model, passengers.root))
