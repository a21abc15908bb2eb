"""Wait for what another process does: until something is true, or until it has said a word."""

import threading
import time


def until(condition, seconds=60):
    """Wait until this is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this did not come true in time"
        time.sleep(0.05)


def read_until_ready(process):
    """The lines that `course.py monitor` prints until it says how to stop it."""
    limit = threading.Timer(120, process.kill)
    limit.start()
    printed = []
    for line in process.stdout:
        printed.append(line.strip())
        if "Ctrl-C" in line:
            break
    limit.cancel()
    return printed
