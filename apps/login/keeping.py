"""What is old is deleted: files of the log, and predictions whose outcome never came (lesson 24)."""

import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from login.asked_log import AskedLog, open_log
from login.erasing import files_of, opened
from login.waiting import ErasablePending, open_waiting
from titanic import tally
from titanic.hourly import each_hour
from titanic.json_lines import entry_of
from titanic.renaming import delete_unfinished
from titanic.rotation import DAY, last_written, look_after, number_in
from titanic.settings import Settings

log = logging.getLogger("titanic.login")
KEEP = 30.0  # days; long enough for an outcome to come, and to look into a complaint


def days() -> float:
    """How many days are kept: PREDICTION_LOG_KEEP_DAYS, or 30."""
    return Settings().prediction_log_keep_days or KEEP


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the log and the predictions that wait; delete what is old of both until the end."""
    asked, pending = open_log(app.state.door.trace_key, app.state.model is not None), open_waiting()
    app.state.log, app.state.pending = asked, pending
    async with tally.publishing(pending), each_hour(partial(delete_old, asked, pending, days())):
        yield
    asked.file.close()


def delete_old(asked: AskedLog, pending: ErasablePending, keep: float) -> None:
    """Delete what is older than so many days; a file counts from its last line, and has those of one day."""
    look_after(asked)  # a file of yesterday is moved aside: else it would never grow old
    delete_unfinished(asked.file.path.parent)
    for file in files_of(asked.file.path):
        if file != asked.file.path and is_old(file, keep) and is_own(file, asked.file.path):
            with suppress(OSError):  # another worker was faster
                file.unlink()
    try:
        pending.forget(keep)
    except sqlite3.Error as error:
        log.error("Old predictions are not deleted: %s. This is tried again in an hour.", error)


def is_old(file: Path, keep: float) -> bool:
    """True if it was last written before so many days."""
    return last_written(file) < time.time() - keep * DAY


def is_own(file: Path, path: Path) -> bool:
    """True if this file is of the log at this path, and nobody else's whose name is like it: it holds predictions.

    What cannot be read is judged by its name: it must be that of the log, with what logrotate puts behind it.
    """
    try:
        return holds_predictions(file)
    except FileNotFoundError:  # another worker was faster
        return False
    except Exception as error:  # each kind of compression has errors of its own
        if file.name.startswith(path.name):
            return True
        log.error("%s is old, and cannot be read: %s. If it is of the log, delete it.", file, error)
        return False


def holds_predictions(file: Path) -> bool:
    """True if a prediction is in this file, or nothing any more: all were erased. An exception: it cannot be read."""
    empty = True
    with opened(file) as content:
        for line in content:
            if number_in(entry_of(line)) is not None:
                return True
            empty = empty and not line.strip()
    return empty
