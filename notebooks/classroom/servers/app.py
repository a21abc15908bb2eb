"""Start an app from a notebook, and make sure that it ends with it."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from classroom.servers import child, ports
from classroom.servers.first_login import login_settings
from classroom.servers.folders import APPS, ROOT
from classroom.servers.holder import is_of_this_course, served_api
from classroom.servers.process import Server, end_left_over, log_file, make_room, opened, started
from classroom.servers.scripts import is_of_ray, read
from titanic.problem import Problem
from titanic.proxies import spare_this_machine

# These run beside another app. For each: the variable in which a test run sets a free port, and the usual one.
PORTS = {
    "scouter_01_collector_app": ("COURSE_COLLECTOR_PORT", 8090),
    "prometheus_06_alert_app": ("COURSE_ALERT_PORT", 8010),
}

# uvicorn takes a worker that says nothing for five seconds for dead and starts another one. On a busy machine Python
# may need longer to begin, and so may the next one, and the next.
PATIENT = ("--timeout-worker-healthcheck", "30")


class RunningApp(Server):
    """An app, served by uvicorn, or by Ray, in a process of its own."""

    of_a_notebook = True  # then another notebook may stop it to start its own

    def __init__(self, name: str, port: int, workers: int, settings: dict[str, str], *more: str) -> None:
        """workers: 1, or more processes. settings: variables of its environment. more: further options of uvicorn."""
        self.name = name
        self.workers = workers
        command = [
            *(sys.executable, "-m", "classroom.servers.reloader" if "--reload" in more else "uvicorn"),
            *("--factory", "classroom.servers.launcher:create_app"),
            # However long a client takes, stopping and reloading do not wait for it longer than this.
            *("--port", str(port), "--workers", str(workers), *PATIENT, "--timeout-graceful-shutdown", "3", *more),
        ]
        if is_of_ray(name):
            if workers > 1:
                raise Problem(f"{name} has no workers: Ray starts copies of it, on machines; lesson 25 says how.")
            command = [sys.executable, "-m", "classroom.servers.ray_app", str(port)]
        settings = {"COURSE_APP": name} | settings
        log = app_log(name, port, workers)
        super().__init__(port, command, settings, log=log, replaceable=self.of_a_notebook)

    def is_ready(self) -> bool:
        """True if it answers, with all its workers."""
        return served_api(self.port) is not None and (self.workers == 1 or self.ready_workers() >= self.workers)

    def ready_workers(self) -> int:
        """How many workers have started. One is enough for an answer; of the others only uvicorn's messages tell."""
        return self.log.read_bytes().count(b"Application startup complete")


class AppOfTerminal(RunningApp):
    """An app that a command has started; no notebook may stop it."""

    of_a_notebook = False


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

    port: 8000 unless told otherwise; the collector's is 8090, that of the page of alerts 8010. tracking_uri: the MLflow
    store to load the model from; without it the course's own, in which a model is trained if there is none. workers: in
    how many processes at once the app runs. settings: variables of its environment. Problem: the port is taken, or the
    script has a fault.
    """
    spare_this_machine()  # the notebook itself will ask the app too
    name = name.removesuffix(".py")
    read(name)  # an unknown name fails here, with a sentence
    port = usual_port(name) if port is None else ports.checked(port)
    if port in started:
        started[port].stop()
    end_left_over(port)
    if ports.is_taken(port) and tracking_uri is None and settings is None and is_running(name, port):
        print(f"{name} is running already, at http://127.0.0.1:{port}. This lesson uses that one.")
        return AppElsewhere(name, port)
    other = ports.instead_of(port)
    ports.must_be_free(port, f'start_app("{name}", port={other}), or set {setting_of(name)[0]} for all lessons.')
    store_to_use = {"MLFLOW_TRACKING_URI": tracking_uri} if tracking_uri else {}
    if not tracking_uri:
        train_if_needed(name, app_log(name, port, workers))
    own = login_settings(name, settings)
    return ready(RunningApp(name, port, workers, own | (settings or {}) | store_to_use))


def start_own_app(name: str, settings: dict[str, str] | None = None) -> RunningApp:
    """Start a script of apps/ on its usual port, for a command that will stop it: nobody else's app will do.

    What a notebook has left there is stopped; the model is trained if there is none. settings: variables of its
    environment. Problem: as start_app.
    """
    port = usual_port(name)
    end_left_over(port, "Stopping {name}, which a notebook has started.")
    make_room(port, setting_of(name)[0])
    train_if_needed(name)
    return ready(AppOfTerminal(name, port, 1, login_settings(name, settings) | (settings or {})))


def ready(app: RunningApp) -> RunningApp:
    """Wait until the app answers, and return it. Problem: it does not."""
    app.wait_until_ready(240, told_after=3)
    print(f"{app.name} is running at {app.url}", flush=True)
    return app


def usual_port(name: str) -> int:
    """The port of this app, unless told otherwise. Problem: the variable that tells it names none."""
    return ports.setting(*setting_of(name))


def setting_of(name: str) -> tuple[str, int]:
    """The variable of the environment that names this app's port, and the port without it."""
    return PORTS.get(name, ("COURSE_PORT", 8000))


def watched_port() -> int:
    """The port of the app that a lesson's Prometheus watches: of the one that this notebook has running, wherever.

    If it has none running, or several, it is the usual port.
    """
    apps = [one for one in started.values() if isinstance(one, RunningApp) and one.name not in PORTS]
    ours = [app.port for app in apps if app.is_running()]
    return ours[0] if len(ours) == 1 else usual_port("")


def app_log(name: str, port: int, workers: int) -> Path:
    """Where the app's output goes. Several workers have a file of their own, for their messages are counted."""
    return log_file(name, port, usual_port(name) if workers == 1 else 0)


def train_if_needed(name: str, log: Path | None = None) -> None:
    """Train the model if this app needs one and there is none; what the training says goes to this file, if any.

    The ONNX app needs the one in ONNX, which a training of an older course has not made.

    Problem: the training failed.
    """
    from titanic import store  # here and not above: start_app is also imported before anything is installed

    source = read(name)
    if "onnx_model" in source:
        missing = not store.has_champion(store.ONNX_NAME)
    else:
        needs_a_model = any(text in source for text in ("titanic.api", "titanic.model", "def load_model"))
        missing = needs_a_model and not store.has_champion()
    if not missing:
        return
    print("There is no trained model yet. Training one can take some minutes ...", flush=True)
    command = [sys.executable, str(APPS / "mlflow_00_train_model.py")]
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(opened(log)) if log else None
        status = child.run(command, output)
    if status:
        raise Problem(f"The training failed; {f'{log.relative_to(ROOT)} says' if log else 'the lines above say'} why.")


def is_running(name: str, port: int) -> bool:
    """True if what answers on this port is this script, as it stands in our apps/ now, and not a stranger's."""
    if not is_of_this_course(port, name):
        return False
    served, own = served_api(port) or {}, own_api(name)
    # Behind a proxy (--root-path) the description also names, under servers, where the app is: no matter of the script.
    return served | {"servers": None} == own | {"servers": None}


def own_api(name: str) -> dict[str, Any]:
    """The description of a script's app, made by another process: importing it here would leave traces.

    Problem: the script has a fault.
    """
    code = f"import json, {name}; print(json.dumps({name}.app.openapi()))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=APPS, env=child.environment(), capture_output=True, check=False
    )
    if run.returncode:
        raise Problem(f"{name}.py has a fault: {child.last_line(run.stderr)}")
    description: dict[str, Any] = json.loads(run.stdout)
    return description
