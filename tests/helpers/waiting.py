"""Wait for what another process does, or end it: tests about processes share this."""

import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from classroom.servers import ports

TESTS = Path(__file__).resolve().parents[1]


def until(condition, seconds=120, why=lambda: "this did not come true in time"):
    """Wait until this is true, and return what it then is; why: what to say if it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)
    return value


@contextmanager
def somebody_else(port, *command, folder=TESTS):
    """A program that somebody else has started in this folder, and that listens on this port, until the block ends."""
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=folder, stderr=subprocess.DEVNULL)
    try:
        until(lambda: ports.is_taken(port))
        yield
    finally:
        end(process)


def end(process):
    """Kill a process, and wait until it has ended."""
    process.kill()
    process.communicate()


def read_until(process, text, seconds=120):
    """The lines that a process prints, up to the first with this text. AssertionError: it does not come in time.

    Lines before it may say that something takes some seconds.
    """
    limit = threading.Timer(seconds, process.kill)
    limit.start()
    printed = []
    for line in process.stdout:
        printed.append(line.strip())
        if text in line:
            break
    limit.cancel()
    assert text in "".join(printed[-1:]), printed
    return printed
