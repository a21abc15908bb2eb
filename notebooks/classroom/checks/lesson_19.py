"""The checks of lesson 19."""

from typing import Any

from classroom.checks import assert_words, number, returned, same_number

MEANING = {
    "async def": "an async def route stops all other requests while it calculates: right if that is very short",
    "def": "a def route pays a thread for each request: right if a call is long, and costs as much as its rows",
    "micro-batch": "a micro-batch pays if many wait, and one call for all costs little more than one for one",
}


def exercise_1(best_route: Any) -> None:
    """How long a call takes, and what further rows cost, decide."""
    right = {
        "a call takes 20 microseconds": "async def",
        "a call takes 5 ms for 1 row and 6 ms for 64; many clients": "micro-batch",
        "a call takes half a second for each row": "def",
    }
    assert_words(best_route, right, MEANING)


def exercise_2(added_microseconds: Any) -> None:
    """The difference of two times, not of two rates."""
    for app, limit in (2000, 4000), (800, 1000), (500, 1000), (3000.0, 3000.0):
        found = number("added_microseconds(...)", returned(added_microseconds(app, limit)))
        right = 1e6 / app - 1e6 / limit
        case = f"for {app:g} and {limit:g} requests a second it returns {found:g}"
        assert not same_number(found, right / 1e6) or right == 0, f"{case}: that is in seconds, not in microseconds"
        assert not same_number(found, -right) or right == 0, f"{case}: the app takes longer than the limit, not shorter"
        assert same_number(found, right, 0.5), f"{case}, and not {right:g}: how long does one request take in each?"
