"""A store of MLflow whose champion has seen one half of the passengers: the other half judges it fairly (lesson 20)."""

import sys

import pandas as pd

from classroom.other_store import register_champion, store_made_by
from titanic.dataset import read_passengers


def halves() -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """The passengers without gaps, as two tables: those that the model learns from, and the others; who survived."""
    passengers, survived = read_passengers()
    passengers = passengers.dropna()
    known = passengers.sample(frac=0.5, random_state=1)
    return known, passengers.drop(known.index), survived


def store_with_half_model() -> str:
    """The address of a new store whose champion was trained as in lesson 01, but on the first half only.

    Problem: it could not be made.
    """
    return store_made_by("classroom.half_model", "the same model on one half of the passengers")


def register_half_model(uri: str) -> None:
    """Train what lesson 01 has chosen on the first half, and make it the champion of this store."""
    from mlflow_00_train_model import NEEDED_TO_LOAD, TRUSTED, candidates

    known, _, survived = halves()
    model = candidates()["dicts + gradient boosting"].fit(known, survived[known.index])
    register_champion(uri, model, skops_trusted_types=TRUSTED, pip_requirements=NEEDED_TO_LOAD)


if __name__ == "__main__":
    register_half_model(sys.argv[1])
