"""The first row, which has no title: one look, and one knows whether all is well."""

from grafana_foundation_sdk.models import dashboard as model

from dashboard_rows.queries import DURATION, TRAFFIC, USERS, ZERO
from panel_kinds import BLUE, GREEN, ORANGE, RED, AnyPanel, number, thresholds


def numbers() -> list[AnyPanel]:
    """The first row: one look, and one knows whether all is well."""
    is_up = number(
        "Is the app up?",
        "UP: Prometheus reached the app at its last visit. DOWN: it did not, so nobody is served. "
        "Look at the terminal in which the app runs, and start it again.",
        "none",
        'up{job="fastapi_app"}',
        thresholds((1, GREEN), base=RED),
        "{{instance}}",
    )
    down, up = (model.ValueMappingResult(text=word, color=hue) for word, hue in (("DOWN", RED), ("UP", GREEN)))
    traffic = number(
        "Requests per second",
        "How many requests arrive. A sudden jump is a rush; a fall to nothing means that clients cannot reach the app, "
        "or that there are none. It is neither good nor bad: it explains the other numbers.",
        "reqps",
        TRAFFIC,
        thresholds(base=BLUE),
    )
    errors = number(
        "Requests that fail",
        "The share of requests that end in a fault of the server (status 500 and above). It should be 0 %. "
        "From 1 % on, read what the app prints: the model may be missing, or a wrong one. Of a few requests, one is "
        "already a large share: look at their number, too.",
        "percentunit",
        f'(sum(rate(http_requests_total{{{USERS}, status_code=~"5.."}}[$__rate_interval])) or {ZERO})\n'
        f"/\n({TRAFFIC} > 0)",
        thresholds((0.01, ORANGE), (0.05, RED)),
    )
    latency = number(
        "95 % are answered in",
        "The 95th percentile of the duration: 95 of 100 requests are faster than this. From a quarter of a second on "
        "people notice. Look at the requests in progress: too many at once wait for each other.",
        "s",
        f"histogram_quantile(0.95, {DURATION}) >= 0",  # without requests it is not a number: that is left out
        thresholds((0.25, ORANGE), (0.5, RED)),
    )
    predictions = number(
        "Predictions",
        "How many passengers the model has judged in the time range chosen above. If this stands still while requests "
        "arrive, they are refused or they fail: look at the errors.",
        "none",
        "sum(increase(titanic_predictions_total[$__range]))",
        thresholds(base=BLUE),
    )
    survived = number(
        "Predicted to survive",
        "The share of passengers for whom the model says: survives. For those it learnt from it is 33 %. Far from "
        "that, other passengers arrive, or the model is a wrong one: look at their ages, and at the model. Of a few "
        "passengers, though, any share can come by chance.",
        "percentunit",
        'sum(rate(titanic_predictions_output_total{predicted_class="1"}[$__rate_interval]))\n/\n'
        "(sum(rate(titanic_predictions_output_total[$__rate_interval])) > 0)",
        thresholds((0.13, GREEN), (0.53, ORANGE), base=ORANGE),
    )
    return [
        is_up.mappings([model.ValueMap({"0": down, "1": up})]).no_value("not watched"),
        traffic.decimals(1).no_value("no requests"),
        errors.decimals(1).no_value("no requests"),
        latency.no_value("no requests"),
        predictions.decimals(0).no_value("none"),
        survived.decimals(0).no_value("none"),
    ]
