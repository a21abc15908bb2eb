"""What the tests of the collector share: a collector as its own process, known passengers, Scouter's client."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import cycle, islice

import requests
from confluent_kafka.admin import AdminClient, NewTopic
from contract import values
from scouter import (
    CustomDriftProfile,
    CustomMetric,
    CustomMetricDriftConfig,
    Drifter,
    Features,
    GenAIEvalConfig,
    GenAIEvalProfile,
    HttpConfig,
    ScouterClient,
    ScouterQueue,
)
from scouter.alert import AlertThreshold
from scouter.client import DriftAlertPaginationRequest, DriftRequest, TimeInterval
from scouter.drift import SpcDriftConfig
from scouter.evaluate import AssertionTask, ComparisonOperator
from scouter.types import DriftType
from serving import App
from waiting import until

from classroom.queue_client import CONFIGS, QueueClient
from classroom.servers.ports import free_port
from titanic import drift
from titanic.dataset import COLUMNS, read_passengers

# What Scouter calls the way through each of these: two of the brokers speak Kafka's protocol.
TRANSPORTS = {"http": "http", "redis": "redis", "rabbitmq": "rabbitmq", "kafka": "kafka", "tansu": "kafka"}
ADDRESSES = {"redis": "REDIS_ADDR", "rabbitmq": "RABBITMQ_ADDR", "kafka": "KAFKA_BROKERS"}
USER = {"SCOUTER_USERNAME": "ann", "SCOUTER_PASSWORD": "violin"}


@cache
def passengers():
    """The passengers of the training data about whom all is known: 1,043 rows, 7 columns."""
    return read_passengers()[0].dropna()[COLUMNS].reset_index(drop=True)


def stream(seed, rows=2000):
    """As many passengers, drawn from the training data."""
    return passengers().sample(rows, replace=True, random_state=seed).reset_index(drop=True)


class Collector:
    """A collector on a free port, with its own file in this folder."""

    def __init__(self, folder, settings=None):
        self.database = folder / "collector.sqlite3"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # A channel, queue and topic of its own: what an earlier test left in a broker is none of its business.
        self.channel = f"test{self.port}"
        names = dict.fromkeys(["REDIS_CHANNEL", "RABBITMQ_QUEUE", "KAFKA_TOPIC", "KAFKA_GROUP"], self.channel)
        self.settings = names | (settings or {})
        if "KAFKA_BROKERS" in self.settings:
            admin = AdminClient({"bootstrap.servers": self.settings["KAFKA_BROKERS"]})
            admin.create_topics([NewTopic(self.channel, num_partitions=4)])[self.channel].result()
        self.start()

    def start(self):
        """Start it, on the same port and the same file as before."""
        settings = dict.fromkeys(ADDRESSES.values(), "") | USER | self.settings | {"COLLECTOR_DATABASE": self.database}
        self.server = App("scouter_01_collector_app", self.database.parent, port=self.port, **settings)
        self.log = self.server.log
        self.server.wait_until_ready()
        for transport, variable in ADDRESSES.items():
            if variable in self.settings:
                until(lambda transport=transport: self.metric("collector_broker_up", transport=transport) == 1)

    def kill(self):
        """End it without a warning (kill -9)."""
        self.server.kill()

    def stop(self):
        """End it in good order."""
        self.server.stop()

    def get(self, path):
        """Ask for a page."""
        return requests.get(self.url + path, timeout=20)

    def metric(self, name, **labels):
        """The sum of the metric's series with these labels."""
        return sum(values(self, name, **labels))

    def rows(self, query, *values):
        """What this query finds in the collector's file."""
        with closing(sqlite3.connect(self.database, timeout=20)) as connection:
            return connection.execute(query, values).fetchall()

    def counts(self, uid):
        """The stored number of rows by feature and bin."""
        query = "SELECT feature, bin_id, SUM(bin_count) FROM bin_count WHERE uid = ? GROUP BY feature, bin_id"
        return Counter({(feature, bin_id): count for feature, bin_id, count in self.rows(query, uid) if count})

    def arrived(self, uid):
        """How many passengers have arrived: the stored rows of one feature."""
        return sum(count for (feature, _), count in self.counts(uid).items() if feature == "Age")

    def values(self, profile):
        """The stored means of a profile with one feature or metric, oldest first."""
        return [value for (value,) in self.rows("SELECT value FROM value WHERE uid = ?", profile.config.uid)]

    # What Scouter's client does

    @property
    def http(self):
        """How the client reaches it."""
        return HttpConfig(server_uri=self.url, username=USER["SCOUTER_USERNAME"], password=USER["SCOUTER_PASSWORD"])

    def transport(self, name):
        """How the client's queue reaches it, directly or through a broker: a kind of configuration, its arguments."""
        name = TRANSPORTS[name]
        if name == "http":
            return "http", {
                "server_uri": self.url,
                "username": USER["SCOUTER_USERNAME"],
                "password": USER["SCOUTER_PASSWORD"],
            }
        address = self.settings[ADDRESSES[name]]
        if name == "redis":
            return "redis", {"address": address, "channel": self.channel}
        if name == "kafka":
            return "kafka", {"brokers": address, "topic": self.channel}
        port = int(address.rpartition(":")[2].partition("/")[0])
        return "rabbitmq", {"host": "127.0.0.1", "port": port, "queue": self.channel}

    def register(self, profile):
        """Register a profile and make it active."""
        ScouterClient(self.http).register_profile(profile, set_active=True)
        return profile

    def psi_profile(self):
        """The registered profile of the training data, as lesson 15 makes it."""
        return self.register(drift.psi_profile(passengers()))

    def drift(self, uid, drift_type=DriftType.Psi, interval=TimeInterval.OneHour):
        """What the client reads."""
        return ScouterClient(self.http).get_binned_drift(DriftRequest(uid, "titanic", interval, 10), drift_type)

    def alerts(self, uid, active=True):
        """The alerts that the client reads, newest first, at most 500."""
        return ScouterClient(self.http).get_alerts(DriftAlertPaginationRequest(uid=uid, active=active, limit=500)).items


