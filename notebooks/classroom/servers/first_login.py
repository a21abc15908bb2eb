"""For a try on one's own machine: secrets and three accounts for the app with locked doors (lesson 24)."""

import contextlib
import json
import os
import secrets
import time
from pathlib import Path

from classroom.servers.folders import LOGS, ROOT
from classroom.servers.scripts import read
from titanic.renaming import atomic_write

FOLDER = LOGS / "login"
SECRETS = ("LOGIN_SECRET", "LOGIN_TRACE_KEY")
PEOPLE = {"rose": "user", "captain": "admin"}
MACHINE = "night-train"


def login_settings(name: str, given: dict[str, str] | None = None) -> dict[str, str]:
    """What this app needs to let somebody in, as far as neither the environment nor `given` has it: made once."""
    has = os.environ | (given or {})
    missing = [one for one in SECRETS if not has.get(one)]
    if "from login" not in read(name) or not missing:
        return {}
    kept = FOLDER / "secrets.json"
    made = secrets_in(kept)
    if not made:
        made = {one: secrets.token_urlsafe(32) for one in SECRETS}
        write_privately(kept, json.dumps(made))
        print(f"Secrets for a try are made, in {shown(kept)}. In production, they come from a store of secrets.")
    if not has.get("LOGIN_ACCOUNTS"):
        make_accounts()
    return {one: made[one] for one in missing}


def secrets_in(file: Path) -> dict[str, str]:
    """The secrets that were made before; none if there is no such file, or it is not whole."""
    with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError, RecursionError):
        found = json.loads(file.read_text(encoding="utf-8"))
        return {one: str(found[one]) for one in SECRETS}
    return {}


def make_accounts() -> None:
    """Make the accounts, unless there are some; their passwords are in a file that only its owner may read."""
    from login import accounts, passwords  # here and not above: start_app is also imported before anything is installed

    words = FOLDER / "passwords.txt"
    if not accounts.DEFAULT.exists():
        made = {name: secrets.token_urlsafe(9) for name in PEOPLE}
        key, key_hash = accounts.new_key()
        lines = [f"{name} ({PEOPLE[name]}): password {word}" for name, word in made.items()]
        people = {
            name: accounts.Account.model_validate(
                {"role": PEOPLE[name], "password_hash": passwords.hash_of(word), "since": time.time()}
            )
            for name, word in made.items()
        }
        with accounts.changing(accounts.DEFAULT) as known:
            if not known:  # else another app, or `course.py user`, was a moment faster
                write_privately(words, "\n".join([*lines, f"{MACHINE} (user): API key {key}", ""]))
                known |= people | {MACHINE: accounts.Account(role="user", key_hash=key_hash)}
    if words.exists():
        print(f"Who may log in, and with which password, is in {shown(words)}.", flush=True)


def write_privately(path: Path, text: str) -> None:
    """Write a file, whole or not at all, that only its owner may read (on Windows: whoever may read the folder)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        file.write(text.encode())


def shown(path: Path) -> str:
    """The path as the learner sees it, from the folder of the course."""
    return path.relative_to(ROOT).as_posix()
