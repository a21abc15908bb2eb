"""Passwords are kept as hashes: whoever reads the file of the accounts learns none (lesson 24)."""

import unicodedata
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# Slow on purpose, in time and in memory: so a thief of the file can guess only a few passwords in a second.
# Source: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))  # 19 MiB


def hash_of(password: str) -> str:
    """The hash to keep. Each call has another one, for each has a random salt. UnicodeEncodeError: it is no text."""
    return hasher.hash(one_form(password).encode())


def one_form(password: str) -> str:
    """The password as it is hashed: some systems send é as one letter, others as e and an accent, which look the same.

    Source: https://pages.nist.gov/800-63-4/sp800-63b.html (Password Verifiers)
    """
    return unicodedata.normalize("NFKC", password)


@cache
def nobodys_hash() -> str:
    """A hash that no password fits."""
    return hash_of("")[:-8] + "A" * 8


def fits(password: str, kept: str | None) -> bool:
    """True if this hash is kept of the password. None: there is no such user, which takes just as long to find out."""
    return hasher.verify(one_form(password).encode(errors="replace"), kept or nobodys_hash()) and kept is not None
