"""The passengers of the Titanic, on whom the model is trained (lesson 01)."""

import hashlib
from pathlib import Path

import pandas as pd

COLUMNS = ["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked"]


def read_passengers() -> tuple[pd.DataFrame, pd.Series]:
    """Read the 1,306 passengers whose fare and port are known: a table of the seven columns, and who survived.

    Source: titanic3, Vanderbilt University Department of Biostatistics. 263 ages are missing.
    """
    data = pd.read_csv(Path(__file__).parent / "titanic3.csv", na_values="?")
    data = data.rename(columns={name.lower(): name for name in COLUMNS}).dropna(subset=["Fare", "Embarked"])
    return data[COLUMNS], data["survived"]


def fingerprint(table: pd.DataFrame) -> str:
    """Of equal tables it is equal, and of tables that differ in anything it differs: 32 letters of their SHA-256."""
    return hashlib.sha256(table.to_csv(index=False, lineterminator="\n").encode()).hexdigest()[:32]
