"""Watch the passengers for drift. New: a Scouter queue beside the prediction, and a look at the server behind it.

Start it, in the folder apps: uvicorn scouter_00_queue_app:app --reload
Its lesson: notebooks/15_scouter_00_queue_app.ipynb
"""

import asyncio
import itertools
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
scouter_server_up = Gauge("scouter_server_up", "1 if Scouter's server takes records.", multiprocess_mode="livemin")
PROBE_SECONDS, PROBES_BETWEEN_CHECKS = 5, 12


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the queue; at the end, wait until it has sent what is still in it."""
    app.state.reasons = set()  # why passengers were not watched: each reason is logged once
    app.state.sample = drift.Sample()
    app.state.queue = app.state.handed = None
    open_queue(app, drift.server_state())
    probe = asyncio.create_task(probe_server(app))
    yield
    probe.cancel()
    if app.state.queue:
        drift.close(app.state.queue, app.state.handed)
    app.state.queue = None


def open_queue(app: FastAPI, state: drift.ServerState) -> None:
    """Start a queue for each profile if the server takes them; then close the one before."""
    app.state.scouter, app.state.profiles, app.state.taken = state, drift.read_profiles(), drift.takes_records(state)
    scouter_server_up.set(state == "up")
    if not app.state.taken or (app.state.queue and state == "down"):  # a broker keeps what an open queue sends
        return
    old, handed = app.state.queue, app.state.handed
    try:
        queue = ScouterQueue.from_profile(drift.load_profiles(app.state.profiles), drift.transport_config())
        app.state.handed, app.state.queue = drift.Handed.of(app.state.profiles, handed), queue
    except BaseException as error:  # what the client raises on a broken profile is no Exception
        log.error("No passenger is watched for drift: %s. %s", error, drift.REASONS["no profiles"])
        app.state.queue, app.state.handed, app.state.scouter = None, None, "no profiles"
        scouter_server_up.set(False)
    if old:
        drift.close(old, handed, goes_on=handed is app.state.handed)


async def probe_server(app: FastAPI) -> None:
    """Ask every few seconds whether the server answers, and every minute whether it takes our records.

    The queue itself hides both. A new queue is opened when the server is back, and when somebody has registered the
    profiles once more: what is sent under the old number would raise no alert.
    """
    for number in itertools.count(1):
        await asyncio.sleep(PROBE_SECONDS)
        state: drift.ServerState = "up" if await asyncio.to_thread(drift.server_is_up) else "down"
        new = drift.read_profiles() != app.state.profiles
        if state == "up" and (new or app.state.scouter == "down" or number % PROBES_BETWEEN_CHECKS == 0):
            state = await asyncio.to_thread(drift.server_state)
        elif state == "up":
            state = app.state.scouter
        if new or state != app.state.scouter:
            await asyncio.to_thread(open_queue, app, state)


def watch(passengers: Sequence[Passenger], probabilities: Sequence[float]) -> None:
    """Hand each passenger, and each finished mean, to the queue. If that fails, count it, and log each reason once."""
    for passenger, probability in zip(passengers, probabilities, strict=True):
        try:
            if not app.state.taken or not app.state.queue:  # while a server hangs, the queue would only grow
                raise ConnectionError(drift.REASONS.get(app.state.scouter, drift.REASONS["no profiles"]))
            app.state.queue["psi"].insert(Features(passenger.model_dump()))
            app.state.handed.add("psi")
            mean = app.state.sample.add(probability)
            if mean is not None:
                app.state.queue["custom"].insert(Metrics({"survival_probability": mean}))
                app.state.handed.add("custom")
        except BaseException as error:  # the client panics with what is no Exception
            scouter_insert_errors_total.inc()
            if str(error) not in app.state.reasons:
                app.state.reasons.add(str(error))
                log.error("A passenger is not watched for drift: %s Further ones are only counted.", error)


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
