"""Start an app with uvicorn, as `course.py app` and the lessons do.

It differs from plain `uvicorn fastapi_01_test_app:app` in three things: it trains the model if there is none (--train),
/docs and /redoc work without internet, and a lesson's app ends with its notebook (--until-end-of-input).
"""

import argparse
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

from classroom.servers.folders import APPS
from classroom.servers.scripts import read
from titanic import store
from titanic.problem import Problem
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


def train_if_needed(name: str) -> None:
    """Train the model if this app needs one and there is none."""
    source = read(name)
    needs_a_model = any(text in source for text in ("titanic.api", "titanic.model", "def load_model"))
    if needs_a_model and not store.has_champion():
        print("There is no trained model yet. Training one takes about 15 seconds.", flush=True)
        if subprocess.run([sys.executable, str(APPS / "mlflow_00_train_model.py")], check=False).returncode:
            raise Problem("The training failed; the lines above say why.")


def at_end_of_input(stop: Callable[[], None]) -> None:
    """Stop when the notebook's end of the pipe closes. That happens however the notebook's kernel ends."""

    def wait() -> None:
        os.read(0, 1)
        stop()

    threading.Thread(target=wait, daemon=True).start()


def serve(name: str, port: int, *, reload: bool = False, workers: int = 1, until_end_of_input: bool = False) -> None:
    """Serve the app of this script on this port of 127.0.0.1 until stopped."""
    if folder := Settings().prometheus_multiproc_dir:  # the library does not make it
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Problem(
                f"PROMETHEUS_MULTIPROC_DIR must name a folder, and this one cannot be made: {error}"
            ) from None
    os.environ["COURSE_APP"] = name
    factory = {"app": "classroom.servers.launcher:create_app", "factory": True, "port": port}
    if reload:
        uvicorn.run(**factory, reload=True, reload_dirs=[str(APPS)])
        return
    config = uvicorn.Config(**factory, workers=workers, timeout_graceful_shutdown=3)
    if workers == 1:
        server = uvicorn.Server(config)
        if until_end_of_input:
            at_end_of_input(lambda: setattr(server, "should_exit", True))
        server.run()
    else:
        supervisor = Multiprocess(config, sockets=[config.bind_socket()])
        if until_end_of_input:
            at_end_of_input(supervisor.should_exit.set)
        supervisor.run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--train", action="store_true")
    options = parser.parse_args()
    try:
        if options.train:
            train_if_needed(options.name)
        serve(options.name, options.port, workers=options.workers, until_end_of_input=True)
    except KeyboardInterrupt:  # Ctrl-C is the way to stop an app, not a fault
        print("Stopped.")
