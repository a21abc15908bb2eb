"""Drift profiles of the training data, and the Scouter server that compares the passengers with them (lesson 14)."""

from titanic.drift.profiles import ALPHA, CATEGORICAL, custom_profile, psi_profile
from titanic.drift.server import NO_PROFILES, http_config, profile_paths, register, server_is_up, server_uri

__all__ = [
    "ALPHA",
    "CATEGORICAL",
    "NO_PROFILES",
    "custom_profile",
    "http_config",
    "profile_paths",
    "psi_profile",
    "register",
    "server_is_up",
    "server_uri",
]
