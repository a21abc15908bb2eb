"""Score passengers of a file, part by part (lesson 25)."""

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from titanic.dataset import COLUMNS

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


@cache
def champion() -> "Pipeline":
    """The champion, which each process loads once. Problem: it cannot be loaded."""
    from titanic.model import load_model  # here and not above: a process that only reads or writes needs no model

    return load_model()


def score(part: pd.DataFrame) -> pd.DataFrame:
    """The id of each passenger, and the probability, 0 to 1, of survival."""
    return pd.DataFrame({"id": part["id"], "probability": champion().predict_proba(part[COLUMNS])[:, 1]})
