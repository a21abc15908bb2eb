"""One app on many machines. New: Ray starts copies of it, shares the requests out, and replaces a copy that is lost.

Start it on this machine alone: python course.py app ray_00_serve_app
Without Ray, in the folder apps: uvicorn ray_00_serve_app:app --reload
Its lesson: notebooks/25_ray_00_serve_app.ipynb
"""

import asyncio
import platform
from typing import NamedTuple

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST
from ray import serve
from ray.serve.exceptions import RayServeException
from sklearn.pipeline import Pipeline

from titanic import ray_metrics, routes
from titanic.answers import BatchResponse, Prediction, single_answer
from titanic.api import create_app
from titanic.model import ModelDep
from titanic.passenger import Passenger
from titanic.prediction import PredictionError, survival_probabilities
from titanic.settings import Settings

MACHINE = Settings().machine_name or platform.node()  # where this copy of the app runs

app = create_app("Titanic Predictor API: more than one machine")
app.include_router(routes.basics)
app.post("/predict_batch", response_model=BatchResponse)(routes.predict_survival_batch)  # as in lesson 07


class Waiting(NamedTuple):
    """A passenger, and the model that shall predict."""

    passenger: Passenger
    model: Pipeline


async def predict(waiting: list[Waiting]) -> list[float | PredictionError]:
    """One call of the model for all of these, in a thread: the probability that each survives, or why there is none."""
    try:
        passengers = [one.passenger for one in waiting]
        return [*await asyncio.to_thread(survival_probabilities, waiting[0].model, passengers)]
    except PredictionError as error:
        if len(waiting) == 1:
            return [error]
        # One call for each: only those whose row is at fault get the error.
        return [outcome for one in waiting for outcome in await predict([one])]


# Ray's own queue in place of the one of lesson 18: whoever waits while the model is busy is predicted with the others.
together = serve.batch(max_batch_size=64, batch_wait_timeout_s=0)(predict)


def is_replica() -> bool:
    """True in a copy that Ray has started; False under bare uvicorn, where the app works too, but alone."""
    try:
        serve.get_replica_context()
    except RayServeException:
        return False
    return True


@app.post("/predict_single")
async def predict_survival(passenger: Passenger, model: ModelDep, response: Response) -> Prediction:
    """Predict whether one passenger survives, together with all who wait at this copy; a header names the machine."""
    response.headers["X-Machine"] = MACHINE
    one = Waiting(passenger, model)
    outcome = await together(one) if is_replica() else (await predict([one]))[0]
    if isinstance(outcome, PredictionError):
        raise outcome
    return single_answer(outcome)


@app.get("/metrics", response_class=Response)
async def metrics() -> Response:
    """Tell Prometheus what Ray has counted, on all machines: whichever copy is asked, it knows of the others."""
    return Response(await ray_metrics.of_all_machines(), media_type=CONTENT_TYPE_LATEST)


def build() -> FastAPI:
    """The app, for each copy: Ray imports this script on the machine where the copy shall run."""
    return app


@serve.ingress(build)
class Copy:
    """What Ray calls a replica: a process with the app in it."""


Titanic = serve.deployment(
    name="Titanic",
    max_replicas_per_node=1,  # two copies on one machine would be lost together
    max_ongoing_requests=200,  # at one copy; more than fit into one call of the model, so that a queue can form
    max_queued_requests=1000,  # whoever comes then is refused at once, as in lesson 18
    health_check_period_s=1,
)(Copy)
titanic = Titanic.bind()
