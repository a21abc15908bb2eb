"""Read and write durations as Prometheus and Grafana do: "15s", "1m30s", "500ms"."""

import re

from titanic.problem import Problem

DURATION = r"(?:\d+(?:\.\d+)?(?:ms|[smhdwy]))+"
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}


def milliseconds(duration: str) -> int:
    """The length of a duration such as "15s" or "1m30s". Problem: it is none."""
    if not re.fullmatch(DURATION, duration):
        raise Problem(f"'{duration}' is not a duration: write a number and a unit, such as 15s or 1m.")
    return sum(round(float(number) * UNITS[unit]) for number, unit in re.findall(r"([\d.]+)(\D+)", duration))


def seconds(duration: str) -> float:
    """The length of a duration such as "15s" or "500ms". Problem: it is none."""
    return milliseconds(duration) / 1000


def written(seconds: float) -> str:
    """A length as PromQL writes it: "15s", or "500ms"."""
    return f"{seconds:.0f}s" if seconds == int(seconds) else f"{seconds * 1000:.0f}ms"
