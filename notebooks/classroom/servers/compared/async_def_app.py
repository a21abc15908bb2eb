"""The app of lesson 07 with one word more: `async def` around a model that blocks. For the comparison of lesson 16."""

from fastapi import FastAPI

from titanic import routes
from titanic.model import Model, Prediction, lifespan
from titanic.passenger import Passenger

app = FastAPI(lifespan=lifespan)
app.include_router(routes.basics)


@app.post("/predict_single")
async def predict_survival(passenger: Passenger, model: Model) -> Prediction:
    """Predict, and let nothing else happen meanwhile."""
    return routes.predict_survival(passenger, model)
