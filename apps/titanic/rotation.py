"""When a log of predictions begins a new file, and how long its old files are kept (lesson 11)."""

import logging
import math
import os
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from titanic import json_lines
from titanic.settings import Settings

log = logging.getLogger("titanic.rotation")
DAY = 86_400  # seconds


class RotatingAppender(json_lines.Appender):
    """An Appender that moves its file aside when it is full or of another day, and deletes old ones (see Settings)."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        settings = Settings()
        self.max_size = settings.prediction_log_max_size or math.inf
        self.daily = settings.prediction_log_daily
        self.keep_days = settings.prediction_log_keep_days
        self.day = 0  # of the file: whole days since 1970, in UTC

    def is_over(self) -> bool:
        """True if the file is full or of another day."""
        return super().is_over() or (self.daily and self.size > 0 and time.time() // DAY != self.day)

    def open(self) -> FileIO:
        """Open the file; if it is over, move it aside and begin a new one. OSError: it cannot be opened."""
        if self.is_over():
            self.move_aside()
        file = super().open()
        self.day = int(os.fstat(file.fileno()).st_mtime // DAY)
        if self.is_over():  # it was here before us
            self.move_aside()
            file = super().open()
            self.day = int(time.time() // DAY)
        self.delete_old()
        return file

    def move_aside(self) -> None:
        """Give the file another name, with the time in it."""
        self.close()
        now = datetime.now(UTC)
        try:
            self.path.rename(self.path.parent / f"{self.path.stem}.{now:%Y%m%d-%H%M%S-%f}{self.path.suffix}")
        except OSError as error:  # the lines matter more than the size of the file
            log.warning("%s cannot be moved aside, and goes on growing: %s", self.path, error)
            self.max_size, self.daily = math.inf, False

    def delete_old(self) -> None:
        """Delete the files of this log that were last written too long ago, also those of earlier starts."""
        if self.keep_days is None:
            return
        stem = re.sub(rf"(_\d{{8}}_\d{{6}})?(_{os.getpid()})*$", "", self.path.stem)  # without start and process id
        name = re.compile(rf"{re.escape(stem)}(_\d+)*(\.\d+-\d+-\d+)?{re.escape(self.path.suffix)}")
        for file in self.path.parent.iterdir():
            with suppress(OSError):  # another worker was faster
                old = name.fullmatch(file.name) and file.stat().st_mtime < time.time() - self.keep_days * DAY
                if old and file != self.path and last_number(file) is not None:  # no file of somebody else
                    file.unlink()


def last_number(file: Path) -> int | None:
    """The number ("execute") in the last entry of this file; None if there is none."""
    number = (json_lines.last(file) or {}).get("execute")
    return number if isinstance(number, int) else None


def number_so_far(path: Path) -> int:
    """The last number of the log at this path, which may be in a file that was moved aside; 0 if it is a new log."""
    others = [file for file in path.parent.iterdir() if file.name.startswith(f"{path.stem}.") and file != path]
    for file in [path, *sorted(others, key=os.path.getmtime, reverse=True)]:
        if (number := last_number(file)) is not None:
            return number
    return 0
