"""Load the champion without MLflow, in the virtual environments of the other servers."""

import os

import pandas as pd
import skops.io
from sklearn.pipeline import Pipeline

TRUSTED = [
    "numpy.dtype",
    "operator.methodcaller",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
]


def load() -> Pipeline:
    """The pipeline in the file that CHAMPION_FILE names."""
    return skops.io.load(os.environ["CHAMPION_FILE"], trusted=TRUSTED)


def predict(model: Pipeline, table: pd.DataFrame) -> list[int]:
    """0 or 1 for each row."""
    return model.predict(table).tolist()
