"""Judge each profile when its schedule says so: a thread looks, every half second, whose time has come."""

import logging
import sqlite3
import threading
import time

from collector import alerts, registry
from collector.schedule import DEFAULT, is_due
from collector.store import Store

log = logging.getLogger("collector")
WAIT = 0.5  # seconds
SCHEDULED = """
SELECT uid, drift_type, json_extract(profile, '$.config.alert_config.schedule') AS schedule FROM profile
WHERE active AND schedule != ?
"""


class Timetable:
    """The thread. What came while it could not look is judged the next time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="timetable", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Wait until the thread has finished what it does."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        looked = time.time()
        while not self._stopping.wait(WAIT):
            now = time.time()
            try:
                judge_due(self._store, looked, now)
            except sqlite3.OperationalError:  # the file cannot be used now: whoever brings a message is told
                continue
            looked = now


def judge_due(store: Store, after: float, until: float) -> None:
    """Judge each active profile whose schedule has a moment between these two, in seconds since 1970."""
    with store.reading() as connection:
        profiles = connection.execute(SCHEDULED, [DEFAULT]).fetchall()
    for uid, drift_type, schedule in profiles:
        try:
            if is_due(schedule, after, until):
                with store.writing() as connection:
                    alerts.judge(connection, registry.of_type(connection, uid, drift_type))
        except sqlite3.OperationalError:
            raise
        except Exception:  # one profile that cannot be judged must not hide all others
            log.exception("The profile %s could not be judged when its time had come.", uid)
