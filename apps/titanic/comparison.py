"""Compare two models on the same passengers: the difference, what chance can do, groups, and the time (lesson 21)."""

import time

import numpy as np
import pandas as pd
from scipy.stats import bootstrap
from sklearn.pipeline import Pipeline

from titanic.dataset import COLUMNS
from titanic.prediction import openmp

SEED = 1912
FEWEST = 20  # passengers; of a smaller group, nothing can be said


def right(model: Pipeline, passengers: pd.DataFrame) -> pd.Series:
    """For each passenger (the seven columns and survived), 1 if the model's prediction is right, else 0."""
    with openmp.limit(limits=1):
        predicted = model.predict_proba(passengers[COLUMNS])[:, 1] > 0.5
    return pd.Series(predicted == passengers["survived"]).astype(int)


def chance(differences: pd.Series) -> tuple[float, float]:
    """A paired bootstrap: the two numbers between which the mean difference lies, with 95 %.

    differences: for each passenger, 1 if only the challenger is right, -1 if only the champion is, else 0. Draw as many
    passengers from these, with replacement, 2,000 times; the means are spread as chance would spread them.
    """
    values = (np.asarray(differences),)
    found = bootstrap(values, np.mean, n_resamples=2000, method="percentile", batch=100, rng=SEED)
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def groups(passengers: pd.DataFrame) -> dict[str, pd.Series]:
    """Which passengers belong to each group: by sex, class and age. A name, and True or False for each passenger."""
    age = pd.cut(passengers["Age"], [0, 16, 60, 100], right=False, labels=["under 16", "16 to 59", "60 and older"])
    by = {"": passengers["Sex"], "class ": passengers["Pclass"], "age ": age}
    return {f"{what}{one}": column == one for what, column in by.items() for one in sorted(column.dropna().unique())}


def compare(passengers: pd.DataFrame, champion: pd.Series, challenger: pd.Series) -> pd.DataFrame:
    """A row for all passengers, and one for each group of at least 20: how often each model is right, and chance.

    champion, challenger: what `right` says of each. Columns: passengers, champion, challenger, difference, low, high.
    """
    rows = {}
    for name, members in {"all": champion >= 0, **groups(passengers)}.items():
        if members.sum() >= FEWEST:
            before, after = champion[members], challenger[members]
            low, high = chance(after - before)
            rows[name] = [len(before), before.mean(), after.mean(), (after - before).mean(), low, high]
    columns = ["passengers", "champion", "challenger", "difference", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).astype({"passengers": int})


def times_as_long(champion: Pipeline, challenger: Pipeline, passenger: pd.DataFrame, rounds: int = 31) -> float:
    """How many times as long the challenger takes for one passenger (a table of one row).

    Both are timed in each round, one after the other and taking turns to be first. The fastest round of each counts:
    whatever else the machine does can only make a round slower.
    """
    times: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(rounds):
        for first in (turn % 2 == 0, turn % 2 == 1):
            model = champion if first else challenger
            start = time.perf_counter()
            with openmp.limit(limits=1):
                model.predict_proba(passenger)
            times[first].append(time.perf_counter() - start)
    return min(times[False]) / min(times[True])


def look_alikes(newest: pd.DataFrame, known: pd.DataFrame) -> int:
    """How many of the newest have the same seven columns as one of the known; if many, they may be the same people."""
    return int(pd.MultiIndex.from_frame(newest[COLUMNS]).isin(pd.MultiIndex.from_frame(known[COLUMNS])).sum())
