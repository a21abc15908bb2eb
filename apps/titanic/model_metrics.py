"""Metrics of the model itself (lesson 10): what it is asked, what it answers, how long it takes."""

from collections.abc import Sequence

from prometheus_client import Counter, Histogram
from sklearn.pipeline import Pipeline

from titanic.golden_signals import SECONDS
from titanic.passenger import Passenger
from titanic.prediction import survival_probabilities

titanic_predictions_total = Counter("titanic_predictions_total", "Total number of passengers predicted.")
titanic_predictions_output_total = Counter(
    "titanic_predictions_output_total",
    "Total number of passengers predicted, by predicted class (0 = not survived, 1 = survived).",
    ["predicted_class"],
)
prediction_type_total = Counter(
    "prediction_type_total",
    "Total number of prediction requests, by type; for a simulation, of its predictions.",
    ["type"],
)
passenger_age_distribution = Histogram(
    "passenger_age_distribution", "Ages of the passengers predicted, in years.", buckets=range(10, 100, 10)
)
model_inference_seconds = Histogram(
    "model_inference_seconds",
    "Time that one call of the model takes, for one passenger or for many, in seconds.",
    ["type"],
    buckets=SECONDS,
)
# Classes and types are known beforehand. Looked up here, each of their series begins with 0, and not when it first
# happens; and a prediction does not wait for a look-up, which takes longer than to count.
KINDS = ("single", "batch", "simulation")
predictions_of_class = {label: titanic_predictions_output_total.labels(label) for label in ("0", "1")}
predictions_of_kind = {kind: prediction_type_total.labels(kind) for kind in KINDS}
seconds_of_kind = {kind: model_inference_seconds.labels(kind) for kind in KINDS}


def predict_and_count(kind: str, model: Pipeline, passengers: Sequence[Passenger]) -> list[float]:
    """The probability, 0 to 1, that each of these passengers survives; the metrics count them.

    kind: "single", "batch" or "simulation". PredictionError: the model has failed; then only its time is counted.
    """
    with seconds_of_kind[kind].time():
        probabilities = survival_probabilities(model, passengers)
    survived = sum(probability > 0.5 for probability in probabilities)
    titanic_predictions_total.inc(len(passengers))
    for predicted_class, number in ("0", len(passengers) - survived), ("1", survived):
        if number:  # to add 0 would only take time
            predictions_of_class[predicted_class].inc(number)
    predictions_of_kind[kind].inc(len(passengers) if kind == "simulation" else 1)
    for passenger in passengers:
        passenger_age_distribution.observe(passenger.Age)
    return probabilities
