"""A process that ends with the one that started it: between the two stands watcher.py.

Importing this needs the standard library only.
"""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from classroom.servers.folders import ROOT
from classroom.servers.watcher import GRACE
from titanic.proxies import spare_this_machine

WATCHER = Path(__file__).with_name("watcher.py")
# What must not steer the servers, though somebody has set it for all Pythons, uvicorns or Grafanas; course.py says why.
STEERS = re.compile(r"PYTHON(?!UNBUFFERED|FAULTHANDLER|NOUSERSITE)[A-Z0-9_]+|WEB_CONCURRENCY|UVICORN_\w+|GF_\w+")


def watched(
    command: list[str], output: TextIO | None, marks: Sequence[str] = (), settings: dict[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    """Start a program with its watcher: it ends when the watcher's input is closed, by us or by our own end.

    That holds at each moment: Ctrl-C while it is just being started closes the input too.
    """
    # A session of its own: Ctrl-C and the notebook's Interrupt button must not reach the program by themselves.
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(WATCHER), *marks, "--watch", *command],
        cwd=ROOT, env=environment() | (settings or {}), start_new_session=True,
        stdin=subprocess.PIPE, stdout=output, stderr=output,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows
    )  # fmt: skip


def run(command: list[str], output: TextIO | None, settings: dict[str, str] | None = None) -> int:
    """Run a program to its end, and return its exit status. When we are interrupted, it is ended first.

    settings: variables of its environment.
    """
    with watched(command, output, settings=settings) as watcher:
        try:
            return watcher.wait()
        finally:
            assert watcher.stdin is not None
            watcher.stdin.close()
            watcher.wait(timeout=GRACE + 10)


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
