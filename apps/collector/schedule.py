"""When a profile wants to be judged: the cron expression in its alert_config. Six fields or seven, the seconds first.

Second, minute, hour, day, month, day of the week (1 is Sunday) and, if need be, year; all of them must fit, in UTC.
"""

import time
from functools import lru_cache

from scouter import PsiAlertConfig

DEFAULT = "0 0 0 * * *"  # once a day: what Scouter writes into each profile that says nothing
SHORT = {
    "@yearly": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 1",
    "@daily": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
LIMITS = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2100)]
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


@lru_cache
def read(schedule: str) -> list[set[int]]:
    """For each field, the numbers that fit it. ValueError: this is no schedule, neither here nor for Scouter."""
    fields = SHORT.get(schedule, schedule).lower().split()
    try:
        found = [numbers(field, *limits) for field, limits in zip(fields, LIMITS, strict=False)]
        is_one = len(fields) in (6, 7) and PsiAlertConfig(schedule=schedule).schedule == schedule  # else it is replaced
    except ValueError:
        is_one = False
    if not is_one:
        raise ValueError(
            f"{schedule!r} is no cron expression of six fields, such as '0 */5 * * * *', each five minutes"
        )
    return found


def numbers(field: str, lowest: int, highest: int) -> set[int]:
    """The numbers in a list of *, 5, 1-5, mon-fri, each of which may have a step: */10, 5/10, 1-5/2."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        begin, _, end = span.partition("-")
        first = lowest if begin in ("*", "?") else number(begin)
        last = number(end) if end else highest if step or begin in ("*", "?") else first
        if not lowest <= first <= last <= highest:  # looked at first: whoever sends 0-99999999999 would fill the memory
            raise ValueError(f"{part} is not within {lowest} to {highest}")
        found.update(range(first, last + 1, int(step or 1)))
    return found


def number(text: str) -> int:
    """A number, or the one of a month or a day of the week, by the begin of its name. ValueError: it is none."""
    for names in (MONTHS, DAYS):
        if text[:3] in names:
            return names.index(text[:3]) + 1
    return int(text)


def is_due(schedule: str, after: float, until: float) -> bool:
    """True if a moment of the schedule lies between these two, which are seconds since 1970; the second one counts."""
    fields = read(schedule)
    second = int(after) + 1
    while second <= until:
        now = time.gmtime(second)
        day = (now.tm_wday + 1) % 7 + 1
        moment = [now.tm_sec, now.tm_min, now.tm_hour, now.tm_mday, now.tm_mon, day, now.tm_year]
        fits = [part in numbers for part, numbers in zip(moment, fields, strict=False)]
        if all(fits):
            return True
        # On to the next day, hour, minute or second: a clock may have jumped, or the machine slept for weeks.
        step = 86400 if not all(fits[3:]) else 3600 if not fits[2] else 60 if not fits[1] else 1
        second += step - second % step
    return False


def checked(schedule: str) -> str:
    """Give it back. ValueError: it is none."""
    read(schedule)
    return schedule
