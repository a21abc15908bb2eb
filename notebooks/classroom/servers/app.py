"""Start an app from a notebook, and make sure that it ends with it."""

import json
import os
import subprocess
import sys
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any, TextIO

from classroom.servers import ports
from classroom.servers.folders import APPS, LOGS, ROOT
from classroom.servers.process import Server, end_left_over, environment, started
from classroom.servers.scripts import read
from titanic.problem import Problem

# The collector runs beside another app. For each: the variable in which a test run sets a free port, and the usual one.
PORTS = {"scouter_01_collector_app": ("COURSE_COLLECTOR_PORT", 8090)}


class RunningApp(Server):
    """An app, served by uvicorn in a process of its own."""

    def __init__(self, name: str, port: int, workers: int, settings: dict[str, str]) -> None:
        self.name = name
        self.workers = workers
        command = [
            *(sys.executable, "-m", "uvicorn", "--factory", "classroom.servers.launcher:create_app"),
            *("--port", str(port), "--workers", str(workers), "--timeout-graceful-shutdown", "3"),
        ]
        settings = {"COURSE_APP": name} | settings
        super().__init__(port, command, settings, log=log_file(name, port, workers), replaceable=True)

    def is_ready(self) -> bool:
        """True if it answers, with all its workers."""
        return served_api(self.port) is not None and (self.workers == 1 or self.ready_workers() >= self.workers)

    def ready_workers(self) -> int:
        """How many workers have started. One is enough for an answer; of the others only uvicorn's messages tell."""
        return self.log.read_bytes().count(b"Application startup complete")


class AppElsewhere:
    """An app that answers at .url and that somebody else has started, in a terminal."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """Say that it goes on."""
        print(f"{self.name} was started elsewhere and goes on.")


App = RunningApp | AppElsewhere


def start_app(
    name: str,
    port: int | None = None,
    tracking_uri: str | None = None,
    workers: int = 1,
    settings: dict[str, str] | None = None,
) -> App:
    """Start a script of apps/ and wait until it answers. An app that this notebook started before is replaced.

    port: 8000 unless told otherwise; the collector's is 8090. tracking_uri: the MLflow store to load the model from;
    without it the course's own, in which a model is trained if there is none. workers: in how many processes at once
    the app runs. settings: variables of its environment. Problem: the port is taken, or the script has a fault.
    """
    name = name.removesuffix(".py")
    read(name)  # an unknown name fails here, with a sentence
    port = port or usual_port(name)
    ports.checked(port)
    if port in started:
        started[port].stop()
    end_left_over(port)
    if ports.is_taken(port):
        if (
            tracking_uri is None
            and settings is None
            and (served := served_api(port)) is not None
            and served == own_api(name)
        ):
            print(f"{name} is running already, at http://127.0.0.1:{port}. This lesson uses that one.")
            return AppElsewhere(name, port)
        raise Problem(
            f"Port {port} is taken by {ports.holder(port)}. If you started it in a terminal, press Ctrl-C there. "
            f'Or choose another port here: start_app("{name}", port={port + 1})'
        )
    store_to_use = {"MLFLOW_TRACKING_URI": tracking_uri} if tracking_uri else {}
    if not tracking_uri:
        log = log_file(name, port, workers)
        log.parent.mkdir(exist_ok=True)
        with log.open("w") as output:
            train_if_needed(name, output)
    app = RunningApp(name, port, workers, (settings or {}) | store_to_use)
    app.wait_until_ready(120)
    print(f"{name} is running at {app.url}")
    return app


def usual_port(name: str) -> int:
    """The port of this app, unless told otherwise."""
    variable, usual = PORTS.get(name, ("COURSE_PORT", 8000))
    return int(os.environ.get(variable, usual))


def log_file(name: str, port: int, workers: int) -> Path:
    """Where the app's output goes. The messages of several workers are counted: another one's must not be there."""
    return LOGS / (f"{name}.log" if workers == 1 else f"{name}_{port}.log")


def train_if_needed(name: str, output: TextIO | None = None) -> None:
    """Train the model if this app needs one and there is none; what is said goes into this file, else to the terminal.

    Problem: the training failed.
    """
    from titanic import store  # here and not above: start_app is also imported before anything is installed

    source = read(name)
    needs_a_model = any(text in source for text in ("titanic.api", "titanic.model", "def load_model"))
    if needs_a_model and not store.has_champion():
        print("There is no trained model yet. Training one takes about 15 seconds.", file=output, flush=True)
        command = [sys.executable, str(APPS / "mlflow_00_train_model.py")]
        if subprocess.run(command, stdout=output, stderr=output, env=environment(), check=False).returncode:
            where = f"{Path(output.name).relative_to(ROOT)} says" if output else "the lines above say"
            raise Problem(f"The training failed; {where} why.")


def served_api(port: int) -> dict[str, Any] | None:
    """The description (OpenAPI) of the app that answers on this port; None if none does."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json", timeout=5) as answer:
            description: dict[str, Any] = json.load(answer)
            return description
    except (OSError, ValueError, HTTPException):  # nothing answers, or something that is no app
        return None


def own_api(name: str) -> dict[str, Any]:
    """The description of a script's app, made by another process: importing it here would leave traces."""
    code = f"import json, {name}; print(json.dumps({name}.app.openapi()))"
    said = subprocess.run([sys.executable, "-c", code], cwd=APPS, capture_output=True, check=True).stdout
    description: dict[str, Any] = json.loads(said)
    return description
