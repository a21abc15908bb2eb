"""The collector's one page: drift by feature over the last day, for people."""

import sqlite3
from html import escape

from collector import drift, registry

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 0.2rem 1.5rem 0.2rem 0; }
td.alert { font-weight: bold; } td.alert::after { content: " alert"; }
"""


def render(connection: sqlite3.Connection) -> str:
    """All profiles, the newest first: for each feature or metric its drift, and whether an alert is active."""
    uids = connection.execute("SELECT uid, space, name, version, drift_type FROM profile ORDER BY rowid DESC LIMIT 50")
    parts = [
        f"<h2>{escape(f'{space} {name} {version}: {drift_type}')}</h2>{table(connection, uid, drift_type)}"
        for uid, space, name, version, drift_type in uids.fetchall()
    ]
    body = "".join(parts) or "<p>No profile is registered yet.</p>"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Drift</title><style>{STYLE}</style></head>'
        f"<body><h1>Drift over the last 24 hours</h1>{body}</body></html>"
    )


def table(connection: sqlite3.Connection, uid: str, drift_type: str) -> str:
    """One row a feature: the PSI over the day, or the newest mean."""
    request = drift.DriftRequest(uid=uid, time_interval="TwentyFourHours", max_data_points=24)
    if drift_type == "Psi":
        profile = registry.by_uid(connection, uid).profile
        features = drift.psi_over_time(connection, profile.features, request)["features"]
        head, numbers = "PSI", {name: feature["overall_psi"] for name, feature in features.items()}
    else:
        metrics = drift.metrics_over_time(connection, request)["metrics"]
        head, numbers = "mean of the last hour", {name: one["stats"][0]["avg"] for name, one in metrics.items()}
    if not numbers:
        return "<p>No records in this time.</p>"
    alerts = {name for (name,) in connection.execute("SELECT entity_name FROM alert WHERE uid = ? AND active", [uid])}
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td{' class=alert' if name in alerts else ''}>{number:.4f}</td></tr>"
        for name, number in sorted(numbers.items(), key=lambda pair: -pair[1])
    )
    return f"<table><tr><th>name</th><th>{head}</th></tr>{rows}</table>"
