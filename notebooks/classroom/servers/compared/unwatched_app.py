"""The app of lesson 11 without what watches it: no middleware, no counting, no log. For the comparison of lesson 18."""

from titanic import routes
from titanic.answers import DetailedPrediction, detailed_answer
from titanic.api import create_app
from titanic.model import ModelDep
from titanic.passenger import Passenger
from titanic.prediction import survival_probabilities

app = create_app("Titanic Predictor API: nothing is watched")
app.include_router(routes.basics)


@app.post("/predict_single")
def predict_survival(passenger: Passenger, model: ModelDep) -> DetailedPrediction:
    """Predict whether one passenger survives."""
    (probability,) = survival_probabilities(model, [passenger])
    return detailed_answer(probability)
