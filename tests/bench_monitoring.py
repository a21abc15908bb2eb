"""How much do the metrics and the log cost? Run it with: python tests/bench_monitoring.py.

It prints how many times as long a request to prometheus_03_logging_app takes as one to the same route without
middleware, counting and log. Noise is kept out in four ways: both routes are served by one process, so that they have
the same memory and the same luck; requests go to them in turns, so that a busy machine slows both; a round is judged by
its medians, and the rounds by theirs. It needs a trained model.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "apps"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))

from serving import serve

from classroom.unwatched_app import app as bare
from titanic import store
from titanic.passenger import EXAMPLES

ROUNDS, REQUESTS = 15, 100
BODY, HEADERS = json.dumps(EXAMPLES[0]), {"content-type": "application/json"}


async def app(scope, receive, send):
    """Both apps in one: what is below /bare goes to the app that is not watched."""
    from prometheus_03_logging_app import app as watched

    bare.state = watched.state  # one model for both
    if scope["type"] == "http" and scope["path"].startswith("/bare/"):
        await bare(scope | {"path": scope["path"].removeprefix("/bare")}, receive, send)
    else:
        await watched(scope, receive, send)


def seconds(connection, path):
    """The time until this request is answered."""
    start = time.perf_counter()
    connection.request("POST", path, BODY, HEADERS)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, f"{path} answered {answer.status}"
    return time.perf_counter() - start


def measure(rounds=ROUNDS):
    """The ratio of each round: a watched request to one that is not watched."""
    watched, bare = "/predict_single", "/bare/predict_single"
    ratios = []
    with tempfile.TemporaryDirectory() as folder, serve("bench_monitoring", PREDICTION_LOG_PATH=f"{folder}/log") as api:
        connection = HTTPConnection(api.url.removeprefix("http://"), timeout=30)
        for _ in range(rounds + 1):
            times = {watched: [], bare: []}
            for number in range(REQUESTS):
                for path in (watched, bare) if number % 2 else (bare, watched):  # neither is always the first
                    times[path].append(seconds(connection, path))
            ratios.append(statistics.median(times[watched]) / statistics.median(times[bare]))
        connection.close()
    return ratios[1:]  # the first round warms up


def main():
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # course.py says why
    if not store.has_champion():
        sys.exit("There is no trained model yet: run python apps/mlflow_00_train_model.py, then this again.")
    ratios = measure()
    ratio = statistics.median(ratios)
    print(f"A request that is measured and logged takes {ratio:.3f} times as long as one that is not")
    print(f"(median of {ROUNDS} rounds; lowest {min(ratios):.3f}, highest {max(ratios):.3f}).")
    print(f"So monitoring and log take {100 * (1 - 1 / ratio):.1f} % of the throughput.")


if __name__ == "__main__":
    main()
