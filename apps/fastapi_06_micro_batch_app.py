"""Predict together what waits together. New: a queue, and one worker that empties it with one call of the model.

Start it, in the folder apps: uvicorn fastapi_06_micro_batch_app:app --reload
Its lesson: notebooks/18_fastapi_06_micro_batch_app.ipynb
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import Histogram
from sklearn.pipeline import Pipeline

from titanic import golden_signals, overload, routes
from titanic.answers import BatchResponse, Prediction, single_answer
from titanic.api import create_app
from titanic.health import NOT_LOADED, HealthResponse, model_health
from titanic.model import ModelDep
from titanic.passenger import Passenger
from titanic.prediction import PredictionError, survival_probabilities

log = logging.getLogger("titanic.fastapi_06")
MOST_TOGETHER = 64  # passengers in one call of the model, at most: nobody is answered before the whole call is done
MOST_WAITING = 1000  # passengers in the queue: whoever comes then is refused at once

micro_batch_size_passengers = Histogram(
    "micro_batch_size_passengers", "Passengers predicted by one call of the model.", buckets=(1, 2, 4, 8, 16, 32, 64)
)
micro_batch_wait_seconds = Histogram(
    "micro_batch_wait_seconds", "Time that a passenger waits in the queue, in seconds.", buckets=golden_signals.SECONDS
)


class Waiting(NamedTuple):
    """A passenger in the queue, since when, and where the answer goes: the probability of survival."""

    passenger: Passenger
    answer: asyncio.Future[float]
    since: float


async def work(queue: asyncio.Queue[Waiting], model: Pipeline) -> None:
    """Take all who wait, predict them together, hand out the answers; again and again, until cancelled."""
    try:
        while True:
            taken = [await queue.get()]
            await asyncio.sleep(0)  # let those in who have arrived by now; this waits for nobody
            while not queue.empty() and len(taken) < MOST_TOGETHER:
                taken.append(queue.get_nowait())
            if waiting := [one for one in taken if not one.answer.cancelled()]:
                micro_batch_size_passengers.observe(len(waiting))
                for one in waiting:
                    micro_batch_wait_seconds.observe(time.perf_counter() - one.since)
                await answer(waiting, model)
            for _ in taken:
                queue.task_done()
    except Exception as error:  # a fault of this program: nobody may wait for a worker that is no more
        log.exception("The worker has ended. Start the app again.")
        for one in taken + [queue.get_nowait() for _ in range(queue.qsize())]:
            if not one.answer.done():
                one.answer.set_exception(PredictionError(f"the worker has ended: {error}"))
            queue.task_done()


async def answer(waiting: Sequence[Waiting], model: Pipeline) -> None:
    """One call of the model for all of these, in a thread: meanwhile others queue up, and /health is answered."""
    try:
        probabilities = await asyncio.to_thread(survival_probabilities, model, [one.passenger for one in waiting])
    except PredictionError as error:
        if len(waiting) > 1:  # one call for each: only those whose row is at fault get the error
            for one in waiting:
                await answer([one], model)
        elif not waiting[0].answer.cancelled():
            waiting[0].answer.set_exception(error)
        return
    for one, probability in zip(waiting, probabilities, strict=True):
        if not one.answer.cancelled():
            one.answer.set_result(probability)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start the worker; at the end, answer all who still wait."""
    app.state.queue = asyncio.Queue(MOST_WAITING)
    app.state.worker = asyncio.create_task(work(app.state.queue, app.state.model))
    yield
    await app.state.queue.join()
    app.state.worker.cancel()


app = create_app("Titanic Predictor API: micro-batches", lifespan)
golden_signals.add_to(app)
app.add_api_route("/", routes.root)
app.post("/predict_batch", response_model=BatchResponse)(routes.predict_survival_batch)  # as in lesson 07


@app.get("/health", responses=NOT_LOADED)
async def health_check(request: Request, response: Response) -> HealthResponse:
    """Answer 200 if the model is loaded and the worker is at work, else 503."""
    if app.state.model is None or not app.state.worker.done():
        return model_health(request, response)
    response.status_code = 503
    return HealthResponse(status="worker has ended")


@app.post("/predict_single", responses={503: {"description": "No model, no worker, or too many wait already"}})
async def predict_survival(passenger: Passenger, model: ModelDep) -> Prediction:
    """Predict whether one passenger survives, together with all who wait at this moment."""
    if app.state.worker.done():
        raise HTTPException(503, "The worker has ended; the log says why. Start the app again.")
    if app.state.queue.full():
        overload.http_requests_refused_total.inc()
        raise HTTPException(503, "Too many requests wait already. Try again later.", {"Retry-After": "1"})
    one = Waiting(passenger, asyncio.get_running_loop().create_future(), time.perf_counter())
    app.state.queue.put_nowait(one)
    return single_answer(await one.answer)
