"""The checks of lesson 05."""

from typing import Any

import requests

from classroom.checks import assert_json, assert_json_of_answer, assert_of_lesson, equal, returned
from classroom.exercise import START_AGAIN

LADY = {"Pclass": 1, "Sex": "female", "Age": 24.0, "SibSp": 0, "Parch": 0, "Fare": 75.0, "Embarked": "C"}


def exercise_1(me: Any, my_answer: Any, app: Any) -> None:
    """A passenger who does not survive, and the answer about that one."""
    assert isinstance(me, dict), f"`me` is of the type {type(me).__name__}, and not a dictionary with the seven fields"
    assert set(LADY) <= set(me), f"in `me`, these fields are missing: {', '.join(sorted(set(LADY) - set(me)))}"
    assert_json("me", me)
    again = requests.post(f"{app.url}/predict_single", json=me, timeout=10)
    assert_of_lesson(again)
    assert again.status_code == 200, f"about `me` the app answers {again.status_code}: {again.text[:120]}"
    assert_json_of_answer("my_answer", my_answer)
    assert again.json()["prediction"] == 0, "this passenger survives: choose one with less of a chance"
    assert equal(my_answer, again.json()), f"about `me` the app says {again.json()}, and `my_answer` is {my_answer!r}"


def exercise_2(ask: Any, app: Any) -> None:
    """A function that returns the survival status, or which status code there was instead."""
    whole_number_of_400_digits = LADY | {"Pclass": 10**400}  # the right type, but the model cannot count so far
    for who, sent, code in (
        ("the lady of this lesson", LADY, 200),
        ("the same passenger as a man", LADY | {"Sex": "male"}, 200),
        ("the lady of this lesson in the third class", LADY | {"Pclass": 3}, 200),
        ('{"Age": 3}', {"Age": 3}, 422),
        ("a class with 400 digits, for which the app answers 500,", whole_number_of_400_digits, 500),
        ("a sex of ten million letters, for which the app answers 413,", LADY | {"Sex": "x" * 10_000_000}, 413),
    ):
        answer = requests.post(f"{app.url}/predict_single", json=sent, timeout=10)
        assert_of_lesson(answer)
        assert answer.status_code == code, (
            f"for {who} the app answers {answer.status_code}, and not {code}. {START_AGAIN}"
        )
        right = answer.json()["survival_status"] if code == 200 else f"no answer ({code})"
        found = ask(dict(sent))
        assert found is not None, f"for {who} it returns nothing: is a `return` missing?"
        assert equal(returned(found), right), f"for {who} it returns {found!r}, and not {right!r}"
