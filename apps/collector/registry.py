"""Which profiles the collector knows: finding one again, making it active or not."""

import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, Field

from collector.errors import NotFoundError
from collector.messages import Text
from collector.profiles import PROFILES, DriftType, Profile

# Three numbers, and what semantic versioning allows behind them: 1.0.0-rc.1+linux. Source: https://semver.org
NUMBER, PART = "(0|[1-9][0-9]*)", "(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
SEMVER = rf"^{NUMBER}\.{NUMBER}\.{NUMBER}(-{PART}(\.{PART})*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$"
Version = Annotated[str, Field(pattern=SEMVER, max_length=200)]


class ProfileStatusRequest(BaseModel):
    """A profile that is to raise alerts from now on (active), or no longer."""

    space: Text
    name: Text
    version: Version
    active: bool
    drift_type: DriftType | None = None
    deactivate_others: bool = False


@dataclass
class Registered:
    """A row of the table of profiles. profile: the model in profiles/ for this drift_type, read from text."""

    uid: str
    drift_type: DriftType
    active: bool
    judged: int
    profile: Any
    text: str


# What came while a profile was not active is not judged afterwards.
SET_STATUS = """
UPDATE profile SET active = ?1, judged = CASE WHEN active OR NOT ?1 THEN judged ELSE max(
    ifnull((SELECT MAX(id) FROM bin_count WHERE uid = profile.uid), 0),
    ifnull((SELECT MAX(id) FROM value WHERE uid = profile.uid), 0)
) END
WHERE space = ?2 AND name = ?3 AND version = ?4 AND drift_type = ifnull(?5, drift_type) RETURNING uid
"""


@lru_cache(maxsize=100)
def parse(drift_type: DriftType, text: str) -> Profile:
    """The profile in this text. ValidationError: it is none of this type."""
    return PROFILES[drift_type].model_validate_json(text)


def of_type(connection: sqlite3.Connection, uid: str, drift_type: DriftType) -> Registered:
    """The profile with this identifier. NotFoundError: there is none of this type."""
    row = connection.execute(
        # An older collector has noted NULL in place of 0.
        "SELECT active, ifnull(judged, 0), profile FROM profile WHERE uid = ? AND drift_type = ?",
        [uid, drift_type],
    ).fetchone()
    if row is None:
        raise NotFoundError(f"There is no {drift_type} profile {uid}.")
    active, judged, text = row
    return Registered(uid, drift_type, bool(active), judged, parse(drift_type, text), text)


def check_known(connection: sqlite3.Connection, uid: str) -> None:
    """NotFoundError: no profile of any type has this identifier."""
    if connection.execute("SELECT 1 FROM profile WHERE uid = ?", [uid]).fetchone() is None:
        raise NotFoundError(f"There is no profile {uid}.")


def text_by_name(connection: sqlite3.Connection, space: str, name: str, version: str, drift_type: str) -> str:
    """The profile of this name, as JSON. NotFoundError: there is none."""
    row = connection.execute(
        "SELECT profile FROM profile WHERE space = ? AND name = ? AND version = ? AND drift_type = ?",
        [space, name, version, drift_type],
    ).fetchone()
    if row is None:
        raise NotFoundError(f"There is no {drift_type} profile {space} {name} {version}.")
    text: str = row[0]
    return text


def set_status(connection: sqlite3.Connection, request: ProfileStatusRequest) -> None:
    """Make a profile active or not. NotFoundError: there is none of this name."""
    found = connection.execute(
        SET_STATUS, [request.active, request.space, request.name, request.version, request.drift_type]
    ).fetchall()
    if not found:
        raise NotFoundError(f"There is no profile {request.space} {request.name} {request.version}.")
    if request.active and request.deactivate_others:
        for (uid,) in found:
            deactivate_others(connection, uid)


def deactivate_others(connection: sqlite3.Connection, uid: str) -> None:
    """Of all versions of this profile, only this one still raises alerts."""
    connection.execute(
        "UPDATE profile SET active = 0 WHERE uid != ?1 AND (space, name, drift_type) ="
        " (SELECT space, name, drift_type FROM profile WHERE uid = ?1)",
        [uid],
    )
