"""Which exercises are solved, and the contents of the course with them.

Only the standard library: lesson 00 shows it, and `classroom` is imported before anything is installed.
"""

import contextlib
import json
import os
import re
from pathlib import Path
from typing import Any

from classroom.servers.folders import LOGS
from classroom.servers.scripts import lessons
from titanic.problem import Problem


def solved_file() -> Path:
    """A line for each exercise that was solved, such as 05.2. COURSE_PROGRESS names another file, for tests."""
    return Path(os.environ.get("COURSE_PROGRESS") or LOGS / "solved.txt")


def solved() -> set[str]:
    """The exercises that were solved on this machine."""
    with contextlib.suppress(OSError):  # what is damaged counts for nothing, and keeps nobody from what is whole
        return set(solved_file().read_text(encoding="utf-8", errors="replace").split())
    return set()


def note(exercise: str) -> None:
    """Remember that this exercise is solved. Where nothing can be written, it is forgotten: that stops nobody."""
    if exercise in solved():
        return
    with contextlib.suppress(OSError):
        solved_file().parent.mkdir(exist_ok=True)
        with solved_file().open("a", encoding="utf-8") as file:
            file.write(f"{exercise}\n")


def cells_of(file: Path) -> list[dict[str, Any]]:
    """The cells of a notebook, as its file has them. Problem: it is no notebook any more."""
    try:
        written = json.loads(file.read_text(encoding="utf-8"))
        cells: list[dict[str, Any]] = written["cells"]
        if written["nbformat"] == 4 and cells and all(map(is_cell, cells)):
            return cells
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, FileNotFoundError):
        pass  # a merge that was cut off, an empty file, a link to nothing ...
    except (IsADirectoryError, PermissionError):  # Windows says the second of a folder
        if not file.is_dir():
            raise
    raise Problem(f"{file.name} is no notebook any more. Call python course.py reset to have it back.")


def is_cell(cell: Any) -> bool:
    """True if it has what the course reads of it. LookupError, AttributeError, TypeError: it is no cell at all."""
    text = cell["source"]  # a string, or a list of lines
    return isinstance("".join(text), str) and isinstance(cell["metadata"].get("tags", []), list)


def exercises(file: Path) -> list[str]:
    """The exercises of a lesson: 05.1, 05.2."""
    count = sum("exercise" in cell["metadata"].get("tags", []) for cell in cells_of(file))
    return [f"{file.stem[:2]}.{number}" for number in range(1, count + 1)]


def contents() -> None:
    """Show all lessons, with their minutes and how many of their exercises are solved."""
    from IPython.display import display

    rows = ["| lesson | minutes | exercises solved |", "|---|---|---|"]
    for file in lessons():
        first = "".join(cells_of(file)[0]["source"])
        title, minutes = first.partition("\n")[0].removeprefix("# "), re.search(r"\*\*(\d+) minutes\*\*", first)
        of_lesson = exercises(file)
        done = len(solved() & {*of_lesson})
        state = "all" if done == len(of_lesson) else f"{done} of {len(of_lesson)}"
        rows.append(f"| [{title}]({file.name}) | {minutes[1] if minutes else ''} | {state} |")
    table = "\n".join(rows)
    display({"text/markdown": table, "text/plain": table}, raw=True)
