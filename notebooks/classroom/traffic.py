"""Clients for a lesson: a calm day, a rush, a client that does everything wrong."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import requests

from titanic.passenger import EXAMPLES

# For each shape: how many clients at once, and how long each waits between two requests, in seconds.
SHAPES = {"calm": (2, 0.2), "rush": (16, 0.0), "bad client": (2, 0.1)}


def send_traffic(url: str, shape: str, seconds: float = 5) -> dict[str, int]:
    """Send requests to the app at this address for so many seconds; return how often each status code came back.

    shape: "calm" (two clients, five requests a second each), "rush" (16 clients without a pause) or "bad client"
    (wrong passengers and pages that do not exist).
    """
    clients, pause = SHAPES[shape]
    print(f"{shape}: {clients} clients for {seconds:.0f} seconds ...", flush=True)
    with ThreadPoolExecutor(clients) as pool:
        answers = [pool.submit(be_a_client, url, shape, pause, seconds, number) for number in range(clients)]
        total = sum((answer.result() for answer in answers), Counter())
    return {str(code): total[code] for code in sorted(total)}


def be_a_client(url: str, shape: str, pause: float, seconds: float, seed: int) -> Counter:
    """Be one client until the time is up; count the status codes."""
    codes: Counter = Counter()
    draw = random.Random(seed)
    end = time.monotonic() + seconds
    with requests.Session() as session:
        while time.monotonic() < end:
            if shape == "bad client":
                wrong = draw.choice(["/predict_single", f"/page-{draw.randrange(1000)}"])
                response = session.post(url + wrong, json=EXAMPLES[0] | {"Age": -1})
            else:
                response = session.post(f"{url}/predict_single", json=draw.choice(EXAMPLES))
            codes[response.status_code] += 1
            time.sleep(pause)
    return codes
