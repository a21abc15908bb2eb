"""Clients for a lesson: a calm day, a rush, a client that does everything wrong, passengers of another kind."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import requests

from classroom.servers import direct
from titanic.dataset import read_passengers

# For each shape: how many clients at once, and how long each waits between two requests, in seconds.
SHAPES = {"calm": (2, 0.2), "rush": (16, 0.0), "bad client": (2, 0.1), "shift": (2, 0.2)}


def send_traffic(url: str, shape: str, seconds: float = 5) -> dict[str, int]:
    """Send requests to the app at this address for so many seconds; return how often which status code came back.

    shape: "calm" (two clients, five requests a second each), "rush" (16 clients without a pause), "bad client"
    (wrong passengers and pages that do not exist) or "shift" (as calm, but all passengers are men of the third class).
    """
    with traffic(url, shape) as codes:
        wait(f"{shape}, {SHAPES[shape][0]} clients", seconds)
    return codes


def wait(what: str, seconds: float) -> None:
    """Wait so long, and show by a bar how far it is."""
    for step in range(21):
        print(f"\r{what} {'█' * step:20}", end="", flush=True)
        time.sleep(seconds / 21)
    print()


@contextmanager
def traffic(url: str, shape: str, certificate: Path | None = None) -> Iterator[dict[str, int]]:
    """Send requests while the block of this `with` runs; afterwards the dictionary tells the status codes.

    certificate: the file with the one to trust, if the address begins with https.
    """
    clients, pause = SHAPES[shape]
    passengers = real_passengers()
    if shape == "shift":
        passengers = [one for one in passengers if one["Pclass"] == 3 and one["Sex"] == "male"]
    over = threading.Event()
    codes: dict[str, int] = {}
    with ThreadPoolExecutor(clients) as pool:
        try:
            answers = [
                pool.submit(be_a_client, url, shape, pause, over, n, passengers, certificate) for n in range(clients)
            ]
            yield codes
        finally:  # also when Interrupt or Ctrl-C comes: the clients must not go on
            over.set()
        total = sum((answer.result() for answer in answers), Counter())
    codes.update(sorted(total.items()))


@cache
def real_passengers() -> list[dict[str, Any]]:
    """The 1,043 passengers of the Titanic whose age, fare and port are known, each as an app takes it."""
    rows = read_passengers()[0].dropna().to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def be_a_client(
    url: str,
    shape: str,
    pause: float,
    over: threading.Event,
    seed: int,
    passengers: list[dict[str, Any]],
    certificate: Path | None = None,
) -> Counter[str]:
    """Be one client until it is over; count the status codes, or "no answer" while the app does not answer."""
    codes: Counter[str] = Counter()
    draw = random.Random(seed)
    with direct.session() as session:
        session.verify = str(certificate) if certificate else True
        while not over.is_set():
            path, passenger = "/predict_single", draw.choice(passengers)
            if shape == "bad client":
                path, passenger = draw.choice([path, f"/page-{draw.randrange(1000)}"]), passenger | {"Age": -1}
            try:
                codes[str(session.post(url + path, json=passenger, timeout=30).status_code)] += 1
            except requests.RequestException:
                codes["no answer"] += 1
                time.sleep(0.2)
            time.sleep(pause)
    return codes
