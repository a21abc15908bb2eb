"""When a log of predictions begins a new file, and how long its old files are kept (lesson 11)."""

import logging
import math
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from io import FileIO
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from titanic import json_lines
from titanic.hourly import each_hour
from titanic.links import DEVICES
from titanic.renaming import rename
from titanic.settings import Settings

log = logging.getLogger("titanic.rotation")
DAY = 86_400  # seconds
PAUSE = 60  # seconds between a failure to move the file and the next attempt
ASIDE = r"\d{8}-\d{6}-\d{6}"  # the time in the name of a file that was moved aside


class RotatingAppender(json_lines.Appender):
    """An Appender that moves its file aside when it is full or of another day, and deletes old ones (see Settings)."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        settings = Settings()
        self.max_size = settings.prediction_log_max_size or math.inf
        self.daily = settings.prediction_log_daily
        self.keep_days = settings.prediction_log_keep_days
        self.day = 0  # of the file: whole days since 1970, in UTC
        self.not_before = 0.0  # it is not moved aside before this time
        self.warned = False

    def is_over(self) -> bool:
        """True if the file is full or of another day, and may be moved aside."""
        if not self.regular or self.path.parent == DEVICES or time.monotonic() < self.not_before:
            return False
        return super().is_over() or (self.daily and self.size > 0 and time.time() // DAY != self.day)

    def open(self) -> FileIO:
        """Open the file; if it is over, move it aside and begin a new one. OSError: it cannot be opened."""
        if self.is_over() and self.in_place():  # else somebody was faster
            self.move_aside()
        file = self.open_as_it_is()
        if self.is_over():  # it was here before us
            self.move_aside()
            file = self.open_as_it_is()
        self.delete_old()
        return file

    def open_as_it_is(self) -> FileIO:
        """Open the file, and note of which day it is. OSError: it cannot be opened."""
        file = super().open()
        self.day = int((os.fstat(file.fileno()).st_mtime if self.size else time.time()) // DAY)
        return file

    def move_aside(self) -> None:
        """Give the file another name, with the time in it."""
        self.close()
        now = datetime.now(UTC)
        try:
            rename(self.path, self.path.parent / f"{self.path.stem}.{now:%Y%m%d-%H%M%S-%f}{self.path.suffix}")
            self.warned = False
        except FileNotFoundError:  # somebody has moved it in this moment
            pass
        except OSError as error:  # the lines matter more than the size of the file
            self.not_before = time.monotonic() + PAUSE
            if not self.warned:
                log.warning("%s cannot be moved aside, and goes on growing: %s", self.path, error)
            self.warned = True

    def delete_old(self) -> None:
        """Delete the files of this log that were last written too long ago, also those of earlier starts."""
        if self.keep_days is None:
            return
        stem = re.sub(rf"(_\d{{8}}_\d{{6}})?(_{os.getpid()})*$", "", self.path.stem)  # without start and process id
        name = re.escape(stem) + r"(_\d+)*" + end_of(self.path)
        too_old = time.time() - self.keep_days * DAY
        for file in files_named(name, self.path.parent):
            if file != self.path and last_written(file) < too_old and last_number(file) is not None:  # nobody else's
                with suppress(OSError):  # another worker was faster
                    file.unlink()


class Log(Protocol):
    """What writes into such a file, a thread at a time."""

    file: RotatingAppender
    lock: Lock

    def begin_file(self) -> None:
        """Open the file; if it is over, move it aside and begin a new one."""


@asynccontextmanager
async def looked_after(log: Log) -> AsyncIterator[None]:
    """Look after this log until the end; then close it."""
    async with each_hour(partial(look_after, log)):
        yield
    log.file.close()


def look_after(log: Log) -> None:
    """Move the file aside if it is over, and delete old ones: without predictions, nothing else would."""
    file = log.file
    with log.lock:
        left_by_an_earlier_start = file.file is None and file.daily and file.path.is_file()
        if left_by_an_earlier_start or (file.file and file.is_over()):
            log.begin_file()
        file.delete_old()


def end_of(path: Path) -> str:
    """How the name of a file of the log at this path ends, as a regular expression: also one that was moved aside.

    The app has called that predictions.<time>.jsonl; logrotate calls it predictions.jsonl.1 or predictions.jsonl-<day>.
    """
    return rf"(\.{ASIDE})?{re.escape(path.suffix)}([._-]\d+)*"


def files_named(name: str, folder: Path) -> list[Path]:
    """The files of a folder whose whole name fits this regular expression; none, if the folder may not be read."""
    try:
        return [file for file in folder.iterdir() if re.fullmatch(name, file.name)]
    except OSError:
        return []


def last_written(file: Path) -> float:
    """When this file was last written, in seconds since 1970; now, if it is no longer there."""
    try:
        return file.stat().st_mtime
    except OSError:
        return time.time()


def last_number(file: Path) -> int | None:
    """The number ("execute") in the last entry of this file; None if there is none."""
    return number_in(json_lines.last(file))


def number_in(entry: dict[str, Any] | None) -> int | None:
    """The number ("execute") in this entry; None if there is none: it is no prediction."""
    number = (entry or {}).get("execute")
    return number if isinstance(number, int) else None


def number_so_far(path: Path) -> int:
    """The last number of the log at this path; 0 if it is new. It may be in a file that was moved aside."""
    if (number := last_number(path)) is not None:
        return number
    found = files_named(re.escape(path.stem) + end_of(path), path.parent)
    numbers = map(last_number, sorted(found, key=last_written, reverse=True))
    return next((number for number in numbers if number is not None), 0)
