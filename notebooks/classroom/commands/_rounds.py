"""What `course.py bench` measures.

All servers run at the same time, and are driven in turns, in short rounds; so a busy machine slows all of them. What
counts is the ratio between two servers in one round, and its median over the rounds.
"""

import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import click
import pandas as pd
import requests
from onnxruntime import InferenceSession

from classroom.load import Load, drive
from classroom.servers.contestants import Contestant
from classroom.traffic import real_passengers
from titanic import onnx_model
from titanic.model import load_model
from titanic.passenger import PassengerBatch
from titanic.prediction_log import PredictionLog
from titanic.problem import Problem

BASE = "mlflow models serve"
LIMIT = "the limit (nothing predicted)"
WATCHED, UNWATCHED = "prometheus_03 (monitoring and log)", "prometheus_03 without these"
IN_ONNX = "fastapi_07 (ONNX)"
CLIENTS = (1, 16)
Rounds = dict[tuple[str, int], list[Load]]  # for each server and number of clients, what each round measured


def check_same_answers(servers: dict[str, Contestant], passengers: list[dict[str, Any]]) -> None:
    """Problem: two servers predict differently for one of these passengers, or one does not answer."""
    answers = {}
    for name, server in predicting(servers).items():
        with requests.Session() as session:
            session.headers["content-type"] = "application/json"
            replies = [session.post(server.url_of_prediction, body) for body in server.bodies(passengers)]
        if wrong := [reply for reply in replies if not reply.ok]:
            raise Problem(f"{name} answers {wrong[0].status_code}: {wrong[0].text[:200]}")
        answers[name] = [int(server.kind.prediction(reply.json())) for reply in replies]
    first = next(iter(answers))
    for name in answers:
        differ = sum(one != other for one, other in zip(answers[first], answers[name], strict=True))
        if differ:
            raise Problem(f"{name} and {first} do not agree on {differ} of {len(passengers)} passengers.")


def predicting(servers: dict[str, Contestant]) -> dict[str, Contestant]:
    """Those that predict: all but the limit."""
    return {name: server for name, server in servers.items() if server.kind.predicts}


def measure(servers: dict[str, Contestant], passengers: list[dict[str, Any]], rounds: int, seconds: float) -> Rounds:
    """Drive all servers in turns; the first round warms up and does not count."""
    results: Rounds = {(name, clients): [] for name in servers for clients in CLIENTS}
    bodies = {name: server.bodies(passengers) for name, server in servers.items()}
    turns = [(number, *key) for number in range(rounds + 1) for key in results]
    with click.progressbar(turns, label="servers, in turns") as bar:
        for number, name, clients in bar:
            load = drive(servers[name].url_of_prediction, bodies[name], clients, seconds)
            if number:
                results[name, clients].append(load)
    return results


def ratios(results: Rounds, name: str, base: str, clients: int) -> list[float]:
    """The requests a second of one server in multiples of another's, for each round."""
    pairs = zip(results[name, clients], results[base, clients], strict=True)
    return [one.rate / other.rate for one, other in pairs]


def table(results: Rounds, base: str = BASE, limit: str = LIMIT) -> pd.DataFrame:
    """One row for each server and number of clients: two ratios and a spread, times in milliseconds, errors."""
    rows = []
    for (name, clients), loads in sorted(results.items(), key=lambda item: item[0][1]):
        ratio = ratios(results, name, base, clients)
        rows.append({
            "clients": clients, "server": name, "times the base": round(statistics.median(ratio), 2),
            "lowest": round(min(ratio), 2), "highest": round(max(ratio), 2),
            "of the limit": round(statistics.median(ratios(results, name, limit, clients)), 2),
            "requests/s": round(statistics.median(load.rate for load in loads)),
            "p50 ms": round(statistics.median(load.p50 for load in loads), 1),
            "p99 ms": round(statistics.median(load.p99 for load in loads), 1),
            "errors": sum(load.errors for load in loads),
        })  # fmt: skip
    return pd.DataFrame(rows)


def timed(call: Callable[[], object]) -> float:
    """The seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def batch_times(servers: dict[str, Contestant], rounds: int) -> dict[str, float]:
    """A request for 10,000 passengers in multiples of the model's own time for them; medians.

    For the ONNX app, whose model takes less time than reading a request, of the model, reading and validation
    together, as FastAPI does these two.
    """
    passengers = list(islice(cycle(real_passengers()), 10_000))
    frame, model, body = pd.DataFrame(passengers), load_model(), json.dumps(passengers)
    graph, columns = InferenceSession(onnx_model.read("model.onnx")), {name: frame[name].to_numpy() for name in frame}

    def post(url: str) -> None:
        requests.post(url, body, headers={"content-type": "application/json"}, timeout=60).raise_for_status()

    def read_and_predict() -> None:
        PassengerBatch.model_validate(json.loads(body))
        graph.run(["probability"], columns)

    calls: dict[str, Callable[[], object]] = {
        "the bare pipeline": partial(model.predict_proba, frame),
        "its graph, reading and validation": read_and_predict,
    }
    bases = dict.fromkeys(["fastapi_05 (def)", WATCHED], "the bare pipeline") | {
        IN_ONNX: "its graph, reading and validation"
    }
    for name in bases:
        calls[name] = partial(post, servers[name].url + "/predict_batch")
    times: dict[str, list[float]] = {name: [] for name in calls}
    with click.progressbar(range(rounds + 1), label="batches of 10,000") as bar:
        for number in bar:
            for name, call in calls.items():
                if (took := timed(call)) and number:
                    times[name].append(took)
    middle = {name: statistics.median(values) for name, values in times.items()}
    return {f"{name}, times {base}": middle[name] / middle[base] for name, base in bases.items()}


def log_line_ratio(folder: Path) -> float:
    """The time of a line in a log of 100,000 lines, in multiples of that in an empty one; the two in turns."""
    origin: dict[str, str | None] = {"experiment_id": "1", "run_id": "0" * 32}
    logs = [PredictionLog(folder / "empty.jsonl", origin), PredictionLog(folder / "long.jsonl", origin)]
    logs[1].add([0.5] * 100_000)
    times: list[list[float]] = [[], []]
    for number in range(4_000):
        times[number % 2].append(timed(partial(logs[number % 2].add, [0.5])))
    return statistics.median(times[1]) / statistics.median(times[0])
