"""Find out whether predictions were right. New: each has an id, and a route takes what really happened, days later.

Start it, in the folder apps: uvicorn prometheus_05_outcome_app:app --reload
Its lesson: notebooks/20_prometheus_05_outcome_app.ipynb
"""

import logging
import sqlite3
import threading
import uuid
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import product

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from prometheus_client import Counter, Gauge, Histogram

from titanic import golden_signals, prediction_log, routes, tally
from titanic.answers import predicted_class
from titanic.api import create_app
from titanic.model import ModelDep
from titanic.model_metrics import predict_and_count
from titanic.outcome import OutcomeReport, Outcomes
from titanic.passenger import Passenger, PassengerBatch
from titanic.pending import Matched, Waiting, open_pending
from titanic.watched_answers import WatchedBatchResponse, WatchedPrediction, watched_answer, watched_batch_answer

log = logging.getLogger("titanic.outcomes")
WINDOW = 1000  # predictions; the estimate of the accuracy is about so many of the newest
HOUR, DAY = 3_600, 86_400
DELAYS = (1, 10, 60, 600, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 84 * DAY)
NOT_STORED = "The outcomes cannot be stored now. Send all of them again later: none is counted twice."

outcomes_total = Counter(
    "titanic_outcomes_total",
    "Outcomes of predictions, by predicted and actual class (0 = not survived, 1 = survived).",
    ["predicted_class", "actual_class"],
)
outcomes_of = {classes: outcomes_total.labels(*classes) for classes in product((0, 1), repeat=2)}
outcome_delay_seconds = Histogram("titanic_outcome_delay_seconds", "From prediction to outcome.", buckets=DELAYS)
estimated_accuracy = Gauge(
    "titanic_estimated_accuracy", "How often new predictions should be right.", multiprocess_mode="livemostrecent"
)


class Estimate:
    """How often the newest predictions should be right, if their probabilities can be believed."""

    def __init__(self, probabilities: Iterable[float]) -> None:
        self.sureness: deque[float] = deque(maxlen=WINDOW)
        self.lock = threading.Lock()
        estimated_accuracy.set(float("nan"))  # "not a number": without predictions, 0 would look like a bad one
        self.add(probabilities)

    def add(self, probabilities: Iterable[float]) -> None:
        """A model that says 0.8, or 0.2, should be right in 8 of 10 such cases; the mean of that is the estimate."""
        with self.lock:
            self.sureness.extend(max(probability, 1 - probability) for probability in probabilities)
            if self.sureness:
                estimated_accuracy.set(sum(self.sureness) / len(self.sureness))


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the log, and the file of the predictions that wait for their outcome."""
    async with prediction_log.lifespan(app):
        app.state.pending = open_pending()
        app.state.estimate = Estimate(app.state.pending.newest(WINDOW))
        async with tally.publishing(app.state.pending):
            yield


app = create_app("Titanic Predictor API: was it right?", lifespan)
golden_signals.add_to(app)
app.include_router(routes.basics)


def watch(passengers: Sequence[Passenger], probabilities: Sequence[float]) -> list[str]:
    """Log these predictions and let them wait for their outcome; return their ids, which nobody can guess."""
    app.state.log.add(probabilities)
    app.state.estimate.add(probabilities)
    prediction_ids = [uuid.uuid4().hex for _ in probabilities]
    fields = [passenger.model_dump_json() for passenger in passengers]
    app.state.pending.add([Waiting(*one) for one in zip(prediction_ids, probabilities, fields, strict=True)])
    return prediction_ids


@app.post("/predict_single")
def predict_survival(passenger: Passenger, model: ModelDep) -> WatchedPrediction:
    """Predict whether one passenger survives."""
    (probability,) = predict_and_count("single", model, [passenger])
    return watched_answer(watch([passenger], [probability])[0], probability)


@app.post("/predict_batch", response_model=WatchedBatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: ModelDep) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    probabilities = predict_and_count("batch", model, passengers.root)
    return watched_batch_answer(watch(passengers.root, probabilities), probabilities)


@app.post("/outcomes")
def take_outcomes(outcomes: Outcomes) -> OutcomeReport:
    """Compare predictions with what really happened. The first outcome of a prediction counts, no other."""
    report = OutcomeReport(matched=0, unknown=[], repeated=[])
    found = app.state.pending.match([(outcome.prediction_id, outcome.survived) for outcome in outcomes.root])
    try:
        for outcome, one in zip(outcomes.root, found, strict=True):
            if isinstance(one, Matched):
                report.matched += 1
                outcomes_of[predicted_class(one.probability), outcome.survived].inc()
                outcome_delay_seconds.observe(one.delay)
            else:
                (report.unknown if one == "unknown" else report.repeated).append(outcome.prediction_id)
    except sqlite3.Error as error:
        log.error("Outcomes are not stored: %s", error)
        raise HTTPException(503, NOT_STORED) from error
    return report
