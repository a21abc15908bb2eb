"""Mend a store of MLflow whose folder was moved, or whose experiment was deleted (lesson 01)."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

log = logging.getLogger("titanic.store")


def restore_experiment(name: str) -> None:
    """If the experiment was deleted on MLflow's page, take it out of the bin: its runs and models are there still."""
    import mlflow  # here and not above: it takes two seconds

    experiment = mlflow.get_experiment_by_name(name)
    if experiment and experiment.lifecycle_stage == "deleted":
        mlflow.MlflowClient().restore_experiment(experiment.experiment_id)
        log.warning("The experiment %s was deleted in MLflow. It is restored, with its runs.", name)


def follow_move(folder: Path, experiment: str) -> None:
    """Correct the paths in the store of this folder, if it was moved or renamed: MLflow keeps them whole."""
    file = folder / "mlflow.db"
    if not file.is_file():
        return
    new = (folder / "artifacts").as_uri()
    with closing(sqlite3.connect(file)) as connection, connection:
        try:
            found = connection.execute("SELECT artifact_location FROM experiments WHERE name = ?", [experiment])
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
