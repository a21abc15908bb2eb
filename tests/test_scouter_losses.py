"""What is lost, and what is not, when the collector, a broker or the client is killed. Lesson 16 says the same numbers.

Passengers are inserted by the thousand, because a queue for PSI sends a message after each 1,000.
"""

import json
import threading
import time
from contextlib import closing, contextmanager, suppress
from itertools import count

import pika
import pytest
import redis
import requests
from collecting import client, insert, log_in, message, passengers, queue, stream
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from scouter import CustomDriftProfile, CustomMetric, CustomMetricDriftConfig, Drifter, Features, Metrics
from scouter.alert import AlertThreshold
from scouter.drift import SpcDriftConfig
from waiting import until

from classroom.servers.ports import free_port
from collector import kafka
from collector.settings import Settings

FAILED = "Error inserting entity into queue"  # the line that Scouter's client logs for a message it has lost


@pytest.fixture
def client_of():
    """client_of(collector, transport, profile) is a program with a queue; it ends with the test."""
    started = []

    def start(*arguments):
        started.append(client(*arguments))
        return started[-1]

    yield start
    for program in started:
        program.end()


def published(collector):
    """How many messages this test has published through Redis."""
    with redis.Redis.from_url(collector.settings["REDIS_ADDR"]) as connection:
        return connection.info("commandstats").get("cmdstat_publish", {"calls": 0})["calls"]


# The collector is killed (kill -9), 1,000 passengers are inserted, and it is started again.


@pytest.mark.parametrize(
    ("transport", "lost"), [("http", 1000), ("redis", 1000), ("rabbitmq", 0), ("kafka", 0), ("tansu", 0)]
)
def test_a_killed_collector_loses_what_no_broker_keeps_for_it(transport, lost, collector_with, client_of):
    collector = collector_with(transport)
    profile = collector.psi_profile()
    uid = profile.config.uid
    client = client_of(collector, transport, profile)
    client.insert(0, 1000)
    until(lambda: collector.arrived(uid) == 1000)
    before = published(collector) if transport == "redis" else 0
    collector.kill()
    client.insert(1000, 2000)
    if transport == "http":
        until(lambda: client.said.count(FAILED) == 1)
    if transport == "redis":
        until(lambda: published(collector) == before + 1)
        assert FAILED not in client.said  # nobody listened, and nobody says so
    collector.start()
    client.insert(2000, 3000)
    until(lambda: collector.arrived(uid) >= 3000 - lost)
    client.shutdown()
    assert collector.arrived(uid) == 3000 - lost


def test_the_collector_keeps_all_that_it_answered_for_when_it_is_killed_under_load(collector_with):
    collector = collector_with("http")
    profile = collector.psi_profile()
    numbers, answered = count(), []

    def post():
        session = log_in(collector)
        while True:
            body = message(profile, next(numbers))
            try:
                answer = session.post(f"{collector.url}/scouter/message", json=body, timeout=20)
            except requests.RequestException:
                return
            if answer.status_code == 200:
                answered.append(body["records"][0]["Psi"]["created_at"])

    for kill in range(1, 4):
        threads = [threading.Thread(target=post) for _ in range(4)]
        for thread in threads:
            thread.start()
        until(lambda kill=kill: len(answered) > 60 * kill)
        collector.kill()
        for thread in threads:
            thread.join()
        collector.start()
    stored = collector.rows("SELECT COUNT(*) FROM bin_count GROUP BY created_at")
    assert set(stored) == {(48,)}  # each message whole
    assert len(set(answered)) == len(answered)
    assert len(answered) <= len(stored) <= len(answered) + 3 * 4  # killed between storing and answering, at most


# A broker is killed, 1,000 passengers are inserted, it is started again, and 1,000 more are inserted.


@pytest.fixture
def killed_and_started(brokers):
    """with killed_and_started("redis"): ... does this while Redis is dead, and starts it again."""

    @contextmanager
    def kill(name):
        brokers(name).kill()
        try:
            yield
        finally:
            brokers(name).start()

    return kill


