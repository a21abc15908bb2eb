"""A store of MLflow with a champion and two models that want to take its place, for lesson 22."""

import sys

from classroom.half_model import halves
from classroom.other_store import register_champion, store_made_by


def store_with_challengers() -> str:
    """The address of a new store with three versions, trained on the first half of the passengers; 1 is the champion.

    1: as in lesson 01. 2: a smaller model. 3: as 1, but by mistake on women only. Problem: it could not be made.
    """
    return store_made_by("classroom.challengers", "three models on one half of the passengers")


def register_challengers(uri: str) -> None:
    """Train the three models, and register them in this store."""
    from mlflow_00_train_model import NEEDED_TO_LOAD, TRUSTED, candidates

    known, _, survived = halves()
    women = known[known["Sex"] == "female"]
    models = [
        candidates()[name].fit(table, survived[table.index])
        for name, table in [
            ("dicts + gradient boosting", known),
            ("dicts + logistic regression", known),
            ("dicts + gradient boosting", women),
        ]
    ]
    register_champion(uri, *models, skops_trusted_types=TRUSTED, pip_requirements=NEEDED_TO_LOAD)


if __name__ == "__main__":
    register_challengers(sys.argv[1])
