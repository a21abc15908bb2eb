"""Let a SQLite file have a write-ahead log, also when several processes open a new file at the same moment."""

import sqlite3
import time

PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)  # seconds


def use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Those who read then do not wait for the one who writes. sqlite3.OperationalError: it cannot be.

    For this switch SQLite needs the file for itself, and does not wait for it, whatever the timeout of the connection.
    """
    for pause in PAUSES:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(pause)
    connection.execute("PRAGMA journal_mode = WAL")
