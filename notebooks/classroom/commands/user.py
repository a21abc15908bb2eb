"""Make, change or remove an account of the app with locked doors; without a name, list them."""

import argparse
import getpass
import sys
import time

from classroom.commands._ending import run
from login import accounts, passwords
from titanic.problem import Problem

SHORTEST = 8  # letters of a password


def user() -> None:
    """Do it in the file that LOGIN_ACCOUNTS names; the app that runs notices. Problem: the name or password is none."""
    parser = argparse.ArgumentParser(prog="python course.py user", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="such as rose; without it, all accounts are listed")
    parser.add_argument("--role", choices=["user", "admin"], help="what it may do; else as before, or user")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--key", action="store_true", help="for a machine: make an API key, and show it once")
    what.add_argument("--remove", action="store_true", help="remove the account")
    options = parser.parse_args()
    path = accounts.path_of_accounts()
    if not options.name:
        known = accounts.read(path) if path.exists() else {}
        print(
            f"{len(known)} accounts are in {path}", *(f"{name:20} {one.role}" for name, one in known.items()), sep="\n"
        )
        return
    name = accounts.checked(options.name)
    key, key_hash = accounts.new_key() if options.key else ("", None)
    # Asked for before the file is read: while somebody types, others may change it.
    password_hash = None if options.key or options.remove else passwords.hash_of(new_password(name))
    with accounts.changing(path) as known:
        if options.remove and name not in known:
            raise Problem(f"There is no account called {name}.")
        role = options.role or (known[name].role if name in known else "user")
        if options.remove:
            del known[name]
        else:
            since = known[name].since if name in known else time.time()
            known[name] = accounts.Account(role=role, password_hash=password_hash, key_hash=key_hash, since=since)
    if options.remove:
        print(f"{name} is removed, and refused from now on. What is kept of {name} stays until POST /erase.")
    elif options.key:
        print(f"The API key of {name}, which is shown only now: {key}")
    else:
        print(f"{name} may log in, as {role}.")


def new_password(name: str) -> str:
    """What is typed, unseen; or the line that another program sends. Problem: it is too short, or no text."""
    try:
        typed = getpass.getpass(f"Password of {name}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
        typed.encode()  # in some locales, Python lets bytes pass that are no letters
    except UnicodeError:
        raise Problem(f"This password is no text in {sys.stdin.encoding}: send it in that encoding.") from None
    if len(typed) < SHORTEST:
        raise Problem(f"A password needs at least {SHORTEST} letters.")
    return typed


if __name__ == "__main__":
    run(user)
