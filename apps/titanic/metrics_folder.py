"""The folder in which several workers keep their metrics (lesson 12), and a file in it."""

import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import ClassVar

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

from titanic.settings import metrics_folder

SPACE = 1 << 20  # bytes in a file, for about 8,000 series; the course's apps have some hundreds
NEEDED = 10 * SPACE  # bytes in the folder: a worker has some files there


def make_metrics_folder() -> None:
    """Make the folder, if one is named: the library opens files in it as soon as a metric is defined.

    SystemExit with a sentence: it cannot be made, nothing can be written there, or there is no space.
    """
    folder = metrics_folder()
    if folder is None:
        values.ValueClass = values.MutexValue  # an empty variable: the library would take the folder that one is in
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as file:  # a folder of somebody else, or a full one, is found out now
            file.write(bytes(NEEDED))
    except OSError as error:
        what = "this one cannot be made or written to" if error.filename else f"{folder} has no space for the metrics"
        sys.exit(f"PROMETHEUS_MULTIPROC_DIR must name a folder, and {what}: {error}")
    values.MmapedDict = MetricsFile  # type: ignore[attr-defined]


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
