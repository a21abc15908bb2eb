"""A store of MLflow beside the course's own, with another champion, for one lesson.

Another process fills it: MLflow remembers a store, and everything that a notebook starts later would use it.
"""

import atexit
import logging
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from classroom.servers.app import train_if_needed
from classroom.servers.child import last_line
from classroom.servers.folders import NOTEBOOKS
from classroom.servers.temporary import folder_to_delete
from titanic import store
from titanic.problem import Problem
from titanic.store_repair import follow_move


def store_made_by(module: str, champion: str) -> str:
    """The address of a new store, whose champion was registered by this module, as a program that gets the address.

    champion: what it is, in words. The store is deleted with the notebook. Problem: it could not be made.
    """
    print(f"Training {champion} takes some seconds ...", flush=True)
    uri = f"sqlite:///{new_database().as_posix()}"
    command = [sys.executable, "-m", module, uri]
    made = subprocess.run(command, cwd=NOTEBOOKS, capture_output=True, check=False)
    if made.returncode:
        raise Problem(f"The store with {champion} could not be made: {last_line(made.stderr)}")
    return uri


def new_database() -> Path:
    """Where the database of a new store may be, in a folder of its own, which is deleted with the notebook.

    That of a kernel that was killed is deleted when the next one is made.
    """
    folder = folder_to_delete("store")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder) / "mlflow.db"


def copy_of_store() -> str:
    """The address of a copy of the course's store: what a lesson registers or promotes there leaves yours as it is.

    The copy is deleted with the notebook. A champion is trained if there is none. Problem: the store is on a server.
    """
    return copy_store(new_database())


def copy_store(copy: Path) -> str:
    """Copy the course's store to this file, in place of what is in it; the address of the copy. See `copy_of_store`.

    Problem: the store is on a server, or the training failed.
    """
    file = store.database()
    if file is None:
        raise Problem(
            "This works on a copy of MLflow's store, and a server cannot be copied. Unset MLFLOW_TRACKING_URI, and "
            "begin again; in a notebook, restart the kernel first."
        )
    train_if_needed("fastapi_07_onnx_app")
    if file == store.STORE / "mlflow.db":
        follow_move(store.STORE, store.MODEL_NAME)
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
        # The files of models that are there already are only read, where they are; those of new ones go elsewhere.
        with new:
            new.execute("UPDATE experiments SET artifact_location = ?", [(copy.parent / "artifacts").as_uri()])
    return f"sqlite:///{copy.as_posix()}"


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
