"""Describe the training data in two drift profiles, and register them with the collector, which must be running."""

import argparse
import runpy

from classroom.commands._ending import run


def profile() -> None:
    """Do what python -m titanic.drift does in the folder apps."""
    argparse.ArgumentParser(prog="python course.py profile", description=__doc__).parse_args()
    runpy.run_module("titanic.drift", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    run(profile)
