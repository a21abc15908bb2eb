"""Start one of the apps."""

import argparse
import os

import uvicorn

from classroom.commands._ending import run
from classroom.servers import ports
from classroom.servers.app import train_if_needed, usual_port
from classroom.servers.folders import APPS
from classroom.servers.scripts import known_app
from titanic.problem import Problem


def app() -> None:
    """Check what was asked for, train the model if it is needed and missing, then serve until stopped."""
    parser = argparse.ArgumentParser(prog="python course.py app", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="such as fastapi_01_test_app; without it, the list")
    parser.add_argument("--port", type=int, metavar="N", help="8000, but for the collector 8090")
    parser.add_argument("--reload", action="store_true", help="start again whenever the script is saved")
    options = parser.parse_args()
    name = known_app(options.name)
    port = usual_port(name) if options.port is None else ports.checked(options.port)
    if ports.is_taken(port):
        raise Problem(
            f"Port {port} is taken by {ports.holder(port)}. If you started it in a terminal, press Ctrl-C there. "
            f"Or choose another port: python course.py app {name} --port {port + 1}"
        )
    train_if_needed(name)
    print(f"Starting {name}. Documentation: http://127.0.0.1:{port}/docs  Stop with Ctrl-C.", flush=True)
    os.environ["COURSE_APP"] = name
    factory = "classroom.servers.launcher:create_app"
    if options.reload:
        uvicorn.run(factory, factory=True, port=port, reload=True, reload_dirs=[str(APPS)])
    else:
        uvicorn.run(factory, factory=True, port=port, timeout_graceful_shutdown=3)
        raise KeyboardInterrupt  # nothing else has ended it, and uvicorn does not pass this on


if __name__ == "__main__":
    run(app)
