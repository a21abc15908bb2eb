"""The checks of lesson 14."""

from typing import Any

import numpy as np

from classroom.checks import assert_words, number, returned, same_number

ROUNDED = 0.006  # two decimals are enough
MEANING = {
    "check the data": "that is for data that cannot be true",
    "compare with outcomes": "that is for data that are right, when nobody knows yet how well they are predicted",
    "retrain": "that is for when the outcomes say that the model has become worse",
    "new profile": "that is for passengers who stay different, and are predicted as well as before",
}


def exercise_1(psi_of: Any) -> None:
    """The population stability index."""

    def psi(p: list[float], q: list[float]) -> float:
        return number("psi_of(p, q)", returned(psi_of(list(p), list(q))))

    found = psi([0.5, 0.5], [0.2, 0.8])
    for value, mistake in (
        (0.22314, "it adds up p * ln(p / q): add up (p - q) * ln(p / q)"),
        (0.18062, "it uses the logarithm to base 10: take the natural one, `math.log`"),
        (-0.41589, "its sign is wrong: write p and q in the same order in (p - q) and in ln(p / q)"),
        (0.27489, "it takes the first bin only: add up all of them"),
        (0.14100, "it takes the last bin only: add up all of them"),
    ):
        assert not same_number(found, value, 0.001), mistake
    wrong = "{} and {} give {:.3f}, and not {:.3f}: for each bin, add (p - q) * ln(p / q)"
    for p, q, right in (([0.5, 0.5], [0.2, 0.8], 0.41589), ([0.1, 0.2, 0.7], [0.3, 0.3, 0.4], 0.42815)):
        found = psi(p, q)
        assert same_number(found, right, ROUNDED), wrong.format(p, q, found, right)
    assert same_number(psi([0.5, 0.5], [0.5, 0.5]), 0, ROUNDED), "equal shares must give 0: add up (p - q) * ln(p / q)"


def exercise_2(drifted: Any, days: Any, passengers: Any, by_day: Any, limits: Any) -> None:
    """Which features have drifted."""

    def found(table: Any) -> list[str]:
        names = returned(drifted(table.copy()))
        assert not isinstance(names, str), "it returns a text: return a list of names"
        truths = any(isinstance(name, (bool, np.bool_)) for name in names)
        assert not truths, "it returns True or False for each feature: return the names of those with True"
        return sorted(str(name) for name in names)

    for day in (1, 5, 7):
        right = sorted(by_day.columns[by_day.loc[day] > limits])
        names = found(days[day - 1])
        assert names == right, (
            f"your function says of day {day} that {', '.join(names) or 'nothing'} drifted, and above their limits are "
            f"{', '.join(right) or 'none'}"
        )
    cheaper = passengers.sample(1000, replace=True, weights=1 + 0.4 * (passengers["Pclass"] == 3), random_state=0)
    own = "with a few more passengers in third class, Pclass drifted: give `limit` the number of bins of each feature"
    assert found(cheaper) == ["Pclass"], own
    hardly = passengers.sample(1000, replace=True, weights=1 + 0.3 * (passengers["Pclass"] == 3), random_state=7)
    all_bins = "Pclass has drifted, it says, and is below its limit: `limit` wants the number of bins, and takes 1 off"
    assert found(hardly) == [], all_bins
    third = passengers[passengers["Pclass"] == 3].sample(300, random_state=0)
    small = "300 passengers of the third class alone have drifted, and your function says nothing of them: " + (
        "a table of any size is judged, by its number of rows"
    )
    assert "Pclass" in found(third), small
    few = passengers.sample(60, random_state=1)
    enough = "60 passengers of the training data have not drifted: give `limit` the number of rows of `day`"
    assert found(few) == [], enough


def without_verb(answer: str) -> str:
    """The answer in small letters, without a `make` and the article behind it: the lesson says "Make a new profile"."""
    return answer.lower().replace("make ", "").replace("a new", "new")


def exercise_3(next_step: Any) -> None:
    """What to do after an alert."""
    if isinstance(next_step, dict):
        given = {case: answer for case, answer in next_step.items() if isinstance(answer, str)}
        next_step = next_step | {case: without_verb(answer) for case, answer in given.items()}
    right = {
        "since yesterday every passenger is 30 years old": "check the data",
        "the data are right: more children; how well predicted is not known yet": "compare with outcomes",
        "the data are right; the outcomes say: accuracy has fallen from 0.85 to 0.70": "retrain",
        "the data are right, third class stays; the accuracy is what it was": "new profile",
    }
    assert_words(next_step, right, MEANING)
