"""Call a command of course.py from a notebook, as a learner does in a terminal (lesson 21)."""

import os
import subprocess
import sys

from classroom.servers.folders import NOTEBOOKS


def course(command: str, *options: str, settings: dict[str, str]) -> None:
    """Do what `python course.py COMMAND ...` does, print what it says, and its exit status.

    settings: variables of its environment.
    """
    done = subprocess.run(
        [sys.executable, "-m", f"classroom.commands.{command}", *options], cwd=NOTEBOOKS,
        env=os.environ | settings | {"PYTHONUTF8": "1"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", check=False,
    )  # fmt: skip
    print(done.stdout.strip())
    print("exit status:", done.returncode)
