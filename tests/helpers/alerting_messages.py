"""Messages as Alertmanager sends them, for tests."""

from datetime import UTC, datetime, timedelta

BEGAN = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)


def alert(name="AppDown", status="firing", start=0, fingerprint=None, **labels):
    """An alert that began so many minutes after BEGAN."""
    starts = BEGAN + timedelta(minutes=start)
    ends = starts + timedelta(minutes=1) if status == "resolved" else datetime(1, 1, 1, tzinfo=UTC)
    return {
        "status": status,
        "labels": {"alertname": name, "severity": "page"} | labels,
        "annotations": {"summary": f"{name}: this is wrong.", "what_to_do": "Mend it."},
        "startsAt": starts.isoformat().replace("+00:00", "234Z"),  # Go writes nanoseconds
        "endsAt": ends.isoformat().replace("+00:00", "Z"),
        "generatorURL": "http://127.0.0.1:9090/graph",
        "fingerprint": fingerprint or f"{abs(hash((name, *labels.items()))):016x}"[:16],
    }


def message(*alerts):
    """A message with these alerts."""
    return {
        "version": "4",
        "groupKey": '{}:{alertname="AppDown"}',
        "truncatedAlerts": 0,
        "status": "firing" if any(one["status"] == "firing" for one in alerts) else "resolved",
        "receiver": "alert page",
        "groupLabels": {"alertname": "AppDown"},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://127.0.0.1:9093",
        "alerts": list(alerts),
    }
