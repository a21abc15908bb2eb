"""Start an app with uvicorn, as `course.py app` and the lessons do.

It differs from plain `uvicorn fastapi_01_test_app:app` in three things: it trains the model if there is none (--train),
/docs and /redoc work without internet, and a lesson's app ends with its notebook (--until-end-of-input).
"""

import argparse
import difflib
import functools
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import fastapi.applications
import fastapi_offline
import uvicorn
from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from uvicorn.supervisors import Multiprocess

from classroom import ports
from classroom.apps import usual_port
from classroom.source import APPS, read
from titanic import store
from titanic.settings import Settings

ASSETS = "/_docs"


def create_app(name: str | None = None) -> FastAPI:
    """The app of this script (or of the one that COURSE_APP names), with its documentation served from this machine."""
    app = importlib.import_module(name or os.environ["COURSE_APP"]).app
    app.mount(ASSETS, StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static"))
    # FastAPI looks these two up at each request; by themselves they load their scripts from the internet.
    fastapi.applications.get_swagger_ui_html = functools.partial(
        get_swagger_ui_html,
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon.png",
    )
    fastapi.applications.get_redoc_html = functools.partial(
        get_redoc_html,
        redoc_js_url=f"{ASSETS}/redoc.standalone.js",
        redoc_favicon_url=f"{ASSETS}/favicon.png",
        with_google_fonts=False,
    )
    return app


def app_names() -> list[str]:
    """The scripts that hold an app, in the order of the lessons."""
    lessons = {path.stem[3:]: path.stem for path in (APPS.parent / "notebooks").glob("*.ipynb")}
    return sorted((path.stem for path in APPS.glob("*_*_app.py")), key=lambda name: lessons.get(name, name))


def check_name(name: str) -> str:
    """The name of an app, without the .py that one easily types; an unknown one ends the program with the list."""
    name = Path(name).name.removesuffix(".py")
    names = app_names()
    if name in names:
        return name
    if name == "mlflow_00_train_model":
        sys.exit("That script is no app: it trains the model. Run it with python course.py train")
    near = [other for other in names if name and other.startswith(name)]
    near += [other for other in difflib.get_close_matches(name, names, n=9, cutoff=0.3) if other not in near]
    listed = "\n  ".join(near + [other for other in names if other not in near])
    problem = f"There is no app called '{name}'." if name else "Which app?"
    sys.exit(f"{problem} These can be started with python course.py app NAME:\n  {listed}")


def train_if_needed(name: str) -> None:
    """Train the model if this app needs one and there is none."""
    source = read(name)
    needs_a_model = any(text in source for text in ("titanic.api", "titanic.model", "def load_model"))
    if needs_a_model and not store.has_champion():
        print("There is no trained model yet. Training one takes about 15 seconds.", flush=True)
        if subprocess.run([sys.executable, str(APPS / "mlflow_00_train_model.py")], check=False).returncode:
            sys.exit("The training failed; the lines above say why.")


def at_end_of_input(stop: Callable[[], None]) -> None:
    """Stop when the notebook's end of the pipe closes. That happens however the notebook's kernel ends."""

    def wait() -> None:
        os.read(0, 1)
        stop()

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    """Check what was asked for, then serve until stopped."""
    parser = argparse.ArgumentParser(prog="python course.py app")
    parser.add_argument("name")
    parser.add_argument("--port", type=int)
    parser.add_argument("--reload", action="store_true")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--until-end-of-input", action="store_true")
    arguments = parser.parse_args()

    name = check_name(arguments.name)
    if arguments.port is None:
        arguments.port = usual_port(name)
    if not 0 < arguments.port < 65536:
        sys.exit(f"{arguments.port} is not a port: a port is a number from 1 to 65535.")
    if ports.is_taken(arguments.port):
        sys.exit(
            f"Port {arguments.port} is taken by {ports.holder(arguments.port)}. "
            "If you started it in a terminal, press Ctrl-C there. "
            f"Or choose another port: python course.py app {name} --port {arguments.port + 1}"
        )
    if folder := Settings().prometheus_multiproc_dir:  # the library does not make it
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            sys.exit(f"PROMETHEUS_MULTIPROC_DIR must name a folder, and this one cannot be made: {error}")
    if arguments.train:
        train_if_needed(name)
    print(f"Starting {name}. Documentation: http://127.0.0.1:{arguments.port}/docs  Stop with Ctrl-C.", flush=True)
    os.environ["COURSE_APP"] = name
    factory = {"app": "classroom.launcher:create_app", "factory": True, "port": arguments.port}
    if arguments.reload:
        uvicorn.run(**factory, reload=True, reload_dirs=[str(APPS)])
        return
    config = uvicorn.Config(**factory, workers=arguments.workers, timeout_graceful_shutdown=3)
    if arguments.workers == 1:
        server = uvicorn.Server(config)
        if arguments.until_end_of_input:
            at_end_of_input(lambda: setattr(server, "should_exit", True))
        server.run()
    else:
        supervisor = Multiprocess(config, sockets=[config.bind_socket()])
        if arguments.until_end_of_input:
            at_end_of_input(supervisor.should_exit.set)
        supervisor.run()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # Ctrl-C is the way to stop an app, not a fault
        print("Stopped.")
