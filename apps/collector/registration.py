"""Registering a profile: under an identifier of its own, and with a version that no other of its name has."""

import json
import logging
import re
import sqlite3
import uuid
from typing import Any, Literal

from pydantic import BaseModel
from pydantic_core import from_json

from collector import evaluation, registry
from collector.errors import RefusedError, reason
from collector.messages import Text
from collector.not_done import not_done
from collector.profiles import PROFILES, DriftType, Profile

log = logging.getLogger("collector")
PARTS = {"Major": 0, "Minor": 1, "Patch": 2}


class VersionRequest(BaseModel):
    """The version that a profile is to have; if there is one already, which of its three numbers is to go up."""

    version: registry.Version | None = None
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
    """The answer: what the collector calls this profile from now on, and what of it is asked for in vain."""

    uid: str
    space: str
    name: str
    version: str
    status: str = "success"
    active: bool
    not_done: list[str] | None = None  # left out if there is nothing


def register(connection: sqlite3.Connection, request: ProfileRequest) -> RegisteredProfile:
    """Keep a new profile under an identifier of its own. RefusedError: it is no profile of this type.

    As in Scouter, the same name once more is a new version, with records and alerts of its own.
    """
    content, profile = read(request)
    space, name = profile.config.space, profile.config.name
    version = next_version(connection, space, name, request.drift_type, request.version_request)
    uid = str(uuid.uuid4())
    content["config"] |= {"uid": uid, "version": version}
    connection.execute(
        "INSERT INTO profile (uid, space, name, version, drift_type, active, profile) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [uid, space, name, version, request.drift_type, request.active, json.dumps(content)],
    )
    if request.active and request.deactivate_others:
        registry.deactivate_others(connection, uid)
    missing = not_done(content)
    for sentence in missing:
        log.warning("%s %s %s: %s", space, name, version, sentence)
    return RegisteredProfile(
        uid=uid, space=space, name=name, version=version, active=request.active, not_done=missing or None
    )


def read(request: ProfileRequest) -> tuple[dict[str, Any], Profile]:
    """All that the profile says, and what of it is used here. RefusedError: it is no profile of this type."""
    try:
        content = from_json(request.profile, allow_inf_nan=False)
        json.dumps(content, allow_nan=False)  # 1e999 is read as infinity, too, and nothing could read what is stored
        profile = PROFILES[request.drift_type].model_validate(content)
        if request.drift_type == "GenAI":
            evaluation.read_profile(request.profile)
    except ValueError as error:
        raise RefusedError(f"This is no profile of the type {request.drift_type}: {reason(error)}") from error
    return content, profile


def next_version(
    connection: sqlite3.Connection, space: str, name: str, drift_type: str, request: VersionRequest
) -> str:
    """The version that was asked for, if it is free; else the highest one there is, one step up."""
    rows = connection.execute(
        "SELECT version FROM profile WHERE space = ? AND name = ? AND drift_type = ?", [space, name, drift_type]
    )
    taken = [version for (version,) in rows]
    wanted = request.version or "0.1.0"
    if wanted not in taken:
        return wanted
    part = PARTS[request.version_type]
    highest = max(numbers(version) for version in taken)
    return ".".join(map(str, [*highest[:part], highest[part] + 1, *[0] * (2 - part)]))


def numbers(version: str) -> list[int]:
    """The three numbers at the begin of a version."""
    return [int(number) for number in re.findall("[0-9]+", version)[:3]]
