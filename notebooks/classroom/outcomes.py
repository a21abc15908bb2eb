"""Passengers whose fate is known: an app predicts them, and is told what happened to each (lesson 20)."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import numpy as np
import pandas as pd
import requests

from classroom.servers import direct
from titanic.dataset import COLUMNS, read_passengers

EVERY = 1.0  # seconds between two lists of passengers


def known_passengers(shape: str) -> pd.DataFrame:
    """Those of the Titanic, without gaps, who come in traffic of this shape: the seven columns and survived, 0 or 1."""
    passengers, survived = read_passengers()
    known = passengers.assign(survived=survived).dropna().sample(frac=1, random_state=1)
    return known[(known["Pclass"] == 3) & (known["Sex"] == "male")] if shape == "shift" else known


def tell(url: str, passengers: pd.DataFrame) -> int:
    """Let the app at this address predict these passengers, then tell it their outcomes; how many it has matched.

    passengers: the seven columns and survived. requests.RequestException: the app does not answer, or refuses.
    """
    with direct.session() as session:
        session.hooks["response"].append(lambda response, *_, **__: response.raise_for_status())
        body = passengers[COLUMNS].to_dict("records")
        answers = session.post(f"{url}/predict_batch", json=body, timeout=30).json()["batch_predictions"]
        pairs = zip(answers, passengers["survived"], strict=True)
        told = [{"prediction_id": answer["prediction_id"], "survived": int(survived)} for answer, survived in pairs]
        matched: int = session.post(f"{url}/outcomes", json=told, timeout=30).json()["matched"]
    return matched


@contextmanager
def outcomes_come(url: str, passengers: pd.DataFrame, a_second: int) -> Iterator[None]:
    """While the block of this `with` runs, the app predicts so many passengers a second, and is told their outcomes.

    passengers: the seven columns and survived, taken in their order; after the last one, the first one comes again.
    """
    over = threading.Event()

    def work() -> None:
        place = np.arange(a_second)
        while not over.wait(EVERY):
            with suppress(requests.RequestException):  # the app is stopped, or starts just now
                tell(url, passengers.take(place % len(passengers)))
            place += a_second

    with ThreadPoolExecutor(1) as pool:
        end = pool.submit(work)
        try:
            yield
        finally:  # also when Ctrl-C comes
            over.set()
        end.result()
