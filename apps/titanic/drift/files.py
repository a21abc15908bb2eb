"""The files in which the app finds its profiles, whether they were saved or downloaded."""

import json
from pathlib import Path

from scouter import CustomDriftProfile, PsiDriftProfile

from titanic import store

KINDS: dict[str, type[PsiDriftProfile | CustomDriftProfile]] = {"psi": PsiDriftProfile, "custom": CustomDriftProfile}


def profile_paths() -> dict[str, Path]:
    """Where the profiles are kept, by the name of their queue: beside the store of the model that they describe."""
    folder = (store.database() or store.STORE / "mlflow.db").parent / "drift"
    return {name: folder / f"{name}.json" for name in KINDS}


def read_profiles() -> dict[str, str]:
    """The text of each profile that is kept; empty if one is missing, or is no text."""
    try:
        return {name: unwrapped(path.read_text(encoding="utf-8-sig")) for name, path in profile_paths().items()}
    except (OSError, UnicodeDecodeError):
        return {}


def unwrapped(text: str) -> str:
    """The profile without what ScouterClient.download_profile writes around it: {"Psi": {...}} becomes {...}."""
    try:
        content = json.loads(text)
    except ValueError:
        return text
    return json.dumps(*content.values()) if isinstance(content, dict) and len(content) == 1 else text


def load_profiles(texts: dict[str, str]) -> dict[str, PsiDriftProfile | CustomDriftProfile]:
    """What these texts describe, as ScouterQueue.from_profile takes it. On one that is no profile, Scouter panics."""
    return {name: KINDS[name].model_validate_json(text) for name, text in texts.items()}
