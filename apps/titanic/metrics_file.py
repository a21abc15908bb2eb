"""The file in which a worker keeps its metrics (lesson 12), so that a full disk does not end the worker."""

from pathlib import Path
from typing import ClassVar

from prometheus_client.mmap_dict import MmapedDict

SPACE = 1 << 20  # bytes, for about 8,000 series; the course's apps have some hundreds


class MetricsFile(MmapedDict):
    """The library's own, whose place on the disk is taken from the start.

    The library makes a file longer without writing to it. When the disk then has no place for a page, the system ends
    the process that writes there, without any exception (SIGBUS). .used: the files of this process.
    """

    used: ClassVar[set[Path]] = set()

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        """OSError: there is no space for it."""
        if not read_mode:
            with open(filename, "ab") as file:
                file.write(bytes(max(0, SPACE - file.tell())))
            self.used.add(Path(filename))
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Close the file. It stays."""
        self.used.discard(Path(self._fname))
        super().close()  # type: ignore[no-untyped-call]
