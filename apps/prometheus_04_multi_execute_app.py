"""Let the app make its own traffic. New: a route that predicts invented passengers, as many as a query parameter says.

Start it, in the folder apps: uvicorn prometheus_04_multi_execute_app:app --reload
Its lesson: notebooks/12_prometheus_04_multi_execute_app.ipynb
"""

import random
from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict

from titanic import golden_signals, logged_routes, routes
from titanic.answers import DetailedPrediction, survival_status
from titanic.api import create_app
from titanic.model import ModelDep
from titanic.model_metrics import predict_and_count
from titanic.passenger import Passenger
from titanic.prediction_log import lifespan


class SimulatedPrediction(DetailedPrediction):
    """One invented passenger, what the model says, and the number and time in the log."""

    model_config = ConfigDict(json_schema_extra=None)  # the example of DetailedPrediction would lack most of this

    execute: int
    execution_time: str
    passenger: Passenger


class SimulationResponse(BaseModel):
    """What was asked for, and a prediction for each invented passenger."""

    requested_executions: int
    simulated_predictions: list[SimulatedPrediction]


def random_passenger(draw: random.Random) -> Passenger:
    """Invent a passenger. The same generator in the same state invents the same one."""
    return Passenger(
        Pclass=draw.choice([1, 2, 3]),
        Sex=draw.choice(["male", "female"]),
        Age=round(draw.uniform(1, 80), 1),
        SibSp=draw.randint(0, 3),
        Parch=draw.randint(0, 3),
        Fare=round(draw.uniform(10, 250), 2),
        Embarked=draw.choice(["C", "Q", "S"]),
    )


app = create_app("Titanic Predictor API: simulated traffic", lifespan)
golden_signals.add_to(app)
app.include_router(routes.basics)
app.include_router(logged_routes.predictions)


@app.post("/simulate_predictions")
def simulate_predictions(
    request: Request,
    model: ModelDep,
    num_executions: Annotated[int, Query(ge=1, le=100, description="How many passengers to invent")] = 10,
    seed: Annotated[int | None, Query(ge=0, lt=2**32, description="The same seed invents the same passengers")] = None,
) -> SimulationResponse:
    """Invent passengers and predict them. They are counted and logged like all others."""
    draw = random.Random(seed)  # without a seed, Python takes one from the system
    passengers = [random_passenger(draw) for _ in range(num_executions)]
    probabilities = predict_and_count("simulation", model, passengers)
    entries = request.app.state.log.add(probabilities)
    simulated = [
        SimulatedPrediction(passenger=passenger, survival_status=survival_status(probability), **entry)
        for passenger, probability, entry in zip(passengers, probabilities, entries, strict=True)
    ]
    return SimulationResponse(requested_executions=num_executions, simulated_predictions=simulated)
