"""What to write instead, in one sentence, where Python or Pydantic names only the symptom of a slip."""

import re
import traceback

METHODS = ("get", "post", "put", "patch", "delete")  # of HTTP, by which FastAPI makes routes
SERVERS = ("RunningApp", "AppElsewhere")  # what start_app returns


def advice(error: Exception, cell: str) -> str | None:
    """What was meant, in a sentence; None, if the error is of another kind. cell: the one that failed."""
    return (
        route_of_a_server(error, cell)
        or round_brackets(error)
        or field_without_a_type(error)
        or key_of_an_answer(error, cell)
    )


def route_of_a_server(error: Exception, cell: str) -> str | None:
    """@app.get(...), where `app` is not FastAPI's, but what start_app has returned."""
    if not isinstance(error, AttributeError) or error.name not in METHODS or type(error.obj).__name__ not in SERVERS:
        return None
    own = re.search(r"^(\w+) = FastAPI\(", cell, re.MULTILINE)
    name = own[1] if own else "mine"
    begin = "Your own app" if own else "Make an app of your own, mine = FastAPI(); it"
    return f"A server that runs takes no new routes. {begin} does: write @{name}.{error.name}(...)."


def round_brackets(error: Exception) -> str | None:
    """Annotated(...) and its like; Python says that it cannot be instantiated."""
    form = re.search(r"(?:Type|instantiate) (?:typing\.)?(Annotated|Literal)", str(error))
    return f"{form[1]} takes square brackets: {form[1]}[...]." if isinstance(error, TypeError) and form else None


def field_without_a_type(error: Exception) -> str | None:
    """A line `name = value` in a class of Pydantic."""
    line = re.match(r"A non-annotated attribute was detected: `(\w+) = ", str(error))
    if line is None:
        return None
    return (
        f"`{line[1]}` has no type. A field needs one, as in `number: int`. A rule for the whole class is no field: it "
        f"goes into `model_config = ConfigDict({line[1]}=...)`."
    )


def key_of_an_answer(error: Exception, cell: str) -> str | None:
    """....json()["prediction"], where the answer is an error and has no such key; Python shows only the key."""
    if not isinstance(error, KeyError) or not error.args:
        return None
    frames = traceback.extract_tb(error.__traceback__)
    line = frames[-1].line if frames and frames[-1].line else cell  # also of a function of another cell
    key = re.search(rf"(\w*)\.json\(\)(\[[\"']{re.escape(str(error.args[0]))}[\"']\])", line)
    if key is None:
        return None
    if error.args[0] == "detail":  # all errors of the apps have one
        where = f" Where `{key[1]}` comes from another cell, run that cell again." if key[1] else ""
        return f"The answer is no error, so it has no `detail`: look at the whole answer.{where}"
    return (
        f"The answer has no `{error.args[0]}`. Most often it is an error then, and says why: look at it without "
        f"`{key[2]}`, and mend that first."
    )
