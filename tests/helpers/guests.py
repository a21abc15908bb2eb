"""Who may enter the login app in the tests: Rose, the captain, and a machine."""

import gzip
from contextlib import suppress
from pathlib import Path

from login import accounts, passwords

ROSE, CAPTAIN, MACHINE = "rose", "captain", "night-train"
WORDS = {ROSE: "never let go", CAPTAIN: "full steam ahead"}
KEY = "a-key-of-a-machine"
SECRET, TRACE_KEY = "s" * 32, "t" * 32


def write(path):
    """Put these accounts into a file."""
    people = {
        name: accounts.Account(role="admin" if name == CAPTAIN else "user", password_hash=passwords.hash_of(word))
        for name, word in WORDS.items()
    }
    accounts.write(path, people | {MACHINE: accounts.Account(role="user", key_hash=accounts.hash_of_key(KEY))})


def settings(path):
    """The settings of the app that lets them in, with the accounts in this file."""
    write(path)
    return {"LOGIN_SECRET": SECRET, "LOGIN_TRACE_KEY": TRACE_KEY, "LOGIN_ACCOUNTS": str(path)}


def holding(text, folder):
    """The names of the files in this folder that hold this text, whatever kind of files they are."""
    found = []
    for file in filter(Path.is_file, folder.rglob("*")):
        content = file.read_bytes()
        with suppress(OSError, EOFError):  # it is not compressed
            content += gzip.decompress(content)
        if text.encode() in content:
            found.append(file.name)
    return found
