"""Fit the rules to another scrape interval: in prometheus/rules all times are for one scrape every 15 seconds.

`rate` needs some scrapes in its window, and nobody wants to wait a minute for an alert in a lesson that scrapes every
second. So all times change with the interval: [1m], four scrapes, becomes [4s], which is four scrapes again.
"""

import math
import re
import shutil
from pathlib import Path

from classroom.servers.folders import PROMETHEUS

RULES = PROMETHEUS / "rules"
INTERVAL = "15s"  # what the rules are written for
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
DURATION = r"(?:\d+(?:ms|[smhd]))+"


def milliseconds(duration: str) -> int:
    """A duration such as "15s" or "1m30s", in milliseconds."""
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhd])", duration))


def scaled(rules: str, scrape_interval: str) -> str:
    """The text of a rule file, each duration in [...] and after for: multiplied by scrape_interval / 15 s."""

    def scale(found: re.Match) -> str:
        exact = milliseconds(found[2]) * milliseconds(scrape_interval) / milliseconds(INTERVAL)
        rounded = math.ceil(exact)  # up, because a window must not be empty
        return found[1] + (f"{rounded}ms" if rounded % 1000 else f"{rounded // 1000}s")

    return re.sub(rf"(\[|for: *)({DURATION})", scale, rules)


def write(folder: Path, scrape_interval: str) -> None:
    """Write the rules for this interval into the folder, in place of all that is there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in RULES.glob("*.yml"):
        origin = f"# This is {file.name} of the folder prometheus/rules, for a scrape every {scrape_interval}.\n"
        text = origin + scaled(file.read_text(encoding="utf-8"), scrape_interval)
        (folder / file.name).write_text(text, encoding="utf-8")
