"""How many predictions wait for their outcome (lesson 20): one number in the file, and the gauge that shows it."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

from prometheus_client import Gauge

from titanic.metrics_folder import make_metrics_folder
from titanic.read_only import read_only

make_metrics_folder()  # before the first metric is defined

titanic_outcomes_pending = Gauge(
    "titanic_outcomes_pending", "Predictions that wait for their outcome.", multiprocess_mode="mostrecent"
)
NUMBER = "SELECT waiting FROM tally"


class Counted(Protocol):
    """The file of the predictions, and the lock of those in this process who write to it."""

    path: Path
    lock: threading.Lock

    def close(self) -> None:
        """Close the file."""


def count_waiting(connection: sqlite3.Connection, change: int) -> None:
    """So many predictions more wait, or, below 0, fewer. The gauge is set before others may write."""
    connection.execute("UPDATE tally SET waiting = waiting + ?", [change])
    titanic_outcomes_pending.set(connection.execute(NUMBER).fetchone()[0])


def tell_waiting(counted: Counted) -> None:
    """Set the gauge to what the file says; if that cannot be read, leave it."""
    # With the lock, the gauge never goes back behind what this process writes at the same time.
    with counted.lock, suppress(sqlite3.Error, OSError), read_only(counted.path, timeout=0) as connection:
        titanic_outcomes_pending.set(connection.execute(NUMBER).fetchone()[0])


@asynccontextmanager
async def publishing(counted: Counted) -> AsyncIterator[None]:
    """Set the gauge each second: another copy of the app may write to the same file. Close the file at the end."""

    async def go_on() -> None:
        while True:
            await asyncio.to_thread(tell_waiting, counted)  # a slow disk must not hold up the requests
            await asyncio.sleep(1)

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()
        counted.close()
