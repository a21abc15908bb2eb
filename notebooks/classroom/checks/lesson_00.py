"""The check of lesson 00."""

from typing import Any

from classroom.checks import number
from classroom.servers import ports

OTHERS: dict[float, str] = {8888: "JupyterLab", 9090: "Prometheus", 3000: "Grafana"}


def exercise_1(port: Any) -> None:
    """Which port do the apps use? On a machine of many learners, what COURSE_PORT says is right too."""
    found = number("port", port)
    other = OTHERS.get(found, "something else")
    right = {8000, ports.setting("COURSE_PORT", 8000)}
    assert found in right, f"{found:.12g} is the port of {other}: look for the line of the table that names the apps"
