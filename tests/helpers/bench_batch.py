"""How much does the API cost beside the model? Run it with: python tests/helpers/bench_batch.py.

It prints how many times as long a request for 10,000 passengers takes as the model alone takes for the same rows.
Both are measured in turns, so that a busy machine slows both. It needs a trained model.
"""

import json
import statistics
import sys
import time
from itertools import cycle, islice

import pandas as pd
from fastapi.testclient import TestClient

from fastapi_05_batch_test_app import app
from titanic.passenger import EXAMPLES

ROUNDS = 7
PASSENGERS = list(islice(cycle(EXAMPLES), 10_000))


def seconds(call, *arguments, **options):
    """The time that this call takes."""
    start = time.perf_counter()
    call(*arguments, **options)
    return time.perf_counter() - start


def main():
    table = pd.DataFrame(PASSENGERS)
    body, headers = json.dumps(PASSENGERS), {"content-type": "application/json"}
    with TestClient(app) as client:
        if app.state.model is None:
            sys.exit("There is no trained model yet: run python apps/mlflow_00_train_model.py, then this again.")
        alone, request = [], []
        for _ in range(ROUNDS + 1):
            alone.append(seconds(app.state.model.predict_proba, table))
            request.append(seconds(client.post, "/predict_batch", content=body, headers=headers))
    # The first round warms up and does not count.
    alone, request = statistics.median(alone[1:]), statistics.median(request[1:])
    print(f"10,000 passengers: the model alone {1000 * alone:.0f} ms, the request {1000 * request:.0f} ms,")
    print(f"so the request takes {request / alone:.2f} times as long as the model (medians of {ROUNDS} rounds).")


if __name__ == "__main__":
    main()
