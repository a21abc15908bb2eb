"""Passengers of another ship, on which other people survive: whom no model has seen (lesson 21)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from titanic.dataset import read_passengers

SURVIVE = {1: 0.9, 2: 0.5, 3: 0.1}  # of the passengers of each class, whether women or men


def other_ship(number: int, seed: int, survive: Mapping[int, float] = SURVIVE) -> pd.DataFrame:
    """So many passengers: the seven columns without gaps, and survived, 0 or 1.

    They are like those of the Titanic, but nobody is the same: ages and fares differ by up to a fifth.
    survive: the share of each class that survives, whether women or men.
    """
    random = np.random.default_rng(seed)
    passengers = read_passengers()[0].dropna().sample(number, replace=True, random_state=seed, ignore_index=True)
    for column, digits, least, most in [("Age", 1, 0.5, 95), ("Fare", 2, 0, 1000)]:
        changed = passengers[column] * random.uniform(0.8, 1.2, number)
        passengers[column] = changed.round(digits).clip(least, most)
    survived = random.random(number) < passengers["Pclass"].map(survive)
    return passengers.assign(survived=survived.astype(int))
