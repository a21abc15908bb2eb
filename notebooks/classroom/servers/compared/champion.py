"""Load the champion without MLflow, in the virtual environments of the other servers."""

import os

import pandas as pd
import skops.io
from sklearn.pipeline import Pipeline


def load() -> Pipeline:
    """The pipeline in the file that CHAMPION_FILE names."""
    file = os.environ["CHAMPION_FILE"]
    return skops.io.load(file, trusted=skops.io.get_untrusted_types(file=file))  # it is our own: all in it is trusted


def predict(model: Pipeline, table: pd.DataFrame) -> list[int]:
    """0 or 1 for each row."""
    classes: list[int] = model.predict(table).tolist()
    return classes
