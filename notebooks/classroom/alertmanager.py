"""Start Alertmanager from a notebook, show its configuration, and ask what it does with the alerts that it has."""

import re
import time
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pandas as pd
import requests

from classroom.servers import alertmanager_server
from classroom.servers.alertmanager_server import AlertmanagerServer
from classroom.servers.folders import PROMETHEUS
from classroom.servers.process import end_left_over, started
from titanic.problem import Problem


def start_alertmanager(interval: str) -> AlertmanagerServer:
    """Start it with nothing remembered, and wait until it answers. One that a notebook started before is replaced.

    interval: between two scrapes of the Prometheus beside it, such as "250ms". Its times are fitted to that, as those
    of the rules are. Problem: this machine has none, its port is taken, or it refuses its configuration.
    """
    port = alertmanager_server.usual()
    if port not in started:
        end_left_over(port, "Stopping the {name} that another notebook started.")
    server = alertmanager_server.start(port, interval, keep_data=False, replaceable=True)
    print(f"Alertmanager is running at {server.url}")
    return server


def show_configuration(part: str, file: str = "alertmanager") -> None:
    """Print a part of prometheus/alertmanager.yml, such as "route". Problem: it has no such part."""
    text = (PROMETHEUS / f"{file}.yml").read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(part)}:\n(?:(?: .*)?\n)*", text, re.MULTILINE)
    if found is None:
        raise Problem(f"prometheus/{file}.yml has no part {part}.")
    print(dedent(found[0]).strip())


def alerts_there() -> pd.DataFrame:
    """The alerts that Alertmanager has, one a row; what it does with each: active, or suppressed, and by what.

    Problem: it does not answer.
    """
    rows = [row(alert) for alert in ask("/api/v2/alerts").json()]
    return pd.DataFrame(rows, columns=["alert", "state", "by"]).sort_values(["alert", "state"], ignore_index=True)


def failed_tries() -> int:
    """How many times Alertmanager could not hand over a message to a webhook, since its start. Problem: as above."""
    name = 'alertmanager_notification_requests_failed_total{integration="webhook"'
    lines = [line for line in ask("/metrics").text.splitlines() if line.startswith(name)]
    return sum(int(float(line.split()[-1])) for line in lines)


def ask(page: str) -> requests.Response:
    """What Alertmanager answers there. Problem: it does not answer."""
    url = f"http://127.0.0.1:{alertmanager_server.usual()}"
    try:
        return requests.get(f"{url}{page}", timeout=5)
    except requests.ConnectionError:
        raise Problem(f"No Alertmanager answers at {url}. Start it first: start_alertmanager(...)") from None


def row(alert: dict[str, Any]) -> tuple[str, str, str]:
    """The row of one alert."""
    status = alert["status"]
    by = "a silence" if status["silencedBy"] else "another alert" if status["inhibitedBy"] else ""
    return alert["labels"]["alertname"], status["state"], by


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Return when this is true. Problem, which says what was waited for: it is not, for so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Problem(f"For {seconds:.0f} seconds, this has not come: {what}.")
        time.sleep(0.05)
