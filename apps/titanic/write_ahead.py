"""Switch a SQLite file to a write-ahead log, also when several processes open a new file at the same moment."""

import os
import sqlite3
import time
from pathlib import Path

PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)  # seconds


def use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """After this, readers do not wait for the writer. sqlite3.OperationalError: the file cannot be switched.

    For this switch SQLite needs the file for itself, and does not wait for it, whatever the timeout of the connection.
    """
    for pause in PAUSES:
        try:
            switch(connection)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(pause)
    switch(connection)


def switch(connection: sqlite3.Connection) -> None:
    """Try it once. sqlite3.OperationalError: the file is locked, or cannot be switched.

    When a file was deleted, the index of its write-ahead log (-shm) may be left, still open in another process. A new
    file of that name would use it, and every write would fail. So the index is deleted while the new file is empty and
    nobody else can write to it. SQLite itself then deletes the log (-wal).
    """
    file = Path(connection.execute("PRAGMA database_list").fetchone()[2])
    if is_new(file):
        connection.execute("BEGIN EXCLUSIVE")
        try:
            if is_new(file):  # nobody was faster
                Path(f"{file}-shm").unlink(missing_ok=True)
        finally:
            connection.rollback()
    connection.execute("PRAGMA journal_mode = WAL")


def is_new(file: Path) -> bool:
    """True if nothing is in this file yet."""
    return os.path.getsize(file) == 0
