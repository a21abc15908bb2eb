"""Read and write durations as Prometheus and Grafana do: "15s", "1m30s", "500ms"; and moments: "now-6h", "now/d"."""

import datetime
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


# Grafana's words for a moment: now, less a duration, and then the begin of that minute, hour, day, week, month or year.
MOMENT = r"now(?:-(\d+)([smhdwMQy]))?(?:/([mhdwMy]))?"
LONGER = {"M": 2_628_000, "Q": 7_884_000}  # seconds; every twelfth of a year is a month here
BEGINS = {"m": "%Y-%m-%d %H:%M", "h": "%Y-%m-%d %H:00", "d": "%Y-%m-%d", "M": "%Y-%m-01", "y": "%Y-01-01"}


def moment(text: str, now: float) -> float:
    """What Grafana means by now-6h, now/d or now-1M/M, in Unix seconds like now. Problem: it is none of these."""
    found = re.fullmatch(MOMENT, text)
    try:
        if not found:
            raise ValueError
        number, unit, whole = int(found[1] or 0), found[2] or "s", found[3]
        exact = now - number * (LONGER[unit] if unit in LONGER else UNITS[unit] / 1000)
        if not whole:
            return exact
        begin = datetime.datetime.fromtimestamp(exact)
        if whole == "w":
            begin, whole = begin - datetime.timedelta(days=begin.weekday()), "d"
        return datetime.datetime.fromisoformat(begin.strftime(BEGINS[whole])).timestamp()
    except (ValueError, OverflowError, OSError):  # the calendar ends somewhere
        raise Problem(f"'{text}' is no time before now: write one such as now-15m or now/d.") from None
