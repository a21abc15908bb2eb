"""Answers with the id of the prediction, by which a client reports its outcome later (lesson 20)."""

from collections.abc import Sequence

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from titanic.answers import DETAILED, DetailedPrediction, QuickJSONResponse, class_and_probability, survival_status
from titanic.outcome import EXAMPLE


class WatchedPrediction(DetailedPrediction):
    """The answer for one passenger, with the id under which its outcome can be told."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"prediction_id": EXAMPLE, **DETAILED}]})

    prediction_id: str


class WatchedBatchPrediction(WatchedPrediction):
    """The same, with the place of the passenger in the list, from 0."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"passenger_index": 0, "prediction_id": EXAMPLE, **DETAILED}]}
    )

    passenger_index: int


class WatchedBatchResponse(BaseModel):
    """The answers with their ids, in the order of the passengers."""

    batch_predictions: list[WatchedBatchPrediction]


def watched_answer(prediction_id: str, probability: float) -> WatchedPrediction:
    """The answer for one passenger."""
    return WatchedPrediction(
        prediction_id=prediction_id, survival_status=survival_status(probability), **class_and_probability(probability)
    )


def watched_batch_answer(prediction_ids: Sequence[str], probabilities: Sequence[float]) -> JSONResponse:
    """The answer to a batch; sent as it is (lesson 07)."""
    results = [
        {"passenger_index": i, "prediction_id": one, "survival_status": survival_status(p), **class_and_probability(p)}
        for i, (one, p) in enumerate(zip(prediction_ids, probabilities, strict=True))
    ]
    return QuickJSONResponse({"batch_predictions": results})
