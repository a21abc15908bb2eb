"""The file in which a worker keeps its metrics (lesson 12), so that a full disk does not end the worker."""

import errno
import logging
import os
from pathlib import Path
from typing import ClassVar

from prometheus_client.mmap_dict import MmapedDict

log = logging.getLogger("titanic.metrics_file")
FIRST = 1 << 16  # bytes, as the library has it; then it doubles the file as often as it must
MOST = 32  # bytes that a series needs at most, besides its name


class MetricsFile(MmapedDict):
    """The library's own, and what is written there has its place on the disk before.

    The library lets a file grow without writing to it. When the disk then has no place for a page, the system ends the
    process that writes into it, without any exception (SIGBUS). .used: those of this process, by their paths.
    """

    used: ClassVar[set[Path]] = set()

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        """OSError: there is no space for it."""
        self.full = False
        if not read_mode:
            fill(filename, FIRST)
            self.used.add(Path(filename))
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]

    def read_value(self, key: str) -> tuple[float, float]:
        """The value of a series, and its time in seconds since 1970, or 0; of one that has no place here, 0 and 0."""
        if not self.has_place(key):
            return 0.0, 0.0
        value, timestamp = super().read_value(key)  # type: ignore[no-untyped-call]
        return value, timestamp

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        """Keep the value of a series; one that has no place here is told as soon as it has."""
        if self.has_place(key):
            super().write_value(key, value, timestamp)  # type: ignore[no-untyped-call]

    def has_place(self, key: str) -> bool:
        """True if this series is here, or can be; if not, the log says why, the first time."""
        if key in self._positions:
            return True
        try:
            if self._used + len(key.encode()) + MOST > self._capacity:
                fill(self._fname, 2 * self._capacity)
            self.full = False
        except OSError as error:
            if not self.full:
                log.warning("%s cannot grow, so new series are missing in the metrics: %s", self._fname, error)
            self.full = True
        return not self.full

    def close(self) -> None:
        """Close the file. It stays."""
        self.used.discard(Path(self._fname))
        super().close()  # type: ignore[no-untyped-call]


def fill(filename: str, size: int) -> None:
    """Let a file have so many bytes, with zeros at its end. OSError: there is no space; then it is as it was."""
    with open(filename, "ab", buffering=0) as file:
        before = os.fstat(file.fileno()).st_size
        missing = max(0, size - before)
        if file.write(bytes(missing)) != missing:
            file.truncate(before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
