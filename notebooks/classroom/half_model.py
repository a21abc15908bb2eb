"""A store of MLflow whose champion has seen one half of the passengers: the other half judges it fairly (lesson 20)."""

import atexit
import logging
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from classroom.servers.folders import NOTEBOOKS
from titanic.dataset import read_passengers
from titanic.problem import Problem


def halves() -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """The passengers without gaps, as two tables: those that the model learns from, and the others; who survived."""
    passengers, survived = read_passengers()
    passengers = passengers.dropna()
    known = passengers.sample(frac=0.5, random_state=1)
    return known, passengers.drop(known.index), survived


def store_with_half_model() -> str:
    """The address of a new store whose champion was trained as in lesson 01, but on the first half only.

    It is deleted with the notebook. Problem: the store could not be made.
    """
    print("Training the same model on one half of the passengers takes some seconds ...", flush=True)
    folder = tempfile.mkdtemp(prefix="unsinkable-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    uri = f"sqlite:///{(Path(folder) / 'mlflow.db').as_posix()}"
    # Another process does it: MLflow would remember this store, and everything started later would use it.
    command = [sys.executable, "-m", "classroom.half_model", uri]
    made = subprocess.run(command, cwd=NOTEBOOKS, capture_output=True, text=True, check=False)
    if made.returncode:
        raise Problem(f"The store with this model could not be made: {made.stderr.strip().splitlines()[-1]}")
    return uri


def register_half_model(uri: str) -> None:
    """Train what lesson 01 has chosen on the first half, and make it the champion of this store."""
    import mlflow

    from mlflow_00_train_model import NEEDED_TO_LOAD, TRUSTED, candidates

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(uri)
    folder = Path(uri.removeprefix("sqlite:///")).parent
    mlflow.set_experiment(experiment_id=mlflow.create_experiment("half", artifact_location=folder.as_uri()))
    known, _, survived = halves()
    mlflow.sklearn.log_model(
        candidates()["dicts + gradient boosting"].fit(known, survived[known.index]),
        name="model", registered_model_name="titanic", skops_trusted_types=TRUSTED, pip_requirements=NEEDED_TO_LOAD,
    )  # fmt: skip
    mlflow.MlflowClient().set_registered_model_alias("titanic", "champion", "1")


if __name__ == "__main__":
    register_half_model(sys.argv[1])