@pytest.mark.parametrize("transport", ["redis", "rabbitmq"])
def test_a_killed_broker_ends_the_queue_for_good_and_a_new_queue_works(
    transport, killed_and_started, collector_with, client_of
):
    collector = collector_with(transport)
    profile = collector.psi_profile()
    uid = profile.config.uid
    client = client_of(collector, transport, profile)
    client.insert(0, 1000)
    until(lambda: collector.arrived(uid) == 1000)
    with killed_and_started(transport):
        until(lambda: collector.metric("collector_broker_up") == 0)
        client.insert(1000, 2000)
        until(lambda: client.said.count(FAILED) == 1)
    until(lambda: collector.metric("collector_broker_up") == 1)
    client.insert(2000, 3000)
    until(lambda: client.said.count(FAILED) == 2)
    client_of(collector, transport, profile).insert(3000, 4000)
    until(lambda: collector.arrived(uid) >= 2000)
    assert collector.arrived(uid) == 2000
    assert collector.log.read_text().count("does not work") == 1


@pytest.mark.parametrize("broker", ["kafka", "tansu"])
def test_a_killed_kafka_loses_nothing_because_the_queue_keeps_it_until_the_broker_is_back(
    broker, killed_and_started, collector_with, client_of
):
    collector = collector_with(broker)
    profile = collector.psi_profile()
    uid = profile.config.uid
    client = client_of(collector, broker, profile)
    client.insert(0, 1000)
    until(lambda: collector.arrived(uid) == 1000)
    with killed_and_started(broker):
        until(lambda: collector.metric("collector_broker_up") == 0)
        client.insert(1000, 2000)
    client.insert(2000, 3000)
    until(lambda: collector.arrived(uid) >= 3000)
    assert collector.arrived(uid) == 3000


@pytest.mark.parametrize(("broker", "lost"), [("kafka", 0), ("tansu", 1000)])
def test_what_lies_unread_in_kafka_survives_its_death_and_in_tansu_it_does_not(
    broker, lost, killed_and_started, collector_with, client_of
):
    collector = collector_with(broker)
    profile = collector.psi_profile()
    uid = profile.config.uid
    collector.kill()
    client = client_of(collector, broker, profile)
    client.insert(0, 1000)
    until(lambda: in_topic(collector) == 1)
    with killed_and_started(broker):
        pass
    collector.start()
    client.insert(1000, 2000)
    until(lambda: collector.arrived(uid) >= 2000 - lost)
    client.shutdown()
    assert collector.arrived(uid) == 2000 - lost


@pytest.mark.parametrize("broker", ["kafka", "tansu"])
def test_a_late_commit_makes_it_pass_over_no_message_of_a_broker_that_has_begun_anew(broker, brokers, monkeypatch):
    address, topic = brokers(broker).settings["KAFKA_BROKERS"], f"anew{free_port()}"
    admin = AdminClient({"bootstrap.servers": address})
    admin.create_topics([NewTopic(topic, num_partitions=1)])[topic].result()
    producer = Producer({"bootstrap.servers": address})
    for body in ("first", "second"):
        producer.produce(topic, body)
    producer.flush()
    monkeypatch.setenv("KAFKA_TOPIC", topic)
    monkeypatch.setenv("KAFKA_GROUP", topic)
    settings = Settings()
    late = Consumer(kafka.config(address, settings))

    # As the collector does: if a busy broker does not answer in time, it is asked again.

    def is_committed():
        with suppress(KafkaException):
            return late.commit(offsets=[TopicPartition(topic, 0, 1)], asynchronous=False)

    def first_for_one_that_has_read(newest):
        with suppress(KafkaException), closing(kafka.messages(address, settings, newest)) as messages:
            return next(filter(None, messages))

    until(is_committed)
    late.close()
    assert until(lambda: first_for_one_that_has_read({})) == b"second"  # it believes the commit
    assert until(lambda: first_for_one_that_has_read({0: int(time.time() * 1000)})) == b"first"


def in_topic(collector):
    """How many messages a Kafka holds for this collector."""
    consumer = Consumer({"bootstrap.servers": collector.settings["KAFKA_BROKERS"], "group.id": "test", "log_level": 0})
    try:
        parts = [TopicPartition(collector.channel, number) for number in range(4)]
        return sum(high - low for low, high in map(consumer.get_watermark_offsets, parts))
    finally:
        consumer.close()


