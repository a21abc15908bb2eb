"""Take messages from Redis, RabbitMQ and Kafka too: one thread for each broker that the settings name.

A message is acknowledged after it is stored, never before: whatever happens in between, the broker still has it.
Redis keeps nothing and asks for no acknowledgement: what it passes on while nobody listens is lost.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from functools import partial

import pika
import redis
from prometheus_client import Gauge

from collector import intake, kafka
from collector.errors import RefusedError
from collector.kafka import SILENCE, WAIT
from collector.settings import Settings
from collector.store import Store

log = logging.getLogger("collector")
NO_ADDRESS = "it holds no address; in a password, write / as %2F, # as %23 and ? as %3F"
collector_broker_up = Gauge(
    "collector_broker_up",
    "1 if the collector listens to this broker, else 0.",
    ["transport"],
    multiprocess_mode="livemin",
)


# Each of these, and kafka.messages, yields the body of one message after another, and None when none came for a while.
# It acknowledges a message when it is asked for the next one: by then, the message is stored.


def redis_messages(address: str, settings: Settings) -> Generator[bytes | None]:
    """What is published on the channel REDIS_CHANNEL from now on."""
    with redis.Redis.from_url(address) as client, client.pubsub(ignore_subscribe_messages=True) as subscription:
        subscription.subscribe(settings.redis_channel)
        heard = asked = time.monotonic()
        while True:
            message, now = subscription.get_message(timeout=WAIT), time.monotonic()
            if message:
                heard = now
            elif now > heard + SILENCE:  # it was stopped, or the line was cut, without a goodbye
                raise TimeoutError(f"nothing was heard for {SILENCE} seconds, not even an answer to a ping")
            elif now > asked + SILENCE / 4:
                subscription.ping()
                asked = now
            yield message["data"] if message and message["type"] == "message" else None


def rabbitmq_messages(address: str, settings: Settings) -> Generator[bytes | None]:
    """What lies in the queue RABBITMQ_QUEUE, and what comes into it."""
    parameters = pika.URLParameters(address)
    parameters.heartbeat = SILENCE  # both ends say so often that they are there
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.queue_declare(settings.rabbitmq_queue)  # as Scouter's client does: whoever comes first makes it
        channel.basic_qos(prefetch_count=10)
        for delivery, _, body in channel.consume(settings.rabbitmq_queue, inactivity_timeout=WAIT):
            yield body
            if delivery:
                channel.basic_ack(delivery.delivery_tag)


def brokers() -> dict[str, tuple[str, Callable[[str, Settings], Generator[bytes | None]]]]:
    """For each transport: the variable that names its address, and who reads from there. Kafka's reader remembers."""
    return {
        "redis": ("REDIS_ADDR", redis_messages),
        "rabbitmq": ("RABBITMQ_ADDR", rabbitmq_messages),
        "kafka": ("KAFKA_BROKERS", partial(kafka.messages, newest={})),
    }


class Consumers:
    """The threads. A broker that is away is tried again and again, and this is said once."""

    def __init__(self, store: Store, settings: Settings) -> None:
        logging.getLogger("pika").setLevel(logging.CRITICAL)  # else it writes a page for each attempt to connect
        self._store = store
        self._settings = settings
        self._stopping = threading.Event()
        addresses = {"redis": settings.redis_addr, "rabbitmq": settings.rabbitmq_addr, "kafka": settings.kafka_brokers}
        self._threads = [
            threading.Thread(target=self._run, args=[transport, address], name="consumer", daemon=True)
            for transport, address in addresses.items()
            if address
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Wait until each thread has finished its message."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def _run(self, transport: str, address: str) -> None:
        variable, messages = brokers()[transport]
        up = collector_broker_up.labels(transport)
        said = False
        while not self._stopping.is_set():
            try:
                with closing(messages(address, self._settings)) as bodies:
                    for body in bodies:
                        up.set(1)
                        said = False
                        if body is not None:
                            self._take(body, transport)
                        if self._stopping.is_set():
                            break
            except Exception as error:  # whatever it is, this thread must go on
                up.set(0)
                if not said:
                    # What libraries say about an address that they cannot read may quote a part of its password.
                    why = NO_ADDRESS if isinstance(error, ValueError) else repr(error)
                    log.warning("%s does not work: %s. It is tried again until it does.", variable, why)
                said = True
                self._stopping.wait(WAIT)

    def _take(self, body: bytes, transport: str) -> None:
        """Store a message, or find out that this can never be done: it would come again and again.

        If the file is at fault and not the message, it is tried again until it can be written.
        """
        said = False
        while True:
            try:
                intake.receive(self._store, intake.read(body, transport), transport)
            except RefusedError as error:  # counted already; whoever sent it hears nothing
                log.warning("A message from %s is refused: %s", transport, error)
            except sqlite3.OperationalError as error:
                if not said:
                    log.error("A message waits, because the collector's file cannot be written: %s", error)
                said = True
                if not self._stopping.wait(WAIT):
                    continue
                if transport == "redis":  # the others have it still
                    intake.count(transport, "lost")
                raise
            except Exception:  # what nobody has thought of must not stand in the way of all that comes behind it
                log.exception("A message from %s made the collector stumble, and is refused.", transport)
            return
