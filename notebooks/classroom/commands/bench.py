"""Measure how fast the apps serve, beside `mlflow models serve`."""

import argparse
import asyncio
import json
import math
import statistics
import time
from contextlib import ExitStack
from pathlib import Path

import click

from classroom.commands._bench_picture import draw
from classroom.commands._ending import run
from classroom.commands._rounds import (
    CLIENTS,
    IN_ONNX,
    UNWATCHED,
    WATCHED,
    batch_times,
    check_same_answers,
    log_line_ratio,
    measure,
    predicting,
    ratios,
    table,
)
from classroom.load import capacity
from classroom.servers.contestants import COURSE, OTHERS, PACKAGES, Contestant, Kind, champion_file, install
from classroom.servers.folders import LOGS, ROOT
from classroom.servers.temporary import temporary_folder
from classroom.traffic import real_passengers
from titanic import store
from titanic.model import load_model
from titanic.problem import Problem

PICTURE = LOGS / "serving_speed.png"


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
    parser = argparse.ArgumentParser(prog="python course.py bench", description=__doc__)
    parser.add_argument("--peers", action="store_true", help="beside BentoML and MLServer, too; installs both")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="how often each server has its turn")
    parser.add_argument("--seconds", type=float, default=1, metavar="N", help="how long a turn lasts")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or not 0 < arguments.seconds < math.inf:
        raise Problem("--rounds must be 1 or more, and --seconds more than 0.")
    if not (store.has_champion() and store.has_champion(store.ONNX_NAME)):
        raise Problem("There is no trained model, or none in ONNX. Run python course.py train, then this again.")
    load_model()  # a store that cannot be used is reported now, and not after each server has waited for it
    kinds = COURSE | (OTHERS if arguments.peers else {})
    if arguments.peers:
        from setting_up.causes import cause  # here and not above: images/ imports this, and cannot see setting_up

        for name in PACKAGES:
            install(name, cause)
    passengers = real_passengers()
    with ExitStack() as stack:
        # Windows does not delete a file that is open, and a log stays open until its program ends.
        folder = Path(stack.enter_context(temporary_folder()))
        servers = start(kinds, stack, folder)
        check_same_answers(servers, passengers[:200])
        print(f"All {len(predicting(servers))} servers that predict give the same answers for 200 passengers.")
        results = measure(servers, passengers, arguments.rounds, arguments.seconds)
        print(table(results).to_string(index=False))
        for clients in CLIENTS:
            share = statistics.median(ratios(results, WATCHED, UNWATCHED, clients))
            print(f"with monitoring and log, {clients} clients: {share:.2f} times the throughput without them")
        for name, value in batch_times(servers, arguments.rounds).items():
            print(f"batch of 10,000, {name}: {value:.2f}")
        print(f"a line in a log of 100,000 lines takes {log_line_ratio(folder):.2f} times as long as in an empty one")
        for name in ("fastapi_06 (micro-batch)", IN_ONNX):
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
    print(f"The picture is {PICTURE.relative_to(ROOT).as_posix()}")


if __name__ == "__main__":
    run(main)
