"""Train the model, as lesson 01 does."""

import argparse
import runpy

from classroom.commands._ending import run
from classroom.servers.folders import APPS


def train() -> None:
    """Run the script of lesson 01."""
    argparse.ArgumentParser(prog="python course.py train", description=__doc__).parse_args()
    runpy.run_path(str(APPS / "mlflow_00_train_model.py"), run_name="__main__")


if __name__ == "__main__":
    run(train)
