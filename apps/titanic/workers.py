"""The metrics of an app that runs in several workers (lesson 12): each keeps its own in files of a common folder."""

import logging
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil
from fastapi import HTTPException
from prometheus_client import REGISTRY, CollectorRegistry, Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from titanic.metrics_folder import MetricsFile
from titanic.settings import metrics_folder

log = logging.getLogger("titanic.workers")
# What the library calls the files of a worker; in the same folder there may be databases of somebody's own.
FILE = re.compile(r"(counter|gauge_[a-z]+|histogram|summary)_\d+\.db")
told: set[Path] = set()  # the files that the log has named because they cannot be read, or are gone


def registry() -> CollectorRegistry:
    """The metrics of this process; with PROMETHEUS_MULTIPROC_DIR, those of all workers, added up.

    HTTPException: the files of this worker are gone. Then Prometheus must see that something is wrong.
    """
    folder = metrics_folder()
    if folder is None:
        return REGISTRY
    refuse_if_gone(MetricsFile.used)
    # A killed worker has no requests in progress and uses no memory: forget these gauges. What it counted stays.
    living = {str(pid) for pid in psutil.pids()}
    for file in folder.glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdecimal() and pid not in living:
            with suppress(OSError):  # another scrape was faster
                mark_process_dead(pid)
    together = CollectorRegistry()
    together.register(ReadableFiles(folder))
    return together


def refuse_if_gone(files: set[Path]) -> None:
    """Raise an HTTPException if one of these files was deleted; the log says so, the first time."""
    gone = {file for file in files if not file.exists()}
    if gone - told:
        log.error("%s was deleted, and with it what was counted: start the app again.", min(gone))
    told.update(gone)
    if gone:
        raise HTTPException(500, "The files of the metrics were deleted: start the app again.")


def forget(folder: Path) -> None:
    """Delete what workers have counted in this folder; none of them may still run."""
    for file in folder.glob("*.db"):
        if FILE.fullmatch(file.name):
            file.unlink()


class ReadableFiles(Collector):
    """Adds up the files. One that cannot be read, of a worker that was killed while it made it, is left out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def collect(self) -> Iterable[Metric]:
        """The metrics in all files that can be read."""
        files = [str(file) for file in self.folder.glob("*.db") if is_readable(file)]
        found: Iterable[Metric] = MultiProcessCollector.merge(files)
        return found


def is_readable(file: Path) -> bool:
    """True if the library can read this file; if not, the log says why, the first time."""
    try:
        if not file.is_file():  # it would wait for ever for what comes out of a pipe
            raise OSError("it is no file")
        last = 0
        for *_, place in MmapedDict.read_all_values_from_file(file):
            if place <= last:  # some damage would send the library round in circles
                raise ValueError("it is damaged")
            last = place
        MultiProcessCollector.merge([str(file)])
    except Exception as error:  # whatever is wrong with one file, the others can be read
        if file not in told:
            log.warning("%s is left out of the metrics, because it cannot be read: %r", file, error)
        told.add(file)
        return False
    return True
