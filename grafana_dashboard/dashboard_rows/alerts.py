"""What Prometheus finds wrong by its own rules."""

from grafana_foundation_sdk.builders import common, table
from grafana_foundation_sdk.models import common as options

from panel_kinds import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    TABLE,
    AnyPanel,
    color,
    describe,
    graph,
    number,
    query,
    query_now,
    rename_columns,
    stacked,
    thresholds,
)

FIRING = 'ALERTS{alertstate="firing", alertname!="Watchdog"}'  # the Watchdog always fires, and is no alarm
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
        "When each alert fired. Read it from left to right, together with the panels above: the first alert says "
        "when it began, and not always why.",
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
