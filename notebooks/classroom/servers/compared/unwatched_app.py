"""The app of lesson 11 without what watches it: no middleware, no counting, no log. For the comparison of lesson 16."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from titanic import routes
from titanic.errors import refuse
from titanic.model import DetailedPrediction, Model, lifespan, outcome, status, survival_probabilities
from titanic.passenger import Passenger

app = FastAPI(lifespan=lifespan, max_body_size=10_000_000, exception_handlers={RequestValidationError: refuse})
app.include_router(routes.basics)


@app.post("/predict_single")
def predict_survival(passenger: Passenger, model: Model) -> DetailedPrediction:
    """Predict whether one passenger survives."""
    (probability,) = survival_probabilities(model, [passenger])
    return DetailedPrediction(survival_status=status(probability), **outcome(probability))
