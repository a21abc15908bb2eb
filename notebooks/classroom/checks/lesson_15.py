"""The checks of lesson 15."""

from typing import Any

from classroom.checks import returned

PASSENGER = {"Pclass": 1, "Sex": "female", "Age": 24.0, "SibSp": 0, "Parch": 0, "Fare": 75.0, "Embarked": "C"}
RULE = "look whether each text is in its column of the `profile` that is given"


def exercise_1(is_known: Any, psi: Any, early: Any) -> None:
    """Whether all texts of a passenger occur in a profile."""
    for changes, profile, right, who in (
        ({}, psi, True, f"a passenger from Cherbourg is not known to the profile of the app: {RULE}"),
        ({"Embarked": "Q"}, psi, True, f"a passenger from Queenstown is not known to the profile of the app: {RULE}"),
        ({"Embarked": "Q"}, early, False, f"a passenger from Queenstown is known to the profile made before: {RULE}"),
        (
            {"Embarked": "S"},
            early,
            True,
            f"a passenger from Southampton is not known to the profile made before: {RULE}",
        ),
        (
            {"Sex": "unknown"},
            psi,
            False,
            "only the port is checked, and not the sex: go through all columns that the profile has",
        ),
    ):
        found = returned(is_known(PASSENGER | changes, profile))
        assert bool(found) == right, who


def exercise_2(is_stale: Any) -> None:
    """Whether nothing has come for a while."""
    import pandas as pd

    noon = pd.Timestamp("1912-04-10 12:00")
    times = [noon - pd.Timedelta(minutes=age) for age in (30, 4, 90)]
    for given, now, minutes, right, what in (
        (times, noon, 5, False, "something came 4 minutes ago: the newest time may stand anywhere in the list"),
        (
            times,
            noon,
            3,
            True,
            "nothing came in the last 3 minutes, and it is not stale: compare the newest time with `now`",
        ),
        (
            times,
            noon + pd.Timedelta(days=1),
            60,
            True,
            "nothing came for more than a day, and it is not stale: count the days of the span too",
        ),
        ([], noon, 5, True, "nothing has ever come, and it is not stale: return True for an empty list"),
    ):
        assert bool(returned(is_stale(list(given), now, minutes))) == right, what
