"""The checks of lesson 14."""

from typing import Any

import pandas as pd
from scipy.stats import chi2
from scouter import Drifter

from classroom.checks import assert_words, number, returned, same_number
from titanic import drift

ROUNDED = 0.006  # two decimals are enough
MEANING = {
    "check the data": "that is for data that cannot be true: first find out whether they are right",
    "compare with outcomes": "that is for data that are right, when nobody knows yet how well they are predicted",
    "retrain": "that is for when the outcomes say that the model has become worse",
    "new profile": "that is for passengers who stay different, and are predicted as well as before",
}
NUMBER = ": the limit depends on how many passengers there are"


def exercise_1(psi_of: Any) -> None:
    """The population stability index."""

    def psi(p: list[float], q: list[float]) -> float:
        return number("psi_of(p, q)", returned(psi_of(list(p), list(q))))

    found = psi([0.5, 0.5], [0.2, 0.8])
    for value, mistake in (
        (0.22314, "it adds up p * ln(p / q), and not (p - q) * ln(p / q)"),
        (0.18062, "it uses the logarithm to base 10: `math.log` is the natural one, ln"),
        (-0.41589, "its sign is the wrong one: (p - q) goes with p / q"),
        (0.27489, "it takes the first bin only: add up all of them"),
        (0.14100, "it takes the last bin only: add up all of them"),
    ):
        assert not same_number(found, value, 0.001), mistake
    assert same_number(found, 0.41589, ROUNDED), f"[0.5, 0.5] and [0.2, 0.8] give {found:.3f}, and not 0.416"
    found = psi([0.1, 0.2, 0.7], [0.3, 0.3, 0.4])
    assert same_number(found, 0.42815, ROUNDED), f"[0.1, 0.2, 0.7] and [0.3, 0.3, 0.4] give {found:.3f}, and not 0.428"
    assert same_number(psi([0.5, 0.5], [0.5, 0.5]), 0, ROUNDED), "equal shares do not give 0"


def exercise_2(drifted: Any, days: Any, passengers: Any, psi: Any) -> None:
    """The features whose PSI is above their limit, in a table of any number of rows."""

    def right_for(day: pd.DataFrame) -> list[str]:
        limits = {name: chi2.isf(drift.ALPHA, len(one.bins) - 1) / len(day) for name, one in psi.features.items()}
        found = Drifter().compute_drift(day, psi).features
        return sorted(name for name in found if found[name] > limits[name])

    for what, day, hint in (
        ("on day 7", days[6], ""),
        ("on day 1", days[0], ""),
        ("on day 4", days[3], ": each feature has a limit of its own, which depends on its number of bins"),
        ("for 60 passengers of the training data", passengers.sample(60, random_state=1), NUMBER),
        ("for all seven days together", pd.concat(days), NUMBER),
    ):
        found, right = returned(drifted(day.copy())), right_for(day)
        kind = type(found).__name__
        assert not isinstance(found, (str, bool)), f"it returns a {kind}, and not a list of names"
        named = sorted(map(str, found))
        assert named == right, f"{what}, the list is {named}, and should be {right}{hint}"


def exercise_3(next_step: Any) -> None:
    """What to do after an alert."""
    if isinstance(next_step, dict):
        given = {case: answer for case, answer in next_step.items() if isinstance(answer, str)}
        next_step = next_step | {case: answer.lower().replace("make a ", "") for case, answer in given.items()}
    assert_words(next_step, list(MEANING), MEANING)
