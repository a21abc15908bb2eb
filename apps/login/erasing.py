"""Erase one person from the log and the outcomes, while the app goes on writing (lesson 24).

A line is overwritten with spaces where it stands. So nothing moves: what the app, or another worker, adds to the file
in the meantime stays, and readers skip the empty line. A compressed file is written anew, for nobody adds to it.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import IO, Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from login.asked_log import AskedLog, pseudonym
from login.waiting import ErasablePending
from titanic.json_lines import is_regular
from titanic.renaming import atomic_write, delete_unfinished
from titanic.rotation import files_named

Found = TypeVar("Found")
REQUEST_ID = re.compile(rb'"request_id":"([^"]*)"')
# How logrotate compresses, and the module that reads it. Not each Python has each of them: zstd comes with 3.14.
COMPRESSED = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma", ".zst": "compression.zstd", ".lz4": "lz4.frame"}


class Person(BaseModel):
    """Who is to be erased. In the body, because servers log addresses: there, the name would be written anew."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "rose"}]})

    name: Annotated[str, Field(min_length=1, max_length=100, description="The name of the account")]


class Erased(BaseModel):
    """What was erased, where it was looked for, and which files could not be read: there, it may still be."""

    lines: int = 0
    predictions: int = 0
    files: int = 0
    not_searched: list[str] = []


def erase(name: str, log: AskedLog, pending: ErasablePending) -> Erased:
    """Erase this person. sqlite3.Error: the outcomes could not be, and can be tried again: the log is as it was."""
    mark, path = pseudonym(name, log.trace_key).encode(), log.file.path
    delete_unfinished(path.parent)  # or a copy of her lines might outlive them
    # The log is the last: it alone tells which predictions are whose. So after a crash, one can begin again.
    requests = {one for found in each_file(path, partial(requests_in, mark), Erased()) for one in found}
    done = Erased(predictions=pending.erase(requests))
    done.lines = sum(each_file(path, partial(erase_lines, mark, requests), done))
    log.asked.pop(name, None)
    return done


def each_file(log: Path, work: Callable[[Path], Found], done: Erased) -> Iterator[Found]:
    """What this work finds in each file of the log; new ones are looked for at the end: one may be moved meanwhile."""
    seen: set[tuple[int, int]] = set()
    while new := [file for file in files_of(log) if inode(file) not in seen]:
        for file in new:
            seen.add(inode(file))
            try:
                yield work(file)
                done.files += 1
                seen.add(inode(file))  # of a compressed file, it is another one now
            except FileNotFoundError:  # moved or deleted in this moment
                continue
            except Exception:  # each kind of compression has errors of its own
                done.not_searched.append(file.name)


def files_of(log: Path) -> list[Path]:
    """All files that may be of this log: of earlier starts, of other workers, moved aside, and compressed.

    logrotate puts a number or a time (dateformat) at the end, or (extension) before the suffix.
    """
    stem = re.escape(re.sub(r"(_\d+)*$", "", log.stem))  # without the time of the start and the process id
    numbers, compressed = r"([._-]\d+)*", "|".join(map(re.escape, COMPRESSED))
    return sorted(files_named(f"{stem}{numbers}{re.escape(log.suffix)}{numbers}({compressed})?", log.parent))


def inode(file: Path) -> tuple[int, int]:
    """Which file it is, whatever its name; (0, 0) if it has gone."""
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def is_compressed(file: Path) -> bool:
    """True if logrotate has compressed it."""
    return file.suffix in COMPRESSED


def module(file: Path) -> ModuleType:
    """The module that reads a compressed file. ImportError: this Python has none."""
    return import_module(COMPRESSED[file.suffix])


@contextmanager
def opened(file: Path) -> Iterator[IO[bytes]]:
    """The content of a file of the log, to be read. An exception: it cannot be, or no module can read it."""
    if not is_regular(file.stat()):  # a pipe would be waited for
        raise OSError(f"{file} is no file that can be read")
    with module(file).open(file, "rb") if is_compressed(file) else file.open("rb") as content:
        yield content


def lines_with(mark: bytes, file: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that hold this, torn ones too, and where they begin."""
    place = 0
    with opened(file) as content:
        for line in content:
            if mark in line:
                yield place, line
            place += len(line)


def requests_in(mark: bytes, file: Path) -> set[str]:
    """The ids of the requests in the lines that hold this."""
    return {request_in(line) for _, line in lines_with(mark, file)} - {""}


def request_in(line: bytes) -> str:
    """The id of the request in this line; empty if the line is torn before it."""
    found = REQUEST_ID.search(line)
    return found[1].decode() if found else ""


def erase_lines(mark: bytes, requests: set[str], file: Path) -> int:
    """Erase the lines that hold this, of these requests; how many. The file stays as old as it was.

    A line that has come meanwhile stays: its outcome waits, and would be found by nobody. The next call erases both.
    """
    found = [(place, line) for place, line in lines_with(mark, file) if request_in(line) in requests | {""}]
    if found:
        with keeping_its_age(file):
            if is_compressed(file):
                rewrite(mark, file)
            else:
                blank(found, file)
    return len(found)


def blank(lines: list[tuple[int, bytes]], file: Path) -> None:
    """Overwrite these lines with spaces."""
    with file.open("r+b", buffering=0) as content:
        for place, line in lines:
            content.seek(place)
            if content.read(len(line)) == line:  # it still stands there
                content.seek(place)
                content.write(b" " * len(line.rstrip(b"\n")))
        os.fsync(content.fileno())


def rewrite(mark: bytes, file: Path) -> None:
    """Write a compressed file anew without the lines that hold this; a crash leaves the old file, or the new one."""
    mode = file.stat().st_mode
    with atomic_write(file) as raw, module(file).open(raw, "wb") as output, opened(file) as content:
        output.writelines(line for line in content if mark not in line)
    file.chmod(mode)


@contextmanager
def keeping_its_age(file: Path) -> Iterator[None]:
    """When a file was last written decides when it is deleted: to erase a line must not make it younger."""
    found = file.stat()
    yield
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))
