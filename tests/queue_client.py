"""A program with a Scouter queue that does what it reads, so that a test can end it at any moment.

Its arguments: where the queue sends to, as JSON; the files of the profile and of the passengers. Its commands, a line
each: insert FIRST LAST (passengers by their place), shutdown, exit (without shutdown). It answers each with <done>.
"""

import json
import os
import sys
from pathlib import Path

from scouter import Features, HttpConfig, ScouterQueue
from scouter.transport import KafkaConfig, RabbitMQConfig, RedisConfig

CONFIGS = {"http": HttpConfig, "redis": RedisConfig, "rabbitmq": RabbitMQConfig, "kafka": KafkaConfig}


def main():
    kind, arguments = json.loads(sys.argv[1])
    rows = json.loads(Path(sys.argv[3]).read_text())
    config = CONFIGS[kind](**arguments)
    waiting = ScouterQueue.from_path(path={"it": sys.argv[2]}, transport_config=config, wait_for_startup=True)
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
            os._exit(0)  # as if it were killed: nothing is tidied up
        print("<done>", flush=True)


if __name__ == "__main__":
    main()
