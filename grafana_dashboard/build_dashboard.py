"""Build the dashboard: write titanic_api_simple_app_monitoring.json, which Grafana loads and which one can import.

Call it after a change: python grafana_dashboard/build_dashboard.py. Lesson 13 explains the panels and their queries.
"""

import json
from pathlib import Path

from grafana_foundation_sdk.builders import common, heatmap, table
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as model

from panel_kinds import (
    BLUE,
    DATASOURCE,
    GREEN,
    HEATMAP,
    ORANGE,
    RED,
    TABLE,
    AnyPanel,
    bars,
    color,
    describe,
    graph,
    heat,
    number,
    query,
    query_now,
    rename_columns,
    stacked,
    thresholds,
)

FILE = Path(__file__).resolve().parent / "titanic_api_simple_app_monitoring.json"

# Prometheus itself asks for /metrics; those visits are no traffic.
TRAFFIC = 'sum(rate(http_requests_total{endpoint!="/metrics"}[$__rate_interval]))'
DURATION = 'sum by (le) (\n  rate(http_request_duration_seconds_bucket{endpoint!="/metrics"}[$__rate_interval])\n)'
# A counter of errors has no series before the first error. This is 0 as long as the app is watched.
ZERO = "0 * sum(rate(http_requests_total[$__rate_interval]))"
FIRING = 'ALERTS{alertstate="firing", alertname!="Watchdog"}'  # the Watchdog always fires, and is no alarm
# A route and a way of asking that belong together have the same colour.
ROUTES = {
    "/predict_single": BLUE,
    "/predict_batch": "purple",
    "/simulate_predictions": "light-blue",
    "<unmatched>": "yellow",
}
TYPES = {"single": BLUE, "batch": "purple", "simulation": "light-blue"}
ALERTS = {
    "AppDown": RED,
    "HighErrorRatio": ORANGE,
    "SlowAnswers": "yellow",
    "Saturated": "purple",
    "PredictionMixAwayFromTraining": BLUE,
    "FeatureAwayFromTraining": "light-blue",
    "AccuracyBelowTraining": "light-red",
    "DriftNotWatched": GREEN,
    "PredictionsNotLogged": "light-orange",
    "PredictionsNotWatched": "light-green",
    "MessagesNotStored": "light-purple",
}


