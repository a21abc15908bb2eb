"""Read a SQLite file that other processes may be writing to (lesson 01)."""

import sqlite3
from contextlib import closing
from pathlib import Path


def read_only(file: Path, timeout: float = 5) -> "closing[sqlite3.Connection]":
    """The file, for a `with`: it cannot be changed, nor is an empty one made if there is none.

    timeout: how many seconds to wait for a lock. sqlite3.OperationalError: there is no such file.
    """
    return closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=timeout))
