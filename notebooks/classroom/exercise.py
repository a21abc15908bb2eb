"""Tell whether an exercise is solved, and offer a solution of it."""

import importlib
import inspect
import linecache
import re
import reprlib
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

from classroom import progress
from classroom.servers.folders import SOLUTIONS
from titanic.problem import Problem

# What to say where Python was told to leave out every assert: then a check cannot find anything wrong.
NO_ASSERT = (
    "Not yet, because this Python leaves out every `assert`, and so nothing can be checked: "
    "unset PYTHONOPTIMIZE, or start Python without -O, and restart the kernel."
)
WELL_DONE = "Well done!"
OF_BEFORE = "Your last cell ended with an error, so this is about what was there before it. Mend that error first."
START_AGAIN = "Run the cell `app = start_app(...)` above again, then this one"
AT_MOST = 300  # letters of an error: some libraries write a page


def check(exercise: str) -> None:
    """Say *Well done* if the answer to this exercise, such as "05.2", is right, else *Not yet* and why.

    What is right stands in classroom/checks. The answer is found by its name, among those of the cell that calls this.
    """
    said = verdict(exercise, sys._getframe(1).f_globals)
    if said == WELL_DONE:
        progress.note(exercise)
    elif last_cell_failed():
        said = f"{OF_BEFORE} {said}"
    print(said)


def last_cell_failed() -> bool:
    """True if the cell that was run before this one, in this notebook, ended with an error."""
    from IPython.core.getipython import get_ipython

    result = getattr(get_ipython(), "last_execution_result", None)
    return result is not None and not result.success


def solution(exercise: str) -> None:
    """Offer a solution of this exercise, such as "05.2". It stays folded until one clicks on it, and it is not run."""
    from IPython.display import display

    if not SOLUTIONS.is_dir():
        print("This copy of the course has no solutions. Your instructor has them.")
        return
    code = solutions(exercise.partition(".")[0])[exercise]
    folded = f"<details><summary>Click here to see a solution.</summary>\n\n````python\n{code}\n````\n\n</details>"
    display({"text/markdown": folded, "text/plain": code}, raw=True)


def solutions(lesson: str) -> dict[str, str]:
    """The code that solves each exercise of a lesson ("05"), by its number ("05.2")."""
    text = (SOLUTIONS / f"lesson_{lesson}.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^## ([\d.]+)\n.*?^```python\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL))


def verdict(exercise: str, names: dict[str, Any]) -> str:
    """What to say about the answer to this exercise. names: the names of the notebook, and what they stand for."""
    if not __debug__:
        return NO_ASSERT
    lesson, number = exercise.split(".")
    judge = getattr(importlib.import_module(f"classroom.checks.lesson_{lesson}"), f"exercise_{number}")
    try:
        judge(**asked_for(judge, names))
    except Problem as problem:  # nothing is wrong with the answer, as far as one knows
        return f"This cannot be checked now. {problem}"
    except Exception as error:  # a starter cell may hold anything
        said = f"Not yet, because {reason(error, names)}"
        return said if said.endswith("?") else f"{said}."
    return WELL_DONE


def asked_for(judge: Callable[..., None], names: dict[str, Any]) -> dict[str, Any]:
    """What this check looks at, by the names of its parameters; `notebook` is for all names of the notebook.

    AssertionError: one of them is missing, or still `...`.
    """
    wanted = list(inspect.signature(judge).parameters)
    found = {"notebook": names} | names
    for name in wanted:
        assert name in found, f"there is no `{name}` yet: run the cell above that makes it, then this one again"
    for name in wanted:
        assert found[name] is not ..., f"`{name}` still holds the three dots"
    return {name: found[name] for name in wanted}


def reason(error: Exception, names: dict[str, Any]) -> str:
    """Why an answer is not right, without a full stop: what the check says; or the learner's line that failed."""
    address = getattr(getattr(error, "request", None), "url", None)
    if address and type(error).__name__ in ("ConnectionError", "ConnectTimeout", "ReadTimeout"):  # of requests
        server = "/".join(address.split("/")[:3])
        return f"nothing answers at {server}. {START_AGAIN}"
    if isinstance(error, AttributeError) and error.name == "url" and error.obj is names.get("app", error):
        return f"`app` is no longer the running app, but of the type {type(error.obj).__name__}. {START_AGAIN}"
    if type(error).__name__ == "ResponseValidationError":  # of FastAPI: the function of a route has ended well
        promised = "and not what it promises behind the arrow or in response_model"
        given = getattr(error, "body", None)
        hint = ": is a `return` missing?" if given is None else ""
        return f"your route returns {reprlib.repr(given)}, {promised}{hint}"
    text = " ".join(str(error).split()).removesuffix(".")
    text = text if len(text) <= AT_MOST else f"{text[:AT_MOST]} ..."
    frames = list(traceback.walk_tb(error.__traceback__))
    library = frames[-1][0].f_globals.get("__name__", "").partition(".")[0] if frames else ""
    if library in ("fastapi", "starlette") and text == "'<' not supported between instances of 'str' and 'int'":
        return "a status code is a text: write the number without quotes"  # it only fails when it is answered
    own = [(frame, frame.f_code.co_filename, line) for frame, line in frames if frame.f_globals is names]
    if own:  # the first of these is in the cell of the answer; others may be in cells of the lesson, which it calls
        file = own[0][1]
        line = [line for _, other, line in own if other == file][-1]
        source = linecache.getline(file, line).strip()
        asked = called_as(own[0][0])
        told = f"your code ends with {type(error).__name__}: {text}. It is line {line} of its cell: `{source}`{asked}"
        # What the check has handed to the code, such as a function that counts, may object too.
        of_check = isinstance(error, AssertionError) and frames[-1][0].f_globals is not names
        return told.partition(": ")[2] if of_check else told
    no_function = re.fullmatch(r"'([\w.]+)' object is not callable", text)
    if isinstance(error, TypeError) and no_function:
        kind = no_function[1]
        return f"the name of your function now stands for something of the type {kind}: run the cell with `def` again"
    return text if isinstance(error, AssertionError) else f"the check met {type(error).__name__}: {text}"


def called_as(frame: FrameType) -> str:
    """How the check called the learner's function, as the end of a sentence; nothing, where that is long."""
    values = inspect.getargvalues(frame)
    call = f"{frame.f_code.co_name}({', '.join(repr(values.locals[name]) for name in values.args)})"
    return f", for {call}" if values.args and len(call) <= 80 else ""
