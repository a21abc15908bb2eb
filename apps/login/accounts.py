"""The accounts: a JSON file with a name, a role and a hash each (lesson 24)."""

import hashlib
import json
import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from titanic.problem import Problem
from titanic.renaming import atomic_write
from titanic.settings import Settings
from titanic.store import alone_with

log = logging.getLogger("titanic.login")
DEFAULT = Path(__file__).resolve().parents[2] / "logs" / "login" / "accounts.json"
NAME = re.compile(r"[a-z][a-z0-9._-]{0,49}")
# Written out, because \d and \w would take the digits and letters of all scripts.
ARGON2 = r"^\$argon2id\$v=[0-9]+\$m=[0-9]+,t=[0-9]+,p=[0-9]+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}$"
MEND = "Mend it, or delete the file and make the accounts again: python course.py user NAME."
Role = Literal["user", "admin"]


class Account(BaseModel):
    """Of a person, the hash of a password is kept; of a machine, the hash of an API key."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    role: Role
    """What the account may do: user or admin."""
    password_hash: Annotated[str, Field(pattern=ARGON2)] | None = None
    """A person's password, hashed by Argon2. The password itself is not kept."""
    key_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """A machine's API key, hashed by SHA-256. The key itself is not kept."""
    since: Annotated[float, Field(ge=0)] = 0
    """When the account was made, in seconds since 1970. A token is refused that is older: it was of another account."""


class AccountFile(RootModel[dict[str, Account]]):
    """All accounts, by name."""


class Accounts:
    """What stands in the file now: when it changes, it is read again. Problem: it cannot be read at the start."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stamp = stamp(path)
        self.by_name = read(path)

    def now(self) -> dict[str, Account]:
        """The accounts by name. A file that was spoilt is told to the log, and the accounts stay as they were."""
        found = stamp(self.path)
        if found != self.stamp:
            self.stamp = found
            try:
                self.by_name = read(self.path)
            except Problem as problem:
                log.error("%s The accounts stay as they were.", problem)
        return self.by_name

    def of_key(self, key: str) -> str | None:
        """The name of the account with this API key; None if there is none."""
        sent = hash_of_key(key)
        return next((name for name, one in self.now().items() if one.key_hash == sent), None)


def path_of_accounts() -> Path:
    """Where the accounts are: LOGIN_ACCOUNTS, or a file in logs/."""
    return Settings().login_accounts or DEFAULT


def stamp(path: Path) -> tuple[int, int] | None:
    """What changes when the file does; None if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def read(path: Path) -> dict[str, Account]:
    """The accounts in this file. Problem: there is no such file, or something else is in it."""
    try:
        accounts = AccountFile.model_validate_json(path.read_bytes()).root
    except FileNotFoundError:
        raise Problem(
            f"There are no accounts: make one with python course.py user NAME. ({path} is missing.)"
        ) from None
    except OSError as error:
        raise Problem(
            f"The accounts cannot be read: {error}. Set LOGIN_ACCOUNTS to the path of another file."
        ) from None
    except ValidationError as error:
        wrong = error.errors()[0]
        place = ".".join(str(part) for part in wrong["loc"])
        raise Problem(f"{path} holds no accounts: {place or 'the file'}: {wrong['msg']}. {MEND}") from None
    for name in accounts:
        try:
            checked(name)
        except Problem as problem:
            raise Problem(f"{path} holds no accounts: {problem} {MEND}") from None
    return accounts


def write(path: Path, accounts: dict[str, Account]) -> None:
    """Put these accounts into the file, which only its owner may read; a crash leaves the old file, or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({name: one.model_dump(exclude_defaults=True) for name, one in accounts.items()}, indent=1)
    with atomic_write(path) as file:
        file.write(f"{text}\n".encode())


@contextmanager
def changing(path: Path) -> Iterator[dict[str, Account]]:
    """The accounts in this file, to be changed: they are written at the end, and until then nobody else changes them.

    Problem: the file holds no accounts, or another program keeps it for itself.
    """
    if path.exists() and not path.is_file():
        raise Problem(f"{path} is no file that can keep accounts. Set LOGIN_ACCOUNTS to another one.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with alone_with(path):
        accounts = read(path) if path.exists() else {}
        yield accounts
        write(path, accounts)


def checked(name: str) -> str:
    """The name, if an account may have it. Problem: it may not."""
    if not NAME.fullmatch(name):
        raise Problem(
            f"{name!r} is no name: take a letter from a to z, then at most 49 of these, digits, dots, hyphens and "
            "underscores."
        )
    return name


def new_key() -> tuple[str, str]:
    """A new API key, which is shown once, and its hash, which is kept."""
    key = secrets.token_urlsafe(32)
    return key, hash_of_key(key)


def hash_of_key(key: str) -> str:
    """A quick hash is enough: nobody can guess a key of 256 random bits, as many can guess a password."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
