"""What the drift queue was given, and how much of it has arrived: the queue does not tell, so the server is asked."""

import json
import logging
import math
import time
from collections import Counter
from datetime import UTC, datetime
from threading import Lock
from typing import Self

import requests
from scouter import ScouterQueue

from titanic.drift.server import get, log_in
from titanic.settings import Settings

log = logging.getLogger("titanic.drift")
MESSAGE = {"psi": 1000}  # so many passengers are a message; of another queue, each item is one


class Handed:
    """How many items were inserted into each queue since this was made; also into later queues of the same profiles.

    For what an older queue still sends when it is closed arrives under the same number as what the new one sends.
    """

    def __init__(self, profiles: dict[str, str]) -> None:
        """profiles: the text of each, by the name of its queue."""
        self._uids = uids(profiles)
        self._since = datetime.now(UTC).isoformat()
        self._lock = Lock()
        self._closing: set[ScouterQueue] = set()
        self.last = -math.inf  # the moment of the newest, by the monotonic clock
        self.numbers: Counter[str] = Counter()

    def add(self, name: str) -> None:
        """One more was inserted into this queue."""
        with self._lock:  # many requests insert at once
            self.numbers[name] += 1
            self.last = time.monotonic()

    @classmethod
    def of(cls, profiles: dict[str, str], before: Self | None) -> Self:
        """The one of before, if it is of the same profiles, else a new one."""
        return before if before and before._uids == uids(profiles) else cls(profiles)

    def may_close(self, queue: ScouterQueue) -> bool:
        """True for the first who asks: the client cannot close a queue twice at once."""
        with self._lock:
            is_first = queue not in self._closing
            self._closing.add(queue)
        return is_first

    def missing(self) -> dict[str, int] | None:
        """By queue, how many of them have not arrived; empty: none. None: nobody knows.

        Scouter's own server does not count them. And where more have arrived, another app uses the same profiles.
        """
        try:
            missing = {name: number - received(self._uids[name], self._since) for name, number in self.numbers.items()}
        except (requests.RequestException, LookupError, TypeError):
            return None
        return None if any(number < 0 for number in missing.values()) else {name: n for name, n in missing.items() if n}


def uids(profiles: dict[str, str]) -> dict[str, str]:
    """The number that the server gave to each of these profiles."""
    return {name: json.loads(text)["config"]["uid"] for name, text in profiles.items()}


def received(uid: str, since: str) -> int:
    """How many rows or values of this profile the server has got since then, a time in ISO 8601.

    RequestException: it does not answer. LookupError, TypeError: it answers something else.
    """
    answer = get("received", 1, {"uid": uid, "since": since}, Authorization=f"Bearer {log_in(seconds=1)}")
    answer.raise_for_status()
    return int(answer.json()["received"])


def close(queue: ScouterQueue, handed: Handed, goes_on: bool = False) -> None:
    """Let the queue send what it has, then shut it down; log what has not arrived.

    goes_on: another queue goes on with the same numbers. What is missing then is only told when that one is closed.

    shutdown() itself gives up what is not sent within half a second, and says nothing. So it is called when only one
    last message is missing, or SCOUTER_SHUTDOWN_SECONDS after the newest item.
    """
    if not handed.may_close(queue):
        return
    end = handed.last + Settings().scouter_shutdown_seconds
    while time.monotonic() < end and is_behind(handed.missing()):
        time.sleep(0.1)
    queue.shutdown()
    if goes_on:
        return
    end = max(end, time.monotonic() + 1)
    while (missing := handed.missing()) and time.monotonic() < end:
        time.sleep(0.1)
    if missing == {}:
        return
    numbers = ", ".join(f"{n} of {handed.numbers[name]} ({name})" for name, n in (missing or handed.numbers).items())
    what = "have not arrived" if missing else "may be lost: the server does not say what has arrived"
    log.warning("The drift queue is shut down. %s %s.", numbers, what)


def is_behind(missing: dict[str, int] | None) -> bool:
    """True if more is missing than what shutdown() sends, or nobody knows."""
    return missing is None or any(number >= MESSAGE.get(name, 1) for name, number in missing.items())
