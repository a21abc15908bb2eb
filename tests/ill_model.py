"""A model that fails, for the tests that ask what an app does then.

It has a file of its own because loading a stored model imports the file that its class comes from.
"""

from sklearn.base import BaseEstimator


class IllModel(BaseEstimator):
    """Loads like any model, and raises an error at each prediction."""

    def predict_proba(self, X):
        raise ValueError("the model is ill")
