"""How much do the metrics and the log cost? Run it with: python tests/helpers/bench_monitoring.py.

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
from contextlib import contextmanager
from http.client import HTTPConnection

from serving import serve

from classroom.load import drive
from classroom.servers.compared.unwatched_app import app as bare
from titanic import store
from titanic.passenger import EXAMPLES

ROUNDS, REQUESTS = 15, 100
WATCHED, BARE = "/predict_single", "/bare/predict_single"
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


@contextmanager
def served():
    """Both apps, in one process of their own."""
    with tempfile.TemporaryDirectory() as folder, serve("bench_monitoring", PREDICTION_LOG_PATH=f"{folder}/log") as api:
        yield api


def measure(rounds=ROUNDS):
    """The ratio of each round: the time of a watched request to that of one that is not watched."""
    ratios = []
    with served() as api:
        connection = HTTPConnection(api.url.removeprefix("http://"), timeout=30)
        for _ in range(rounds + 1):
            times = {WATCHED: [], BARE: []}
            for number in range(REQUESTS):
                for path in (WATCHED, BARE) if number % 2 else (BARE, WATCHED):  # neither is always the first
                    times[path].append(seconds(connection, path))
            ratios.append(statistics.median(times[WATCHED]) / statistics.median(times[BARE]))
        connection.close()
    return ratios[1:]  # the first round warms up


def measure_crowd(rounds=4 * ROUNDS):
    """The same with 16 clients at once: the turns are windows of 0.3 seconds, in which as many answer as can."""
    ratios = []
    with served() as api:
        for number in range(rounds + 1):
            turns = (WATCHED, BARE) if number % 2 else (BARE, WATCHED)
            loads = {path: drive(api.url + path, [BODY.encode()], clients=16, seconds=0.3) for path in turns}
            assert not any(load.errors for load in loads.values())
            ratios.append(loads[BARE].rate / loads[WATCHED].rate)
    return ratios[1:]


def main():
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # course.py says why
    if not store.has_champion():
        sys.exit("There is no trained model yet: run python apps/mlflow_00_train_model.py, then this again.")
    for clients, ratios in ("one client", measure()), ("16 clients", measure_crowd()):
        ratio = statistics.median(ratios)
        low, _, high = statistics.quantiles(ratios, n=4)
        print(f"With {clients}, a request takes {ratio:.3f} times as long if it is measured and logged")
        print(f"(median of {len(ratios)} rounds; half of them between {low:.3f} and {high:.3f}).")
        print(f"So monitoring and log take {100 * (1 - 1 / ratio):.1f} % of the throughput.")


if __name__ == "__main__":
    main()
