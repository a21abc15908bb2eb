"""The app of lesson 07 with one word more: `async def` around a model that blocks. For the comparison of lesson 18."""

from titanic import routes
from titanic.answers import Prediction
from titanic.api import create_app
from titanic.model import ModelDep
from titanic.passenger import Passenger

app = create_app("Titanic Predictor API: async def")
app.include_router(routes.basics)


@app.post("/predict_single")
async def predict_survival(passenger: Passenger, model: ModelDep) -> Prediction:
    """Predict, and let nothing else happen meanwhile."""
    return routes.predict_survival(passenger, model)
