"""A program with a Scouter queue, which can be ended at any moment without harm to who started it."""

import contextlib
import json
import multiprocessing
import os
import signal
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from scouter import HttpConfig
from scouter.transport import KafkaConfig, RabbitMQConfig, RedisConfig

CONFIGS = {"http": HttpConfig, "redis": RedisConfig, "rabbitmq": RabbitMQConfig, "kafka": KafkaConfig}


class QueueClient:
    """The program, run from here. It ends with the process that started it, without shutting down the queue."""

    def __init__(self, profile: Path, rows: Path, transport: str, arguments: dict[str, Any]) -> None:
        """profile, rows: JSON files. transport: a key of CONFIGS; arguments: of that configuration."""
        output, log = tempfile.mkstemp(prefix="queue-", suffix=".log", dir=profile.parent)
        os.close(output)
        self._log = Path(log)
        process = multiprocessing.get_context("spawn")  # a Python of its own, with no thread or lock of ours
        self._connection, its_end = process.Pipe()
        arguments_of_run = (its_end, self._log, profile, rows, transport, arguments)
        self._process = process.Process(target=run, args=arguments_of_run, daemon=True)
        self._process.start()
        its_end.close()  # now only the program has it, and its end is noticed here
        self._wait()

    @property
    def said(self) -> str:
        """All that the program has written."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _wait(self) -> None:
        """Wait until the program is done; RuntimeError if it ends instead, or says nothing for a minute."""
        with contextlib.suppress(EOFError, ConnectionError):
            if self._connection.poll(60):
                self._connection.recv()
                return
        raise RuntimeError(f"The program with the queue does not answer: {self.said[-500:]}")

    def insert(self, first: int, last: int) -> None:
        """Put the passengers of these places into the queue."""
        self._connection.send((first, last))
        self._wait()

    def shutdown(self) -> None:
        """Shut the queue down."""
        self._connection.send("shutdown")
        self._wait()

    def end(self) -> None:
        """End the program without shutting down the queue (kill -9)."""
        self._process.kill()
        self._process.join()


def run(
    commands: Connection, log: Path, profile: Path, rows_file: Path, transport: str, arguments: dict[str, Any]
) -> None:
    """The program: open the queue, then do what it is told, until nobody is there to tell it anything."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the notebook's Interrupt button is not meant for it
    os.environ["LOG_LEVEL"] = "ERROR"
    with log.open("wb") as output:  # the client is written in Rust, and writes past Python's own sys.stdout
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    from scouter import Features, ScouterQueue

    rows = json.loads(rows_file.read_text(encoding="utf-8"))
    config = CONFIGS[transport](**arguments)
    queue = ScouterQueue.from_path(path={"it": profile}, transport_config=config, wait_for_startup=True)
    with contextlib.suppress(EOFError):
        while True:
            commands.send("done")
            command = commands.recv()
            if command == "shutdown":
                queue.shutdown()
            else:
                first, last = command
                for row in rows[first:last]:
                    queue["it"].insert(Features(row))
    os._exit(0)  # as if it were killed: nothing is tidied up
