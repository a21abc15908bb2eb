"""The checks of lesson 06."""

import math
from typing import Any

import requests
from pydantic import BaseModel, PydanticUserError, ValidationError

from classroom.checks import assert_json, assert_of_lesson, number, truth
from titanic.dataset import read_passengers


def exercise_1(DeckTicket: Any) -> None:
    """A class with a number and a deck."""
    right = isinstance(DeckTicket, type) and issubclass(DeckTicket, BaseModel)
    assert right, "`DeckTicket` is not a class that inherits from BaseModel"
    assert DeckTicket.model_fields, "it has no fields yet: write a line with a name and a type for each"

    def passes(**fields: Any) -> bool:
        try:
            DeckTicket(**fields)
        except ValidationError as error:
            refusals.append(error.errors()[0]["msg"])
            return False
        except PydanticUserError:  # deck: "A" or "B" is the name of a class that nobody has made
            raise AssertionError(
                "Pydantic does not know a type that stands in it: words that may be chosen belong into Literal[...]"
            ) from None
        return True

    refusals: list[str] = []
    for count, deck in ((1, "A"), (999_999, "G"), *((42, letter) for letter in "ABCDEFG")):
        assert passes(number=count, deck=deck), f"the ticket {count} of deck {deck} is refused: {refusals[-1]}"
    assert not passes(number=0, deck="A"), "the number 0 passes: the lowest is 1"
    assert not passes(number=-1, deck="A"), "the number -1 passes: the lowest is 1"
    assert not passes(number=1_000_000, deck="A"), "the number 1,000,000 passes: the highest is 999,999"
    assert not passes(number=1.5, deck="A"), "the number 1.5 passes: it must be a whole number"
    for letter in ("H", "AH", "AB", "BC", "", "a", None):
        assert not passes(number=1, deck=letter), f"the deck {letter!r} passes: only one of the letters A to G may"
    assert not passes(number=1), "a ticket without a deck passes: a field without a default is required"
    assert not passes(deck="A"), "a ticket without a number passes: a field without a default is required"
    assert not passes(number=None, deck="A"), "the number None passes"
    assert not passes(number=1, deck="A", cabin=7), (
        "an unknown field passes: set a rule for the whole class, in `model_config`"
    )


def exercise_2(wrong: Any, app: Any) -> None:
    """A passenger who is refused for exactly three reasons."""
    assert wrong is not None, "`wrong` is None: `send` only prints. Put the dictionary itself into `wrong`"
    assert isinstance(wrong, dict), f"`wrong` is of the type {type(wrong).__name__}, and not a dictionary"
    assert_json("wrong", wrong)
    answer = requests.post(f"{app.url}/predict_single", json=wrong, timeout=10)
    assert_of_lesson(answer)
    assert answer.status_code == 422, f"the app does not refuse this passenger: it answers {answer.status_code}"
    reasons = [str(reason["loc"][-1]) for reason in answer.json()["detail"]]
    s = "" if len(reasons) == 1 else "s"
    named = f"{len(reasons)} reason{s} and not three, in the field{s} {', '.join(reasons)}"
    assert len(reasons) == 3, f"the app names {named}"


def exercise_3(youngest: Any, accepted: Any) -> None:
    """The age of the youngest passenger, rounded or not, and whether the app takes it (more than 0, so it does)."""
    found, right = number("youngest", youngest), float(read_passengers()[0]["Age"].min())
    assert not math.isnan(found), "nan is not a number: some ages are missing; use `.min()` of the column"
    for what, factor in ("months", 12), ("weeks", 52.2), ("days", 365.25):
        assert abs(found / (right * factor) - 1) > 0.03, f"that is the age in {what}: the data set counts in years"
    assert found < right + 0.005, f"somebody aboard was younger than {found:g} years"
    assert found > right - 0.005, f"nobody aboard was as young as {found:g} years; of a rounded age, give two decimals"
    assert truth("accepted", accepted), "the app does accept this age: send it, with `send(Age=youngest)`"
