"""A program with a Scouter queue, which can be ended at any moment without harm to who started it.

It is this file run as a program. It reads commands, a line each: insert FIRST LAST (passengers by their place in the
file), shutdown, exit (without a shutdown). It answers each with <done>.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from scouter import HttpConfig
from scouter.transport import KafkaConfig, RabbitMQConfig, RedisConfig

CONFIGS = {"http": HttpConfig, "redis": RedisConfig, "rabbitmq": RabbitMQConfig, "kafka": KafkaConfig}


class QueueClient:
    """The program, run from here. .said: all that it has written."""

    def __init__(self, profile: Path, rows: Path, transport: str, arguments: dict[str, Any]) -> None:
        """profile, rows: JSON files. transport: a key of CONFIGS; arguments: of that configuration."""
        target = json.dumps([transport, arguments])
        self.said = ""
        self._answers = 0
        self.process = subprocess.Popen(
            [sys.executable, __file__, target, str(profile), str(rows)],
            env=os.environ | {"LOG_LEVEL": "ERROR"}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        threading.Thread(target=self._listen, daemon=True).start()
        self._wait()

    def _listen(self) -> None:
        for line in self.process.stdout:
            self.said += line

    def _wait(self) -> None:
        """Wait for the next answer; RuntimeError if the program ends instead, or says nothing for a minute."""
        self._answers += 1
        deadline = time.monotonic() + 60
        while self.said.count("<done>") < self._answers:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The program with the queue does not answer: {self.said[-500:]}")
            time.sleep(0.02)

    def _tell(self, command: str) -> None:
        print(command, file=self.process.stdin, flush=True)

    def insert(self, first: int, last: int) -> None:
        """Put the passengers of these places into the queue."""
        self._tell(f"insert {first} {last}")
        self._wait()

    def shutdown(self) -> None:
        """Shut the queue down."""
        self._tell("shutdown")
        self._wait()

    def end(self) -> None:
        """End the program without shutting down the queue."""
        if self.process.poll() is None:
            self._tell("exit")
        self.process.wait(timeout=20)


def main() -> None:
    """Open the queue, then do what is told."""
    from scouter import Features, ScouterQueue

    transport, arguments = json.loads(sys.argv[1])
    rows = json.loads(Path(sys.argv[3]).read_text(encoding="utf-8"))
    config = CONFIGS[transport](**arguments)
    waiting = ScouterQueue.from_path(path={"it": Path(sys.argv[2])}, transport_config=config, wait_for_startup=True)
    print("<done>", flush=True)
    for line in sys.stdin:
        command, *numbers = line.split()
        if command == "insert":
            first, last = map(int, numbers)
            for row in rows[first:last]:
                waiting["it"].insert(Features(row))
        elif command == "shutdown":
            waiting.shutdown()
        else:
            break
        print("<done>", flush=True)
    os._exit(0)  # as if it were killed: nothing is tidied up


if __name__ == "__main__":
    main()
