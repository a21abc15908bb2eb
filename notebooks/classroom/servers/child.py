"""A process that ends with the one that started it: between the two stands watcher.py.

Importing this needs the standard library only.
"""

import contextlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from classroom.servers.folders import ROOT
from classroom.servers.watcher import GRACE
from titanic.proxies import spare_this_machine

WATCHER = Path(__file__).with_name("watcher.py")
PRINTS = "prints"  # the name of threads
# What must not steer the servers, though somebody has set it for all Pythons, uvicorns or Grafanas; course.py says why.
STEERS = re.compile(r"PYTHON(?!UNBUFFERED|FAULTHANDLER|NOUSERSITE)[A-Z0-9_]+|WEB_CONCURRENCY|UVICORN_\w+|GF_\w+")


def watched(
    command: list[str], output: TextIO | None, marks: Sequence[str] = (), settings: dict[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    """Start a program with its watcher: it ends when the watcher's input is closed, by us or by our own end.

    That holds at each moment: Ctrl-C while it is just being started closes the input too.
    """
    # A session of its own: Ctrl-C and the notebook's Interrupt button must not reach the program by themselves.
    # On Windows, a console of its own, which nobody sees: what the program sends to its workers reaches nobody else.
    console = output is None and sys.platform == "win32"
    variables = environment() | ({"PYTHONUNBUFFERED": "1"} if console else {}) | (settings or {})
    with printed_here() if console else contextlib.nullcontext(output) as to:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(WATCHER), *marks, "--watch", *command],
            cwd=ROOT, env=variables, start_new_session=True,
            stdin=subprocess.PIPE, stdout=to, stderr=to, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip


@contextlib.contextmanager
def printed_here() -> Iterator[TextIO]:
    """A file for a program that has another console: what it writes there, a thread of ours prints."""
    read_end, write_end = os.pipe()

    def show() -> None:
        with contextlib.suppress(OSError), open(read_end, encoding="utf-8", errors="replace") as written:
            for line in written:
                print(line, end="", flush=True)

    threading.Thread(target=show, name=PRINTS).start()
    with open(write_end, "w", encoding="utf-8") as output:
        yield output


def wait_for_prints() -> None:
    """Return when all is printed that programs which have ended have written for us."""
    for thread in threading.enumerate():
        if thread.name == PRINTS:
            thread.join()


def run(command: list[str], output: TextIO | None, settings: dict[str, str] | None = None) -> int:
    """Run a program to its end, and return its exit status. When we are interrupted, it is ended first.

    settings: variables of its environment.
    """
    with watched(command, output, settings=settings) as watcher:
        try:
            while True:  # in short waits: on Windows, Ctrl-C comes only between them
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return watcher.wait(0.2)
        finally:
            assert watcher.stdin is not None
            watcher.stdin.close()
            watcher.wait(timeout=GRACE + 10)
            wait_for_prints()


def last_line(said: bytes) -> str:
    """The last line of what a program has said, which may be nothing: what the system kills cannot speak any more."""
    return (said.decode(errors="replace").strip().splitlines() or ["it says nothing"])[-1]


def environment() -> dict[str, str]:
    """The environment of what is started: ours, without what would harm."""
    spare_this_machine()
    kept = {name: value for name, value in os.environ.items() if not STEERS.fullmatch(name)}
    return kept | {"PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1"}


def kill_all(pid: int) -> None:
    """Kill this process and all below it, at once."""
    import psutil

    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.Error):
                one.kill()
