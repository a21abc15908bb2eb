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
SELECT uid, drift_type, profile FROM profile
WHERE active AND CASE WHEN json_valid(profile)
    THEN json_extract(profile, '$.config.alert_config.schedule')
    ELSE ''  -- one that SQLite cannot read must not end the whole query; `judge_due` looks at it
END != ?
"""
told: set[str] = set()  # the profiles of which the log has said already that they cannot be judged


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
        looked, said = time.time(), False
        while not self._stopping.wait(WAIT):
            now = time.time()
            try:
                judge_due(self._store, looked, now)
                looked, said = now, False
            except sqlite3.OperationalError as error:  # the file cannot be used now
                if not said:
                    log.error("Profiles with a schedule are not judged until this is over: %s", error)
                said = True


def judge_due(store: Store, after: float, until: float) -> None:
    """Judge each active profile whose schedule has a moment between these two, in seconds since 1970."""
    with store.reading() as connection:
        profiles = connection.execute(SCHEDULED, [DEFAULT]).fetchall()
    for uid, drift_type, text in profiles:
        try:
            config = registry.parse(drift_type, text).config.alert_config
            if not config.after_each_message and is_due(config.schedule, after, until):
                with store.writing() as connection:
                    alerts.judge(connection, registry.of_type(connection, uid, drift_type))
        except sqlite3.OperationalError:
            raise
        except Exception:  # one profile that cannot be judged must not hide all others
            if uid not in told:
                log.exception("The profile %s cannot be judged when its time has come.", uid)
            told.add(uid)
