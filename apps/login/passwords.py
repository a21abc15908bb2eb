"""Passwords are kept as hashes: whoever reads the file of the accounts learns none (lesson 24)."""

from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# Slow on purpose, in time and in memory: so a thief of the file can guess only a few passwords in a second.
# Source: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))  # 19 MiB


def hash_of(password: str) -> str:
    """The hash to keep. Each call has another one, because each has a random salt."""
    return hasher.hash(password.encode())


@cache
def nobodys_hash() -> str:
    """A hash that no password fits."""
    return hash_of("")[:-8] + "A" * 8


def fits(password: str, kept: str | None) -> bool:
    """True if this hash is kept of the password. None: there is no such user, which takes just as long to find out."""
    return hasher.verify(password.encode(errors="replace"), kept or nobodys_hash()) and kept is not None
