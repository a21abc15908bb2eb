"""Which profiles the collector knows: registering one, finding it again, making it active or not."""

import json
import sqlite3
import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import HTTPException
from pydantic import BaseModel, Field
from pydantic_core import from_json

from collector import evaluation
from collector.messages import Text
from collector.profiles import PROFILES, DriftType

Version = Annotated[str, Field(pattern=r"^\d{1,6}\.\d{1,6}\.\d{1,6}$")]
PARTS = {"Major": 0, "Minor": 1, "Patch": 2}


class VersionRequest(BaseModel):
    """The version that a profile is to have; if there is one already, which of its three numbers is to go up."""

    version: Version | None = None
    version_type: Literal["Major", "Minor", "Patch"] = "Minor"


class ProfileRequest(BaseModel):
    """A profile to register. profile: the profile itself, as JSON in a string."""

    space: Text
    drift_type: DriftType
    profile: str
    version_request: VersionRequest = VersionRequest()
    active: bool = False
    deactivate_others: bool = False


class RegisteredProfile(BaseModel):
    """The answer: what the collector calls this profile from now on."""

    uid: str
    space: str
    name: str
    version: str
    status: str = "success"
    active: bool


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
    """A row of the table of profiles. profile: one of the models in profiles.py, read from text."""

    uid: str
    drift_type: DriftType
    active: bool
    judged: int
    profile: Any
    text: str


@lru_cache(maxsize=100)
def parse(drift_type: DriftType, text: str) -> BaseModel:
    """The profile in this text. ValidationError: it is none of this type."""
    return PROFILES[drift_type].model_validate_json(text)


def by_uid(connection: sqlite3.Connection, uid: str) -> Registered | None:
    """The profile with this identifier; None if there is none."""
    row = connection.execute("SELECT drift_type, active, judged, profile FROM profile WHERE uid = ?", [uid]).fetchone()
    if row is None:
        return None
    drift_type, active, judged, text = row
    return Registered(uid, drift_type, bool(active), judged, parse(drift_type, text), text)


def of_type(connection: sqlite3.Connection, uid: str, drift_type: DriftType) -> Any:
    """The content of the profile with this identifier; the answer is 404 if there is none of this type."""
    registered = by_uid(connection, uid)
    if registered is None or registered.drift_type != drift_type:
        raise HTTPException(status_code=404, detail=f"There is no {drift_type} profile {uid}.")
    return registered.profile


def text_by_name(connection: sqlite3.Connection, space: str, name: str, version: str, drift_type: str) -> str | None:
    """The profile of this name, as JSON; None if there is none."""
    row = connection.execute(
        "SELECT profile FROM profile WHERE space = ? AND name = ? AND version = ? AND drift_type = ?",
        [space, name, version, drift_type],
    ).fetchone()
    return row and row[0]


def register(connection: sqlite3.Connection, request: ProfileRequest) -> RegisteredProfile:
    """Keep a new profile under an identifier of its own. ValueError: it is no profile of this type.

    As in Scouter, the same name once more is a new version, with records and alerts of its own.
    """
    content = from_json(request.profile, allow_inf_nan=False)
    profile = PROFILES[request.drift_type].model_validate(content)
    if request.drift_type == "GenAI":
        evaluation.read_profile(request.profile)
    space, name = profile.config.space, profile.config.name
    version = next_version(connection, space, name, request.drift_type, request.version_request)
    uid = str(uuid.uuid4())
    content["config"] |= {"uid": uid, "version": version}
    connection.execute(
        "INSERT INTO profile (uid, space, name, version, drift_type, active, profile) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [uid, space, name, version, request.drift_type, request.active, json.dumps(content)],
    )
    if request.active and request.deactivate_others:
        deactivate_others(connection, uid)
    return RegisteredProfile(uid=uid, space=space, name=name, version=version, active=request.active)


def next_version(
    connection: sqlite3.Connection, space: str, name: str, drift_type: str, request: VersionRequest
) -> str:
    """The version that was asked for, if it is free; else the highest one there is, one step up."""
    rows = connection.execute(
        "SELECT version FROM profile WHERE space = ? AND name = ? AND drift_type = ?", [space, name, drift_type]
    )
    taken = [[int(number) for number in version.split(".")] for (version,) in rows]
    wanted = [int(number) for number in (request.version or "0.1.0").split(".")]
    if wanted in taken:
        part = PARTS[request.version_type]
        highest = max(taken)
        wanted = [*highest[:part], highest[part] + 1, *[0] * (2 - part)]
    return ".".join(map(str, wanted))


def set_status(connection: sqlite3.Connection, request: ProfileStatusRequest) -> bool:
    """Make a profile active or not; False if there is none of this name."""
    found = connection.execute(
        "UPDATE profile SET active = ? WHERE space = ? AND name = ? AND version = ?"
        " AND drift_type = ifnull(?, drift_type) RETURNING uid",
        [request.active, request.space, request.name, request.version, request.drift_type],
    ).fetchall()
    if request.active and request.deactivate_others:
        for (uid,) in found:
            deactivate_others(connection, uid)
    return bool(found)


def deactivate_others(connection: sqlite3.Connection, uid: str) -> None:
    """Of all versions of this profile, only this one still raises alerts."""
    connection.execute(
        "UPDATE profile SET active = 0 WHERE uid != ?1 AND (space, name, drift_type) ="
        " (SELECT space, name, drift_type FROM profile WHERE uid = ?1)",
        [uid],
    )
