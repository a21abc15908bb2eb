"""Fit the rules to another scrape interval: in prometheus/rules all times are for one scrape every 15 seconds.

`rate` needs some scrapes in its window, and nobody wants to wait a minute for an alert in a lesson that scrapes every
second. So all times change with the interval: [1m], four scrapes, becomes [4s], which is four scrapes again.
"""

import math
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from classroom.servers.folders import PROMETHEUS
from dashboard_preview.durations import DURATION, milliseconds, written

RULES = PROMETHEUS / "rules"
INTERVAL = "15s"  # what the rules are written for


def scaled(rules: str, scrape_interval: str) -> str:
    """The text of a rule file, each duration in [...] and after for: multiplied by scrape_interval / 15 s."""
    return re.sub(rf"(\[|for: *)({DURATION})", lambda found: found[1] + fitted(found[2], scrape_interval), rules)


def fitted(duration: str, scrape_interval: str) -> str:
    """A duration multiplied by scrape_interval / 15 s. Problem: it is none."""
    exact = milliseconds(duration) * milliseconds(scrape_interval) / milliseconds(INTERVAL)
    return written(math.ceil(exact) / 1000)  # up, because a window must not be empty


def write(folder: Path, scrape_interval: str, files: Sequence[Path] = ()) -> None:
    """Write these files of rules, else those of prometheus/rules, for this interval, in place of all in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)  # on Windows, a file that somebody has open stays
    for file in files or RULES.glob("*.yml"):
        origin = f"# This is {file.name} of the folder {file.parent.name}, for a scrape every {scrape_interval}.\n"
        text = origin + scaled(file.read_text(encoding="utf-8"), scrape_interval)
        (folder / file.name).write_text(text, encoding="utf-8")
