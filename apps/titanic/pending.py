"""Predictions that wait for their outcome (lesson 20): an SQLite file, complete after each answer and after kill -9.

With the outcome, the passenger's seven fields are something to learn from (lesson 21).
"""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple

from prometheus_client import Counter

from titanic.labelled import outcome_database
from titanic.metrics_folder import make_metrics_folder
from titanic.settings import Settings
from titanic.tally import count_waiting
from titanic.write_ahead import use_write_ahead_log

make_metrics_folder()  # before the first metric is defined

log = logging.getLogger("titanic.pending")
LOCKED = 2  # seconds to wait while another process writes to the file
TOGETHER = 1000  # outcomes in one transaction
BETWEEN = 0.01  # seconds between two of them, for those who wait to write
PAUSE = 1  # seconds between a failure and the next attempt: predictions must not wait for a broken disk

titanic_predictions_unwatched_total = Counter(
    "titanic_predictions_unwatched_total", "Predictions that could not be stored, so that no outcome finds them."
)

TABLES = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS prediction (
    number INTEGER PRIMARY KEY, prediction_id TEXT UNIQUE, made_at REAL, probability REAL, waits INTEGER DEFAULT 1,
    passenger TEXT, survived INTEGER  -- the seven fields as JSON; the outcome, once it has come
);
CREATE TABLE IF NOT EXISTS tally (waiting INTEGER);  -- one row: to count them anew each time would take long
INSERT INTO tally SELECT 0 WHERE NOT EXISTS (SELECT * FROM tally);
COMMIT;
"""
ADDED = {"passenger": "TEXT", "survived": "INTEGER"}  # columns that a file lacks if it was made before lesson 21


class Waiting(NamedTuple):
    """A prediction: its id, the probability to survive, 0 to 1, and the seven fields as JSON, or None: not kept."""

    prediction_id: str
    probability: float
    passenger: str | None


class Matched(NamedTuple):
    """A prediction whose outcome has come: the probability to survive, 0 to 1, and how long it waited, in seconds."""

    probability: float
    delay: float


Found = Matched | Literal["unknown", "repeated"]


class Pending:
    """The file. It keeps an id, the time, the probability, the passenger's seven fields and the outcome, but no name.

    keep: so many of the newest predictions, matched or not, are kept. An outcome for an older one is unknown.
    """

    def __init__(self, path: Path, keep: int) -> None:
        self.path, self.keep = path, keep
        self.lock = threading.Lock()
        self.connection: sqlite3.Connection | None = None
        self.file: os.stat_result | None = None  # which file is open
        self.not_before = 0.0  # no attempt before this time
        self.warned = False

    def add(self, predictions: Sequence[Waiting]) -> None:
        """Store these predictions. If that fails, they are counted as unwatched."""
        if not predictions:
            return
        now = time.time()
        try:
            with self.writing() as connection:
                connection.executemany(
                    "INSERT INTO prediction (prediction_id, probability, passenger, made_at) VALUES (?, ?, ?, ?)",
                    [(*prediction, now) for prediction in predictions],
                )
                forgotten = "FROM prediction WHERE number <= (SELECT max(number) FROM prediction) - ?"
                waited = connection.execute(f"SELECT count(*) {forgotten} AND waits", [self.keep]).fetchone()[0]
                connection.execute(f"DELETE {forgotten}", [self.keep])
                count_waiting(connection, len(predictions) - waited)
            self.warned = False
        except sqlite3.Error as error:  # a full disk costs the watch, never the prediction
            titanic_predictions_unwatched_total.inc(len(predictions))
            if not self.warned:
                log.warning("Predictions are not stored, so their outcomes will be unknown: %s", error)
            self.warned = True

    def match(self, outcomes: Sequence[tuple[str, int]]) -> Iterator[Found]:
        """Store these outcomes, each an id and 0 or 1; yield what each has found.

        In parts: predictions, which come in between, need not wait for all of them. sqlite3.Error: the part that failed
        and those behind it have changed nothing.
        """
        for begin in range(0, len(outcomes), TOGETHER):
            if begin:
                time.sleep(BETWEEN)
            yield from self.match_part(outcomes[begin : begin + TOGETHER])

    def match_part(self, outcomes: Sequence[tuple[str, int]]) -> list[Found]:
        """The same, in one transaction. sqlite3.Error: nothing is changed."""
        found: list[Found] = []
        with self.writing() as connection:
            now = time.time()
            for prediction_id, survived in outcomes:
                row = connection.execute(
                    "SELECT number, made_at, probability, waits FROM prediction WHERE prediction_id = ?",
                    [prediction_id],
                ).fetchone()
                if row is None or not row[3]:
                    found.append("repeated" if row else "unknown")
                    continue
                connection.execute("UPDATE prediction SET waits = 0, survived = ? WHERE number = ?", [survived, row[0]])
                found.append(Matched(row[2], max(0.0, now - row[1])))  # somebody may have set the clock back
            count_waiting(connection, -sum(isinstance(one, Matched) for one in found))
        return found

    def newest(self, number: int) -> list[float]:
        """The probabilities of so many of the newest predictions, the newest last; none, if there is no file yet."""
        with suppress(sqlite3.Error):
            if self.path.exists():
                with self.writing() as connection:
                    count_waiting(connection, 0)
                    newest = "SELECT probability FROM prediction ORDER BY number DESC LIMIT ?"
                    return [row[0] for row in connection.execute(newest, [number])][::-1]
        return []

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction at a time: committed at the end, or, after an exception, as if it had never begun."""
        with self.lock:
            if time.monotonic() < self.not_before:
                raise sqlite3.OperationalError("it has just failed")
            try:
                connection = self.opened()
                with connection:
                    connection.execute("BEGIN IMMEDIATE")  # no other process may count in between
                    yield connection
            except sqlite3.Error:
                self.not_before = time.monotonic() + PAUSE
                self.close()
                raise

    def opened(self) -> sqlite3.Connection:
        """The file; opened anew if it was deleted or replaced, which SQLite would not notice."""
        with suppress(OSError):
            if self.connection and self.file and os.path.samestat(os.stat(self.path), self.file):
                return self.connection
        if self.connection:
            log.warning("%s was deleted or replaced: what waited there for its outcome is unknown now.", self.path)
        self.close()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = sqlite3.connect(self.path, timeout=LOCKED, isolation_level=None, check_same_thread=False)
            # A write-ahead log, left to the system to bring to the disk: after each commit the system has it, so the
            # end of the process harms nothing. Only a power cut may cost the newest predictions.
            use_write_ahead_log(self.connection)
            self.connection.execute("PRAGMA synchronous = NORMAL")
            self.connection.executescript(TABLES)
            add_columns(self.connection)
            self.file = os.stat(self.path)
        except OSError as error:
            raise sqlite3.OperationalError(str(error)) from error
        return self.connection

    def close(self) -> None:
        """Close the file."""
        if self.connection:
            self.connection.close()
        self.connection = self.file = None


def add_columns(connection: sqlite3.Connection) -> None:
    """Give an older file the columns that it lacks. What is in it stays; of its passengers, nothing more is known."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")  # several workers may open it at once
        there = {row[1] for row in connection.execute("PRAGMA table_info(prediction)")}
        for column, kind in ADDED.items():
            if column not in there:
                connection.execute(f"ALTER TABLE prediction ADD COLUMN {column} {kind}")


def open_pending() -> Pending:
    """The file that the settings name."""
    return Pending(outcome_database(), Settings().outcome_keep_predictions)
