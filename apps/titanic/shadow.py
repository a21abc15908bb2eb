"""Let the challenger predict what the champion has answered (lesson 22): nobody waits for it, or gets its answer."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Any

from prometheus_client import Counter, Histogram

from titanic.failure import PredictionError
from titanic.following import Version
from titanic.metrics_folder import make_metrics_folder
from titanic.passenger import Passenger
from titanic.prediction import survival_probabilities

make_metrics_folder()  # before the first metric is defined

log = logging.getLogger("titanic.shadow")
MOST_WAITING = 1000  # passengers; those who come then are dropped, and counted
TOGETHER = 200  # passengers in one call of the challenger, at most
PAUSE = 0.2  # seconds before each call: others join, and the clients have the processor

shadow_predictions_total = Counter(
    "titanic_shadow_predictions_total",
    "Passengers for the challenger: it predicts the same class (true) or another (false), or not at all.",
    ["agree"],
)
# Looked up here, each of the series begins with 0.
counted = {agree: shadow_predictions_total.labels(agree) for agree in ("true", "false", "dropped", "failed")}
shadow_difference = Histogram(
    "titanic_shadow_probability_difference",
    "By how much the challenger's probability differs from the champion's, 0 to 1.",
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1),
)


class Shadow:
    """A queue with an end, and a thread that empties it. state: the app's; its challenger predicts."""

    def __init__(self, state: Any) -> None:
        self.state = state
        self.waiting: deque[tuple[Passenger, float]] = deque()
        self.lock = threading.Lock()
        self.arrived, self.over = threading.Event(), threading.Event()
        self.warned: int | None = None  # the version whose failure is in the log already
        self.thread = threading.Thread(target=self.work, name="shadow", daemon=True)

    def add(self, passengers: Sequence[Passenger], probabilities: Sequence[float]) -> None:
        """Put these into the queue, with the champion's probabilities; who finds no room is dropped. Never waits."""
        with self.lock:
            room = MOST_WAITING - len(self.waiting)
            self.waiting.extend(islice(zip(passengers, probabilities, strict=True), room))
        self.arrived.set()
        if len(passengers) > room:
            counted["dropped"].inc(len(passengers) - room)

    def work(self) -> None:
        """Take some who wait, and compare; again and again, until the app ends."""
        while True:
            self.arrived.wait()
            if self.over.wait(PAUSE):
                return
            with self.lock:
                taken = [self.waiting.popleft() for _ in range(min(TOGETHER, len(self.waiting)))]
                if not self.waiting:
                    self.arrived.clear()
            if challenger := self.state.challenger:  # it may be gone by now
                try:
                    self.compare(challenger, [one for one, _ in taken], [probability for _, probability in taken])
                except Exception as error:  # a fault of this program must not end the thread: nobody would compare
                    self.tell(challenger, error)

    def compare(self, challenger: Version, passengers: Sequence[Passenger], champions: Sequence[float]) -> None:
        """Let the challenger predict these, and count how it differs from the champion's probabilities."""
        try:
            found = survival_probabilities(challenger.model, passengers)
        except PredictionError as error:
            return self.fail(challenger, error, len(passengers))  # all of them: to ask again for each would take long
        for own, champion in zip(found, champions, strict=True):
            counted["true" if (own > 0.5) == (champion > 0.5) else "false"].inc()
            shadow_difference.observe(abs(own - champion))

    def fail(self, challenger: Version, error: PredictionError, passengers: int) -> None:
        """The challenger has failed for so many passengers: count them; the first time, the log says why."""
        counted["failed"].inc(passengers)
        self.tell(challenger, error)

    def tell(self, challenger: Version, error: Exception) -> None:
        """Write into the log why this version is not compared, but not again and again."""
        if self.warned != challenger.number:
            log.warning("The challenger, version %s, fails: %s", challenger.number, error)
        self.warned = challenger.number

    def stop(self) -> None:
        """End the thread; who waits then is not compared any more."""
        self.over.set()
        self.arrived.set()
        self.thread.join(timeout=2)
