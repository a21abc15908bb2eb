"""Which exercises are solved, and the contents of the course with them.

Only the standard library: lesson 00 shows it, and `classroom` is imported before anything is installed.
"""

import contextlib
import json
import os
import re
from pathlib import Path

from classroom.servers.folders import LOGS
from classroom.servers.scripts import lessons


def solved_file() -> Path:
    """A line for each exercise that was solved, such as 05.2. COURSE_PROGRESS names another file, for tests."""
    return Path(os.environ.get("COURSE_PROGRESS") or LOGS / "solved.txt")


def solved() -> set[str]:
    """The exercises that were solved on this machine."""
    with contextlib.suppress(OSError):
        return set(solved_file().read_text(encoding="utf-8").split())
    return set()


def note(exercise: str) -> None:
    """Remember that this exercise is solved. Where nothing can be written, it is forgotten: that stops nobody."""
    if exercise in solved():
        return
    with contextlib.suppress(OSError):
        solved_file().parent.mkdir(exist_ok=True)
        with solved_file().open("a", encoding="utf-8") as file:
            file.write(f"{exercise}\n")


def contents() -> None:
    """Show all lessons, with their minutes and how many of their exercises are solved."""
    from IPython.display import display

    rows = ["| lesson | minutes | exercises solved |", "|---|---|---|"]
    for file in lessons():
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        first = "".join(cells[0]["source"])
        title, minutes = first.splitlines()[0].removeprefix("# "), re.search(r"\*\*(\d+) minutes\*\*", first)
        number = sum("exercise" in cell["metadata"].get("tags", []) for cell in cells)
        done = sum(exercise.startswith(f"{file.stem[:2]}.") for exercise in solved())
        state = "all" if done >= number else f"{done} of {number}"
        rows.append(f"| [{title}]({file.name}) | {minutes[1] if minutes else ''} | {state} |")
    table = "\n".join(rows)
    display({"text/markdown": table, "text/plain": table}, raw=True)
