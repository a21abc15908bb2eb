"""Be the clients of the app that runs on this machine: send passengers until stopped."""

import argparse

from classroom.commands._ending import run
from classroom.servers.app import usual_port
from classroom.servers.holder import holder, served_api
from classroom.servers.ports import checked
from classroom.traffic import SHAPES, send_traffic
from titanic.problem import Problem


def traffic() -> None:
    """Send passengers in this shape, and say every ten seconds which status codes came back."""
    parser = argparse.ArgumentParser(prog="python course.py traffic", description=__doc__)
    parser.add_argument("shape", nargs="?", default="calm", choices=SHAPES, help="calm, if it is left out")
    parser.add_argument("--port", type=int, metavar="N", help="of the app; 8000, if it is left out")
    options = parser.parse_args()
    port = usual_port("") if options.port is None else checked(options.port)
    must_predict(port)
    print(f"Sending passengers to http://127.0.0.1:{port} ({options.shape}). Stop with Ctrl-C.", flush=True)
    while True:
        codes = send_traffic(f"http://127.0.0.1:{port}", options.shape, seconds=10)
        print("status codes:", ", ".join(f"{count} times {code}" for code, count in codes.items()), flush=True)
        must_predict(port)


def must_predict(port: int) -> None:
    """Problem: at this port is no app, or one that predicts for no passenger."""
    served = served_api(port)
    if served is None:
        raise Problem(f"No app answers on port {port}. Start one first: python course.py app scouter_00_queue_app")
    if "/predict_single" not in served.get("paths", {}):
        raise Problem(f"Port {port} is taken by {holder(port)}, which predicts for no passenger. Start another app.")


if __name__ == "__main__":
    run(traffic, writes=False)
