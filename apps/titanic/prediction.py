"""Predict (lesson 05). This file alone calls scikit-learn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel
from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import Pipeline
from threadpoolctl import ThreadpoolController

from titanic.dataset import COLUMNS
from titanic.failure import PredictionError

__all__ = ["PredictionError", "call_model", "openmp", "survival_probabilities"]
# scikit-learn's own threads (OpenMP) spin while they wait for each other. Beside the threads of many requests that
# makes a prediction several times slower, and few rows need no help: each call of the model keeps to its one thread.
openmp = ThreadpoolController().select(user_api="openmp")


def survival_probabilities(model: Pipeline, passengers: Sequence[BaseModel]) -> list[float]:
    """The probability, 0 to 1, that each of these passengers survives; one call of the model for all of them.

    PredictionError: the model fails, or does not answer with two probabilities for each passenger.
    """
    if not passengers:
        return []
    try:
        answer = np.asarray(call_model(model, [passenger.model_dump() for passenger in passengers]), dtype=float)
        if answer.shape != (len(passengers), 2) or not are_probabilities(answer):
            raise ValueError(f"these are not two probabilities for each of {len(passengers)} passengers: {answer}")
    except KeyboardInterrupt:  # that was not the model
        raise
    except BaseException as error:  # a model may raise anything; what ends a thread, too, or the panic of a Rust one
        raise PredictionError(str(error)) from error
    probabilities: list[float] = answer[:, 1].tolist()
    return probabilities


def are_probabilities(answer: NDArray[np.float64]) -> bool:
    """True if no number in this table is below 0, and each row adds up to 1: so NaN and infinity are none."""
    return bool((answer >= 0).all() and (abs(answer.sum(axis=1) - 1) < 1e-6).all())


def call_model(model: Pipeline, rows: list[dict[str, object]]) -> Any:
    """What the model answers for rows that are dictionaries: the probabilities of both classes, shape (rows, 2)."""
    steps = getattr(model, "steps", [])
    with openmp.limit(limits=1):
        if len(steps) > 1 and isinstance(model[1], DictVectorizer):
            # The champion's first step makes dictionaries of a table (lesson 01). Here they are already: to build a
            # table only to take it apart again would take half of the time of a prediction.
            return model[1:].predict_proba(rows)
        return model.predict_proba(pd.DataFrame(rows, columns=COLUMNS))
