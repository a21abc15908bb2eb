"""Start a server program, wait until it answers, and make sure that it ends with who started it.

Prometheus and Grafana are such programs: neither is a Python package. Between each of them and us there is a watcher,
which is this file run as a program.
"""

import argparse
import atexit
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests

from classroom.servers import ports
from classroom.servers.folders import LOGS, NOTEBOOKS
from titanic.problem import Problem

started: "dict[int, Server]" = {}


class Server:
    """A server that answers at .url until .stop() is called, or until the process that started it ends.

    The program is expected to listen on this port of 127.0.0.1. then_delete: a folder that goes when the server ends.
    """

    name = "The server"
    ready_page = "/"  # answers 200 when the server is ready for questions

    def __init__(
        self, port: int, command: list[str], settings: dict[str, str] | None = None, then_delete: Path | None = None
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._log = LOGS / f"{self.name.lower()}.log"
        self._log.parent.mkdir(exist_ok=True)
        deletion = ["--then-delete", str(then_delete)] if then_delete else []
        environment = os.environ | {"PYTHONUTF8": "1"} | (settings or {})
        with self._log.open("w") as output:
            # A session of its own: Ctrl-C and the notebook's Interrupt button must not reach the server by themselves.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "classroom.servers.process", *deletion, "--watch", *command],
                cwd=NOTEBOOKS, env=environment,
                stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        started[port] = self  # before waiting, so that an interrupted start is replaced by the next one

    def is_running(self) -> bool:
        """True until it is stopped or ends by itself."""
        return self._process.poll() is None

    def is_ready(self) -> bool:
        """True if it is ready for questions."""
        try:
            return requests.get(f"{self.url}{self.ready_page}", timeout=5).ok
        except requests.RequestException:
            return False

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Return when the server answers; Problem with the error in its log if it ends instead."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if not self.is_running():
                raise Problem(f"{self.name} did not start: {self.last_error()}")
            if time.monotonic() > deadline:
                self.stop()
                raise Problem(f"{self.name} was not ready within {seconds:.0f} seconds: {self.last_error()}")
            time.sleep(0.05)

    def last_error(self) -> str:
        """The last error in the server's log, or else its last line."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        errors = [line for line in lines if "level=error" in line.lower()] or [line for line in lines if line.strip()]
        return f"{errors[-1].strip() if errors else 'it wrote nothing'} (all of it is in logs/{self._log.name})"

    def stop(self) -> None:
        """Stop it, and return when it has written its data and its port is free."""
        started.pop(self._port, None)
        if self.is_running():
            self._process.stdin.close()  # the watcher takes this as the sign to stop
            self._process.wait(timeout=60)
            print(f"{self.name} is stopped.")


def make_room(port: int) -> None:
    """Stop what this process has started on a port before. Problem: it is no port, or something else has it."""
    ports.checked(port)
    if port in started:
        started[port].stop()
    if ports.is_taken(port):
        raise Problem(f"Port {port} is taken by {ports.holder(port)}: stop that first (Ctrl-C in its terminal).")


def stop_all() -> None:
    """Tell the servers to stop, when the process that started them ends in good order."""
    for server in list(started.values()):
        server._process.stdin.close()


atexit.register(stop_all)


def watch(command: list[str], then_delete: Path | None = None) -> int:
    """Run the server until it ends, or until the other end of the pipe on our input closes; return its exit status."""
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())

    def stop_at_end_of_input() -> None:
        os.read(0, 1)
        server.terminate()

    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    status = server.wait()
    if then_delete:
        shutil.rmtree(then_delete, ignore_errors=True)
    return status


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--then-delete", type=Path)
    parser.add_argument("--watch", nargs=argparse.REMAINDER, required=True)
    arguments = parser.parse_args()
    sys.exit(watch(arguments.watch, arguments.then_delete))
