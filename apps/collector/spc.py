"""Statistical process control: how far a mean is from normal, and which patterns of such means are not chance."""

import math
from collections.abc import Iterable, Iterator, Sequence

from collector.profiles.spc import SpcFeature

TREND = 7  # so many values, each in a higher (or lower) zone than the one before, are a trend; so it is in Scouter
ZONES = range(1, 5)
Pattern = tuple[str, str]  # its kind, and its zone


def zone(feature: SpcFeature, value: float) -> int:
    """How many standard deviations, rounded up, 4 at most, this value is above the mean; below it, negative."""
    above = [feature.center, feature.one_ucl, feature.two_ucl, feature.three_ucl]
    below = [feature.center, feature.one_lcl, feature.two_lcl, feature.three_lcl]
    return sum(value > limit for limit in above) - sum(value < limit for limit in below)


def patterns(feature: SpcFeature, values: Iterable[float], numbers: Sequence[int]) -> Iterator[list[Pattern]]:
    """For each value, what is wrong with it: a run, an alternation, out of bounds, or a trend that ends with it.

    numbers: the eight of a profile's rule. Only counts are carried from one value to the next, so a value costs the
    same however many came before it.
    """
    # For each zone, how many values in a row, this one included: above its inner limit, below it, and beyond it on
    # either side, never twice in the same zone.
    above, below, turns = [0] * 5, [0] * 5, [0] * 5
    rises = falls = 0
    place_before = math.nan  # before the first value there is none; no zone is above or below nan
    for value in values:
        place = zone(feature, value)
        for number in ZONES:
            above[number] = above[number] + 1 if place >= number else 0
            below[number] = below[number] + 1 if place <= -number else 0
            turns[number] = (turns[number] if place != place_before else 0) + 1 if abs(place) >= number else 0
        rises = rises + 1 if place > place_before else 0
        falls = falls + 1 if place < place_before else 0
        found = []
        if number := abs(place):
            run, turn = numbers[2 * number - 2 : 2 * number]
            if 0 < run <= max(above[number], below[number]):
                found.append(("OutOfBounds" if number == 4 else "Consecutive", f"Zone{number}"))
            if 0 < turn <= turns[number]:
                found.append(("OutOfBounds" if number == 4 else "Alternating", f"Zone{number}"))
        if max(rises, falls) >= TREND - 1:
            found.append(("Trend", "NotApplicable"))
        yield found
        place_before = place
