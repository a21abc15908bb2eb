"""The checks of the exercises, a module for each lesson: what is right, and why something else is not.

Whoever reads here before trying has no exercise left. `check("05.2")` calls exercise_2 of lesson_05 with what its
parameters name in the notebook. It ends in an AssertionError, whose message says why the answer is not right yet.
A check looks at what an answer does, not at how it is written; and it leaves the lesson as it is.
"""

import json
from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from classroom.exercise import START_AGAIN


def returned(value: Any) -> Any:
    """What a function has returned. AssertionError: nothing yet."""
    assert value is not ..., "the three dots are still there"
    assert value is not None, "it returns nothing yet: `return` is missing, or what stands behind it"
    return value


def number(name: str, value: Any) -> float:
    """The number that stands under this name. AssertionError: it is something else, and how to make a number of it."""
    assert not isinstance(value, str), f"`{name}` is a text: write the number without quotes"
    hint = ""
    if isinstance(value, list):
        hint = " Add up what is in it with `sum(...)`, or take one number out with [...]"
    elif hasattr(value, "__getitem__"):
        hint = " Take the one number out of it with [...]"
    right = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
    assert right, f"`{name}` is not a number but of the type {type(value).__name__}.{hint}".removesuffix(".")
    return float(value)


def same_number(found: float, right: float, tolerance: float = 0.0) -> bool:
    """Whether these are the same, but for rounding: a computer's own, and as much as the tolerance."""
    return abs(found - right) <= tolerance + 1e-9 * max(1.0, abs(right))


def equal(found: Any, right: Any) -> bool:
    """Whether these are equal; no, where Python cannot tell, as of pandas' NA or of a table."""
    try:
        return bool(found == right)
    except (TypeError, ValueError):
        return False


def truth(name: str, value: Any) -> bool:
    """The True or False that stands under this name. AssertionError: it is something else."""
    hint = ": what prints something need not return it" if value is None else ""
    assert isinstance(value, (bool, np.bool_)), f"`{name}` is neither True nor False, but {value!r}{hint}"
    return bool(value)


def json_of(response: Any) -> Any:
    """The JSON in an answer of a learner's app. AssertionError: it is something else."""
    try:
        return response.json()
    except ValueError:
        raise AssertionError(
            f"the answer is no JSON, but the text {response.text[:60]!r}: return a dictionary"
        ) from None


def assert_json(name: str, value: Any) -> None:
    """AssertionError: what stands under this name cannot be sent as JSON."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"`{name}` cannot be sent as JSON ({error}): use plain numbers and texts in it") from None


def assert_of_lesson(answer: Any) -> None:
    """AssertionError: who has answered does not know this address or method, and so is not the app of the lesson."""
    where = "/".join(answer.url.split("/")[:3])
    assert answer.status_code not in (404, 405), f"at {where} another app answers. {START_AGAIN}"


def assert_json_of_answer(name: str, value: Any) -> None:
    """AssertionError: under this name is not the JSON of an answer, but the whole answer, its text, or a function."""
    assert not hasattr(value, "status_code"), f"`{name}` is the whole answer: take its .json()"
    assert not callable(value), f"`{name}` is a function: put brackets behind it, as in .json()"
    is_text = isinstance(value, (str, bytes)) and value[:1] in ("{", "[", b"{", b"[")
    assert not is_text, f"`{name}` is the text of the answer: take its .json()"


def assert_unchanged(given: Any, before: Any) -> None:
    """AssertionError: a function has changed what it was given, and with it what is the caller's."""
    assert given == before, "your function changes what it is given: whoever calls it may need that again"


def assert_words(answers: Any, right: Mapping[str, str], meaning: Mapping[str, str]) -> None:
    """AssertionError, unless a dictionary gives each case its word.

    right: the word of each case. meaning: all words that may be chosen, and what each of them is for: that is told to
    whoever has chosen a wrong one. Capitals, spaces, hyphens and a full stop do not matter, nor does the order.
    """
    assert isinstance(answers, dict), "it is no dictionary any more: run the cell with the cases again, and fill it in"
    plain = {letters(word): word for word in meaning}
    for case, word in right.items():
        assert case in answers, f"the case '{case}' is missing: leave the lines as they were, and fill them in"
        assert answers[case] is not ..., f"there is no answer for '{case}'"
        given = plain.get(letters(answers[case]))
        assert given, f"'{answers[case]}' is none of the words to choose from: {', '.join(meaning)}"
        assert given == word, f"'{case}' does not fit '{given}': {meaning[given]}"


def letters(word: Any) -> str:
    """The letters of a word, all of them small."""
    return "".join(letter for letter in str(word).lower() if letter.isalpha())
