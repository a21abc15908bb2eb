"""The checks of lesson 15."""

from typing import Any

import pandas as pd

from classroom.checks import returned

PASSENGER = {"Pclass": 1, "Sex": "female", "Age": 24.0, "SibSp": 0, "Parch": 0, "Fare": 75.0, "Embarked": "C"}


def exercise_1(is_known: Any, psi: Any, early: Any) -> None:
    """Whether all texts of a passenger occur in a profile."""
    for changes, profile, right, who in (
        ({}, psi, True, "a passenger from Cherbourg is not known to the profile of the app"),
        ({"Embarked": "Q"}, psi, True, "a passenger from Queenstown is not known to the profile of the app"),
        ({"Embarked": "Q"}, early, False, "a passenger from Queenstown is known to the profile made before"),
        ({"Embarked": "S"}, early, True, "a passenger from Southampton is not known to the profile made before"),
        ({"Sex": "unknown"}, psi, False, "only the port is checked, and not the sex"),
    ):
        found = returned(is_known(PASSENGER | changes, profile))
        assert bool(found) == right, who


def exercise_2(is_stale: Any) -> None:
    """Whether the newest of some times is too long ago."""
    noon = pd.Timestamp("1912-04-10 12:00")
    times = [noon - pd.Timedelta(minutes=age) for age in (30, 4, 90)]
    for given, now, minutes, right, what in (
        (
            times,
            noon,
            5,
            False,
            "something came 4 minutes ago, and after 5 it is stale: the newest is not the last one",
        ),
        (times, noon, 3, True, "nothing came in the last 3 minutes, and it is not stale"),
        (times, noon + pd.Timedelta(days=1), 60, True, "a whole day is more than 60 minutes"),
        (times, noon - pd.Timedelta(seconds=210), 0.75, False, "30 seconds are less than 0.75 minutes"),
        ([], noon, 5, True, "nothing has ever come, and it is not stale"),
    ):
        found = returned(is_stale(list(given), now, minutes))
        assert bool(found) == right, what
