"""The predictions that wait for their outcome (lesson 20), in a file from which they can be erased (lesson 24)."""

import sqlite3
import time
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from titanic.labelled import LOGS
from titanic.pending import Pending, Waiting
from titanic.settings import Settings
from titanic.tally import count_waiting


class WaitingRow(BaseModel):
    """What is kept of a prediction until its outcome has come."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    number: int
    """The place in the file."""
    prediction_id: str
    """The id of the request, and the place of the passenger in it."""
    made_at: float
    """When it was made."""
    probability: float
    """How sure the model was."""
    waits: int
    """1 if the outcome has not come yet."""
    passenger: None
    """Nothing: this service does not learn from its passengers, so it does not keep them."""
    survived: int | None
    """The outcome, once it has come: 1 or 0."""


def prediction_ids(request_id: str, count: int) -> list[str]:
    """The ids of the predictions of one request, in the order of its passengers, from 0."""
    return [f"{request_id}-{place}" for place in range(count)]


class ErasablePending(Pending):
    """What is deleted here is gone from the disk, too."""

    def note(self, request_id: str, probabilities: Sequence[float]) -> None:
        """Let these predictions wait. Nobody learns from them, so their passengers are not kept."""
        ids = prediction_ids(request_id, len(probabilities))
        self.add([Waiting(one, probability, None) for one, probability in zip(ids, probabilities, strict=True)])

    def erase(self, request_ids: Iterable[str]) -> int:
        """Delete the predictions of these requests; how many. sqlite3.Error: it is not done, and can be tried again."""
        # From "5f0c-" to "5f0c.", which is the next letter: so SQLite finds them in its index.
        return self.delete([("prediction_id > ? AND prediction_id < ?", (f"{one}-", f"{one}.")) for one in request_ids])

    def forget(self, days: float) -> int:
        """Delete the predictions that are older; how many. sqlite3.Error: it is not done, and can be tried again."""
        return self.delete([("made_at < ?", (time.time() - days * 86_400,))])

    def delete(self, conditions: Sequence[tuple[str, tuple[object, ...]]]) -> int:
        """Delete what meets one of these conditions."""
        if not self.path.exists():
            return 0
        deleted = 0
        with self.writing() as connection:
            for which, values in conditions:
                waited = connection.execute(f"SELECT count(*) FROM prediction WHERE waits AND {which}", values)
                count_waiting(connection, -waited.fetchone()[0])
                deleted += connection.execute(f"DELETE FROM prediction WHERE {which}", values).rowcount
        with self.lock:  # the write-ahead log still holds what was deleted, until it is emptied
            (busy, *_) = self.opened().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise sqlite3.OperationalError("another process reads the file")
        return deleted

    def opened(self) -> sqlite3.Connection:
        """The file. By itself, SQLite only marks what is deleted as free; so it overwrites it with zeros."""
        connection = super().opened()
        connection.execute("PRAGMA secure_delete = ON")
        return connection


def open_waiting() -> ErasablePending:
    """The file that OUTCOME_DATABASE names, or one in logs/ that is not that of lesson 20."""
    settings = Settings()
    path = settings.outcome_database or LOGS / "asked_outcomes.sqlite3"
    return ErasablePending(path, settings.outcome_keep_predictions)
