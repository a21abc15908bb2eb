"""Train a challenger and compare it with the champion, as lesson 21 does; or promote it, or take that back."""

import argparse
import runpy

from classroom.commands._ending import run
from classroom.servers.folders import APPS
from titanic import aliases, store


def retrain() -> None:
    """Run the script of lesson 21, or only move the aliases."""
    parser = argparse.ArgumentParser(prog="python course.py retrain", description=__doc__)
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--promote", action="store_true", help="make the challenger the champion; keep that as `previous`")
    one.add_argument("--rollback", action="store_true", help="make `previous` the champion again")
    parser.add_argument("--anyway", action="store_true", help="with --promote: even if the rule is against it")
    options = parser.parse_args()
    if options.anyway and not options.promote:
        parser.error("--anyway goes with --promote")
    if not (options.promote or options.rollback):
        runpy.run_path(str(APPS / "mlflow_01_retrain_model.py"), run_name="__main__")
        return
    with store.problems("The aliases are as before", "call this again"):
        print(aliases.promote(options.anyway) if options.promote else aliases.roll_back())


if __name__ == "__main__":
    run(retrain)