def test_kafka_is_told_now_and_then_how_far_all_is_stored_and_not_after_each_message(collector_with):
    """A commit for each message takes two thirds of the time."""
    collector = collector_with("kafka")
    profile = collector.psi_profile()
    settings = {"bootstrap.servers": collector.settings["KAFKA_BROKERS"], "log_level": 0}
    producer = Producer(settings)
    for number in range(300):
        producer.produce(collector.channel, json.dumps(message(profile, number, records=1)).encode(), partition=0)
    producer.flush()
    reader = Consumer(settings | {"group.id": collector.channel})
    ahead = []  # how many messages more are stored than committed

    def all_are_committed():
        known = max(0, reader.committed([TopicPartition(collector.channel, 0)], timeout=20)[0].offset)
        ahead.append(collector.rows("SELECT COUNT(*) FROM message")[0][0] - known)
        return known == 300

    until(all_are_committed)
    reader.close()
    assert max(ahead) > 20


def test_what_waits_in_rabbitmq_dies_with_it(killed_and_started, collector_with, client_of):
    collector = collector_with("rabbitmq")
    profile = collector.psi_profile()
    collector.kill()
    client_of(collector, "rabbitmq", profile).insert(0, 1000)

    def waiting():
        with pika.BlockingConnection(pika.URLParameters(collector.settings["RABBITMQ_ADDR"])) as connection:
            return connection.channel().queue_declare(collector.channel, passive=True).method.message_count

    until(lambda: waiting() == 1)
    with killed_and_started("rabbitmq"):
        pass
    collector.start()
    assert waiting() == 0  # Scouter's client declares the queue as one that lives in memory
    assert collector.arrived(profile.config.uid) == 0


def test_a_message_that_a_broker_brings_twice_counts_once(collector_with):
    collector = collector_with("rabbitmq")
    profile = collector.psi_profile()
    with pika.BlockingConnection(pika.URLParameters(collector.settings["RABBITMQ_ADDR"])) as connection:
        channel = connection.channel()
        for body in [json.dumps(message(profile, number)) for number in (1, 1, 2)] + ["{}"]:
            channel.basic_publish("", collector.channel, body)
    total = "collector_messages_total"
    until(lambda: collector.metric(total) == 4)
    outcomes = {name: collector.metric(total, outcome=name) for name in ("stored", "repeated", "refused")}
    assert outcomes == {"stored": 2, "repeated": 1, "refused": 1}
    assert (
        "A message from rabbitmq is refused: This is no message: records: Field required" in collector.log.read_text()
    )
    assert collector.rows("SELECT COUNT(*) FROM bin_count") == [(2 * 48,)]


# The client ends


@pytest.mark.parametrize(("in_good_order", "lost"), [(False, 500), (True, 0)])
def test_a_client_that_ends_without_shutdown_loses_the_message_it_was_filling(
    in_good_order, lost, collector_with, client_of
):
    collector = collector_with("http")
    profile = collector.psi_profile()
    uid = profile.config.uid
    client = client_of(collector, "http", profile)
    client.insert(0, 1500)
    until(lambda: collector.arrived(uid) == 1000)
    if in_good_order:
        client.shutdown()
    client.end()
    assert collector.arrived(uid) == 1500 - lost


def test_a_shutdown_sends_the_rest_of_custom_metrics_and_loses_the_rest_for_spc(collector_with):
    collector = collector_with("http")
    spc = Drifter().create_drift_profile(passengers()[["Age"]], SpcDriftConfig(space="titanic", name="age"))
    metric = CustomMetric("probability", 0.4, AlertThreshold.Outside, 0.1)
    custom = CustomDriftProfile(CustomMetricDriftConfig(space="titanic", name="probability"), [metric])
    for profile, item in (spc, Features({"Age": 30.0})), (custom, Metrics({"probability": 0.5})):
        collector.register(profile)
        waiting = queue(collector, "http", profile)
        for _ in range(60):  # a message after each 25
            waiting["it"].insert(item)
        until(lambda profile=profile: len(collector.values(profile)) >= 2)
        waiting.shutdown()
    assert collector.values(spc) == [30.0, 30.0]
    assert collector.values(custom) == pytest.approx([0.5, 0.5, 0.5])


def test_one_unseen_category_loses_its_whole_batch(collector_with, client_of):
    collector = collector_with("http")
    profile = collector.psi_profile()
    waiting = queue(collector, "http", profile)
    table = stream(seed=1, rows=2000)
    table.loc[500, "Embarked"] = "X"
    insert(waiting, table)
    waiting.shutdown()
    assert collector.arrived(profile.config.uid) == 1000
