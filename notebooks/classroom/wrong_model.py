"""A store of MLflow whose champion cannot predict passengers, for lessons in which a model must fail."""

import atexit
import logging
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from classroom.servers.folders import NOTEBOOKS
from titanic.problem import Problem


def store_with_wrong_model() -> str:
    """The address of a new store whose champion was trained on another column; it is deleted with the notebook.

    Problem: the store could not be made.
    """
    print("Training the wrong model takes some seconds ...", flush=True)
    folder = tempfile.mkdtemp(prefix="unsinkable-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    uri = f"sqlite:///{(Path(folder) / 'mlflow.db').as_posix()}"
    # Another process does it: MLflow would remember this store, and everything started later would use it.
    command = [sys.executable, "-m", "classroom.wrong_model", uri]
    made = subprocess.run(command, cwd=NOTEBOOKS, capture_output=True, text=True, check=False)
    if made.returncode:
        raise Problem(f"The store with the wrong model could not be made: {made.stderr.strip().splitlines()[-1]}")
    return uri


def register_wrong_model(uri: str) -> None:
    """Train a model on the number of a cabin, and make it the champion of this store."""
    import mlflow
    import pandas as pd
    from sklearn.linear_model import LogisticRegression

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(uri)
    folder = Path(uri.removeprefix("sqlite:///")).parent
    mlflow.set_experiment(experiment_id=mlflow.create_experiment("cabins", artifact_location=folder.as_uri()))
    model = LogisticRegression().fit(pd.DataFrame({"Cabin": [1, 2, 3]}), [0, 0, 1])
    mlflow.sklearn.log_model(model, name="model", registered_model_name="titanic", pip_requirements=["scikit-learn"])
    mlflow.MlflowClient().set_registered_model_alias("titanic", "champion", "1")


if __name__ == "__main__":
    register_wrong_model(sys.argv[1])
