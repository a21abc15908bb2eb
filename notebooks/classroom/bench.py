"""Measure how fast the course serves: `python course.py bench`, with other servers beside it: `--peers`.

All servers run at the same time, and are driven in turns, in short rounds; so a busy machine slows all of them. What
counts is the ratio between two servers in one round, and its median over the rounds.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path

import click
import pandas as pd
import requests
from matplotlib.figure import Figure

from classroom.bench_servers import COURSE, OTHERS, PACKAGES, ROOT, Contestant, Kind, champion_file, install
from classroom.load import Load, drive
from classroom.source import Problem
from classroom.traffic import real_passengers
from titanic import store
from titanic.model import load_model
from titanic.prediction_log import PredictionLog

BASE = "mlflow models serve"
WATCHED, UNWATCHED = "prometheus_03 (monitoring and log)", "prometheus_03 without these"
CLIENTS = (1, 16)
SHOWN = ("mlflow", "fastapi", "uvicorn", "scikit-learn")  # whose versions stand under the picture
PICTURE = ROOT / "logs" / "serving_speed.png"
Rounds = dict[tuple[str, int], list[Load]]  # for each server and number of clients, what each round measured


def check_same_answers(servers: dict[str, Contestant], passengers: list[dict]) -> None:
    """Problem: two servers predict differently for one of these passengers, or one does not answer."""
    answers = {}
    for name, server in servers.items():
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


def measure(servers: dict[str, Contestant], passengers: list[dict], rounds: int, seconds: float) -> Rounds:
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


def table(results: Rounds, base: str = BASE) -> pd.DataFrame:
    """One row for each server and number of clients: the ratio with its spread, times in milliseconds, errors."""
    rows = []
    for (name, clients), loads in sorted(results.items(), key=lambda item: item[0][1]):
        ratio = ratios(results, name, base, clients)
        rows.append({
            "clients": clients, "server": name, "times the base": round(statistics.median(ratio), 2),
            "lowest": round(min(ratio), 2), "highest": round(max(ratio), 2),
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
    """A request for 10,000 passengers in multiples of the pipeline's own time for them; medians."""
    passengers = list(islice(cycle(real_passengers()), 10_000))
    frame, model, body = pd.DataFrame(passengers), load_model(), json.dumps(passengers)
    headers = {"content-type": "application/json"}
    calls = {"bare pipeline": lambda: model.predict_proba(frame)}
    for name in ("fastapi_05 (def)", WATCHED):
        url = servers[name].url + "/predict_batch"
        calls[name] = lambda url=url: requests.post(url, body, headers=headers, timeout=60).raise_for_status()
    times = {name: [] for name in calls}
    with click.progressbar(range(rounds + 1), label="batches of 10,000") as bar:
        for number in bar:
            for name, call in calls.items():
                if (took := timed(call)) and number:
                    times[name].append(took)
    middle = {name: statistics.median(values) for name, values in times.items()}
    return {name: middle[name] / middle["bare pipeline"] for name in calls if name != "bare pipeline"}


def log_line_ratio(folder: Path) -> float:
    """The time of a line in a log of 100,000 lines, in multiples of that in an empty one; the two in turns."""
    origin = {"experiment_id": "1", "run_id": "0" * 32}
    logs = [PredictionLog(folder / "empty.jsonl", origin), PredictionLog(folder / "long.jsonl", origin)]
    logs[1].add([0.5] * 100_000)
    times: list[list[float]] = [[], []]
    for number in range(4_000):
        times[number % 2].append(timed(lambda log=logs[number % 2]: log.add([0.5])))
    return statistics.median(times[1]) / statistics.median(times[0])


