"""The champion served by BentoML: each request by itself, or batched by BentoML's own adaptive batching."""

import bentoml
import pandas as pd
from champion import load, predict

from titanic.passenger import Passenger


@bentoml.service(workers=1)
class Plain:
    """One call of the model for each request."""

    def __init__(self) -> None:
        self.model = load()

    @bentoml.api
    def predict_single(self, passenger: Passenger) -> int:
        """0 or 1 for one passenger."""
        return predict(self.model, pd.DataFrame([passenger.model_dump()]))[0]


@bentoml.service(workers=1)
class Batchable:
    """One call of the model for the requests that arrive together."""

    def __init__(self) -> None:
        self.model = load()

    @bentoml.api(batchable=True, max_batch_size=64, max_latency_ms=1000)
    def predict_many(self, passengers: list[Passenger]) -> list[int]:
        """0 or 1 for each passenger."""
        return predict(self.model, pd.DataFrame([passenger.model_dump() for passenger in passengers]))
