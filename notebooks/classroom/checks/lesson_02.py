"""The checks of lesson 02."""

import re
from typing import Any

import requests
from fastapi import FastAPI
from fastapi.testclient import TestClient

from classroom.checks import assert_of_lesson, json_of, number


def exercise_1(app: Any) -> None:
    """Three names in the guest book. Who has sent an empty one too cannot take it back, and need not."""
    answer = requests.get(f"{app.url}/guests", timeout=10)
    assert_of_lesson(answer)
    assert answer.status_code == 200, f"GET /guests answers {answer.status_code}: {answer.text[:120]}"
    guests = answer.json()
    names = [name for name in guests if name.strip()]
    empty = f", and {len(guests) - len(names)} empty ones, which do not count" if len(names) < len(guests) else ""
    assert len(names) >= 3, (
        f"the guest book holds {counted(len(names))}{empty}: send three with `requests.post`, as `params`, one request "
        "for each name"
    )


def counted(names: int) -> str:
    """So many names, in words."""
    return "1 name" if names == 1 else f"{names} names"


def exercise_2(status: Any) -> None:
    """The status code of PUT /guests."""
    assert not hasattr(status, "status_code"), "`status` is the whole answer: take its .status_code"
    found = number("status", status)
    why: dict[float, str] = {
        404: "404 is for an address that does not exist, and /guests does",
        422: "422 is for a request in which something is missing; here not even the method fits",
        200: "nothing in the app answers to PUT: send it, and look",
        201: "nothing in the app answers to PUT: send it, and look",
    }
    # The app is not asked: it may have been stopped since.
    assert found == 405, why.get(found, f"the app does not answer {found:.12g}: send PUT, and look")


def exercise_3(mine: Any) -> None:
    """GET /hello of an app of one's own."""
    assert isinstance(mine, FastAPI), "`mine` is no FastAPI app any more: write `mine = FastAPI()` above your route"
    response = TestClient(mine, follow_redirects=False).get("/hello")
    hint = {
        404: ": `mine` has no such route yet",
        405: ": the route is there, but it does not answer to GET",
        422: ": your function wants a parameter, and nobody sends one. Write the name into the text",
    }
    code = response.status_code
    assert code == 200, f"GET /hello answers {code}{hint.get(code, '')}"
    answer = json_of(response)
    assert answer is not None, "the answer is None: is a `return` missing?"
    right = isinstance(answer, dict) and set(answer) == {"message"}
    assert right, f"the answer must be a dictionary with nothing but a message, and it is {answer!r}"
    message = answer["message"]
    assert isinstance(message, str), f"the message is {message!r}, and no text: write it in quotes"
    found = re.fullmatch(r"Hello, (.*)!", message)
    assert found, f"the message is {message!r}: it must begin with 'Hello, ' and end with '!'"
    has_name = re.search(r"\w", found[1]) and "{" not in message
    assert has_name, f"the message is {message!r}: there is no name in it yet"
