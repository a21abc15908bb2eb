"""The checks of lesson 25."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from classroom.checks import number, returned


def asking(answers: list[int]) -> tuple[Callable[[], int], list[int]]:
    """A function that gives these statuses one by one, 0 for a connection that breaks; and what it has given so far."""
    given: list[int] = []

    def ask() -> int:
        given.append(answers[len(given)] if len(given) < len(answers) else 200)
        assert len(given) < 10, "it asks without end"
        if not given[-1]:
            raise ConnectionError("the connection broke")
        return given[-1]

    return ask, given


def exercise_1(ask_twice: Any) -> None:
    """Once more if the server has failed or nobody answered, and never for a mistake of one's own."""
    for answers, right, why in (
        ([200], 200, "that is a good answer: one need not ask again"),
        ([422], 422, "that is the client's own mistake: it would be the same once more"),
        ([404], 404, "that is the client's own mistake: it would be the same once more"),
        ([401], 401, "that is the client's own mistake: it would be the same once more"),
        ([429], 429, "the server does its work, and wants to be asked less often"),
        ([500, 200], 200, "the copy has failed, and another one may do better: ask once more"),
        ([503, 503], 503, "the second answer counts, whatever it is"),
        ([502, 200], 200, "the proxy got no answer from a copy, and another one may do better: ask once more"),
        ([504, 200], 200, "the proxy got no answer in time, and another copy may do better: ask once more"),
        ([599, 200], 200, "every status from 500 on says that the server has failed: ask once more"),
        (
            [0, 200],
            200,
            "a broken connection is Python's ConnectionError, not that of requests: catch it and ask again",
        ),
        ([0, 503], 503, "the second answer counts, whatever it is"),
    ):
        ask, given = asking(answers)
        told = ", ".join(str(one) if one else "a broken connection" for one in answers)
        try:
            found = returned(ask_twice(ask))
        except ConnectionError:
            raise AssertionError(f"it ends with an error for {told}: {why}") from None
        asked = "does not ask again" if len(given) < len(answers) else "asks again"
        assert len(given) == len(answers), (
            f"it {asked} after {told.split(', ')[-1 if asked == 'asks again' else 0]}: {why}"
        )
        assert number("the answer", found) == right, f"for {told} it returns {found}, and not {right}: {why}"
    ask, given = asking([500, 0])
    with suppress(ConnectionError):
        ask_twice(ask)
    assert len(given) == 2, "if the connection breaks after a 500, it asks a third time: twice is enough"
    ask, given = asking([0, 0])
    try:
        found = ask_twice(ask)
    except ConnectionError:
        return
    raise AssertionError(
        f"if both connections break it returns {found!r}: let the second error reach the caller, who must know"
    )


def exercise_2(machines_needed: Any) -> None:
    """How many machines answer as many requests as one process without the engine."""
    for model, alone, engine, right in (
        (0.0, 0.5, 10.0, 20),
        (1.0, 1.0, 5.0, 3),
        (9.0, 1.0, 11.0, 2),
        (100.0, 0.5, 10.0, 2),
        (2.0, 1.0, 1.0, 1),
    ):
        found = number("the answer", returned(machines_needed(model, alone, engine)))
        case = f"the model takes {model} ms, a request besides {alone} ms alone and {engine} ms with the engine"
        assert found.is_integer(), f"{case}: it returns {found}, and there is no part of a machine: round up"
        exact = (model + engine) / (model + alone)
        hint = f"one request costs {exact:.2f} times as much with the engine"
        assert found == right, f"{case}: it returns {found:.0f}, and not {right}, because {hint}"
