"""Start an app from a notebook, and make sure that it ends with it."""

import atexit
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from classroom.servers import ports
from classroom.servers.folders import APPS, LOGS, ROOT
from classroom.servers.scripts import read
from titanic.problem import Problem

# The collector runs beside another app. For each: the variable in which a test run sets a free port, and the usual one.
PORTS = {"scouter_01_collector_app": ("COURSE_COLLECTOR_PORT", 8090)}
started: "dict[int, RunningApp]" = {}


class RunningApp:
    """An app that answers at .url until .stop() is called or the notebook ends."""

    def __init__(self, name: str, port: int, process: "subprocess.Popen | None" = None) -> None:
        self.name = name
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._process = process

    def stop(self) -> None:
        """Stop the app. One that was started elsewhere, in a terminal, goes on."""
        started.pop(self._port, None)
        if self._process is None:
            print(f"{self.name} was started elsewhere and goes on.")
        elif self._process.poll() is None:
            self._process.stdin.close()  # the launcher takes this as the sign to stop
            self._process.wait(timeout=10)
            print(f"{self.name} is stopped.")

    def kill(self) -> None:
        """End the app at once (kill -9): it cannot tidy up. Only for one that this notebook started."""
        started.pop(self._port, None)
        self._process.kill()
        self._process.wait(timeout=10)


def start_app(
    name: str,
    port: int | None = None,
    tracking_uri: str | None = None,
    workers: int = 1,
    settings: dict[str, str] | None = None,
) -> RunningApp:
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
        if tracking_uri is settings is None and (served := served_api(port)) is not None and served == own_api(name):
            print(f"{name} is running already, at http://127.0.0.1:{port}. This lesson uses that one.")
            return RunningApp(name, port)
        raise Problem(
            f"Port {port} is taken by {ports.holder(port)}. If you started it in a terminal, press Ctrl-C there. "
            f'Or choose another port here: start_app("{name}", port={port + 1})'
        )
    # The messages of several workers are counted below: another notebook's must not be among them.
    log = LOGS / (f"{name}.log" if workers == 1 else f"{name}_{port}.log")
    app = RunningApp(name, port, launch(name, port, tracking_uri, workers, settings or {}, log))
    started[port] = app  # before waiting, so that an interrupted start is replaced by the next one
    wait_until_it_answers(app, log, workers)
    print(f"{name} is running at {app.url}")
    return app


def usual_port(name: str) -> int:
    """The port of this app, unless told otherwise."""
    variable, usual = PORTS.get(name, ("COURSE_PORT", 8000))
    return int(os.environ.get(variable, usual))


def launch(
    name: str, port: int, tracking_uri: str | None, workers: int, settings: dict[str, str], log: Path
) -> "subprocess.Popen":
    """Start the launcher as a child that ends when this process ends, however that happens."""
    command = [sys.executable, "-m", "classroom.servers.launcher", name, "--port", str(port), "--workers", str(workers)]
    env = os.environ | {"PYTHONUTF8": "1"}
    env |= settings
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # with it, importing MLflow takes 5 seconds or more each time
    if tracking_uri:
        env["MLFLOW_TRACKING_URI"] = tracking_uri
    else:
        command.append("--train")
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as output:
        # A session of its own: the notebook's Interrupt button must not stop the app.
        return subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
        )


def wait_until_it_answers(app: RunningApp, log: Path, workers: int = 1, seconds: float = 120) -> None:
    """Return when the app answers, with all its workers; Problem with the last line of its log if it ends instead."""
    deadline = time.monotonic() + seconds
    while served_api(app._port) is None or (workers > 1 and ready_workers(log) < workers):
        ended = app._process.poll() is not None
        if ended or time.monotonic() > deadline:
            if not ended:
                app.stop()
            lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "it wrote nothing")
            raise Problem(f"{app.name} did not start: {last.strip()} (all of it is in {log.relative_to(ROOT)})")
        time.sleep(0.05)


def ready_workers(log: Path) -> int:
    """How many workers have started. One is enough for an answer; of the others only uvicorn's messages tell."""
    return log.read_bytes().count(b"Application startup complete")


def served_api(port: int) -> dict | None:
    """The description (OpenAPI) of the app that answers on this port; None if none does."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json", timeout=5) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


def own_api(name: str) -> dict:
    """The description of a script's app, made by another process: importing it here would leave traces."""
    code = f"import json, {name}; print(json.dumps({name}.app.openapi()))"
    return json.loads(subprocess.run([sys.executable, "-c", code], cwd=APPS, capture_output=True, check=True).stdout)


def end_left_over(port: int) -> None:
    """Stop the app that another open notebook has left running on this port."""
    try:
        import psutil
    except ImportError:
        return
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "classroom.servers.launcher" in command and str(port) in command:
            print(f"Stopping {command[3]}, which another notebook started.")
            process.terminate()
            deadline = time.monotonic() + 10
            while ports.is_taken(port) and time.monotonic() < deadline:
                time.sleep(0.05)


def stop_all() -> None:
    """Stop what this notebook started, when its kernel ends in good order."""
    for app in list(started.values()):
        app._process.stdin.close()


atexit.register(stop_all)
