"""Clients that ask without a pause and note each answer: how long it took, and which machine gave it (lesson 25)."""

import threading
import time
from types import TracebackType
from typing import NamedTuple

import requests

from classroom.servers import direct
from titanic.passenger import EXAMPLES


class Answer(NamedTuple):
    """What a client has got: the status, or 0 if the connection broke; the machine, if it is named; how long it took.

    seconds: of all its tries together.
    """

    status: int
    machine: str | None
    seconds: float


class Clients:
    """So many clients, which ask this app for predictions while the block of a `with` runs.

    tries: how often a client asks for the same passenger, if there is no answer or one of 500 and above.
    """

    def __init__(self, url: str, number: int = 4, tries: int = 1) -> None:
        self.url, self.tries = url, tries
        self.over = threading.Event()
        self.noted: list[list[Answer]] = [[] for _ in range(number)]
        self.threads = [threading.Thread(target=self.be_a_client, args=[own]) for own in self.noted]

    def be_a_client(self, noted: list[Answer]) -> None:
        """Ask and note, until it is over."""
        with direct.session() as session:
            while not self.over.is_set():
                began = time.monotonic()
                for _ in range(self.tries):
                    status, machine = self.ask(session)
                    if 0 < status < 500:
                        break
                noted.append(Answer(status, machine, time.monotonic() - began))

    def ask(self, session: requests.Session) -> tuple[int, str | None]:
        """The status of one answer, and the machine that gave it."""
        try:
            answer = session.post(f"{self.url}/predict_single", json=EXAMPLES[0], timeout=60)
        except requests.RequestException:
            return 0, None
        return answer.status_code, answer.headers.get("X-Machine")

    @property
    def answers(self) -> list[Answer]:
        """All that was noted until now."""
        return [answer for own in self.noted for answer in own]

    @property
    def failed(self) -> list[Answer]:
        """Those that are no success."""
        return [answer for answer in self.answers if answer.status != 200]

    def machines(self, newest: int = 10) -> set[str]:
        """Who has given the newest answers of each client."""
        return {answer.machine for own in self.noted for answer in own[-newest:] if answer.machine}

    def __enter__(self) -> "Clients":
        """Let them begin."""
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for their last answers."""
        self.over.set()
        for thread in self.threads:
            thread.join()
