"""Serve an app with Ray on this machine alone, as uvicorn serves the others (lesson 25).

COURSE_APP=ray_00_serve_app python -m classroom.servers.ray_app PORT
"""

import importlib
import logging
import os
import signal
import sys
import threading

from fastapi import FastAPI

from classroom.servers import launcher, ray_machine
from classroom.servers.offline_docs import with_offline_docs
from titanic.problem import Problem


def own_pages() -> FastAPI:
    """The app that COURSE_APP names, in a copy of it: its pages work without internet."""
    return with_offline_docs(launcher.script_app(os.environ["COURSE_APP"]))


def deploy(name: str, port: int, copies: int) -> None:
    """Let so many copies of this app answer on a port of the head, and return when they do.

    Ray must have been told which cluster. Problem: the script has a fault, or the copies do not start.
    """
    from ray import serve

    launcher.script_app(name)  # a fault of the script is told in a sentence
    deployment = importlib.import_module(name).Titanic
    copy = type("Copy", (), {"__doc__": "What Ray calls a replica."})
    ours = deployment.options(func_or_class=serve.ingress(own_pages)(copy), num_replicas=copies)
    serve.start(
        proxy_location="HeadOnly",
        http_options={"host": "127.0.0.1", "port": port},
        logging_config={"log_level": "WARNING", "enable_access_log": False},
    )
    try:
        serve.run(ours.bind())
    except (RuntimeError, TimeoutError) as error:
        raise Problem(f"{name} did not start: {error}") from error


def serve_here(name: str, port: int) -> None:
    """Make a cluster of this machine alone, serve the app there, and wait until told to end."""
    os.environ.update(ray_machine.new_settings(ray_machine.new_folder()))
    import ray
    from ray import serve

    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    ray.init(
        num_cpus=ray_machine.PROCESSORS, object_store_memory=ray_machine.STORE, include_dashboard=False,
        _node_ip_address="127.0.0.1", logging_level=logging.WARNING,
    )  # fmt: skip
    over = threading.Event()
    for ending in ("SIGINT", "SIGTERM", "SIGBREAK"):  # here and not above: Ray has set its own. The last is Windows'
        if hasattr(signal, ending):
            signal.signal(getattr(signal, ending), lambda *_: over.set())
    deploy(name, port, copies=1)
    print("Application startup complete", flush=True)
    while not over.wait(0.2):  # Windows hears signals only between two waits
        pass
    serve.shutdown()  # what is being worked on is answered first
    ray.shutdown()
    ray_machine.delete_folders()


if __name__ == "__main__":
    try:
        serve_here(os.environ["COURSE_APP"], int(sys.argv[1]))
    except Problem as problem:
        sys.exit(str(problem))
