"""A server: start it, wait until it answers, stop it or kill it, and find whose it is.

Importing this needs the standard library only.
"""

import contextlib
import math
import os
import re
import shutil
import subprocess
import time
import urllib.request
from http.client import HTTPException
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from classroom.servers import disk, ports
from classroom.servers.child import WATCHER, kill_all, wait_for_prints, watched
from classroom.servers.folders import LOGS, ROOT
from classroom.servers.holder import holder, process_on
from classroom.servers.watcher import GRACE
from titanic.problem import Problem
from titanic.proxies import spare_this_machine

if TYPE_CHECKING:
    import psutil

started: "dict[int, Server]" = {}  # by their ports: what this process has started and not yet stopped
END_OF_START = "Application startup failed. Exiting."  # uvicorn; the line before says why


class Server:
    """A server that answers at .url until .stop() is called, or until the process that started it ends.

    The command is expected to listen on this port of 127.0.0.1. settings: variables of its environment. log: the file
    for its output. then_delete: a folder that goes when the server ends. replaceable: another notebook may stop it to
    start its own. Problem: the log cannot be written.
    """

    name = "The server"
    in_terminal = False  # where its output goes: to the log, or into the terminal
    usual_port: int | None = None  # where most people have it
    ready_page = "/"  # answers 200 when the server is ready for questions

    def __init__(
        self,
        port: int,
        command: list[str],
        settings: dict[str, str] | None = None,
        *,
        log: Path | None = None,
        then_delete: Path | None = None,
        replaceable: bool = False,
    ) -> None:
        spare_this_machine()
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = log or log_file(self.name.lower(), port, self.usual_port or port)
        self.then_delete = then_delete
        marks = ["--replaceable", str(port), self.name] if replaceable else []
        marks += ["--then-delete", str(then_delete)] if then_delete else []
        with contextlib.nullcontext() if self.in_terminal else opened(self.log) as output:
            self.watcher = watched(command, output, marks, settings)
        started[port] = self  # before waiting, so that an interrupted start is replaced by the next one

    @property
    def process(self) -> "psutil.Process":
        """Its first process. On Windows, a venv's Python stands twice in the list, and so does the watcher."""
        import psutil

        return watched_by(psutil.Process(self.watcher.pid))[0]

    def is_running(self) -> bool:
        """True until it is stopped or ends by itself."""
        return self.watcher.poll() is None

    def is_ready(self) -> bool:
        """True if it is ready for questions."""
        try:
            with urllib.request.urlopen(f"{self.url}{self.ready_page}", timeout=5):
                return True
        except (OSError, HTTPException):  # an answer of 400 and above is an OSError too
            return False

    def wait_until_ready(self, seconds: float = 60, told_after: float = math.inf) -> None:
        """Return when the server answers; Problem with the error in its log if it ends instead.

        told_after: after so many seconds, a line says what is being waited for.
        """
        began = time.monotonic()
        deadline = began + seconds
        try:
            # The port first: on Windows it takes an HTTP client two seconds to learn that nobody listens.
            while not (ports.is_taken(self.port) and self.is_ready() and self.has_its_port()):
                if self.ends_within(0.05):
                    if ports.is_taken(self.port):  # the log may be that of the other one
                        raise Problem(
                            f"{self.name} did not start: {holder(self.port)} took port {self.port} before it."
                        )
                    raise Problem(f"{self.name} did not start: {self.last_error()}")
                if time.monotonic() > began + told_after:
                    print(f"{self.name} is starting. It takes some seconds ...", flush=True)
                    told_after = math.inf
                if time.monotonic() > deadline:
                    said = self.last_error()  # before it writes that it ends
                    self.stop()
                    raise Problem(f"{self.name} was not ready within {seconds:.0f} seconds: {said}")
        except KeyboardInterrupt:
            self.give_up()
            raise

    def has_its_port(self) -> bool:
        """False if what answers is not this server, but one that was a moment faster to take the port."""
        answering = process_on(self.port)
        if answering is None:  # the system does not tell
            return True
        with contextlib.suppress(Exception):  # it has ended in this moment
            return self.watcher.pid in [answering.pid, *(above.pid for above in answering.parents())]
        return False

    def ends_within(self, seconds: float) -> bool:
        """Wait so long for its end, if it does not come sooner; True if it has come."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.watcher.wait(timeout=seconds)
        return not self.is_running()

    def last_error(self) -> str:
        """The last error in the server's log, or else its last line, and where all of it is."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        before = takewhile(lambda line: END_OF_START not in line, lines)
        lines = [line for line in before if line.strip()]
        errors = [line for line in lines if "level=error" in line.lower()] or lines
        file = self.log.relative_to(ROOT) if self.log.is_relative_to(ROOT) else self.log
        said = errors[-1].strip().removeprefix("ERROR:").strip() if errors else "it wrote nothing"
        return f"{said} (all of it is in {file})"

    def stop(self) -> None:
        """Stop it, and return when it has written its data and its port is free."""
        if self.is_running():
            self._end()
            print(f"{self.name} is stopped.")
        self._forget()

    def kill(self) -> None:
        """End it at once, with all that it has started (kill -9): it cannot tidy up."""
        if self.is_running():
            self._end(b"kill")
        self._forget()

    def give_up(self) -> None:
        """End its start at once, and delete what it leaves: one that is not ready has nothing to write."""
        self.kill()
        if self.then_delete:
            shutil.rmtree(self.then_delete, ignore_errors=True)

    def _end(self, word: bytes = b"") -> None:
        """Say this to the watcher, close its input, and wait until nothing is left."""
        assert self.watcher.stdin is not None
        with contextlib.suppress(OSError):  # it has just ended by itself; Windows says "invalid argument" for that
            self.watcher.stdin.write(word)
            self.watcher.stdin.close()
        try:
            self.watcher.wait(timeout=GRACE + 10)
        except subprocess.TimeoutExpired:  # it is frozen itself, or the machine was
            kill_all(self.watcher.pid)
            with contextlib.suppress(subprocess.TimeoutExpired):  # nothing of it is left, whatever Python believes
                self.watcher.wait(timeout=5)
        ports.wait_until_free(self.port)

    def _forget(self) -> None:
        """Take it from the list, unless another has its place."""
        if started.get(self.port) is self:
            del started[self.port]


