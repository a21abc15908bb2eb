"""The checks of lesson 07."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from classroom.checks import (
    assert_json,
    assert_json_of_answer,
    assert_of_lesson,
    assert_unchanged,
    equal,
    returned,
)
from titanic.passenger import EXAMPLES

BASE = {"Pclass": 2, "SibSp": 0, "Parch": 0, "Fare": 20, "Embarked": "S"}
TRAVELLERS = [BASE | {"Sex": sex, "Age": age} for sex, age in [("male", 35), ("female", 35), ("male", 6)]]


@contextmanager
def requests_seen() -> Iterator[list[Any]]:
    """A list that gets the JSON of each request that is sent while this lasts, in whatever way one calls requests."""
    seen: list[Any] = []
    send = HTTPAdapter.send

    def look_and_send(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **more: Any) -> Any:
        seen.append(json_in(request))
        return send(self, request, *args, **more)

    HTTPAdapter.send = look_and_send  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        HTTPAdapter.send = send  # type: ignore[method-assign]


def json_in(request: requests.PreparedRequest) -> Any:
    """What a request sends; None, where it is no JSON: then the app says so."""
    try:
        return json.loads(request.body or "null")
    except (TypeError, ValueError):
        return None


def exercise_1(travellers: Any, batch_answer: Any, app: Any) -> None:
    """A man, a woman and a boy in one request."""
    kind = type(travellers).__name__
    assert isinstance(travellers, (list, tuple)), (
        f"`travellers` is of the type {kind}, and not a list of three dictionaries"
    )
    assert len(travellers) == 3, f"`travellers` holds {len(travellers)} passengers, and not three"
    for who, given, right in zip(("the man", "the woman", "the boy"), travellers, TRAVELLERS, strict=True):
        assert isinstance(given, dict), f"{who} is no dictionary"
        for field, value in right.items():
            assert equal(given.get(field), value), f"the {field} of {who} is {given.get(field)!r}, and not {value!r}"
    assert_json_of_answer("batch_answer", batch_answer)
    assert_json("travellers", travellers)
    answer = requests.post(f"{app.url}/predict_batch", json=travellers, timeout=10)
    assert_of_lesson(answer)
    assert answer.status_code == 200, f"about these three the app answers {answer.status_code}: {answer.text[:120]}"
    rows = answer.json()["batch_predictions"]
    assert not equal(batch_answer, rows), (
        '`batch_answer` is only a part of the answer: leave out ["batch_predictions"], and keep all of the JSON'
    )
    one_request = isinstance(batch_answer, dict) and "batch_predictions" in batch_answer
    assert one_request, "`batch_answer` is not the JSON that /predict_batch sends: one request for all three"
    assert batch_answer == answer.json(), f"about these three the app says {answer.json()}"


def exercise_2(predict_in_chunks: Any) -> None:
    """All predictions of a list, with at most so many passengers in a request."""
    passengers = [EXAMPLES[index] for index in (0, 1, 2, 1, 0, 0, 2, 1, 1)]
    right = [1, 0, 1, 0, 1, 1, 1, 0, 0]
    for size, count in (4, 9), (1, 3), (3, 9), (9, 9), (100, 9), (5, 1), (2, 0):
        given = [dict(one) for one in passengers[:count]]
        with requests_seen() as seen:
            found = predict_in_chunks(given, size)
        case = f"with size {size}, {count} passengers"
        assert isinstance(returned(found), list), f"{case} give a {type(found).__name__}, and no list"
        assert not found or not isinstance(found[0], dict), (
            f'{case} give a list of dictionaries: take row["prediction"] of each row in ["batch_predictions"]'
        )
        assert found == right[:count], f"{case} give {found}, and not {right[:count]}"
        whole = all(isinstance(one, Integral) and not isinstance(one, bool) for one in found)
        assert whole, f"{case} give {found}: each must be the number 0 or 1"
        sent = [len(body) if isinstance(body, list) else 1 for body in seen]
        assert seen or not count, f"{case} are predicted, and the check sees no request: send them with `requests`"
        assert max(sent, default=0) <= size, f"{case} travel in requests of {sent}: that is more than the size"
        enough = max(1, math.ceil(count / size))
        assert len(sent) <= enough, f"{case} travel in {len(sent)} requests, of {sent}; {enough} are enough"
        assert_unchanged(given, passengers[:count])
