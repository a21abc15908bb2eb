"""Where the collector keeps what it receives: one SQLite file, complete after every answer, even after kill -9."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from titanic.problem import Problem
from titanic.write_ahead import use_write_ahead_log

TABLES = """
CREATE TABLE IF NOT EXISTS profile (
    uid TEXT PRIMARY KEY, space TEXT, name TEXT, version TEXT, drift_type TEXT, active INTEGER, profile TEXT,
    judged INTEGER DEFAULT 0,  -- the last record that has been checked for alerts, or that came while it was not active
    UNIQUE (space, name, version, drift_type)
);
CREATE TABLE IF NOT EXISTS room (id INTEGER PRIMARY KEY, bytes BLOB);  -- one row: is there any left on the disk?
CREATE TABLE IF NOT EXISTS message (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bin_count (
    id INTEGER PRIMARY KEY, uid TEXT, created_at REAL, feature TEXT, bin_id INTEGER, bin_count INTEGER
);
CREATE INDEX IF NOT EXISTS bin_count_by_time ON bin_count (uid, created_at);
DROP INDEX IF EXISTS bin_count_by_id;  -- of older files
CREATE INDEX IF NOT EXISTS bin_count_by_feature ON bin_count (uid, feature);
CREATE TABLE IF NOT EXISTS judged (
    uid TEXT, feature TEXT, last INTEGER,  -- of PSI: the last record of this feature that has been checked for alerts
    PRIMARY KEY (uid, feature)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS value (id INTEGER PRIMARY KEY, uid TEXT, created_at REAL, name TEXT, value REAL);
CREATE INDEX IF NOT EXISTS value_by_time ON value (uid, created_at);
CREATE INDEX IF NOT EXISTS value_by_id ON value (uid);
CREATE INDEX IF NOT EXISTS value_by_name ON value (uid, name);
CREATE TABLE IF NOT EXISTS eval_record (id INTEGER PRIMARY KEY, uid TEXT, created_at REAL, record TEXT, context TEXT);
CREATE INDEX IF NOT EXISTS eval_record_by_id ON eval_record (uid);
CREATE TABLE IF NOT EXISTS alert (
    id INTEGER PRIMARY KEY, uid TEXT, created_at REAL, entity_name TEXT, alert TEXT, active INTEGER DEFAULT 1
);
CREATE INDEX IF NOT EXISTS alert_by_id ON alert (uid);
CREATE INDEX IF NOT EXISTS alert_by_name ON alert (uid, entity_name);
"""


@contextmanager
def fault_of_the_file() -> Iterator[None]:
    """A damaged file is an OperationalError, like one that is locked or full: no message is at fault."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:  # the kinds of it are about other things
            raise
        raise sqlite3.OperationalError(str(error)) from error


class Store:
    """The open file. All times in it are seconds since 1970, UTC.

    tables: the SQL that makes its tables. owner: whose file it is, as one says it; setting: the variable that names it.
    Problem: the file cannot be used.
    """

    def __init__(
        self, path: Path, tables: str = TABLES, owner: str = "the collector", setting: str = "COLLECTOR_DATABASE"
    ) -> None:
        self._path, self._owner = path, owner
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, check_same_thread=False)
            use_write_ahead_log(self._connection)
            self._connection.executescript(tables)
            self._file = path.stat()
        except (OSError, sqlite3.Error) as error:
            raise Problem(
                f"{path} cannot be {owner}'s file: {error}. Delete it, or let {setting} name another."
            ) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction at a time: committed at the end, or, after an exception, as if it had never begun."""
        with self._lock, fault_of_the_file(), self._connection:
            self.check()
            self._connection.execute("BEGIN IMMEDIATE")  # what is read here, no other worker changes before the end
            yield self._connection

    @contextmanager
    def reading(self, timeout: float = 5) -> Iterator[sqlite3.Connection]:
        """A connection of its own; it sees what was committed before. timeout: seconds to wait for a locked file."""
        self.check()
        with fault_of_the_file(), closing(sqlite3.connect(self._path, timeout=timeout)) as connection:
            yield connection

    def check(self) -> None:
        """OperationalError: the file was deleted, or another one has its place. SQLite would not notice."""
        if not (self._path.exists() and os.path.samestat(self._path.stat(), self._file)):
            raise sqlite3.OperationalError(f"{self._path.name} was deleted or replaced: start {self._owner} again")

    def close(self) -> None:
        """Nothing can be written or read any more."""
        self._connection.close()
