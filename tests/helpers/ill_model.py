"""Models that fail, for the tests that ask what an app does then.

It has a file of its own because loading a stored model imports the file that its class comes from.
"""

import numpy as np
from sklearn.base import BaseEstimator


class IllModel(BaseEstimator):
    """Loads like any model, and raises an error at each prediction."""

    def predict_proba(self, X):
        raise ValueError("the model is ill")


class IllWithBabies(BaseEstimator):
    """Predicts by sex, and raises an error if a passenger is younger than one year."""

    def predict_proba(self, X):
        if (X["Age"] < 1).any():
            raise ValueError("the model is ill")
        survives = np.where(X["Sex"] == "female", 0.75, 0.25)
        return np.column_stack([1 - survives, survives])


class NotANumber(BaseEstimator):
    """Answers what is no probability."""

    def predict_proba(self, X):
        return np.full((len(X), 2), np.nan)


class Exchanged(BaseEstimator):
    """Predicts by sex, but has exchanged the classes."""

    def predict_proba(self, X):
        survives = np.where(X["Sex"] == "female", 0.25, 0.75)
        return np.column_stack([1 - survives, survives])
