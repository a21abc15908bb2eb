"""A file with one JSON object a line, which only grows, and which no crash can spoil (lesson 11)."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path


def append(path: Path, entries: Sequence[dict]) -> None:
    """Add a line for each entry: all of them, or none. OSError: they could not be written.

    One call of the system writes all of it; so a crash can tear the last line at most.
    """
    lines = "".join(json.dumps(entry) + "\n" for entry in entries).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a torn line must not spoil the next one
                lines = b"\n" + lines
        if file.write(lines) != len(lines):  # the disk became full on the way
            file.truncate(size)
            raise OSError("there is no space left on the disk")


def read(path: Path) -> Iterator[dict]:
    """The entries, first to last, without torn lines. OSError: the file cannot be read."""
    with path.open("rb") as file:
        yield from filter(None, map(entry_of, file))


def last(path: Path) -> dict | None:
    """The last entry that is whole; None if there is none, or no such file."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return None
    return next(filter(None, map(entry_of, reversed(lines))), None)


def entry_of(line: bytes) -> dict | None:
    """The entry in a line; None if the line is torn."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
