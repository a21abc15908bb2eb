"""Ask Alertmanager for something: silence an alert, or tell which alerts it has.

Source: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from alerting.messages import KnownAlert
from titanic.proxies import spare_this_machine


class Away(Exception):
    """Alertmanager does not do what it is asked for. The text says why, and what to do."""


class Alertmanager:
    """The Alertmanager at this address."""

    def __init__(self, url: str) -> None:
        spare_this_machine()
        self.url = url
        self.another = f"What answers at {url} is no Alertmanager: see which program has that port."

    def silence(self, alert: KnownAlert, for_: timedelta) -> datetime:
        """Let it say nothing about this alert for so long; until when. Away: it cannot."""
        now = datetime.now(UTC)
        exactly = [{"name": name, "value": value, "isRegex": False} for name, value in alert.labels.items()]
        until = now + for_
        answer = self.ask(
            "POST",
            "silences",
            matchers=exactly,
            startsAt=now.isoformat(),
            endsAt=until.isoformat(),
            createdBy="the page of alerts",
            comment="Silenced by the button on the page of alerts.",
        )
        if not (isinstance(answer, dict) and "silenceID" in answer):
            raise Away(self.another)
        return until

    def alerts(self) -> dict[str, str]:
        """The names of all alerts that it has, silenced ones too, by their fingerprints. Away: it does not answer."""
        answer = self.ask("GET", "alerts")
        try:
            return {alert["fingerprint"]: alert["labels"].get("alertname", "") for alert in answer}
        except (AttributeError, KeyError, TypeError):
            raise Away(self.another) from None

    def ask(self, method: str, what: str, **body: Any) -> Any:
        """The answer to a question. Away: there is none, or it is no."""
        try:
            answer = requests.request(method, f"{self.url}/api/v2/{what}", json=body or None, timeout=5)
        except (requests.RequestException, ValueError) as error:  # the second for an address that is none
            raise Away(
                f"Alertmanager does not answer at {self.url}: start it with python course.py monitor."
            ) from error
        if not answer.ok:
            raise Away(f"Alertmanager refuses this: {answer.text.strip()[:300]}")
        try:
            return answer.json()
        except requests.JSONDecodeError:
            raise Away(self.another) from None
