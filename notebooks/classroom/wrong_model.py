"""A store of MLflow whose champion cannot predict passengers, for lessons in which a model must fail."""

import sys
from functools import cache

from classroom.other_store import register_champion, store_made_by


@cache
def store_with_wrong_model() -> str:
    """The address of a store whose champion was trained on another column; in one notebook it is made once.

    Problem: it could not be made.
    """
    return store_made_by("classroom.wrong_model", "the wrong model")


def register_wrong_model(uri: str) -> None:
    """Train a model on the number of a cabin, and make it the champion of this store."""
    import pandas as pd
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(pd.DataFrame({"Cabin": [1, 2, 3]}), [0, 0, 1])
    register_champion(uri, model, pip_requirements=["scikit-learn"])


if __name__ == "__main__":
    register_wrong_model(sys.argv[1])
