"""Where Python or Pydantic names only the symptom of a slip, a sentence says what to write instead."""

import linecache
import typing

import pytest
import requests
from pydantic import BaseModel, Field

from classroom.servers.app import AppElsewhere
from classroom.slips import advice


def error_of(code, **names):
    """The error with which this code of a learner ends."""
    try:
        exec(code, {"BaseModel": BaseModel, "Field": Field, **vars(typing), **names})
    except Exception as error:
        return error
    raise AssertionError(f"this does not fail: {code}")


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_a_route_for_a_server_that_runs(method):
    cell = f'mine = FastAPI()\n\n@app.{method}("/hello")\ndef hello(): ...'
    error = error_of(f"app.{method}('/hello')", app=AppElsewhere("an_app", 8000))
    own = f"A server that runs takes no new routes. Your own app does: write @mine.{method}(...)."
    assert advice(error, cell) == own
    assert advice(error, "nothing is made here").startswith("A server that runs takes no new routes. Make an app of")


@pytest.mark.parametrize("form", ["Annotated(int, Field(ge=1))", 'Literal("A", "B")'])
def test_round_brackets_instead_of_square_ones(form):
    name = form.partition("(")[0]
    assert advice(error_of(f"class Ticket(BaseModel):\n    deck: {form}"), "") == (
        f"{name} takes square brackets: {name}[...]."
    )


def test_a_line_of_a_class_without_a_type():
    said = advice(error_of('class Ticket(BaseModel):\n    extra = "forbid"'), "")
    assert said.startswith("`extra` has no type. A field needs one, as in `number: int`.")
    assert said.endswith(" it goes into `model_config = ConfigDict(extra=...)`.")


def test_an_answer_that_is_an_error_and_has_no_such_key():
    answer = requests.Response()
    answer.status_code, answer._content = 429, b'{"detail": "Too many attempts to log in. Try again later."}'
    cell = 'token = answer.json()["access_token"]'
    assert advice(error_of(cell, answer=answer), cell) == (
        "The answer has no `access_token`. Most often it is an error then, and says why: look at it without "
        '`["access_token"]`, and mend that first.'
    )
    # In a function of another cell; Python keeps the text of what was read from a file, and IPython that of cells.
    code = "def token():\n    return answer.json()['access_token']\n"
    linecache.cache["<another cell>"] = (len(code), None, code.splitlines(True), "<another cell>")
    names = {"answer": answer}
    exec(compile(code, "<another cell>", "exec"), names)
    said = advice(error_of("token()", **names), "token()")
    assert said.startswith("The answer has no `access_token`.")
    assert advice(error_of("{}['access_token']"), cell.replace("access_token", "prediction")) is None


def test_the_detail_of_an_answer_that_is_no_error():
    answer = requests.Response()
    answer.status_code, answer._content = 200, b'{"prediction": 1, "survival_status": "Survived"}'
    cell = 'print(answer.json()["detail"])'
    no_error = "The answer is no error, so it has no `detail`: look at the whole answer."
    assert advice(error_of(cell, answer=answer), cell) == (
        f"{no_error} Where `answer` comes from another cell, run that cell again."
    )
    cell = 'ask("here").json()["detail"]'
    assert advice(error_of(cell, ask=lambda where: answer), cell) == no_error


@pytest.mark.parametrize("code", ["app.url2", "[].get", "{}['a']", "int('a')", "1 + 'a'"])
def test_other_errors_are_shown_as_always(code):
    assert advice(error_of(code, app=AppElsewhere("an_app", 8000)), "") is None