def logfmt_error(line: str) -> str:
    """The text of err="..." in a line of logfmt, such as Prometheus writes, and what follows; else the line."""
    error = re.search(r'err="((?:[^"\\]|\\.)*)"', line)
    return error[1].replace('\\"', '"').replace("\\n", " ") + line[error.end() :] if error else line


def watched_by(watcher: "psutil.Process") -> "list[psutil.Process]":
    """The server of a watcher, first, and all that it has started; on Windows without the console that they share."""
    below = watcher.children(recursive=True)
    return [one for one in below if str(WATCHER) not in one.cmdline() and one.name() != "conhost.exe"]


def log_file(name: str, port: int, usual: int) -> Path:
    """Where a server's output goes. On a port of its own it is one of several: another's lines must not be there."""
    return LOGS / (f"{name}.log" if port == usual else f"{name}_{port}.log")


def opened(log: Path) -> TextIO:
    """An empty file of this name, to be written. Problem: it cannot be."""
    try:
        log.parent.mkdir(exist_ok=True)
        return log.open("w", encoding="utf-8")
    except OSError as error:
        raise Problem(disk.reason(error)) from None


def stop_all() -> None:
    """Stop all that this process has started, the last one first; return when it is over."""
    for server in [*started.values()][::-1]:
        server.stop()
    wait_for_prints()


def make_room(port: int, variable: str) -> None:
    """Stop what this process has started on a port before. Problem: it is no port, or something else has it.

    variable: of the environment, which names this server's port.
    """
    if port in started:
        started[port].stop()
    ports.must_be_free(port, f"set {variable}.")


def end_left_over(port: int, message: str = "Stopping {name}, which another notebook started.") -> None:
    """Stop what another open notebook of this user, in this folder of the course, has left running on this port."""
    import psutil

    marks, me = [str(WATCHER), "--replaceable", str(port)], psutil.Process().username()
    for watcher in psutil.process_iter(["cmdline", "username"]):  # what may not be read of another user's is None
        command = watcher.info["cmdline"] or []
        if watcher.info["username"] != me or command[3:6] != marks:
            continue
        print(message.format(name=command[6]))
        with contextlib.suppress(psutil.Error):  # it has ended in this moment
            # Windows cannot ask a watcher to end; one whose server has ended ends by itself.
            for server in watched_by(watcher) if os.name == "nt" else [watcher]:
                server.terminate()
            ports.wait_until_free(port, GRACE + 10)  # the watcher stays in the list until its notebook has noticed
        return  # on Windows it stands in the list twice
