"""A store of MLflow beside the course's own, with another champion, for one lesson.

Another process fills it: MLflow remembers a store, and everything that a notebook starts later would use it.
"""

import atexit
import logging
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from classroom.servers.folders import NOTEBOOKS
from titanic import store
from titanic.problem import Problem


def store_made_by(module: str, champion: str) -> str:
    """The address of a new store, whose champion was registered by this module, as a program that gets the address.

    champion: what it is, in words. The store is deleted with the notebook. Problem: it could not be made.
    """
    print(f"Training {champion} takes some seconds ...", flush=True)
    folder = tempfile.mkdtemp(prefix="unsinkable-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    uri = f"sqlite:///{(Path(folder) / 'mlflow.db').as_posix()}"
    command = [sys.executable, "-m", module, uri]
    made = subprocess.run(command, cwd=NOTEBOOKS, capture_output=True, text=True, check=False)
    if made.returncode:
        raise Problem(f"The store with {champion} could not be made: {made.stderr.strip().splitlines()[-1]}")
    return uri


def register_champion(uri: str, model: object, *others: object, **saving: Any) -> None:
    """Make this model the champion of this new store. saving: what MLflow needs to know to save it.

    others: models that become the versions 2, 3 and so on, without an alias.
    """
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(uri)
    folder = Path(uri.removeprefix("sqlite:///")).parent
    mlflow.set_experiment(experiment_id=mlflow.create_experiment("other", artifact_location=folder.as_uri()))
    for one in (model, *others):
        mlflow.sklearn.log_model(one, name="model", registered_model_name=store.MODEL_NAME, **saving)
    mlflow.MlflowClient().set_registered_model_alias(store.MODEL_NAME, "champion", "1")
