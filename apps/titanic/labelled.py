"""Passengers whose outcome is known, as a table to learn from (lesson 21). The app of lesson 20 has stored them."""

import json
import sqlite3
from pathlib import Path

import pandas as pd

from titanic.dataset import COLUMNS
from titanic.problem import Problem
from titanic.read_only import read_only
from titanic.settings import Settings

LOGS = Path(__file__).resolve().parents[2] / "logs"
MORE = "Start the app of lesson 20 (python course.py app prometheus_05_outcome_app), predict, and send what happened."


def outcome_database() -> Path:
    """The file that the settings name: OUTCOME_DATABASE, or logs/outcomes.sqlite3 of the course."""
    return Settings().outcome_database or LOGS / "outcomes.sqlite3"


def read_labelled() -> pd.DataFrame:
    """All passengers whose outcome is known, in the order of their predictions.

    The seven columns, survived (0 or 1), and made_at: the moment of the prediction, in seconds since 1970.
    Problem: there are none, or the file cannot be read.
    """
    file = outcome_database()
    try:
        rows = read_rows(file)
        fields = [json.loads(passenger) for passenger, _, _ in rows]
    except (sqlite3.Error, json.JSONDecodeError) as error:
        raise Problem(f"The outcomes in {file} cannot be read: {error}. Mend that, or delete the file.") from error
    if not rows:
        raise Problem(f"There are no outcomes yet in {file}. {MORE}")
    _, survived, made_at = zip(*rows, strict=True)
    table = pd.DataFrame(fields, columns=COLUMNS)
    return table.assign(survived=survived, made_at=made_at)


def read_rows(file: Path) -> list[tuple[str, int, float]]:
    """Passenger (JSON), outcome and moment of each; none if there is no file, or one that kept no passengers yet."""
    if not file.exists():
        return []
    with read_only(file) as connection:
        if "passenger" not in {row[1] for row in connection.execute("PRAGMA table_info(prediction)")}:
            return []
        return connection.execute(
            "SELECT passenger, survived, made_at FROM prediction "
            "WHERE passenger IS NOT NULL AND survived IN (0, 1) ORDER BY made_at, number"
        ).fetchall()
