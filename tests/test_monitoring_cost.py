"""Metrics and log together take at most 5 % of the throughput; bench_monitoring.py says how that is measured."""

import statistics

from bench_monitoring import measure

LIMIT = 1 / (1 - 0.05)  # 5 % less throughput is this much more time for a request


def test_monitoring_and_log_take_at_most_5_percent_of_the_throughput(champion):
    medians = []
    for _ in range(5):  # another program may disturb one measurement; a slower app is slower in each of them
        medians.append(statistics.median(measure()))
        if medians[-1] <= LIMIT:
            return
    best = min(medians)
    raise AssertionError(f"a request takes {best:.3f} times as long, measured and logged; {LIMIT:.3f} is allowed")
