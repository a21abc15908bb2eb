"""Predict together what waits together. New: a queue, and one worker that empties it with one call of the model.

Start it, in the folder apps: uvicorn fastapi_06_micro_batch_app:app --reload
Its lesson: notebooks/16_fastapi_06_micro_batch_app.ipynb
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from prometheus_client import Histogram
from sklearn.pipeline import Pipeline

from titanic import golden_signals, routes
from titanic.errors import refuse
from titanic.model import BatchResponse, Model, Prediction, load_model, status, survival_probabilities
from titanic.passenger import Passenger

MOST_TOGETHER = 64  # passengers in one call of the model, at most: nobody is answered before the whole call is done
MOST_WAITING = 1000  # passengers in the queue: whoever comes then is refused at once

micro_batch_size_passengers = Histogram(
    "micro_batch_size_passengers", "Passengers predicted by one call of the model.", buckets=(1, 2, 4, 8, 16, 32, 64)
)
micro_batch_wait_seconds = Histogram(
    "micro_batch_wait_seconds", "Time that a passenger waits in the queue, in seconds.", buckets=golden_signals.SECONDS
)


class Waiting(NamedTuple):
    """A passenger in the queue, since when, and where the answer goes: the probability of survival, or an error."""

    passenger: Passenger
    answer: asyncio.Future[float | Exception]
    since: float


async def work(queue: asyncio.Queue[Waiting], model: Pipeline) -> None:
    """Take all who wait, predict them together, hand out the answers; again and again, until cancelled."""
    while True:
        taken = [await queue.get()]
        await asyncio.sleep(0)  # let those in who have arrived by now; this waits for nobody
        while not queue.empty() and len(taken) < MOST_TOGETHER:
            taken.append(queue.get_nowait())
        if waiting := [one for one in taken if not one.answer.cancelled()]:
            await answer(waiting, model)
        for _ in taken:
            queue.task_done()


async def answer(waiting: Sequence[Waiting], model: Pipeline) -> None:
    """One call of the model for all of these, in a thread: meanwhile others queue up, and /health is answered."""
    micro_batch_size_passengers.observe(len(waiting))
    for one in waiting:
        micro_batch_wait_seconds.observe(time.perf_counter() - one.since)
    outcomes = await asyncio.to_thread(predict_each, [one.passenger for one in waiting], model)
    for one, outcome in zip(waiting, outcomes, strict=True):
        if not one.answer.cancelled():
            one.answer.set_result(outcome)


def predict_each(passengers: Sequence[Passenger], model: Pipeline) -> Sequence[float | Exception]:
    """One call for all. If that fails, one for each: only those whose row is at fault get the error."""
    try:
        # strict: if the model answers for too few, that is its error. Found later, it would end the worker.
        return [one for _, one in zip(passengers, survival_probabilities(model, passengers), strict=True)]
    except Exception as error:
        return [error] if len(passengers) == 1 else [predict_each([one], model)[0] for one in passengers]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model and start the worker; at the end, answer all who still wait."""
    app.state.model = load_model()
    app.state.queue = asyncio.Queue(MOST_WAITING)
    worker = asyncio.create_task(work(app.state.queue, app.state.model))
    yield
    await app.state.queue.join()
    worker.cancel()


app = FastAPI(
    title="Titanic Predictor API: micro-batches",
    version="1.0.0",
    lifespan=lifespan,
    max_body_size=10_000_000,
    exception_handlers={RequestValidationError: refuse},
)
app.add_middleware(golden_signals.FourSignals)
app.include_router(routes.basics)
app.post("/predict_batch", response_model=BatchResponse)(routes.predict_survival_batch)  # as in lesson 07


@app.post("/predict_single", responses={503: {"description": "No model, or too many wait already"}})
async def predict_survival(passenger: Passenger, model: Model) -> Prediction:
    """Predict whether one passenger survives, together with all who wait at this moment."""
    one = Waiting(passenger, asyncio.get_running_loop().create_future(), time.perf_counter())
    try:
        app.state.queue.put_nowait(one)
    except asyncio.QueueFull as full:
        raise HTTPException(503, "Too many requests wait already. Try again later.", {"Retry-After": "1"}) from full
    outcome = await one.answer
    if isinstance(outcome, Exception):
        raise HTTPException(500, f"Prediction failed: {outcome}") from outcome
    return Prediction(prediction=int(outcome > 0.5), survival_status=status(outcome))


app.include_router(golden_signals.router)  # last: routes are tried in their order, and predictions come most
