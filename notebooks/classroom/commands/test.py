"""Run all tests and notebooks; what follows goes to pytest."""

import os
import sys

import pytest
from setting_up.places import CALLED_FROM, as_called

from classroom.commands._ending import run
from classroom.servers.alertmanager_release import ALERTMANAGER
from classroom.servers.folders import ROOT
from classroom.servers.prometheus_release import PROMETHEUS
from titanic.problem import Problem


def test() -> None:
    """Fetch Prometheus and Alertmanager where there is none, then run pytest; its exit status is ours."""
    if not (ROOT / "tests").is_dir():
        raise Problem("This copy of the course is for learners: it has no tests. Test the one it was made from.")
    for program in (PROMETHEUS, ALERTMANAGER):
        try:
            print(f"{program.name} is at {program.find_or_fetch()}", flush=True)
        except Problem as problem:
            print(f"{problem}\nTests that need it are skipped.", flush=True)
    sys.exit(pytest.main([seen_from_root(argument) for argument in sys.argv[1:]]))


def seen_from_root(argument: str) -> str:
    """A file as pytest finds it: one that is not in the folder of the course may be where course.py was called."""
    if CALLED_FROM not in os.environ:  # it was deleted
        return argument
    file, colons, test = argument.partition("::")
    there = as_called(file)
    return f"{there}{colons}{test}" if os.path.exists(there) and not os.path.exists(ROOT / file) else argument


if __name__ == "__main__":
    run(test)
