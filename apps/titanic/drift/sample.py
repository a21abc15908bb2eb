"""The mean of the predictions, taken only when there are enough of them."""

from statistics import fmean
from threading import Lock

SIZE = 100


class Sample:
    """Gathers predictions until there are enough. A mean of one would be far from every other, and raise an alert."""

    def __init__(self) -> None:
        self._values: list[float] = []
        self._lock = Lock()

    def add(self, value: float) -> float | None:
        """Take one value more; the mean of the last SIZE values when they are complete, else None."""
        with self._lock:  # many requests add at once
            self._values.append(value)
            if len(self._values) < SIZE:
                return None
            complete, self._values = self._values, []
        return fmean(complete)
