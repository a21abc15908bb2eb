"""Prove that an exported model answers as scikit-learn does (lesson 19)."""

from typing import Any

import numpy as np
import onnx
import pandas as pd
from onnxruntime import InferenceSession, SessionOptions
from sklearn.pipeline import Pipeline

from titanic.dataset import COLUMNS
from titanic.problem import Problem

MOST = 1e-6  # by which a probability may differ


def prove(model: Pipeline, whole: onnx.ModelProto, trees: onnx.ModelProto, passengers: pd.DataFrame) -> str:
    """Compare all three for these passengers, for 10,000 others and at each threshold; what that has shown.

    Problem: a probability differs by more than a millionth, or a prediction differs.
    """
    rows = pd.concat([passengers, draw(10_000, seed=1), at_thresholds(model, seed=2)], ignore_index=True)
    expected = model.predict_proba(rows)[:, 1]
    vectors = np.asarray(model[1].transform(model[0].transform(rows)), dtype=float)
    predictions, probabilities = run(whole, {column: rows[column].to_numpy() for column in COLUMNS})
    (scores,) = run(trees, {"vector": vectors})
    from_scores = 1 / (1 + np.exp(-scores.ravel().astype(float)))
    largest = 0.0
    for name, found in [("whole graph", probabilities), ("trees", from_scores)]:
        flips = int(((found > 0.5) != (expected > 0.5)).sum())
        differs = float(abs(found - expected).max())
        if flips or not differs <= MOST:  # also if it is not a number
            raise Problem(
                f"The {name} in ONNX and scikit-learn do not agree: of {len(rows)} passengers, {flips} are predicted "
                f"differently, and the probabilities differ by up to {differs:.1g}."
            )
        largest = max(largest, differs)
    if (predictions != (expected > 0.5)).any():
        raise Problem("The whole graph in ONNX and scikit-learn do not agree: the classes differ.")
    return f"{len(rows)} passengers, the same predictions, probabilities within {largest:.0e}"


def run(graph: onnx.ModelProto, inputs: dict[str, Any]) -> list[Any]:
    """All that this graph answers."""
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
    answer: list[Any] = session.run(None, inputs)
    return answer


def draw(number: int, seed: int) -> pd.DataFrame:
    """So many passengers, drawn from all that the apps accept; the age of each tenth is a gap, as in training."""
    random = np.random.default_rng(seed)
    fares = np.where(random.random(number) < 0.5, random.uniform(0, 10_000, number), random.exponential(30, number))
    ages = random.uniform(0, 100, number)
    ages[::10] = np.nan
    return pd.DataFrame(
        {
            "Pclass": random.integers(1, 3, number, endpoint=True),
            "Sex": random.choice(["male", "female"], number).astype(object),
            "Age": ages,
            "SibSp": random.integers(0, 20, number, endpoint=True),
            "Parch": random.integers(0, 20, number, endpoint=True),
            "Fare": fares,
            "Embarked": random.choice(["C", "Q", "S"], number).astype(object),
        }
    )[COLUMNS]


def at_thresholds(model: Pipeline, seed: int) -> pd.DataFrame:
    """Passengers whose age or fare is a number at which a tree decides, or the next one below or above it."""
    nodes = np.concatenate([tree.nodes for (tree,) in model[2]._predictors])
    nodes = nodes[nodes["is_leaf"] == 0]
    tables = []
    for column in ("Age", "Fare"):
        here = nodes["feature_idx"] == model[1].feature_names_.index(column)
        thresholds = np.unique(nodes["num_threshold"][here])
        values = np.concatenate([thresholds, np.nextafter(thresholds, -np.inf), np.nextafter(thresholds, np.inf)])
        values = values[np.isfinite(values)]
        tables.append(draw(len(values), seed).assign(**{column: values}))
    return pd.concat(tables)
