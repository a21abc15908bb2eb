"""Rename a file or a folder, on Windows too (lesson 11), and replace a file at once (lesson 24)."""

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

IN_USE = (5, 32)  # what Windows answers while another program has it open: access denied, sharing violation
UNFINISHED = ".unfinished"
PAUSES = (0.01, 0.1, 0.3, 0.6)  # seconds


def rename(old: Path | str, new: Path, pauses: Sequence[float] = ()) -> None:
    """Give it this name; a file that has it is replaced. OSError: that cannot be done.

    Windows refuses while somebody has it open, and a virus scanner opens all that is new: so we ask again for a second,
    or after these pauses, in seconds.
    """
    for pause in pauses or PAUSES:
        try:
            os.replace(old, new)
            return
        except PermissionError as error:
            if getattr(error, "winerror", None) not in IN_USE:
                raise
            time.sleep(pause)
    os.replace(old, new)


@contextmanager
def atomic_write(file: Path) -> Iterator[IO[bytes]]:
    """Replace a file by a new one, which only its owner may read: a crash leaves the old one, or the new one.

    After an error, nothing of the new one is left; after a crash it is, until delete_unfinished is called.
    """
    descriptor, new = tempfile.mkstemp(prefix=f"{file.name}.", suffix=UNFINISHED, dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as content:
            yield content
        rename(new, file)
    except BaseException:
        os.unlink(new)
        raise


def delete_unfinished(folder: Path) -> None:
    """Delete what crashes have left of atomic writes; what is younger than a minute may still be being written."""
    for file in folder.glob(f"*{UNFINISHED}"):
        with suppress(OSError):  # another worker was faster
            if file.stat().st_mtime < time.time() - 60:
                file.unlink()
