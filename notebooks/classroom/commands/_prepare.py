"""What `course.py setup --all` does after the set-up: fetch the servers and train the model.

Then nothing is left to fetch while thirty people sit in the room. `setup --from FOLDER` does it with what lies there.
"""

import os
from collections.abc import Callable

from classroom.commands._ending import run
from classroom.servers import alertmanager_release, grafana_release, prometheus_release
from classroom.servers.app import train_if_needed
from titanic import store
from titanic.model import load_model
from titanic.problem import Problem
from titanic.store_errors import without_password


def trained() -> str:
    """Train the model if there is none, or none in ONNX; where it is. Problem: that failed, or it cannot be loaded."""
    for name in ("fastapi_05_batch_test_app", "fastapi_07_onnx_app"):
        train_if_needed(name)
    load_model()  # of a store on a server, nobody knows before
    return without_password(store.tracking_uri())


# In this order, because one that fails does not keep the others from being tried.
STEPS: dict[str, Callable[[], object]] = {
    "Prometheus": prometheus_release.find_or_fetch,
    "Alertmanager": alertmanager_release.find_or_fetch,
    "Grafana": lambda: grafana_release.find_or_fetch().home,
    "The model": trained,
}


def prepare() -> None:
    """Take each step; Problem with all that did not succeed."""
    failed = []
    for name, step in STEPS.items():
        if name == "Grafana" and "COURSE_STICK" in os.environ:
            print("Grafana is not packed: lesson 13 shows the dashboard without it.", flush=True)
            continue
        try:
            print(f"{name} is ready: {step()}", flush=True)
        except Problem as problem:
            failed.append(str(problem))
    if failed:
        raise Problem("\n".join(failed))
    print("Nothing is left to fetch.")


if __name__ == "__main__":
    run(prepare)
