"""Take messages from Redis, RabbitMQ and Kafka too: one thread for each broker that the settings name.

A message is acknowledged after it is stored, never before: whatever happens in between, the broker still has it.
Redis keeps nothing and asks for no acknowledgement: what it passes on while nobody listens is lost.
"""

import logging
import math
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from functools import partial
from typing import Any

import confluent_kafka
import pika
import redis
from prometheus_client import Gauge

from collector import intake
from collector.errors import RefusedError
from collector.settings import Settings
from collector.store import Store

log = logging.getLogger("collector")
WAIT = 0.5  # seconds without a message, after which a thread looks whether it is to stop; and between two attempts
NO_ADDRESS = "it holds no address; in a password, write / as %2F, # as %23 and ? as %3F"
NEW_PARTITIONS = 10  # seconds after which one looks whether the topic has got more of them
COMMIT = 1  # seconds after which Kafka is told up to which message all is stored
LATE = 300_000  # milliseconds for which a client of Kafka keeps a message for an absent broker, unless told otherwise
SILENCE = 5  # seconds without a sign of life, after which a connection counts as dead
collector_broker_up = Gauge(
    "collector_broker_up",
    "1 if the collector listens to this broker, else 0.",
    ["transport"],
    multiprocess_mode="livemin",
)


# Each of these three yields the body of one message after another, and None when there was none for a while.
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


def kafka_messages(address: str, settings: Settings, newest: dict[int, int]) -> Generator[bytes | None]:
    """What is in the topic KAFKA_TOPIC behind the offsets that were committed for the group KAFKA_GROUP.

    A commit for each message would take two thirds of the time. So there is one a second, for which nobody waits. What
    was stored in the last second before a kill -9, or before the broker went, comes again, and counts once.

    newest: when the newest message that was stored was made (Unix time in milliseconds), by its partition. It is noted
    here, and read when this is called again, because the broker went.
    """
    errors: deque[confluent_kafka.KafkaError] = deque(maxlen=10)
    # An exception raised in error_cb would be lost while the client is at work on something else: it is noted.
    consumer = confluent_kafka.Consumer(kafka_config(address, settings) | {"error_cb": errors.append})
    assigned, looked = 0, -math.inf
    stored, committed = False, time.monotonic()  # whether something is to be committed; and when it was done last
    try:
        while True:
            if time.monotonic() > looked + NEW_PARTITIONS:
                # This one collector reads all partitions. Several would subscribe, and the broker would share them out.
                partitions = (
                    consumer.list_topics(settings.kafka_topic, timeout=5).topics[settings.kafka_topic].partitions
                )
                if not partitions:  # the first message, or whoever looks after the broker, makes the topic
                    raise LookupError(f"there is no topic {settings.kafka_topic} yet")
                new = [confluent_kafka.TopicPartition(settings.kafka_topic, n) for n in partitions if n >= assigned]
                consumer.incremental_assign([read_on(consumer, one, newest) for one in new])
                assigned, looked = len(partitions), time.monotonic()
            message = consumer.poll(WAIT)
            if any(error.code() == confluent_kafka.KafkaError._ALL_BROKERS_DOWN for error in errors):
                raise confluent_kafka.KafkaException(errors[-1])  # the client would go on without a word
            if message is None:
                yield None
            elif message.error():
                raise confluent_kafka.KafkaException(message.error())
            else:
                yield message.value()
                consumer.store_offsets(message)
                stored = True
                (kind, made), number = message.timestamp(), message.partition() or 0
                if kind != confluent_kafka.TIMESTAMP_NOT_AVAILABLE:
                    newest[number] = max(made, newest.get(number, 0))
            if stored and time.monotonic() > committed + COMMIT:
                consumer.commit(asynchronous=True)
                stored, committed = False, time.monotonic()
    except GeneratorExit:  # the collector ends in good order
        if stored:
            with suppress(confluent_kafka.KafkaException):
                consumer.commit(asynchronous=False)
        raise
    except confluent_kafka.KafkaException as error:
        consumer.poll(0)  # hear what else is wrong
        # That all brokers are down is said last; what was said before tells why: a name, a password ...
        reasons = [one for one in errors if one.code() != confluent_kafka.KafkaError._ALL_BROKERS_DOWN]
        raise (confluent_kafka.KafkaException(reasons[-1]) if reasons else error) from None
    finally:
        # Nobody waits for this: if a commit is on its way to a broker that has gone, it ends only when one is back.
        threading.Thread(target=consumer.close, name="kafka", daemon=True).start()


def read_on(
    consumer: confluent_kafka.Consumer, partition: confluent_kafka.TopicPartition, newest: dict[int, int]
) -> confluent_kafka.TopicPartition:
    """Where to read on in this partition: if nothing was read from it before, behind what was committed.

    Else some time before the newest message that was stored. For a broker that keeps nothing has begun anew, and if a
    commit that was on its way to the old one reaches it, its first messages would be passed over. What comes twice
    counts once.
    """
    topic, number = partition.topic, partition.partition
    if number not in newest:
        return partition
    since = confluent_kafka.TopicPartition(topic, number, max(0, newest[number] - LATE))
    (found,) = consumer.offsets_for_times([since], timeout=5)
    if found.error:
        raise confluent_kafka.KafkaException(found.error)
    begin = found.offset if found.offset >= 0 else confluent_kafka.OFFSET_BEGINNING  # there is none that is newer
    return confluent_kafka.TopicPartition(topic, number, begin)


def kafka_config(address: str, settings: Settings) -> dict[str, Any]:
    """The settings of Kafka's client, under its own names; those that are not set are left out."""
    password = settings.kafka_password and settings.kafka_password.get_secret_value()
    login = {
        "security.protocol": settings.kafka_security_protocol or (settings.kafka_username and "SASL_SSL"),
        "sasl.mechanism": settings.kafka_sasl_mechanism or (settings.kafka_username and "PLAIN"),
        "sasl.username": settings.kafka_username,
        "sasl.password": password,
        "ssl.ca.location": settings.kafka_cert_location,
    }
    return {
        "bootstrap.servers": address,
        "group.id": settings.kafka_group,
        "auto.offset.reset": "earliest",
        # At its end, after an error too, the client would commit by itself: to a broker that may have begun anew.
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "session.timeout.ms": 1000 * SILENCE,  # so long it waits at its end for a broker that has gone
        "socket.timeout.ms": 1000 * SILENCE,  # and so long for the answer to a commit that was on its way to it
        "log_level": 0,
    } | {name: str(value) for name, value in login.items() if value}


def brokers() -> dict[str, tuple[str, Callable[[str, Settings], Generator[bytes | None]]]]:
    """For each transport: the variable that names its address, and who reads from there. Kafka's reader remembers."""
    return {
        "redis": ("REDIS_ADDR", redis_messages),
        "rabbitmq": ("RABBITMQ_ADDR", rabbitmq_messages),
        "kafka": ("KAFKA_BROKERS", partial(kafka_messages, newest={})),
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
