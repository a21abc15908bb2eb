"""The screenshot of the page of alerts, with alerts as Prometheus's rules make them."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from browser import screenshot
from playwright.sync_api import Browser
from sources import FOLDER

from classroom.servers import ports
from classroom.servers.alertmanager_server import RECEIVER
from classroom.servers.app import start_app

FELL = datetime(2026, 4, 14, 23, 40, tzinfo=UTC)


def alert(name: str, severity: str, minutes: int, summary: str, what_to_do: str, over: bool = False) -> dict[str, Any]:
    """An alert, as Alertmanager sends it, that began so many minutes after the iceberg."""
    began = FELL + timedelta(minutes=minutes)
    return {
        "status": "resolved" if over else "firing",
        "labels": {"alertname": name, "severity": severity, "job": "fastapi_app"},
        "annotations": {"summary": summary, "what_to_do": what_to_do},
        "startsAt": began.isoformat(),
        "endsAt": (began + timedelta(minutes=12)).isoformat(),
        "fingerprint": f"{minutes:016x}",
    }


def shoot_page(browser: Browser, names: list[str]) -> None:
    """Take the page while two alerts fire, and one is over."""
    message = {
        "version": "4",
        "alerts": [
            alert("AppDown", "page", 0, "fastapi_app at 127.0.0.1:8000 does not answer.",
                  "Look in the terminal of the app for the reason, then start it again."),
            alert("PredictionMixAwayFromTraining", "ticket", 30,
                  'The model says "survived" for 71%, which is far from its training.',
                  "Compare the passengers with those in training: age (app:passenger_age:mean), class, sex."),
            alert("SlowAnswers", "page", -90, "5 of 100 requests to fastapi_app take longer than 1.2s.", "", over=True),
        ],
    }  # fmt: skip
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        own = {"ALERT_DATABASE": str(Path(folder) / "alerts.sqlite3")}
        app = start_app(RECEIVER, ports.free_port(), settings=own)
        try:
            requests.post(f"{app.url}/alerts", json=message, timeout=10).raise_for_status()
            with screenshot(browser, FOLDER / "alert_page.png", app.url, 960, 640) as page:
                page.locator("article").nth(1).wait_for()
        finally:
            app.stop()


GROUPS = {("alert_page",): shoot_page}
