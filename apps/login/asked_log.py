"""The prediction log of lesson 11 with one thing more: who has asked, under a pseudonym (lesson 24)."""

import hashlib
import hmac
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from titanic.answers import SurvivalStatus
from titanic.model import champion_origin
from titanic.prediction_log import PredictionLog, log_path
from titanic.settings import Settings


class AskedLine(BaseModel):
    """What a line of the log keeps of one prediction. Nothing of the passenger is in it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    execute: int
    """The number of the prediction."""
    execution_time: str
    """When it was made."""
    experiment_id: str | None
    """From which experiment the model came."""
    run_id: str | None
    """From which run the model came."""
    asked_by: str
    """Who asked: a pseudonym, which only the owner of the key can trace."""
    request_id: str
    """In which request. The outcomes know their predictions by it."""
    prediction: Literal[0, 1]
    """What was predicted."""
    probability: dict[SurvivalStatus, float]
    """How sure the model was."""


def pseudonym(name: str, trace_key: str) -> str:
    """The name under which somebody stands in the log: the same each time, and nobody without the key can make it.

    A plain hash would not do: names are few, and whoever hashes all of them finds out who is who.
    """
    return hmac.new(trace_key.encode(), name.encode(errors="replace"), hashlib.sha256).hexdigest()[:32]


class AskedLog(PredictionLog):
    """Writes who has asked, too, and begins a file each day, so that old ones can go. .asked: passengers by name."""

    def __init__(self, path: Path, origin: dict[str, str | None], trace_key: str) -> None:
        super().__init__(path, origin)
        self.file.daily, self.file.keep_days = True, None  # what is old is deleted by keeping.py
        self.model = origin
        self.trace_key = trace_key
        self.one_request = threading.Lock()
        self.asked: Counter[str] = Counter()

    def note(self, name: str, request_id: str, probabilities: Sequence[float]) -> None:
        """Write a line for each of these predictions."""
        with self.one_request:
            self.asked[name] += len(probabilities)
            self.origin = self.model | {"asked_by": pseudonym(name, self.trace_key), "request_id": request_id}
            self.add(probabilities)


def open_log(trace_key: str, has_model: bool) -> AskedLog:
    """The log at PREDICTION_LOG_PATH, or a new one in logs/ that is not that of lesson 11: it will delete old files."""
    path = log_path()
    if Settings().prediction_log_path is None:
        path = path.with_name(f"asked_{path.name}")
    return AskedLog(path, champion_origin() if has_model else {"experiment_id": None, "run_id": None}, trace_key)
