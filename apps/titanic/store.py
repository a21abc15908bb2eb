"""Where MLflow keeps the course's runs and models (lesson 01)."""

import logging
import os
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path

from titanic.proxies import spare_this_machine
from titanic.settings import Settings

STORE = Path(__file__).resolve().parents[2] / "mlruns"
MODEL_NAME = "titanic"
CHAMPION = f"models:/{MODEL_NAME}@champion"
NO_MODEL = "There is no trained model yet. Run lesson 01, or python course.py train, then start this app again."


def tracking_uri() -> str:
    """The address of the store: MLFLOW_TRACKING_URI if it is set, else the folder mlruns/ of the course."""
    return Settings().mlflow_tracking_uri or f"sqlite:///{(STORE / 'mlflow.db').as_posix()}"


def database() -> Path | None:
    """The store's database file; None if the store is not a file but a server."""
    kind, _, path = tracking_uri().partition(":///")
    return Path(path) if kind == "sqlite" else None


def has_champion() -> bool:
    """True if there is a champion to load. Asks without MLflow, which would create an empty store and takes seconds.

    A store on a server is taken at its word: loading shows what it has.
    """
    file = database()
    if file is None:
        return True
    if not file.is_file():
        return False
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            found = connection.execute(
                "SELECT 1 FROM registered_model_aliases WHERE name = ? AND alias = 'champion'", [MODEL_NAME]
            )
            return found.fetchone() is not None
        except sqlite3.DatabaseError:  # not a store of MLflow, or not yet
            return False


def connect() -> None:
    """Let MLflow use this store, also after the folder of the course was moved."""
    spare_this_machine()
    # MLflow 3 reports its use to its makers; a course does not.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow  # here and not above: it takes two seconds
    from mlflow.telemetry import set_telemetry_client

    set_telemetry_client()  # reads that variable once more: somebody may have imported MLflow before
    follow_move()
    mlflow.set_tracking_uri(tracking_uri())


def open_store() -> None:
    """Make the store if there is none, connect to it, and turn MLflow's messages down to errors."""
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="mlflow")
    file = database()
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
    connect()
    import mlflow

    if mlflow.get_experiment_by_name(MODEL_NAME) is None:
        # MLflow's own choice would be the folder in which the script happens to be started.
        artifacts = (file.parent.resolve() / "artifacts").as_uri() if file else None
        mlflow.create_experiment(MODEL_NAME, artifact_location=artifacts)
    mlflow.set_experiment(MODEL_NAME)


def follow_move() -> None:
    """Correct the paths in the course's own store after its folder was moved or renamed: MLflow keeps them whole."""
    file = database()
    if file is None or file != STORE / "mlflow.db" or not file.is_file():
        return
    new = (STORE / "artifacts").as_uri()
    with closing(sqlite3.connect(file)) as connection, connection:
        try:
            found = connection.execute("SELECT artifact_location FROM experiments WHERE name = ?", [MODEL_NAME])
            (old,) = found.fetchone() or (new,)
        except sqlite3.DatabaseError:  # MLflow has not yet made its tables
            return
        if old == new:
            return
        for table, column in [
            ("experiments", "artifact_location"),
            ("runs", "artifact_uri"),
            ("logged_models", "artifact_location"),
            ("model_versions", "storage_location"),
        ]:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",
                [new, len(old) + 1, len(old), old],
            )
