"""The checks of lesson 20."""

from typing import Any

from classroom.checks import assert_words, number, returned, same_number

MEANING = {
    "other passengers": "that is for a PSI that is far from 0, while the model is as often right as it expects",
    "other rules": "that is for passengers as before, of whom enough have answered, and an accuracy below the estimate",
    "too sure": "that is for a model that expects more of itself than it keeps, already in the test",
    "wait": "that is for when those who have answered are not like the others",
}


def exercise_1(estimated: Any) -> None:
    """The accuracy that a model should have by its own probabilities."""
    for probabilities, right in (
        ([0.9, 0.2, 0.6], 0.76667),
        ([0.5], 0.5),
        ([0.1, 0.1, 0.3, 0.95], 0.8625),
        ([0.0, 1.0], 1.0),
    ):
        found = number("estimated(probabilities)", returned(estimated(list(probabilities))))
        mean = sum(probabilities) / len(probabilities)
        shown = ", ".join(map(str, probabilities))
        if not same_number(found, right, 0.006):
            assert not same_number(found, mean, 1e-6), (
                f"of {shown} it returns the mean, {mean:.2f}: of 0.2 take 0.8, for so sure is the model of its 0"
            )
            assert not same_number(found, right * len(probabilities), 0.006), (
                f"of {shown} it returns the sum, and not the mean"
            )
        assert same_number(found, right, 0.006), f"of {shown} it returns {found:.3g}, and not {right:.3g}"


def exercise_2(what: Any) -> None:
    """What has happened."""
    assert_words(
        what,
        {
            "PSI 0.4, estimated 0.80, accuracy 0.81 of 900 outcomes": "other passengers",
            "PSI 0.01, estimated 0.80, accuracy 0.62 of 900 outcomes": "other rules",
            "in the test before the start: estimated 0.95, accuracy 0.76": "too sure",
            "PSI 0.01, estimated 0.80, accuracy 0.60; only survivors have answered": "wait",
        },
        MEANING,
    )