def queue(collector, transport, profile):
    """A running queue for this profile."""
    kind, arguments = collector.transport(transport)
    return ScouterQueue.from_profile({"it": profile}, CONFIGS[kind](**arguments), wait_for_startup=True)


def insert(waiting, table):
    """Hand over each passenger of the table."""
    for row in table.to_dict("records"):
        waiting["it"].insert(Features(row))


def send(collector, transport, profile, table):
    """Hand over each passenger of the table, and wait until the queue has sent them."""
    waiting = queue(collector, transport, profile)
    insert(waiting, table)
    waiting.shutdown()


def expected_counts(profile, table):
    """How many passengers of the table are in each bin, counted without Scouter's help."""
    counts = Counter()
    content = as_json(profile)
    for name, feature in content["features"].items():
        categories = content["config"]["feature_map"]["features"].get(name)
        for value in table[name]:
            if feature["bin_type"] == "Numeric":
                (bin_id,) = [one["id"] for one in feature["bins"] if within(value, one)]
            else:  # the number of a category that is text is in a map; one that is a number is its own
                bin_id = categories[value] if categories else int(value)
            counts[name, bin_id] += 1
    return counts


def within(value, one):
    """True if the value is in this bin: above its lower limit, not above its upper one. Some limits are "inf"."""
    return float(one["lower_limit"]) < value <= float(one["upper_limit"])


def scouters_psi(profile, table):
    """What Scouter itself computes on these rows."""
    return Drifter().compute_drift(table, profile).features


def client(collector, transport, profile):
    """A program of its own with a queue that holds 4,000 passengers ready."""
    path = profile.save_to_json(collector.database.with_name(f"{profile.config.uid}.json"))
    table = path.with_suffix(".rows.json")
    stream(seed=7, rows=4000).to_json(table, orient="records")
    return QueueClient(path, table, *collector.transport(transport))


def log_in(collector):
    """A session of requests that the collector knows."""
    session = requests.Session()
    session.headers.update(zip(["Username", "Password"], USER.values(), strict=True))
    token = session.get(f"{collector.url}/scouter/auth/login", timeout=20).json()["token"]
    session.headers["Authorization"] = f"Bearer {token}"
    return session


def message(profile, number, records=48):
    """So many records, one row each, over all bins in turn; number makes the message different from all others."""
    created_at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1800) + timedelta(microseconds=number)
    bins = [(name, one["id"]) for name, feature in as_json(profile)["features"].items() for one in feature["bins"]]
    common = {"uid": profile.config.uid, "bin_count": 1, "created_at": created_at.isoformat(), "entity_id": 0}
    chosen = islice(cycle(bins), records)
    return {"records": [{"Psi": common | {"feature": name, "bin_id": bin_id}} for name, bin_id in chosen]}


def profiles():
    """An unregistered profile of each type; that of the metric *probability* raises an alert outside of 0.3 to 0.5."""
    metric = CustomMetric("probability", 0.4, AlertThreshold.Outside, 0.1)
    task = AssertionTask("sure", context_path="score", operator=ComparisonOperator.GreaterThan, expected_value=0.5)
    return {
        "Psi": drift.psi_profile(passengers()),
        "Spc": Drifter().create_drift_profile(passengers()[["Age"]], SpcDriftConfig(space="titanic", name="age")),
        "Custom": CustomDriftProfile(CustomMetricDriftConfig(space="titanic", name="probability"), [metric]),
        "GenAI": GenAIEvalProfile(config=GenAIEvalConfig(space="titanic", name="chat"), tasks=[task]),
    }


def as_json(profile):
    """The profile as it travels."""
    return json.loads(profile.model_dump_json())


def names_of_drift():
    """The metrics of drift that the collector tells Prometheus, also while it knows no profile."""
    from collector import drift_metrics  # here and not above: other tests import the collector anew
    from collector.store import TABLES

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES)
        families = [*drift_metrics.features(connection), *drift_metrics.custom_metrics(connection)]
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}
