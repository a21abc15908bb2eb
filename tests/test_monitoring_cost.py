"""What metrics and log cost, in the time of a request; bench_monitoring.py says how that is measured.

On the machine of lesson 18 they took 4 to 6 % of the throughput with one client, and 8 to 10 % with 16, who wait for
their turn at the log: so a request took 1.04 to 1.06 times as long, or 1.09 to 1.11. The limits leave room for other
machines, and for tests that run beside this one. What disturbs, disturbs both sides of a round, and a few bad rounds do
not move the median of all. Were the log written twice, or the metrics counted under a lock that all wait for, both
limits would be passed.
"""

import statistics

import pytest
from bench_monitoring import measure, measure_crowd


@pytest.mark.parametrize(
    ("rounds", "limit"),
    [(lambda: measure(rounds=9), 1.12), (lambda: measure_crowd(rounds=13), 1.25)],
    ids=["1 client", "16 clients"],
)
def test_a_request_that_is_measured_and_logged_takes_hardly_longer(champion, rounds, limit):
    ratios = rounds()
    while statistics.median(ratios) > limit and len(ratios) < 80:  # more rounds, if others disturb; all of them count
        ratios += rounds()
    assert statistics.median(ratios) <= limit
