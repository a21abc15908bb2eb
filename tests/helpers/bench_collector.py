"""Does the collector stay as fast when it holds much? Run it with: python tests/helpers/bench_collector.py.

It prints how many messages of 48 records a second a collector stores, one that is empty and one that holds 200,000
records. Both are measured in turns, so that a busy machine slows both.
"""

import statistics
import tempfile
import time
from itertools import count
from pathlib import Path

from collecting import Collector, log_in, message

RECORDS, ROUNDS, MESSAGES = 200_000, 9, 40


class Measured:
    """A collector with its own file, and the profile that all messages belong to."""

    def __init__(self, folder):
        folder.mkdir()
        self.collector = Collector(folder)
        self.session = log_in(self.collector)
        self.profile = self.collector.psi_profile()
        self.numbers = count()

    def post(self, messages, records=48):
        """Store so many messages, one after the other; how many a second."""
        bodies = [message(self.profile, next(self.numbers), records) for _ in range(messages)]
        start = time.perf_counter()
        for body in bodies:
            answer = self.session.post(f"{self.collector.url}/scouter/message", json=body, timeout=60)
            assert answer.json()["message"] == "Message stored", answer.text
        return messages / (time.perf_counter() - start)


def measure(rounds=ROUNDS):
    """The messages a second of an empty collector and of a full one, for each round."""
    with tempfile.TemporaryDirectory() as folder:
        empty, full = Measured(Path(folder) / "empty"), Measured(Path(folder) / "full")
        try:
            full.post(RECORDS // 10_000, records=10_000)
            speeds = [(empty.post(MESSAGES), full.post(MESSAGES)) for _ in range(rounds + 1)]
        finally:
            empty.collector.kill()
            full.collector.kill()
    return speeds[1:]  # the first round warms up


def main():
    empty, full = (statistics.median(speed) for speed in zip(*measure(), strict=True))
    print(f"Messages of 48 records a second: {empty:.0f} into an empty collector, {full:.0f} into one that holds")
    print(f"{RECORDS:,} records, {full / empty:.0%} of the former (medians of {ROUNDS} rounds, measured in turns).")


if __name__ == "__main__":
    main()
