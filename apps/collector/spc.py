"""Statistical process control: how far a mean is from normal, and which patterns of such means are not chance."""

from collections.abc import Iterator, Sequence
from operator import ne

from collector.profiles import SpcFeature

TREND = 7  # so many values, each above (or below) the one before, are a trend; the number is Scouter's


def zone(feature: SpcFeature, value: float) -> int:
    """How many standard deviations, rounded up, 4 at most, this value is above the mean; below it, negative."""
    above = [feature.center, feature.one_ucl, feature.two_ucl, feature.three_ucl]
    below = [feature.center, feature.one_lcl, feature.two_lcl, feature.three_lcl]
    return sum(value > limit for limit in above) - sum(value < limit for limit in below)


def patterns(zones: Sequence[int], values: Sequence[float], numbers: Sequence[int]) -> Iterator[tuple[str, str]]:
    """What is wrong with the newest value, and in which zone: a run, an alternation, out of bounds, or a trend."""
    number = abs(zones[-1])
    if number:
        run, turns = numbers[2 * number - 2 : 2 * number]
        last, turning = zones[-run:] if run else [], zones[-turns:] if turns else []
        if len(last) == run > 0 and (min(last) >= number or max(last) <= -number):
            yield ("OutOfBounds" if number == 4 else "Consecutive"), f"Zone{number}"
        elif len(turning) == turns > 0 and min(map(abs, turning)) >= number and all(map(ne, turning, turning[1:])):
            yield ("OutOfBounds" if number == 4 else "Alternating"), f"Zone{number}"
    steps = [after - before for before, after in zip(values[-TREND:], values[-TREND + 1 :], strict=False)]
    if len(steps) == TREND - 1 and (min(steps) > 0 or max(steps) < 0):
        yield "Trend", "NotApplicable"
