"""A file with one JSON object a line, which only grows, and which no crash can spoil (lesson 11)."""

import json
import os
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import Any

from pydantic_core import to_json


class Appender:
    """Adds lines to a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: FileIO | None = None  # stays open: to open it for each line would take longer than to write it
        self.whole = False  # is the last line whole? After a crash of another process, only the file knows

    def append(self, entries: Sequence[dict[str, Any]]) -> None:
        """Add a line for each entry: all of them, or none. OSError: they could not be written.

        One call of the system writes all of it; so a crash can tear the last line at most.
        """
        lines = b"".join(to_json(entry) + b"\n" for entry in entries)  # much faster than json.dumps
        if self.file is None:
            self.file = open_at_end(self.path)
        if not self.whole and ends_torn(self.file):  # a torn line must not spoil the next one
            lines = b"\n" + lines
        self.whole = False
        written = self.file.write(lines)
        if written != len(lines):  # the disk became full on the way
            self.file.truncate(self.file.tell() - written)
            raise OSError("there is no space left on the disk")
        self.whole = True


def open_at_end(path: Path) -> FileIO:
    """The file, opened to add to it; its folder is made only if it is missing, because asking each time costs time."""
    try:
        return open(path, "a+b", buffering=0)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return open(path, "a+b", buffering=0)


def ends_torn(file: FileIO) -> bool:
    """True if the file does not end with the end of a line."""
    if not file.tell():
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
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
