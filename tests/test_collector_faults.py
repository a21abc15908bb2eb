"""Who is at fault: the message, the collector's file, or the line to the broker. Each is treated as what it is."""

import contextlib
import json
import socket
import sqlite3
import sys
import threading
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pika
import pytest
import redis
from collecting import passengers
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewPartitions
from contract import value
from fastapi.testclient import TestClient
from waiting import until

from collector.store import Store
from titanic import drift
from titanic.problem import Problem

NAME = "scouter_01_collector_app"
CHANNEL = "faults"


class Relay:
    """Passes everything on to a broker, until .cut() is called: then it is silent, as a line without a goodbye."""

    def __init__(self, address):
        self.target = (urlsplit(address).hostname, urlsplit(address).port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = address.replace(f":{self.target[1]}", f":{self.listener.getsockname()[1]}")
        self.lines = []  # each with its two ends, and whether it is cut
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            line = {"ends": (near, socket.create_connection(self.target)), "cut": threading.Event()}
            self.lines.append(line)
            for source, target in (line["ends"], line["ends"][::-1]):
                threading.Thread(target=self.pump, args=[source, target, line["cut"]], daemon=True).start()

    def pump(self, source, target, cut):
        try:
            while data := source.recv(65536):
                if not cut.is_set():
                    target.sendall(data)
        except OSError:
            pass
        if not cut.is_set():  # whoever hangs up is heard at the other end
            for end in (source, target):
                end.close()

    def cut(self):
        for line in self.lines:
            line["cut"].set()

    def close(self):
        self.listener.close()
        for line in self.lines:
            for end in line["ends"]:
                end.close()


@pytest.fixture
def collector(client, tmp_path, monkeypatch):
    """collector(REDIS_ADDR=...) is a collector in this process, with the uid of a profile; see also .profile."""
    monkeypatch.setenv("COLLECTOR_DATABASE", str(tmp_path / "collector.sqlite3"))

    def start(**settings):
        for name, setting in settings.items():
            monkeypatch.setenv(name, setting)
        monkeypatch.setenv("REDIS_CHANNEL", CHANNEL)
        monkeypatch.setenv("RABBITMQ_QUEUE", CHANNEL)
        api = client(NAME)
        api.headers["Authorization"] = f"Bearer {api.get('/scouter/auth/login', headers=LOGIN).json()['token']}"
        profile = drift.psi_profile(passengers()).model_dump_json()
        body = {"space": "titanic", "drift_type": "Psi", "profile": profile}
        api.uid = api.post("/scouter/profile", json=body).json()["uid"]
        for transport in ("redis", "rabbitmq"):
            if f"{transport.upper()}_ADDR" in settings:
                until(lambda transport=transport: is_up(api, transport))
        return api

    return start


LOGIN = {"Username": "admin", "Password": "admin"}
PROFILE = {"space": "titanic", "name": "survival", "version": "0.1.0", "drift_type": "Psi"}


def is_up(api, transport):
    return value(api, "collector_broker_up", transport=transport) == 1


def count(api, transport, outcome):
    return value(api, "collector_messages_total", transport=transport, outcome=outcome)


def message(uid, rows=1):
    """A message about so many passengers of the third class."""
    content = {"uid": uid, "feature": "Pclass", "bin_id": 3, "bin_count": rows, "created_at": "2026-06-01T12:00:00Z"}
    content["entity_id"] = 0
    return {"records": [{"Psi": content}]}


@contextmanager
def queue(address):
    """publish(message) puts a message into RabbitMQ's queue."""
    with pika.BlockingConnection(pika.URLParameters(address)) as connection:
        channel = connection.channel()
        channel.queue_declare(CHANNEL)
        yield lambda body: channel.basic_publish("", CHANNEL, json.dumps(body))


def stored(api):
    """The rows in the collector's file."""
    with api.app.state.store.reading() as connection:
        return connection.execute("SELECT ifnull(SUM(bin_count), 0) FROM bin_count").fetchone()[0]


# The message


def test_a_message_that_makes_the_collector_stumble_does_not_block_those_behind_it(
    collector, brokers, monkeypatch, caplog
):
    def stumble(store, message):
        if message.records[0].content.bin_count == 666:
            raise ZeroDivisionError("nobody has thought of this")
        return store_whole(store, message)

    address = brokers("rabbitmq").settings["RABBITMQ_ADDR"]
    api = collector(RABBITMQ_ADDR=address)
    intake = sys.modules["collector.intake"]
    store_whole = intake.store_whole
    monkeypatch.setattr(intake, "store_whole", stumble)
    with queue(address) as publish:
        for rows in (666, 1, 2, 3):
            publish(message(api.uid, rows))
    until(lambda: stored(api) == 6)
    assert count(api, "rabbitmq", "refused") == 1
    assert is_up(api, "rabbitmq")
    assert caplog.text.count("made the collector stumble") == 1


@pytest.mark.parametrize(
    ("depth", "outcome"), [(100, "refused"), (101, "refused"), (900, "refused"), (5000, "refused")]
)
def test_a_message_has_the_same_fate_by_each_way(collector, brokers, depth, outcome):
    """At 100 brackets it is read, and refused because the profile is none of a language model; above, it is not."""
    address = brokers("rabbitmq").settings["RABBITMQ_ADDR"]
    api = collector(RABBITMQ_ADDR=address)
    context = '{"deeper": ' * (depth - 1) + "{}" + "}" * (depth - 1)
    content = {"entity_uid": api.uid, "uid": "1", "context": "CONTEXT", "created_at": "2026-06-01T12:00:00Z"}
    body = json.dumps({"records": [{"GenAIEval": {"record": content}}]}).replace('"CONTEXT"', context)
    answer = api.post("/scouter/message", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert ("no profile" in answer.text) == (depth <= 100)
    assert count(api, "http", "refused") == 1
    with pika.BlockingConnection(pika.URLParameters(address)) as connection:
        connection.channel().basic_publish("", CHANNEL, body)
    until(lambda: count(api, "rabbitmq", "refused") == 1)
    assert is_up(api, "rabbitmq")


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 3000, b" " * 10_000_001])
def test_what_cannot_be_read_or_is_too_large_is_counted(collector, content):
    api = collector()
    answer = api.post("/scouter/message", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 413, 422)
    assert count(api, "http", "refused") == 1


