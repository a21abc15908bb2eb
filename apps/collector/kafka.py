"""Take messages from Kafka, or from what speaks its protocol: from all partitions of a topic, each at least once."""

import math
import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import confluent_kafka

from collector.settings import Settings

# The first two are those of all brokers.
WAIT = 0.5  # seconds without a message, after which a thread looks whether it is to stop; and between two attempts
SILENCE = 5  # seconds without a sign of life, after which a connection counts as dead
NEW_PARTITIONS = 10  # seconds after which one looks whether the topic has got more of them
COMMIT = 1  # seconds after which Kafka is told up to which message all is stored
LATE = 300_000  # milliseconds for which a client of Kafka keeps a message for an absent broker, unless told otherwise


def messages(address: str, settings: Settings, newest: dict[int, int]) -> Generator[bytes | None]:
    """What is in the topic KAFKA_TOPIC behind the offsets that were committed for the group KAFKA_GROUP.

    A commit for each message would take two thirds of the time. So there is one a second, for which nobody waits. What
    was stored in the last second before a kill -9, or before the broker went, comes again, and counts once.

    newest: when the newest message that was stored was made (Unix time in milliseconds), by its partition. It is noted
    here, and read when this is called again, because the broker went.
    """
    errors: deque[confluent_kafka.KafkaError] = deque(maxlen=10)
    # An exception raised in error_cb would be lost while the client is at work on something else: it is noted.
    consumer = confluent_kafka.Consumer(config(address, settings) | {"error_cb": errors.append})
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


def config(address: str, settings: Settings) -> dict[str, Any]:
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
