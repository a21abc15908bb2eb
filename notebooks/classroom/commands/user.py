"""Make, change or remove an account of the app with locked doors; without a name, list them."""

import argparse
import getpass
import sys

from classroom.commands._ending import run
from login import accounts, passwords
from titanic.problem import Problem

SHORTEST = 8  # letters of a password


def user() -> None:
    """Do it in the file that LOGIN_ACCOUNTS names; the app that runs notices. Problem: the name or password is none."""
    parser = argparse.ArgumentParser(prog="python course.py user", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="such as rose; without it, all accounts are listed")
    parser.add_argument("--role", choices=["user", "admin"], default="user", help="what the account may do: user")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--key", action="store_true", help="for a machine: make an API key, and show it once")
    what.add_argument("--remove", action="store_true", help="remove the account")
    options = parser.parse_args()
    path = accounts.path_of_accounts()
    known = accounts.read(path) if path.exists() else {}
    if not options.name:
        print(
            f"{len(known)} accounts are in {path}", *(f"{name:20} {one.role}" for name, one in known.items()), sep="\n"
        )
        return
    name = accounts.checked(options.name)
    if options.remove:
        if name not in known:
            raise Problem(f"There is no account called {name}.")
        del known[name]
        print(f"{name} is removed, and refused from now on. What is kept of {name} stays until POST /erase.")
    elif options.key:
        key, key_hash = accounts.new_key()
        known[name] = accounts.Account(role=options.role, key_hash=key_hash)
        print(f"The API key of {name}, which is shown only now: {key}")
    else:
        known[name] = accounts.Account(role=options.role, password_hash=passwords.hash_of(new_password(name)))
        print(f"{name} may log in, as {options.role}.")
    accounts.write(path, known)


def new_password(name: str) -> str:
    """What is typed, unseen; or the line that another program sends. Problem: it is too short."""
    typed = getpass.getpass(f"Password of {name}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if len(typed) < SHORTEST:
        raise Problem(f"A password needs at least {SHORTEST} letters.")
    return typed


if __name__ == "__main__":
    run(user)
