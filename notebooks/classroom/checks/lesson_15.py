"""The checks of lesson 15."""

from typing import Any

from classroom.checks import returned
from titanic.dataset import read_passengers

PASSENGER = {"Pclass": 1, "Sex": "female", "Age": 24.0, "SibSp": 0, "Parch": 0, "Fare": 75.0, "Embarked": "C"}
RULE = "look whether each text is in its column of the `profile` that is given"


def exercise_1(is_known: Any, psi: Any, early: Any) -> None:
    """Whether all texts of a passenger occur in a profile."""
    from scouter import Drifter, PsiDriftConfig

    passengers = read_passengers()[0].dropna()
    config = PsiDriftConfig(space="titanic", name="women", categorical_features=["Sex", "Embarked"])
    women = Drifter().create_drift_profile(passengers[passengers["Sex"] == "female"], config)
    for changes, profile, right, who in (
        ({}, psi, True, f"the profile of the app knows Cherbourg, and your function says that it does not: {RULE}"),
        (
            {"Embarked": "Q"},
            psi,
            True,
            f"the profile of the app knows Queenstown, and your function says that it does not: {RULE}",
        ),
        (
            {"Embarked": "Q"},
            early,
            False,
            f"the profile `early` does not know Queenstown, and your function says that it does: {RULE}",
        ),
        (
            {"Embarked": "S"},
            early,
            True,
            f"the profile `early` knows Southampton, and your function says that it does not: {RULE}",
        ),
        (
            {"Sex": "unknown"},
            psi,
            False,
            "only the port is checked, and not the sex: go through all columns that the profile has",
        ),
        (
            {"Sex": "male"},
            women,
            False,
            f"a profile of women only does not know a man, and your function says that it does: {RULE}",
        ),
        ({}, women, True, f"a profile of women only knows a woman, and your function says that it does not: {RULE}"),
        ({"Sex": "S"}, psi, False, f"a port stands in the column of the sex, and your function knows it: {RULE}"),
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
            "the newest time is 4 minutes old, and your function says that it is younger than 3: compare its age with "
            "`minutes`",
        ),
        (times, noon, 4, False, "the newest time is just 4 minutes old, and not *more than* 4"),
        (
            times,
            noon + pd.Timedelta(seconds=30),
            4,
            True,
            "the newest time is 4 and a half minutes old, which is more than 4: do not round",
        ),
        (
            times,
            noon - pd.Timedelta(minutes=3, seconds=20),
            0.5,
            True,
            "the newest time is 40 seconds old, which is more than half a minute: do not round",
        ),
        (
            times,
            noon - pd.Timedelta(minutes=3, seconds=40),
            0.5,
            False,
            "the newest time is 20 seconds old, which is less than half a minute: do not round `minutes`",
        ),
        (
            times,
            noon + pd.Timedelta(days=1),
            60,
            True,
            "the newest time is a day old, and your function says that it is younger than an hour: count the days too",
        ),
        ([], noon, 5, True, "your function says of an empty list that it is not stale: return True for it"),
    ):
        assert bool(returned(is_stale(list(given), now, minutes))) == right, what
