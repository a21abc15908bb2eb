"""Where alerts are kept: one SQLite file, complete after every answer, even after kill -9."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerting.messages import Alert, KnownAlert
from collector.store import Store

WATCHDOG = "Watchdog"  # the name of the alert that always fires: it is no alarm, so it is never among what fires
KEEP_DAYS = 90
SILENCE = timedelta(hours=1)  # how long the button silences an alert
ON_ITS_WAY = timedelta(seconds=10)  # so long a message may travel that was sent before the silence
TABLES = """
CREATE TABLE IF NOT EXISTS alert (
    fingerprint TEXT, starts_at REAL, name TEXT, labels TEXT, annotations TEXT,
    ended_at REAL,  -- NULL while it fires
    told_at REAL, times_told INTEGER DEFAULT 1, silenced_until REAL,
    PRIMARY KEY (fingerprint, starts_at)
);
CREATE INDEX IF NOT EXISTS alert_by_end ON alert (ended_at);
"""
TAKE = """
INSERT INTO alert (fingerprint, starts_at, name, labels, annotations, ended_at, told_at) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET annotations = excluded.annotations, ended_at = excluded.ended_at, told_at = excluded.told_at,
    times_told = times_told + 1,
    silenced_until = CASE WHEN excluded.ended_at IS NULL AND silenced_until < ? THEN NULL ELSE silenced_until END
"""
# An alert that has begun anew was over in between, even if nobody has told that. But one that is over says nothing of
# what has begun after it.
END_OTHERS = """
UPDATE alert SET ended_at = told_at
WHERE fingerprint = :alert AND ended_at IS NULL AND (starts_at < :start OR (starts_at > :start AND :fires))
"""


class AlertStore:
    """The open file. An alert is known by its fingerprint and its start: told again, it is still one alert."""

    def __init__(self, path: Path) -> None:
        """Problem: the file cannot be used."""
        self.file = Store(path, TABLES, "the alert page", "ALERT_DATABASE")

    def take(self, alerts: list[Alert], now: datetime) -> None:
        """Keep what a message tells: all of it, or, after an sqlite3.Error, none."""
        # Of what is silenced, Alertmanager does not say that it fires: if it does, somebody has ended the silence.
        silenced_before = (now + SILENCE - ON_ITS_WAY).timestamp()
        with self.file.writing() as connection:
            for alert in alerts:
                ended_at = max(alert.endsAt, alert.startsAt).timestamp() if alert.status == "resolved" else None
                labels, annotations = json.dumps(alert.labels), json.dumps(alert.annotations)
                name = alert.labels.get("alertname", "")
                key = (alert.fingerprint, alert.startsAt.timestamp())
                values = [*key, name, labels, annotations, ended_at, now.timestamp()]
                connection.execute(TAKE, [*values, silenced_before])
                others = {"alert": alert.fingerprint, "start": key[1], "fires": alert.status == "firing"}
                connection.execute(END_OTHERS, others)
            forgotten = "DELETE FROM alert WHERE ended_at IS NOT NULL AND told_at < ?"
            connection.execute(forgotten, [now.timestamp() - KEEP_DAYS * 86_400])

    def firing(self) -> list[KnownAlert]:
        """What fires now, the newest first; without the watchdog."""
        return self.chosen("ended_at IS NULL ORDER BY starts_at DESC, labels")

    def over(self, most: int) -> list[KnownAlert]:
        """What is over, the last ended first; so many at most."""
        return self.chosen(f"ended_at IS NOT NULL ORDER BY ended_at DESC, labels LIMIT {most}")

    def chosen(self, which: str) -> list[KnownAlert]:
        """The alerts of which this is true."""
        with self.file.reading() as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute(f"SELECT * FROM alert WHERE name <> ? AND {which}", [WATCHDOG]).fetchall()
        return [known(row) for row in rows]

    def end(self, fingerprint: str, now: datetime) -> None:
        """Note that this alert is over, though no message has told so."""
        with self.file.writing() as connection:
            over = "UPDATE alert SET ended_at = ? WHERE fingerprint = ? AND ended_at IS NULL"
            connection.execute(over, [now.timestamp(), fingerprint])

    def silence(self, fingerprint: str, until: datetime) -> None:
        """Note that Alertmanager says nothing about this alert until then."""
        with self.file.writing() as connection:
            silent = "UPDATE alert SET silenced_until = ? WHERE fingerprint = ? AND ended_at IS NULL"
            connection.execute(silent, [until.timestamp(), fingerprint])

    def watchdog_told_at(self) -> float:
        """When the watchdog's last message came, or it ended, in seconds since 1970; 0 if none has come."""
        with self.file.reading() as connection:
            # An end that lies ahead is that of another clock: nothing was heard after the message came.
            heard = "SELECT max(min(coalesce(ended_at, told_at), told_at)) FROM alert WHERE name = ?"
            return connection.execute(heard, [WATCHDOG]).fetchone()[0] or 0.0

    def close(self) -> None:
        """Nothing can be kept or read any more."""
        self.file.close()


def known(row: sqlite3.Row) -> KnownAlert:
    """The alert in this row."""
    times = {
        name: datetime.fromtimestamp(row[name], UTC) if row[name] is not None else None
        for name in ("starts_at", "ended_at", "told_at", "silenced_until")
    }
    labels = {"labels": json.loads(row["labels"]), "annotations": json.loads(row["annotations"])}
    return KnownAlert.model_validate(dict(row) | times | labels)
