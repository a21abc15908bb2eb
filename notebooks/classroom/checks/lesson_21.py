"""The checks of lesson 21."""

from numbers import Real
from typing import Any

from classroom.checks import assert_words, number, returned

# Probabilities of the champion, of the challenger, outcomes, and what is right.
CASES = [
    ([0.9, 0.2, 0.7, 0.4], [0.8, 0.6, 0.3, 0.1], [1, 1, 1, 0], [0, 1, -1, 0]),
    ([0.6, 0.4], [0.4, 0.6], [0, 0], [1, -1]),
    ([0.1, 0.9], [0.2, 0.8], [1, 0], [0, 0]),
    ([0.5, 0.9], [0.9, 0.5], [1, 1], [1, -1]),
    ([0.5, 0.9], [0.9, 0.5], [0, 0], [-1, 1]),
    ([], [], [], []),
]
MEANING = {
    "promote": "that is for a challenger against which nothing speaks",
    "luck": "that is for a difference that is not more than chance: between low and high lies 0",
    "leakage": "that is for passengers who may be the same as those that it has learnt from",
    "group": "that is for a challenger that is better on the whole, and much worse for some, by more than chance",
    "slow": "that is for a challenger that takes more than 1.5 times as long",
}


def exercise_1(compared: Any) -> None:
    """For each passenger, which model alone is right."""
    for champion, challenger, survived, right in CASES:
        found = returned(compared(list(champion), list(challenger), list(survived)))
        shown = f"of {champion}, {challenger} and {survived} it returns"
        assert not isinstance(found, Real), f"{shown} one number: return a list, one number for each passenger"
        kind = type(found).__name__
        assert hasattr(found, "__len__"), f"{shown} a {kind}, and no list: list(...) makes one of it"
        numbers = [number("one of the list", one) for one in found]
        found = [int(one) if one.is_integer() else one for one in numbers]
        assert len(found) == len(right), f"{shown} a list of {len(found)}, and there are {len(right)} passengers"
        changed = [int(after > 0.5) - int(before > 0.5) for before, after in zip(champion, challenger, strict=True)]
        assert found == right or found != changed, (
            f"{shown} {found}: compare each prediction with the outcome, not with the other prediction"
        )
        assert not any(right) or found != [-one for one in right], (
            f"{shown} {found}: 1 is for the challenger, -1 for the champion"
        )
        assert found == right, f"{shown} {found}, and not {right}"


def exercise_2(what: Any) -> None:
    """What to do with each challenger."""
    assert_words(
        what,
        {
            "+0.04 of 600, low -0.01, high 0.09; no group is worse; 1.1 times as long": "luck",
            "+0.05 of 600, low 0.02; 60 and older: -0.15, low -0.35, high 0.05": "promote",
            "+0.04 of 900, low 0.02; 60 and older: -0.15, low -0.25, high -0.05": "group",
            "+0.06 of 600, low 0.03; no group is worse; 1.4 times as long": "promote",
            "+0.06 of 600, low 0.03; no group is worse; 4 times as long": "slow",
            "+0.22 of 600, low 0.18; 580 of them look like one that it has learnt from": "leakage",
        },
        MEANING,
    )
