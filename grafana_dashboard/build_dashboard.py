"""Build the dashboard: write titanic_api_simple_app_monitoring.json, which Grafana loads and which one can import.

Call it after a change: python grafana_dashboard/build_dashboard.py. Lesson 13 explains the panels and their queries.
"""

import json
from pathlib import Path

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model

from dashboard_rows.alerts import alerts
from dashboard_rows.at_a_glance import numbers
from dashboard_rows.drift import drift
from dashboard_rows.outcomes import was_it_right
from dashboard_rows.signals import golden_signals, machine
from dashboard_rows.the_model import model_panels
from panel_kinds import DATASOURCE

FILE = Path(__file__).resolve().parent / "titanic_api_simple_app_monitoring.json"


def new_version() -> build.AnnotationQuery:
    """A line through all graphs where another version of the model has taken over (lesson 22)."""
    versions = 'count_values by (job) ("version", titanic_model_version)'
    return (
        build.AnnotationQuery()
        .name("New version of the model")
        .datasource(DATASOURCE)
        .enable(True)
        .icon_color("purple")
        # Grafana looks once a minute of the time range. Two scrapes show a change, so each window begins one scrape,
        # 15 seconds, before the end of the last one: else two with one in each would be in neither.
        .expr(f"{versions}\nand on (job) changes(titanic_model_version[75s]) > 0")
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