async def capacity(body: bytes, seconds: float) -> float:
    """The requests a second of the load generator itself, against a server that only says yes."""

    class Yes(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    server = await asyncio.get_running_loop().create_server(Yes, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        return (await asyncio.to_thread(drive, url, [body], 16, seconds)).rate


def draw(results: Rounds, file: Path) -> None:
    """A bar for each server: its requests a second in multiples of that of MLflow's server."""
    figure = Figure(figsize=(9, 0.6 * len({name for name, _ in results}) + 1.6), layout="constrained", dpi=110)
    for axes, clients in zip(figure.subplots(1, 2, sharey=True), CLIENTS, strict=True):
        names = [name for name, number in results if number == clients][::-1]
        middle = [statistics.median(ratios(results, name, BASE, clients)) for name in names]
        ours = ["#1a629f" if name in COURSE and name != BASE else "#8494a1" for name in names]
        bars = axes.barh(names, middle, color=ours)
        axes.bar_label(bars, [f"{value:.1f}" for value in middle], padding=3)
        axes.set(title=f"{clients} client{'s' * (clients > 1)}", xlim=(0, 1.15 * max(middle)))
        axes.spines[["top", "right"]].set_visible(False)
    versions = [f"{name} {version(name)}" for name in SHOWN]
    if any(name in OTHERS for name, _ in results):
        versions += [packages[0].replace("==", " ") for packages in PACKAGES.values()]
    machine = f"Python {platform.python_version()}, {os.cpu_count()} processor cores"
    figure.supxlabel(
        f"Requests a second, in multiples of {BASE}. {date.today():%B %Y}; {machine};\n{', '.join(versions)}",
        fontsize=8,
    )
    figure.savefig(file)


def start(kinds: dict[str, Kind], stack: ExitStack, folder: Path) -> dict[str, Contestant]:
    """Start all, at the same time; they stop with the stack."""
    settings = {"PREDICTION_LOG_PATH": str(folder / "bench.jsonl"), "MLFLOW_TRACKING_URI": store.tracking_uri()}
    if kinds.keys() & OTHERS.keys():
        settings |= {"CHAMPION_FILE": champion_file(), "BENTOML_DO_NOT_TRACK": "True"}
    servers = {}
    with click.progressbar(kinds.items(), label="starting the servers") as bar:
        for name, kind in bar:
            servers[name] = Contestant(name, kind, settings)
            stack.callback(servers[name].stop)
            servers[name].wait_until_ready(120)
    return servers


def main() -> None:
    """Start, compare, print, draw."""
    parser = argparse.ArgumentParser(prog="python course.py bench")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1)
    arguments = parser.parse_args()
    if not store.has_champion():
        sys.exit(store.NO_MODEL)
    kinds = COURSE | (OTHERS if arguments.peers else {})
    for name in PACKAGES if arguments.peers else []:
        install(name)
    passengers = real_passengers()
    with ExitStack() as stack:
        # Windows does not delete a file that is open, and a log stays open until its program ends.
        temporary = tempfile.TemporaryDirectory(prefix="unsinkable-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(temporary))
        servers = start(kinds, stack, folder)
        check_same_answers(servers, passengers[:200])
        print(f"All {len(servers)} servers give the same answers for 200 passengers.")
        results = measure(servers, passengers, arguments.rounds, arguments.seconds)
        print(table(results).to_string(index=False))
        for clients in CLIENTS:
            share = statistics.median(ratios(results, WATCHED, UNWATCHED, clients))
            print(f"monitoring and log, {clients} clients: {share:.2f} of the throughput without")
        for name, value in batch_times(servers, arguments.rounds).items():
            print(f"batch of 10,000, {name}: {value:.2f} times the bare pipeline")
        print(f"a log line at 100,000 lines: {log_line_ratio(folder):.2f} times one at 0 lines")
        name = "fastapi_06 (micro-batch)"
        began = time.perf_counter()
        again = Contestant(name, COURSE[name], {"MLFLOW_TRACKING_URI": store.tracking_uri()})
        stack.callback(again.stop)
        again.wait_until_ready()
        print(f"start-up of {name}: {time.perf_counter() - began:.1f} seconds, to its first answer")
        most = asyncio.run(capacity(json.dumps(passengers[0]).encode(), arguments.seconds))
        fastest = max(load.rate for loads in results.values() for load in loads)
        print(f"the clients could send {most:.0f} requests a second, {most / fastest:.1f} times the fastest server's")
    PICTURE.parent.mkdir(exist_ok=True)
    draw(results, PICTURE)
    print(f"The picture is {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
