"""Drift profiles of the training data, and the Scouter server that compares the passengers with them (lesson 14)."""

from titanic.drift.files import load_profiles, profile_paths, read_profiles
from titanic.drift.handed import Handed, close
from titanic.drift.profiles import ALPHA, CATEGORICAL, custom_profile, psi_profile
from titanic.drift.sample import SIZE, Sample
from titanic.drift.server import (
    REASONS,
    ServerState,
    connection,
    http_config,
    reason,
    register,
    server_is_up,
    server_state,
    server_uri,
    takes_records,
    transport_config,
)

__all__ = [
    "ALPHA",
    "CATEGORICAL",
    "REASONS",
    "SIZE",
    "Handed",
    "Sample",
    "ServerState",
    "close",
    "connection",
    "custom_profile",
    "http_config",
    "load_profiles",
    "profile_paths",
    "psi_profile",
    "read_profiles",
    "reason",
    "register",
    "server_is_up",
    "server_state",
    "server_uri",
    "takes_records",
    "transport_config",
]
