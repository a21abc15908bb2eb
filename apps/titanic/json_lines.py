"""A file with one JSON object a line, which only grows, and which no crash can spoil (lesson 11)."""

import json
import logging
import math
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from pydantic_core import to_json

from titanic.file_lock import lock

log = logging.getLogger("titanic.json_lines")
PATIENCE = 1.0  # seconds to wait for the reader of a full pipe


class Appender:
    """Adds lines to a file that no other process adds to, and notices when that file is moved or deleted."""

    def __init__(self, path: Path) -> None:
        self.path = path  # another one, if another process adds to this one
        self.file: FileIO | None = None  # stays open: to open it for each line would take longer than to write it
        self.inode, self.size = -1, 0  # which file it is, and its size in bytes, as we have left it
        self.regular = True  # False: a device or a pipe, which has no size and is never full
        self.max_size = math.inf  # in bytes: then it is full
        self.whole = False  # True: the last line is complete. After a crash of another process it may not be
        self.patience = PATIENCE  # 0 after a reader has not read for so long: predictions must not wait for it again
        self.trust_until = self.look_at = 0.0  # how long we need not look whether it was moved; when we do so anyway

    def must_open(self) -> bool:
        """True if the file is not as we left it (not open, moved, deleted, cut, written by others), or is full."""
        now = perf_counter()
        if now < self.trust_until and now < self.look_at:
            return False
        self.look_at = now + 1e-3
        return self.changed() or self.is_over()

    def changed(self) -> bool:
        """True if the file at this path is not the one that is open, or has another size."""
        found = self.in_place()
        return found is None or (self.regular and found.st_size != self.size)

    def in_place(self) -> os.stat_result | None:
        """The file at this path, if it is the one that is open."""
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found if found.st_ino == self.inode else None

    def is_over(self) -> bool:
        """True if it is time for another file."""
        return self.regular and self.size >= self.max_size

    def open(self) -> FileIO:
        """Open the file anew; one of our own, if another process has it. OSError: it cannot be opened."""
        self.close()
        for _ in range(9):  # again, if another process has it, or moves it in this moment
            file = open_at_end(self.path)
            if lock(file):
                found = os.fstat(file.fileno())
                self.file, self.inode, self.size, self.regular = file, found.st_ino, found.st_size, is_regular(found)
                self.whole = not (self.regular and ends_torn(file))
                if not self.changed():
                    break
            else:
                own = self.path.parent / f"{self.path.stem}_{os.getpid()}{self.path.suffix}"
                log.warning("Another process writes to %s. This one writes to %s.", self.path, own)
                self.path = own
        if self.file is None:
            raise OSError(f"other processes write to {self.path}")
        return self.file

    def append(self, entries: Sequence[dict[str, Any]]) -> None:
        """Add a line for each entry: all of them, or none. OSError: they could not be written.

        One call of the system writes all of it; so a crash can tear the last line at most.
        """
        lines = b"".join([to_json(entry) + b"\n" for entry in entries])  # much faster than json.dumps
        file = self.file or self.open()
        if not self.whole:  # a torn line must not spoil the next one
            lines = b"\n" + lines
            self.whole = True
        try:
            written = file.write(lines) if self.regular else self.hand_over(file, lines)
            if written != len(lines):  # the disk became full on the way
                file.truncate(file.tell() - written)
                raise OSError("there is no space left on the disk")
        except OSError as error:
            if not isinstance(error, BlockingIOError):  # of a pipe: to its reader, that would be the end
                self.close()
            raise
        self.size += written
        # To look costs a third of what a line costs, and next to nobody moves a file in two microseconds.
        if self.size < self.max_size:
            self.trust_until = perf_counter() + 2e-6

    def hand_over(self, file: FileIO, lines: bytes) -> int:
        """Give these lines to a device or a pipe, and return their length.

        BlockingIOError: its reader does not read. We wait for it once; after that, lines are lost until it reads again.
        """
        rest, until = memoryview(lines), perf_counter() + self.patience
        while rest:
            taken = file.write(rest)
            if taken is None:  # the pipe is full
                if perf_counter() > until:
                    break
                sleep(0.01)
            rest = rest[taken or 0 :]
        self.patience = 0.0 if rest else PATIENCE
        if rest:
            self.whole = len(rest) == len(lines) and not lines.startswith(b"\n")  # that is, as it was before
            raise BlockingIOError("nobody reads what is written into the pipe")
        return len(lines)

    def close(self) -> None:
        """Close the file, and leave it to other processes."""
        if self.file:
            self.file.close()
        self.file, self.inode, self.size, self.trust_until = None, -1, 0, 0.0


def open_at_end(path: Path) -> FileIO:
    """The file, opened to add to it; its folder is made only if it is missing, because asking each time costs time."""
    try:
        if not is_regular(os.stat(path)):  # there is nothing to read
            return open(path, "ab", buffering=0, opener=open_at_once)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    return open(path, "a+b", buffering=0)


def open_at_once(path: str, flags: int) -> int:
    """Open a device or a pipe. OSError: nobody reads from this pipe.

    By itself, the system would wait for somebody, and also each time that the pipe is full.
    """
    return os.open(path, flags if sys.platform == "win32" else flags | os.O_NONBLOCK)


def is_regular(found: os.stat_result) -> bool:
    """True if this is a file that has a size and an end; False if it is a device, a pipe or a folder."""
    return stat.S_ISREG(found.st_mode)


def ends_torn(file: FileIO) -> bool:
    """True if the file does not end with the end of a line."""
    if not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The entries, first to last, without torn lines. OSError: the file cannot be read."""
    with path.open("rb") as file:
        yield from filter(None, map(entry_of, file))


def last(path: Path) -> dict[str, Any] | None:
    """The last entry that is whole; None if there is none, or no such file."""
    try:
        if not path.is_file():  # a pipe would be waited for, and a device may have no end
            return None
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            for most in (100_000, size):  # the end is enough, unless it is very much spoilt
                file.seek(max(0, size - most))
                lines = file.read().splitlines()
                if entry := next(filter(None, map(entry_of, reversed(lines))), None):
                    return entry
    except OSError:
        pass
    return None


def entry_of(line: bytes) -> dict[str, Any] | None:
    """The entry in a line; None if the line is torn."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):  # the second: nested too deep to be an entry
        return None
    return entry if isinstance(entry, dict) else None