@pytest.mark.parametrize("content", [b"{", b"{}", b"[" * 3000])
def test_who_is_not_let_in_is_told_that_first_and_counts_only_with_a_token_of_before(collector, content):
    api = collector()
    del api.headers["Authorization"]
    for scheme, counted in (None, 0), ("Basic", 0), ("garbage", 0), ("Bearer", 1):
        token = {"Authorization": f"{scheme} of-before"} if scheme else {}
        answer = api.post("/scouter/message", content=content, headers={"Content-Type": "application/json"} | token)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "Log in first" in answer.text
        assert count(api, "http", "refused") == counted
    answer = api.post("/scouter/profile", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 401
    too_large = {"content": b" " * 10_000_001, "headers": {"Content-Type": "application/json"}}
    assert api.post("/scouter/message", **too_large).status_code == 413  # the framework has answered already
    assert count(api, "http", "refused") == 1, "one was no message, and one brought no token"


def test_behind_a_proxy_with_a_path_it_is_counted_too(collector):
    api = collector()
    proxied = TestClient(api.app, root_path="/user/ann/proxy/8090", headers=api.headers)
    assert proxied.post("/user/ann/proxy/8090/scouter/message", content=b"{").status_code == 422
    assert count(api, "http", "refused") == 1


@pytest.mark.parametrize("wrong", ["5", 5.0, True])
def test_a_number_is_a_number(collector, wrong):
    api = collector()
    assert api.post("/scouter/message", json=message(api.uid, wrong)).status_code == 422


# The file


def test_while_the_file_is_locked_a_message_waits_and_by_http_it_is_told_and_counted(
    collector, brokers, tmp_path, caplog
):
    address = brokers("rabbitmq").settings["RABBITMQ_ADDR"]
    api = collector(RABBITMQ_ADDR=address)
    api.app.state.store._connection.execute("PRAGMA busy_timeout = 50")  # not five seconds
    with closing(sqlite3.connect(tmp_path / "collector.sqlite3")) as other, queue(address) as publish:
        other.execute("BEGIN IMMEDIATE")
        publish(message(api.uid, 4))
        until(lambda: "A message waits" in caplog.text)
        answer = api.post("/scouter/message", json=message(api.uid, 1))
        assert answer.status_code == 503
        assert "database is locked" in answer.json()["detail"]
        assert count(api, "http", "lost") == 1
        other.rollback()
    until(lambda: stored(api) == 4)
    assert count(api, "rabbitmq", "stored") == 1


def test_a_collector_whose_file_was_deleted_knows_it(collector, tmp_path):
    api = collector()
    assert api.get("/scouter/healthcheck").json() == {"alive": True}
    (tmp_path / "collector.sqlite3").unlink()
    for answer in (
        api.get("/scouter/healthcheck"),
        api.post("/scouter/message", json=message(api.uid)),
        api.get("/"),
    ):
        assert answer.status_code == 503
        assert "collector.sqlite3 was deleted or replaced: start the collector again" in answer.text


@pytest.mark.skipif("sys.platform == 'win32'", reason="Windows has no such limit")
def test_a_collector_whose_disk_is_full_is_not_well_until_there_is_room_again(collector, tmp_path):
    import resource  # not on Windows

    api = collector()
    assert api.get("/scouter/healthcheck").status_code == 200
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = max(file.stat().st_size for file in tmp_path.glob("collector.sqlite3*"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))  # bytes: no file can grow beyond that
    try:
        until(lambda: api.post("/scouter/message", json=message(api.uid, 1)).status_code == 503)
        assert api.get("/scouter/healthcheck").status_code == 503
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert api.get("/scouter/healthcheck").status_code == 200
    assert api.post("/scouter/message", json=message(api.uid, 1)).status_code == 200


def test_a_collector_that_writes_just_now_is_well(collector, tmp_path):
    api = collector()
    with closing(sqlite3.connect(tmp_path / "collector.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert api.get("/scouter/healthcheck").json() == {"alive": True}


@pytest.mark.parametrize("content", [b"", b"an iceberg " * 3_000], ids=["cut", "no database"])
def test_a_damaged_file_is_not_the_fault_of_the_message(collector, tmp_path, content):
    api = collector()
    (tmp_path / "collector.sqlite3").write_bytes(content)
    for more in ("-wal", "-shm"):
        (tmp_path / f"collector.sqlite3{more}").unlink(missing_ok=True)
    health = api.get("/scouter/healthcheck")
    for answer in (health, api.get("/scouter/profile", params=PROFILE), api.get("/"), api.get("/")):
        assert answer.status_code == 503
        assert "The collector's file cannot be used" in answer.text
    assert api.post("/scouter/message", json=message(api.uid)).status_code in (200, 503)
    assert count(api, "http", "refused") == 0


@pytest.mark.parametrize("what", ["no database", "a folder", "below a file"])
def test_a_file_that_cannot_be_used_is_named_when_it_starts(tmp_path, what):
    (tmp_path / "file").write_text("an iceberg " * 100)
    path = {"no database": tmp_path / "file", "a folder": tmp_path, "below a file": tmp_path / "file" / "below"}[what]
    with pytest.raises(Problem, match=f"^{path} cannot be the collector's file: .*COLLECTOR_DATABASE name another"):
        Store(path)


# The line


@pytest.mark.parametrize("transport", ["redis", "rabbitmq"])
def test_a_line_that_is_cut_without_a_goodbye_is_noticed_and_made_anew(collector, brokers, transport):
    variable = f"{transport.upper()}_ADDR"
    address = brokers(transport).settings[variable]
    relay = Relay(address)
    api = collector(**{variable: relay.address})
    relay.cut()
    until(lambda: not is_up(api, transport))
    until(lambda: is_up(api, transport))
    if transport == "redis":
        with redis.Redis.from_url(address) as publisher:
            publisher.publish(CHANNEL, json.dumps(message(api.uid, 7)))
    else:
        with queue(address) as publish:
            publish(message(api.uid, 7))
    until(lambda: stored(api) == 7)
    relay.close()


def test_new_partitions_of_a_topic_are_read_too(collector_with):
    collector = collector_with("kafka")
    profile = collector.psi_profile()
    address = collector.settings["KAFKA_BROKERS"]
    admin = AdminClient({"bootstrap.servers": address})
    admin.create_partitions([NewPartitions(collector.channel, 6)])[collector.channel].result()
    producer = Producer({"bootstrap.servers": address})

    def reached():
        with contextlib.suppress(KafkaException):  # the client has not heard of the new partitions yet
            producer.produce(collector.channel, json.dumps(message(profile.config.uid)).encode(), partition=5)
            producer.flush()
        return collector.rows("SELECT COUNT(*) FROM bin_count")[0][0]

    until(reached)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"KAFKA_BROKERS": "nobody.invalid:9092"}, "resolve"),
        ({"KAFKA_BROKERS": "127.0.0.1:1"}, "refused"),
        ({"RABBITMQ_ADDR": "amqp://user:ice/berg@127.0.0.1:1/"}, "write / as %2F"),
        ({"REDIS_ADDR": "redis://user:ice/berg@127.0.0.1:1"}, "write / as %2F"),
    ],
)
def test_the_warning_about_a_broker_names_the_reason_and_no_part_of_a_password(
    client, monkeypatch, tmp_path, caplog, settings, reason
):
    monkeypatch.setenv("COLLECTOR_DATABASE", str(tmp_path / "collector.sqlite3"))
    ((name, address),) = settings.items()
    monkeypatch.setenv(name, address)
    client(NAME)
    until(lambda: f"{name} does not work" in caplog.text)
    assert reason in next(line for line in caplog.text.splitlines() if f"{name} does not work" in line)
    assert "'ice'" not in caplog.text
