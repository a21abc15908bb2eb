"""Watch the passengers for drift. New: a Scouter queue beside the prediction, and a look at the server behind it.

Start it, in the folder apps: uvicorn scouter_00_queue_app:app --reload
Its lesson: notebooks/14_scouter_00_queue_app.ipynb
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI, Response
from prometheus_client import Counter, Gauge
from scouter import Features, Metrics, ScouterQueue

from titanic import drift, golden_signals, routes
from titanic.answers import BatchResponse, Prediction, batch_answer, single_answer
from titanic.api import create_app
from titanic.drift import health
from titanic.model import ModelDep
from titanic.passenger import Passenger, PassengerBatch
from titanic.prediction import survival_probabilities

log = logging.getLogger("titanic.scouter_00")
scouter_insert_errors_total = Counter("scouter_insert_errors_total", "Passengers that the drift queue did not take.")
scouter_server_up = Gauge("scouter_server_up", "1 if Scouter's server answers, else 0.", multiprocess_mode="livemin")
PROBE_SECONDS = 5


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the queue; at the end, send what is still in the queue."""
    app.state.reasons = set()  # why passengers were not watched: each reason is logged once
    app.state.server_up = drift.server_is_up()
    scouter_server_up.set(app.state.server_up)
    app.state.queue = open_queue() if app.state.server_up else None
    probe = asyncio.create_task(probe_server(app))
    yield
    probe.cancel()
    if app.state.queue:
        app.state.queue.shutdown()
    app.state.queue = None


def open_queue() -> ScouterQueue | None:
    """Start a queue for each profile; None, and a line in the log, if the profiles cannot be read."""
    try:
        return ScouterQueue.from_path(path=drift.profile_paths(), transport_config=drift.http_config())
    except BaseException as error:  # what the client raises on a broken profile is no Exception
        log.error("No passenger is watched for drift: %s. %s", error, drift.NO_PROFILES)
        return None


async def probe_server(app: FastAPI) -> None:
    """Ask every few seconds whether the server is alive, for the queue hides it; when it is back, open a new queue."""
    while True:
        up = await asyncio.to_thread(drift.server_is_up)
        if up and not app.state.server_up:
            old, app.state.queue = app.state.queue, open_queue()  # a new server may not know the old one's login
            if old:
                await asyncio.to_thread(old.shutdown)
        app.state.server_up = up
        scouter_server_up.set(up)
        await asyncio.sleep(PROBE_SECONDS)


def watch(passengers: Sequence[Passenger], probabilities: Sequence[float]) -> None:
    """Hand each passenger and its prediction to the queue. If that fails, count it, and log each reason once."""
    for passenger, probability in zip(passengers, probabilities, strict=True):
        try:
            if not (app.state.server_up and app.state.queue):  # while a server hangs, the queue would only grow
                raise ConnectionError("Scouter's server does not answer, or there are no profiles")
            app.state.queue["psi"].insert(Features(passenger.model_dump()))
            app.state.queue["custom"].insert(Metrics({"survival_probability": probability}))
        except BaseException as error:  # the client panics with what is no Exception
            scouter_insert_errors_total.inc()
            if str(error) not in app.state.reasons:
                app.state.reasons.add(str(error))
                log.error("A passenger is not watched for drift: %s. Further ones are only counted.", error)


app = create_app("Titanic Predictor API: passengers are watched for drift", lifespan)
golden_signals.add_to(app)
app.include_router(health.router)
app.add_api_route("/", routes.root)


@app.post("/predict_single")
def predict_survival(passenger: Passenger, model: ModelDep) -> Prediction:
    """Predict whether one passenger survives."""
    (probability,) = survival_probabilities(model, [passenger])
    watch([passenger], [probability])
    return single_answer(probability)


@app.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: ModelDep, tasks: BackgroundTasks) -> Response:
    """Predict for each passenger of a list; hand them to the queue after the answer."""
    probabilities = survival_probabilities(model, passengers.root)
    tasks.add_task(watch, passengers.root, probabilities)
    return batch_answer(probabilities)
