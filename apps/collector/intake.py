"""One door for all messages, by whatever way they come: check, store, look for alerts; all of a message, or nothing."""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from typing import Literal, get_args

from prometheus_client import Counter

from collector import alerts, evaluation, registry
from collector.errors import NotFoundError, RefusedError, reason
from collector.messages import MAX_BYTES, EvalContent, Message, PsiRecord, Record, SpcRecord
from collector.profiles import DriftType
from collector.store import Store

collector_messages_total = Counter(
    "collector_messages_total",
    "Messages by what brought them (http, redis, rabbitmq, kafka) and what became of them (stored, repeated, refused, "
    "lost: the file could not be written, and nobody sends the message again).",
    ["transport", "outcome"],
)
Outcome = Literal["stored", "repeated", "refused", "lost"]
# Of a record's kind:
DRIFT_TYPE: dict[str, DriftType] = {"Psi": "Psi", "Spc": "Spc", "Custom": "Custom", "GenAIEval": "GenAI"}


def read(body: bytes, transport: str) -> Message:
    """The message in these bytes, read as FastAPI reads one. RefusedError: there is none, and that is counted."""
    try:
        if len(body) > MAX_BYTES:
            raise ValueError(f"a message has at most {MAX_BYTES} bytes")
        return Message.model_validate(json.loads(body))
    except (ValueError, RecursionError) as error:
        count(transport, "refused")
        raise RefusedError(f"This is no message: {reason(error)}") from error


def receive(store: Store, message: Message, transport: str) -> Literal["stored", "repeated"]:
    """Store a message, and raise the alerts that it gives reason for. When this returns, all of it is on the disk.

    A broker that has not heard that a message was stored sends it again. It is then known by its digest, and counts
    once. RefusedError: a record belongs to no registered profile, or does not fit its profile. OperationalError: the
    file cannot be written now. Any other exception: the message makes the collector stumble, and counts as refused.
    """
    try:
        outcome = store_whole(store, message)
    except sqlite3.OperationalError:  # not the fault of the message
        raise
    except Exception:
        count(transport, "refused")
        raise
    count(transport, outcome)
    return outcome


def check(store: Store) -> None:
    """OperationalError: nothing can be kept now, for the file has gone, cannot be read, or has no room to grow."""
    with store.reading(timeout=1) as connection:
        connection.execute("SELECT 1 FROM profile LIMIT 1").fetchone()
        try:
            with connection:
                connection.execute("REPLACE INTO room VALUES (1, zeroblob(65536))")  # bytes: more than most messages
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:  # somebody else is writing: so it can be written
                raise


def begin_at_zero() -> None:
    """Make each series: Prometheus does not see the growth of one that is born with its first messages."""
    for transport in ("http", "redis", "rabbitmq", "kafka"):
        for outcome in get_args(Outcome):
            collector_messages_total.labels(transport, outcome)


def count(transport: str, outcome: Outcome) -> None:
    """One message more."""
    collector_messages_total.labels(transport, outcome).inc()


def store_whole(store: Store, message: Message) -> Literal["stored", "repeated"]:
    """All of the message in one transaction, the alerts included."""
    # json.dumps writes all but ASCII as \u escapes: half a character in a context is no reason to fail.
    digest = hashlib.sha256(json.dumps(message.model_dump(), default=str).encode()).digest()
    with store.writing() as connection:
        if connection.execute("INSERT OR IGNORE INTO message VALUES (?)", [digest]).rowcount == 0:
            return "repeated"
        for record in message.records:
            insert(connection, record)
        insert_results(connection, [record.GenAIEval.record for record in message.records if record.GenAIEval])
        for uid, drift_type in {profile_of(record) for record in message.records}:
            registered = registry.of_type(connection, uid, drift_type)
            if registered.profile.config.alert_config.after_each_message:
                alerts.judge(connection, registered)
    return "stored"


def profile_of(record: Record) -> tuple[str, DriftType]:
    """The identifier and the type of the profile that this record belongs to."""
    uid = record.content.entity_uid if isinstance(record.content, EvalContent) else record.content.uid
    return uid, DRIFT_TYPE[record.kind]


def insert(connection: sqlite3.Connection, record: Record) -> None:
    """Check a record against its profile, and write it."""
    (uid, drift_type), content = profile_of(record), record.content
    try:
        profile = registry.of_type(connection, uid, drift_type).profile
    except NotFoundError as error:
        raise RefusedError(f"there is no profile {uid} for records of the kind {record.kind}") from error
    time = content.created_at.timestamp()
    if isinstance(content, PsiRecord):
        feature = profile.features.get(content.feature)
        if feature is None or all(content.bin_id != one.id for one in feature.bins):
            raise RefusedError(f"the profile has no bin {content.bin_id} of the feature {content.feature}")
        values = [uid, time, content.feature, content.bin_id, content.bin_count]
        connection.execute(
            "INSERT INTO bin_count (uid, created_at, feature, bin_id, bin_count) VALUES (?, ?, ?, ?, ?)", values
        )
    elif isinstance(content, EvalContent):
        values = [uid, time, content.uid, json.dumps(content.context)]
        connection.execute("INSERT INTO eval_record (uid, created_at, record, context) VALUES (?, ?, ?, ?)", values)
    else:
        if isinstance(content, SpcRecord):
            name, known = content.feature, profile.features
        else:
            name, known = content.metric, profile.metrics
        if name not in known:
            raise RefusedError(f"the profile has no feature or metric {name}")
        connection.execute(
            "INSERT INTO value (uid, created_at, name, value) VALUES (?, ?, ?, ?)", [uid, time, name, content.value]
        )


def insert_results(connection: sqlite3.Connection, contents: Sequence[EvalContent]) -> None:
    """Evaluate what a language model answered, and write the result of each check."""
    for uid in {content.entity_uid for content in contents}:
        own = [content for content in contents if content.entity_uid == uid]
        profile = evaluation.read_profile(registry.of_type(connection, uid, "GenAI").text)
        for content, results in zip(own, evaluation.evaluate(profile, own), strict=True):
            for name, value in (results or {}).items():
                values = [uid, content.created_at.timestamp(), name, value]
                connection.execute("INSERT INTO value (uid, created_at, name, value) VALUES (?, ?, ?, ?)", values)
