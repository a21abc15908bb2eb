"""Where MLflow keeps the course's runs and models (lesson 01)."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

STORE = Path(__file__).resolve().parents[2] / "mlruns"
MODEL_NAME = "titanic"
CHAMPION = f"models:/{MODEL_NAME}@champion"
NO_MODEL = "There is no trained model yet. Run lesson 01, or python course.py train, then start this app again."

# MLflow 3 reports its use to its makers; a course does not.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")


def tracking_uri() -> str:
    """The address of the store: MLFLOW_TRACKING_URI if it is set, else the folder mlruns/ of the course."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{(STORE / 'mlflow.db').as_posix()}"


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


def follow_move() -> None:
    """Correct the paths in the course's own store after its folder was moved or renamed: MLflow keeps them whole."""
    file = database()
    if file != STORE / "mlflow.db" or not file.is_file():
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
