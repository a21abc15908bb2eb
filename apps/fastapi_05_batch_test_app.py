"""Predict many passengers with one request. New: a body that is a list, and an answer that stays cheap.

Start it, in the folder apps: uvicorn fastapi_05_batch_test_app:app --reload
Its lesson: notebooks/07_fastapi_05_batch_test_app.ipynb
"""

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from titanic import routes
from titanic.answers import Prediction, predicted_class, single_answer, survival_status
from titanic.api import create_app
from titanic.model import ModelDep
from titanic.passenger import Passenger, PassengerBatch
from titanic.prediction import survival_probabilities


class BatchPrediction(Prediction):
    """The answer for one passenger of a batch: passenger_index is its place in the list, from 0."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"passenger_index": 0, "prediction": 1, "survival_status": "Survived"}]}
    )

    passenger_index: int


class BatchResponse(BaseModel):
    """The answers, in the order of the passengers."""

    batch_predictions: list[BatchPrediction]


app = create_app("Titanic Predictor API")
app.include_router(routes.basics)


@app.post("/predict_single")
def predict_survival(passenger: Passenger, model: ModelDep) -> Prediction:
    """Predict whether one passenger survives."""
    (probability,) = survival_probabilities(model, [passenger])
    return single_answer(probability)


@app.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: ModelDep) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    probabilities = survival_probabilities(model, passengers.root)
    results = [
        {"passenger_index": i, "prediction": predicted_class(p), "survival_status": survival_status(p)}
        for i, p in enumerate(probabilities)
    ]
    # A JSONResponse goes out as it is. Without it, FastAPI would first make a BatchPrediction of each one.
    return JSONResponse({"batch_predictions": results})
