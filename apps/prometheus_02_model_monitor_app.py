"""Watch the model itself. New: metrics of what it is asked, what it answers, and how long it takes.

Start it, in the folder apps: uvicorn prometheus_02_model_monitor_app:app --reload
Its lesson: notebooks/10_prometheus_02_model_monitor_app.ipynb
"""

from collections.abc import Sequence

from fastapi.responses import JSONResponse
from prometheus_client import Counter, Histogram
from sklearn.pipeline import Pipeline

from titanic import golden_signals, routes
from titanic.answers import BatchResponse, Prediction, batch_answer, single_answer
from titanic.api import create_app
from titanic.model import ModelDep
from titanic.passenger import Passenger, PassengerBatch
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
    buckets=golden_signals.SECONDS,
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


app = create_app("Titanic Predictor API: the model is watched")
golden_signals.add_to(app)
app.include_router(routes.basics)


@app.post("/predict_single")
def predict_survival(passenger: Passenger, model: ModelDep) -> Prediction:
    """Predict whether one passenger survives."""
    (probability,) = predict_and_count("single", model, [passenger])
    return single_answer(probability)


@app.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch, model: ModelDep) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    return batch_answer(predict_and_count("batch", model, passengers.root))
