"""Start one of the apps."""

import argparse
import os
import re
import signal
from pathlib import Path
from types import FrameType

import uvicorn

from classroom.commands._ending import run
from classroom.servers import ports
from classroom.servers.app import AppOfTerminal, setting_of, train_if_needed, usual_port
from classroom.servers.first_login import login_settings
from classroom.servers.folders import APPS
from classroom.servers.holder import served_api
from classroom.servers.scripts import app_names, is_of_ray, known_app, lessons
from classroom.servers.temporary import temporary_folder
from titanic import workers
from titanic.problem import Problem
from titanic.settings import Settings

# What a proxy may put before the paths: the pages of the app write it into their addresses. //host is no path.
PREFIX = re.compile(r"(/[\w.~%@:+,=-]+)*/?", re.ASCII)
NO_PREFIX = "--root-path is '{}': write one / at its beginning, and plain letters only, such as /user/ann/proxy/8000."


class ImpatientServer(uvicorn.Server):
    """A server that Ctrl-C also ends while it starts: loading a model takes seconds, and uvicorn would wait for it."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End in good order once the app runs; before that there is nothing to tidy up."""
        if not self.started:
            os.write(2, b"\nStopped.\n")
            os._exit(1)
        super().handle_exit(sig, frame)

    def interrupt(self, sig: int, frame: FrameType | None) -> None:
        """What Ctrl-C does before uvicorn listens to it, and what uvicorn calls at the end to pass it on."""
        if not self.started:
            self.handle_exit(sig, frame)
        signal.default_int_handler(sig, frame)


class AppInTerminal(AppOfTerminal):
    """An app that one process starts again, or in several workers; it writes into the terminal."""

    in_terminal = True

    def is_ready(self) -> bool:
        """True if it answers."""
        return served_api(self.port) is not None


def app() -> None:
    """Check what was asked for, train the model if it is needed and missing, then serve until stopped."""
    parser = argparse.ArgumentParser(prog="python course.py app", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="such as fastapi_01_test_app; without it, all are listed")
    parser.add_argument(
        "--port",
        type=int,
        metavar="N",
        help="8000, if it is left out; 8090 for the collector, 8010 for the page of alerts",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--reload", action="store_true", help="start again whenever the script is saved")
    how.add_argument("--workers", type=int, default=1, metavar="N", help="in how many processes it runs, see lesson 12")
    proxied = "what a proxy in front of the app puts before its paths, such as /user/ann/proxy/8000"
    parser.add_argument("--root-path", default="", metavar="PATH", help=proxied)
    options = parser.parse_args()
    if not options.name:
        lesson = {path.stem[3:]: path.stem[:2] for path in lessons()}
        listed = [f"{name:38} lesson {lesson[name]}" for name in app_names()]
        print("Which app? These can be started with python course.py app NAME:", *listed, sep="\n  ")
        return
    if not PREFIX.fullmatch(options.root_path):
        raise Problem(NO_PREFIX.format(options.root_path))
    name = known_app(options.name)
    port = usual_port(name) if options.port is None else ports.checked(options.port)
    if options.workers < 1:
        raise Problem(f"--workers is {options.workers}, but an app needs at least one process.")
    by_ray = is_of_ray(name)
    if by_ray and (options.reload or options.workers > 1 or options.root_path):
        raise Problem(f"Ray serves {name}: of the options, it knows --port only. Lesson 25 starts more copies of it.")
    other = f"python course.py app {name} --port {ports.instead_of(port)}"
    ports.must_be_free(port, f"{other}, or set {setting_of(name)[0]} for all commands.")
    train_if_needed(name)
    os.environ.update(login_settings(name))
    print(f"Starting {name}. Documentation: http://127.0.0.1:{port}/docs  Stop with Ctrl-C.", flush=True)
    if by_ray:
        watch(AppInTerminal(name, port, 1, {}))
    elif options.reload:
        again = ["--reload", "--reload-dir", str(APPS)]
        watch(AppInTerminal(name, port, 1, {"COURSE_RELOAD": "1"}, *again, "--root-path", options.root_path))
    elif options.workers > 1:
        with temporary_folder() as new:
            folder = Settings().prometheus_multiproc_dir or Path(new)
            workers.forget(folder)  # those that ran before would be counted again
            together = {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
            watch(AppInTerminal(name, port, options.workers, together, "--root-path", options.root_path))
    else:
        serve(name, port, options.root_path)


def serve(name: str, port: int, root_path: str) -> None:
    """Serve the app in this process, behind a proxy with this path if there is one. Problem: it does not start."""
    os.environ["COURSE_APP"] = name
    launcher = "classroom.servers.launcher:create_app"
    config = uvicorn.Config(
        launcher, factory=True, port=port, workers=1, timeout_graceful_shutdown=3, root_path=root_path
    )
    server = ImpatientServer(config)
    # From here on: asyncio would only cancel what has begun, and the app would tell that in a traceback.
    signal.signal(signal.SIGINT, server.interrupt)
    server.run()
    if not server.started:
        raise Problem(f"{name} did not start; the lines above say why.")


def watch(server: AppInTerminal) -> None:
    """Wait until the server ends, or stop it at Ctrl-C. Problem: it has ended by itself."""
    try:
        while not server.ends_within(0.2):
            pass
    except KeyboardInterrupt:
        if not server.is_ready():  # while it starts there is nothing to tidy up
            server.kill()
        server.stop()
        raise
    raise Problem(f"{server.name} has ended by itself; the lines above say why.")


if __name__ == "__main__":
    run(app)
