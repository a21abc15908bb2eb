"""What the model is asked, what it answers, how long it takes."""

from grafana_foundation_sdk.builders import heatmap
from grafana_foundation_sdk.models import common as options

from panel_kinds import (
    BLUE,
    GREEN,
    HEATMAP,
    ORANGE,
    RED,
    AnyPanel,
    bars,
    color,
    graph,
    heat,
    query,
    query_now,
    stacked,
    thresholds,
)

# A way of asking has the colour of its route.
TYPES = {"single": BLUE, "batch": "purple", "simulation": "light-blue"}


def model_panels() -> list[AnyPanel]:
    """What the model is asked, what it answers, how long it takes."""
    classes = graph(
        "Answers: share of each class",
        "Of the passengers at each moment: how many the model predicts to survive, and how many not. The border should "
        "stay where it is. If it moves, other passengers arrive, or the model has changed: check both.",
        "percentunit",
        thresholds(base=BLUE),
        query('sum(rate(titanic_predictions_output_total{predicted_class="1"}[$__rate_interval]))', "survives"),
        query('sum(rate(titanic_predictions_output_total{predicted_class="0"}[$__rate_interval]))', "does not survive"),
    )
    types = bars(
        "Who asked: single, batch, simulation",
        "Requests for one passenger and for a list, and predictions of a simulation, in the time range chosen above. "
        "If a bar is missing or much longer than usual, a client has changed: find out which.",
        "none",
        thresholds(base=BLUE),
        *(
            query_now(f'sum(increase(prediction_type_total{{type="{name}"}}[$__range]))', name)
            for name in sorted(TYPES)
        ),
    )
    inference = graph(
        "Time of the model itself (95 %)",
        "The model's own part of the latency, by way of asking: 95 % of its calls are faster. If it rises with "
        "the traffic, the machine has too much to do; if it rises alone, the model has become slower: was it replaced?",
        "s",
        thresholds((0.25, RED)),
        query(
            "histogram_quantile(0.95, sum by (le, type) (\n"
            "  rate(model_inference_seconds_bucket[$__rate_interval])\n))",
            "{{type}}",
        ),
    )
    classes = color(classes, {"survives": GREEN, "does not survive": ORANGE})
    return [
        stacked(classes, options.StackingMode.PERCENT).no_value("no predictions"),
        color(types, TYPES).decimals(0).no_value("no predictions"),
        ages(),
        color(inference, TYPES).no_value("no predictions"),
    ]


def ages() -> heatmap.Panel:
    """How old the passengers are, over time."""
    return heat(
        "Ages of the passengers",
        "Each column is a moment, each row an age group of ten years; the brighter, the larger its share. The pattern "
        "should stay the same. If it moves, older or younger people arrive than those the model learnt from.",
        "percentunit",
        "years, up to",
        query(
            "sum by (le) (rate(passenger_age_distribution_bucket[$__rate_interval]))\n/\n"
            "scalar(sum(rate(passenger_age_distribution_count[$__rate_interval])))",
            "{{le}}",
            HEATMAP,
        ),
    ).no_value("no predictions")
