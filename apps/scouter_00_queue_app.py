"""Watch the passengers for drift. New: a Scouter queue beside the prediction, and a look at the server behind it.

Start it, in the folder apps: uvicorn scouter_00_queue_app:app --reload
Its lesson: notebooks/14_scouter_00_queue_app.ipynb
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache

from fastapi import BackgroundTasks, FastAPI, HTTPException, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import Counter, Gauge
from scouter import Features, Metrics, ScouterQueue

from titanic import drift, golden_signals, routes
from titanic.errors import refuse
from titanic.model import BatchResponse, Model, Prediction, batch_answer, load_model, status, survival_probabilities
from titanic.passenger import Passenger, PassengerBatch

log_once = lru_cache(logging.getLogger("uvicorn.error").error)  # the same words a second time do nothing
scouter_insert_errors_total = Counter("scouter_insert_errors_total", "Passengers that the drift queue did not take.")
scouter_server_up = Gauge("scouter_server_up", "1 if Scouter's server answers, else 0.", multiprocess_mode="livemin")
PROBE_SECONDS = 5


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model and open the queue; at the end, send what is still in the queue."""
    app.state.model = load_model()
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
        log_once("No passenger is watched for drift: %s. %s", str(error), drift.NO_PROFILES)
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
            log_once("A passenger is not watched for drift: %s. Further ones are only counted.", str(error))


app = FastAPI(
    title="Titanic Predictor API: passengers are watched for drift",
    version="1.0.0",
    lifespan=lifespan,
    max_body_size=10_000_000,
    exception_handlers={RequestValidationError: refuse},
)
app.add_middleware(golden_signals.FourSignals)
app.include_router(drift.health)
app.add_api_route("/", routes.root)


@app.post("/predict_single")
def predict_survival(passenger: Passenger, model: Model) -> Prediction:
    """Predict whether one passenger survives."""
    try:
        (probability,) = survival_probabilities(model, [passenger])
    except Exception as error:
        raise HTTPException(status_code=500, detail=f"Prediction failed: {error}") from error
    watch([passenger], [probability])
    return Prediction(prediction=int(probability > 0.5), survival_status=status(probability))


@app.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: Model, tasks: BackgroundTasks) -> Response:
    """Predict for each passenger of a list; hand them to the queue after the answer."""
    try:
        probabilities = survival_probabilities(model, passengers.root)
    except Exception as error:
        raise HTTPException(status_code=500, detail=f"Batch prediction failed: {error}") from error
    tasks.add_task(watch, passengers.root, probabilities)
    return batch_answer(probabilities)


app.include_router(golden_signals.router)  # last: routes are tried in their order, and predictions come most
