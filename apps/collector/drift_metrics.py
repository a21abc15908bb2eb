"""Drift as metrics for Prometheus: the numbers of the page, for alerts and for a dashboard.

Clients register as many profiles as they like, with any names in them, and each series costs Prometheus memory. So only
one space is told, the one that the metrics are called after; of it one profile of each type, the app's; and of that a
hundred names at most.
"""

import logging
import math
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from collector import registry
from collector.alerts import ROWS_PER_BIN
from collector.drift import counts_by_bin, psi
from collector.profiles import DriftType
from collector.store import Store

log = logging.getLogger("collector")
SPACE, NAME = "titanic", "survival"  # those of the app's profiles
MOST = 100  # features or metrics
# An hour holds enough passengers to judge by. A day would dilute the drift of an hour, and tell it long after its end.
WINDOW = 3600  # seconds
told: set[str] = set()  # what the log has named because it cannot be read


class DriftMetrics(Collector):
    """Reads the file at each scrape. So it tells the same in each worker, and after a restart.

    seconds: how long that may take. Rather all other numbers than none, because Prometheus waits no longer.
    """

    def __init__(self, store: Store, seconds: float) -> None:
        self.store, self.seconds = store, seconds

    def collect(self) -> Iterable[Metric]:
        """All that can be read; the rest is left out."""
        end = time.monotonic() + self.seconds
        with left_out_if_broken("Drift"), self.store.reading(timeout=self.seconds / 2) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)  # it gives up when this is true
            for what, read in (("The PSI profile", features), ("The profile of custom metrics", custom_metrics)):
                with left_out_if_broken(what):
                    yield from read(connection)


def exposition(store: Store, seconds: float) -> bytes:
    """The metrics of drift, as Prometheus reads them; without what cannot be read in so many seconds."""
    families = CollectorRegistry()
    families.register(DriftMetrics(store, seconds))
    return generate_latest(families)


def features(connection: sqlite3.Connection) -> list[Metric]:
    """How far each feature has drifted, by how many rows that is judged, and how often it was an alert."""
    drift = GaugeMetricFamily(
        "titanic_drift_psi",
        f"PSI of the last hour, of features with more than {ROWS_PER_BIN} rows for each bin.",
        labels=["feature"],
    )
    sample_size = GaugeMetricFamily("titanic_drift_sample_size", "Rows of the last hour.", labels=["feature"])
    alerts = CounterMetricFamily("titanic_drift_alerts", "Alerts on PSI, in all versions.", labels=["feature"])
    uid = of_the_app(connection, "Psi")
    if uid is not None:
        profile = registry.of_type(connection, uid, "Psi").profile
        # Of all versions: when another one becomes active, a counter must not jump.
        query = (
            "SELECT entity_name, COUNT(*) FROM alert WHERE uid IN"
            " (SELECT uid FROM profile WHERE (space, name, drift_type) ="
            " (SELECT space, name, drift_type FROM profile WHERE uid = ?)) GROUP BY uid, entity_name"
        )
        raised: Counter[str] = Counter()
        for name, number in connection.execute(query, [uid]):
            raised[name] += number
        monitored = set(profile.config.alert_config.features_to_monitor or profile.features)
        for name in sorted(monitored)[:MOST]:
            alerts.add_metric([name], raised[name])  # from 0 on: else Prometheus does not see the first one
        now = time.time()
        counts = counts_by_bin(connection, "uid = ? AND created_at >= ? AND created_at < ?", uid, now - WINDOW, now)
        for name, feature in sorted(profile.features.items())[:MOST]:
            rows = counts[name].total()
            sample_size.add_metric([name], rows)
            with left_out_if_broken(f"The PSI of {name}"):
                if rows > ROWS_PER_BIN * len(feature.bins):
                    drift.add_metric([name], psi(feature, counts[name]))
    return [drift, sample_size, alerts]


def custom_metrics(connection: sqlite3.Connection) -> list[Metric]:
    """The mean of each metric; none without a value in the window."""
    means = GaugeMetricFamily(
        "titanic_drift_custom_metric_mean", "Mean of what was told in the last hour.", labels=["metric"]
    )
    rows = connection.execute(
        "SELECT name, AVG(value) FROM value WHERE uid = ? AND created_at >= ? AND created_at < ?"
        " GROUP BY name ORDER BY name LIMIT ?",
        [of_the_app(connection, "Custom"), time.time() - WINDOW, time.time(), MOST],
    )
    for name, mean in rows:
        with left_out_if_broken(f"The mean of {name}"):
            if math.isfinite(mean):
                means.add_metric([name], mean)
    return [means]


def of_the_app(connection: sqlite3.Connection, drift_type: DriftType) -> str | None:
    """The profile to tell about: of the app's name, or if there is none, of any; of these, the newest active one."""
    found = connection.execute(
        "SELECT uid FROM profile WHERE space = ? AND drift_type = ?"
        " ORDER BY name = ? DESC, active DESC, rowid DESC LIMIT 1",
        [SPACE, drift_type, NAME],
    ).fetchone()
    return found[0] if found else None


@contextmanager
def left_out_if_broken(what: str) -> Iterator[None]:
    """Whatever is wrong with this, the other numbers can be told; the log says why, the first time."""
    try:
        yield
    except Exception as error:
        if what not in told:
            log.warning("%s is not told to Prometheus: %r", what, error)
        told.add(what)
