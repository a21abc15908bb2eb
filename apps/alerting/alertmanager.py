"""Ask Alertmanager for something: silence an alert, or tell which alerts it has.

Source: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from alerting.messages import KnownAlert


class Away(Exception):
    """Alertmanager does not do what it is asked for. The text says why, and what to do."""


class Alertmanager:
    """The Alertmanager at this address."""

    def __init__(self, url: str) -> None:
        self.url = url

    def silence(self, alert: KnownAlert, for_: timedelta) -> datetime:
        """Let it say nothing about this alert for so long; until when. Away: it cannot."""
        now = datetime.now(UTC)
        exactly = [{"name": name, "value": value, "isRegex": False} for name, value in alert.labels.items()]
        until = now + for_
        self.ask(
            "POST",
            "silences",
            matchers=exactly,
            startsAt=now.isoformat(),
            endsAt=until.isoformat(),
            createdBy="the page of alerts",
            comment="Silenced by the button on the page of alerts.",
        )
        return until

    def alerts(self) -> dict[str, str]:
        """The names of all alerts that it has, silenced ones too, by their fingerprints. Away: it does not answer."""
        return {alert["fingerprint"]: alert["labels"].get("alertname", "") for alert in self.ask("GET", "alerts")}

    def ask(self, method: str, what: str, **body: Any) -> Any:
        """The answer to a question. Away: there is none, or it is no."""
        try:
            answer = requests.request(method, f"{self.url}/api/v2/{what}", json=body or None, timeout=5)
        except requests.RequestException as error:
            raise Away(
                f"Alertmanager does not answer at {self.url}: start it with python course.py monitor."
            ) from error
        if not answer.ok:
            raise Away(f"Alertmanager refuses this: {answer.text.strip()[:300]}")
        return answer.json()
