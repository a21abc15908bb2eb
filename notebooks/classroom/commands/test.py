"""Run all tests and notebooks; what follows goes to pytest."""

import sys

import pytest

from classroom.commands._ending import run
from classroom.servers import prometheus_release
from titanic.problem import Problem


def test() -> None:
    """Fetch a Prometheus if there is none, then run pytest; its exit status is ours."""
    try:
        print(f"Prometheus is at {prometheus_release.find_or_fetch()}", flush=True)
    except Problem as problem:
        print(f"{problem}\nTests that need it are skipped.", flush=True)
    sys.exit(pytest.main(sys.argv[1:]))


if __name__ == "__main__":
    run(test)
