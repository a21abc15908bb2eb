"""Write down each prediction. New: a log with one JSON line a prediction, and answers that tell the probability.

Start it, in the folder apps: uvicorn prometheus_03_logging_app:app --reload
Its lesson: notebooks/11_prometheus_03_logging_app.ipynb
"""

import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from prometheus_client import Counter

from titanic import golden_signals, routes
from titanic.answers import (
    DetailedBatchResponse,
    DetailedPrediction,
    class_and_probability,
    detailed_answer,
    detailed_batch_answer,
)
from titanic.api import create_app
from titanic.model import ModelDep, champion_origin
from titanic.model_metrics import predict_and_count
from titanic.passenger import Passenger, PassengerBatch
from titanic.rotation import RotatingAppender, looked_after, number_so_far
from titanic.settings import Settings

app_log = logging.getLogger("titanic.prediction_log")
LOGS = Path(__file__).resolve().parents[1] / "logs"
prediction_log_errors_total = Counter("prediction_log_errors_total", "Predictions that could not be written down.")


class PredictionLog:
    """Writes a line for each prediction; "execute" counts them 1, 2, 3 ..., also if many threads write at once."""

    def __init__(self, path: Path, origin: dict[str, str | None]) -> None:
        self.file = RotatingAppender(path)
        self.origin = origin
        self.lock = Lock()
        self.number = 0
        self.warned = False

    def add(self, probabilities: Sequence[float]) -> list[dict[str, Any]]:
        """Number these predictions, write them down, and return what was written."""
        with self.lock:  # one thread at a time: two must not take the same number
            if self.file.must_open():
                self.begin_file()
            now = datetime.now(UTC).isoformat(timespec="microseconds")
            entries = [
                {"execute": number, "execution_time": now, **self.origin, **class_and_probability(probability)}
                for number, probability in enumerate(probabilities, start=self.number + 1)
            ]
            self.number += len(entries)
            try:
                self.file.append(entries)
                self.warned = False
            except OSError as error:  # a full disk costs the lines, never the prediction
                prediction_log_errors_total.inc(len(entries))
                if not self.warned:
                    app_log.warning("Predictions are not logged: %s", error)
                self.warned = True
        return entries

    def begin_file(self) -> None:
        """Open the file: at the start, and when it was moved, deleted or full. If there are lines, count on."""
        with suppress(OSError):  # the next append fails too, and says why
            self.file.open()
            self.number = max(self.number, number_so_far(self.file.path))


def log_path() -> Path:
    """Where to write: PREDICTION_LOG_PATH, or a new file in logs/. With several workers, each has a file of its own."""
    settings = Settings()
    path = settings.prediction_log_path or LOGS / f"predictions_{datetime.now():%Y%m%d_%H%M%S}.jsonl"
    if settings.prometheus_multiproc_dir is None:
        return path
    return path.parent / f"{path.stem}_{os.getpid()}{path.suffix}"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the log of the predictions, and look after it; at the end, close it."""
    app.state.log = PredictionLog(log_path(), champion_origin() if app.state.model else {})
    async with looked_after(app.state.log):
        yield


app = create_app("Titanic Predictor API: predictions are logged", lifespan)
golden_signals.add_to(app)
app.include_router(routes.basics)


@app.post("/predict_single")
def predict_survival(passenger: Passenger, model: ModelDep) -> DetailedPrediction:
    """Predict whether one passenger survives."""
    (probability,) = predict_and_count("single", model, [passenger])
    app.state.log.add([probability])
    return detailed_answer(probability)


@app.post("/predict_batch", response_model=DetailedBatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: ModelDep) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    probabilities = predict_and_count("batch", model, passengers.root)
    app.state.log.add(probabilities)
    return detailed_batch_answer(probabilities)
