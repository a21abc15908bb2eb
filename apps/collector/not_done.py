"""What a profile asks for and this collector does not do. It is said, so that nobody waits for it."""

from typing import Any


def not_done(profile: dict[str, Any]) -> list[str]:
    """A sentence for each thing that this profile, as it came, asks for in vain."""
    alerts = part(profile["config"], "alert_config")
    found = []
    for way in part(alerts, "dispatch_config"):
        if way != "Console":
            found.append(f"Its alerts are not sent by {way}: they stand on this page and in POST /scouter/alerts.")
    for kind, checks in part(profile, "tasks").items():
        if kind != "assertion" and checks:
            found.append(f"Its checks of the kind {kind} are not run: the real server runs them.")
    return found


def part(whole: dict[str, Any], name: str) -> dict[str, Any]:
    """What stands there under this name; empty if it is missing, or something else than names and values."""
    found = whole.get(name)
    return found if isinstance(found, dict) else {}