def numbers() -> list[AnyPanel]:
    """The first row: one look, and one knows whether all is well."""
    is_up = number(
        "Is the app up?",
        "UP: Prometheus reached the app at its last visit. DOWN: it did not, so nobody is served. "
        "Look at the terminal in which the app runs, and start it again.",
        "none",
        'up{job="fastapi_app"}',
        thresholds((1, GREEN), base=RED),
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
        f'(sum(rate(http_requests_total{{status_code=~"5.."}}[$__rate_interval])) or {ZERO})\n/\n({TRAFFIC} > 0)',
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


def golden_signals() -> list[AnyPanel]:
    """Traffic, errors, latency, and the first sign of saturation."""
    traffic = graph(
        "Traffic: requests per second",
        "Requests by route, on top of each other: the upper edge is their sum. A steep rise is a rush, a fall "
        "to nothing an outage. <unmatched> is a client that asks for pages that do not exist.",
        "reqps",
        thresholds(base=BLUE),
        query(TRAFFIC.replace("sum", "sum by (endpoint) "), "{{endpoint}}"),
    )
    errors = graph(
        "Errors: requests per second",
        "Failed (5xx) is the server's fault: any of them is bad, read what the app prints. Refused (4xx) is "
        "the client's: many of them mean that a client sends wrong data, so tell its owner. Without errors both are 0.",
        "reqps",
        thresholds((1, RED)),
        query(f"sum(rate(http_errors_total[$__rate_interval])) or {ZERO}", "failed (5xx)"),
        query(f'sum(rate(http_requests_total{{status_code=~"4.."}}[$__rate_interval])) or {ZERO}', "refused (4xx)"),
    )
    latency = graph(
        "Latency: time to answer",
        "50 % of the requests are faster than the lower line, 95 % are faster than the upper one. If both rise, the "
        "app has too much to do; if only the upper one does, some requests are slow. Look at the requests in progress.",
        "s",
        thresholds((0.5, RED)),
        query(f"histogram_quantile(0.95, {DURATION})", "95 % are faster"),
        query(f"histogram_quantile(0.50, {DURATION})", "50 % are faster"),
    )
    saturation = graph(
        "Saturation: requests in progress",
        "Requests that are worked on or wait at this moment; the visit of Prometheus is one of them. The app works on "
        "a few at once. Near 40 answers become slow: send less, or start more workers.",
        "short",
        thresholds((40, RED)),
        query("sum(http_requests_in_progress)", "in progress"),
    )
    return [
        color(stacked(traffic), ROUTES).no_value("no requests"),
        color(errors, {"failed (5xx)": RED, "refused (4xx)": "yellow"}),
        color(latency, {"95 % are faster": ORANGE, "50 % are faster": BLUE}).no_value("no requests"),
        color(saturation, {"in progress": "purple"}).decimals(0),
    ]


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


def machine() -> list[AnyPanel]:
    """Saturation in detail: what the app uses of the machine."""
    processor = graph(
        "Processor that the app uses",
        "Share of the processors that the app may use. One worker of Python uses little more than one: of four, "
        "that is 25 %. At its limit every answer becomes slower: start more workers.",
        "percent",
        thresholds((90, RED)),
        query("sum(cpu_usage_percent)", "processor"),
    )
    memory = graph(
        "Memory that the app uses",
        "It should stay level after the start. If it rises for hours, the app keeps what it should let go: start it "
        "again, and look for the leak. When the machine has no memory left, the system ends the app.",
        "bytes",
        thresholds((2 * 1024**3, RED)),
        query("sum(memory_usage_bytes)", "memory"),
    )
    return [
        color(processor, {"processor": "purple"}).max(100).height(6).span(12),
        color(memory, {"memory": "purple"}).height(6).span(12),
    ]


def alerts() -> list[AnyPanel]:
    """What Prometheus finds wrong by its own rules."""
    count = number(
        "Alerts that fire",
        "How many alerts are true now. 0 is good. Else the list beside it says which; begin with an app that is down: "
        "it explains all others.",
        "none",
        f"count({FIRING}) or vector(0)",
        thresholds((1, RED)),
    )
    names = describe(
        table.Panel(),
        "Which alerts fire now",
        "The alerts that are true at this moment. The rules in prometheus/rules say what each one means and "
        "what to do.",
        "none",
        query_now(f"count by (alertname, severity) ({FIRING})", form=TABLE),
    )
    history = graph(
        "Alerts over time",
        "When each alert fired. Read it from left to right, together with the panels above: the first alert is nearest "
        "to the cause.",
        "short",
        thresholds(base=RED),
        query(f"count by (alertname) ({FIRING})", "{{alertname}}"),
    )
    names = rename_columns(names, {"alertname": "Alert", "severity": "Severity"})
    names.sort_by([common.TableSortByFieldState().display_name("Alert")])
    history = color(stacked(history), ALERTS).line_interpolation(options.LineInterpolation.STEP_AFTER).decimals(0)
    return [
        count.height(6),
        names.thresholds(thresholds(base=RED)).no_value("No alert fires.").height(6).span(8),
        history.no_value("No alert fired in this time range.").height(6).span(12),
    ]


def drift() -> list[AnyPanel]:
    """What the collector of lesson 16 tells, while there is one: how far the passengers are from training."""
    psi = graph(
        "Drift: PSI of each feature",
        "The distance of the last hour's passengers from those in training. From 0.1 on it matters, from 0.25 on it is "
        "large. Of few passengers 0.1 can be chance: the alerts beside it know that. If several features rise "
        "together, look for the one cause.",
        "none",
        thresholds((0.1, ORANGE), (0.25, RED)),
        query("max by (feature) (titanic_drift_psi)", "{{feature}}"),
    )
    alerts = graph(
        "Drift alerts",
        "When the collector found that a feature differs from training by more than chance. First see whether the data "
        "are right: most drift is a fault on the way. Then compare the predictions with what really happened.",
        "short",
        thresholds(base=BLUE),
        query("sum by (feature) (increase(titanic_drift_alerts_total[$__rate_interval]))", "{{feature}}"),
    )
    passengers = graph(
        "Passengers in the last hour",
        "By how many passengers drift is judged. A PSI is shown once there are ten of them for each bin of its "
        "feature. If this falls while requests arrive, nobody hands the passengers on: is the collector down?",
        "none",
        thresholds(base=BLUE),
        query("max(titanic_drift_sample_size)", "passengers"),
    )
    custom = graph(
        "Custom metrics: mean",
        "The mean of each metric of your own over the last hour; survival_probability was 0.41 in training. If it "
        "moves, so has what the clients are told. Then look at the features beside it: have the passengers changed?",
        "none",
        thresholds(base=BLUE),
        query("max by (metric) (titanic_drift_custom_metric_mean)", "{{metric}}"),
    )
    return [
        psi.no_value("no collector, or too few passengers"),
        stacked(alerts).no_value("no collector"),
        color(passengers, {"passengers": BLUE}).decimals(0).no_value("no collector"),
        custom.no_value("no collector, or no metric"),
    ]


def outcomes(predicted: str = "", actual: str = "") -> str:
    """How fast outcomes come, over the whole time range, as they are rare; only those of these classes, if named."""
    classes = {"predicted_class": predicted, "actual_class": actual}
    labels = ", ".join(f'{label}="{value}"' for label, value in classes.items() if value)
    return f"sum(rate(titanic_outcomes_total{{{labels}}}[$__range]))".replace("{}", "")


def was_it_right() -> list[AnyPanel]:
    """What the app of lesson 20 tells: what really happened, compared with what was predicted."""
    accuracy = graph(
        "Accuracy: by outcomes, estimated",
        "By outcomes: the share of predictions that were right, by the outcomes of the time range chosen above. "
        "Estimated: how often the newest predictions should be right by their own probabilities. If only the first "
        "falls, the world has other rules than in training; if both fall, the passengers are harder to judge. Of few "
        "outcomes, the first jumps by chance.",
        "percentunit",
        thresholds((0.76, GREEN), base=RED),
        query(f"({outcomes('0', '0')}\n + {outcomes('1', '1')})\n/\n({outcomes()} > 0)", "by outcomes"),
        query("avg(titanic_estimated_accuracy >= 0)", "estimated"),
    )
    shares = graph(
        "Precision and recall",
        "Precision: of those who were predicted to survive, the share that did. Recall: of those who survived, the "
        "share that was predicted to. If one falls and the other rises, the model says survived too often or too "
        "seldom. Of few outcomes, both jump by chance.",
        "percentunit",
        thresholds(base=BLUE),
        query(f"{outcomes('1', '1')}\n/\n({outcomes('1')} > 0)", "precision"),
        query(f"{outcomes('1', '1')}\n/\n({outcomes('', '1')} > 0)", "recall"),
    )
    right = graph(
        "Outcomes: right and wrong",
        "Outcomes a second, over the time range chosen above. If they stop, nobody tells the app any more what really "
        "happened: an accuracy without new outcomes is about the past.",
        "short",
        thresholds(base=BLUE),
        query(f"{outcomes('0', '0')} + {outcomes('1', '1')}", "right"),
        query(f"{outcomes('0', '1')} + {outcomes('1', '0')}", "wrong"),
    )
    waiting = graph(
        "Predictions without an outcome",
        "How many predictions wait for their outcome. The line rises with the traffic and falls with the outcomes. "
        "If it only rises, outcomes are missing: for whom? Those who answer first are seldom like the others.",
        "none",
        thresholds(base=BLUE),
        query("max(titanic_outcomes_pending)", "waiting"),
    )
    return [
        color(accuracy, {"by outcomes": BLUE, "estimated": ORANGE}).max(1).no_value("no outcomes yet"),
        color(shares, {"precision": "purple", "recall": "light-blue"}).max(1).no_value("no outcomes yet"),
        color(stacked(right), {"right": GREEN, "wrong": RED}).no_value("no outcomes yet"),
        color(waiting, {"waiting": BLUE}).decimals(0).no_value("no app that waits for outcomes"),
    ]


def new_version() -> build.AnnotationQuery:
    """A line through all graphs where another version of the model has taken over (lesson 22)."""
    versions = 'count_values by (job) ("version", titanic_model_version)'
    return (
        build.AnnotationQuery()
        .name("New version of the model")
        .datasource(DATASOURCE)
        .enable(True)
        .icon_color("purple")
        # Grafana looks once a minute of the time range: a window of a minute misses no change.
        .expr(f"{versions}\nand on (job) changes(titanic_model_version[1m]) > 0")
        .step("60s")
        .title_format("The model has changed")
        .text_format("version {{version}} answers now")
    )


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    board = (
        build.Dashboard("Titanic API - Simple App Monitoring")
        .uid("titanic-api-simple-monitoring")
        .description("Is the app well, and does its model still answer as it should?")
        .tags(["titanic", "fastapi", "machine learning"])
        .with_variable(build.DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .time("now-15m", "now")
        .refresh("5s")
        .timezone("browser")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .annotation(new_version())
    )
    rows = {
        "The four golden signals": golden_signals(),
        "The model": model_panels(),
        "Saturation in detail": machine(),
        "Alerts": alerts(),
        "Was it right?": was_it_right(),
        "Drift": drift(),
    }
    for panel in numbers():
        board.with_panel(panel)
    for title, panels in rows.items():
        board.with_row(build.Row(title))
        for panel in panels:
            board.with_panel(panel)
    built = board.build()
    for identity, one in enumerate(built.panels or [], start=1):  # the builder gives panels none
        one.id_val = identity
    return built


def text() -> str:
    """The dashboard as the text of its file."""
    return json.dumps(dashboard(), cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8", newline="\n")
    print(f"Written: {FILE.name}")
