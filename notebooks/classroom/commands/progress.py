"""Say which exercises are solved: yours, or those of a class.

A check that says "Well done!" notes it in logs/solved.txt; this reads what was noted. A learner sends the instructor
what `python course.py progress --json` prints. For the instructor, FOLDER is a learner's copy of the course, or a file
with what the learner has sent.
"""

import argparse
import contextlib
import getpass
import json
import re
from pathlib import Path
from typing import Any

from setting_up.places import as_called

from classroom.commands._ending import run
from classroom.progress import exercises, solved_file
from classroom.servers.disk import reason
from classroom.servers.scripts import lessons
from titanic.problem import Problem


def known() -> dict[str, list[str]]:
    """The exercises of each lesson, such as {"05": ["05.1", "05.2"]}."""
    return {file.stem[:2]: exercises(file) for file in lessons()}


def solved_in(place: Path) -> list[str]:
    """The exercises that were solved in this copy of the course, or by whom this file is. Problem: it is neither."""
    if place.is_dir() and not (place / "course.py").is_file():
        raise Problem(f"{place} is no folder of the course: there is no course.py in it.")
    file = place / "logs" / "solved.txt" if place.is_dir() else place
    if place.is_dir() and not file.exists():
        return []
    return read(file)


def read(file: Path) -> list[str]:
    """The exercises that this file names. Problem: it is not what a check or `progress --json` has written."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise Problem(f"There is no file or folder {file}: check the name.") from None
    except OSError as error:
        raise Problem(reason(error)) from None
    try:
        # With >, the PowerShell of Windows writes two bytes a letter.
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig").strip()
        found = json.loads(text)["solved"] if text.startswith("{") else text.split()
        names = sorted({*found})
    except (ValueError, KeyError, TypeError, RecursionError):
        names = ["?"]
    if not all(isinstance(name, str) and re.fullmatch(r"\d\d\.\d", name) for name in names):
        raise Problem(
            f"{file} is not the progress of a learner: ask for a new one, made by python course.py progress --json."
        )
    of_course = {exercise for those in known().values() for exercise in those}
    return [name for name in names if name in of_course]  # an older version of the course may have had others


def own() -> list[str]:
    """What was solved here. Problem: nobody can read it any more."""
    try:
        return read(solved_file()) if solved_file().exists() else []
    except Problem:
        raise Problem(
            f"{solved_file()} is not what a check has written: delete it. Each check that you run again notes it anew."
        ) from None


def one_learner(done: list[str]) -> str:
    """A line for each lesson."""
    lines = []
    for file in lessons():
        of_lesson = exercises(file)
        left = [exercise for exercise in of_lesson if exercise not in done]
        state = f"{len(of_lesson) - len(left)} of {len(of_lesson)}"
        lines.append(f"{file.stem:44} {state}" + (f"   left: {', '.join(left)}" if left else ""))
    return "\n".join([*lines, "", f"{len(done)} of {total()} exercises are solved."])


def login_name() -> str:
    """Who uses this machine; "" where nobody has a name, as in some containers."""
    with contextlib.suppress(KeyError, OSError):
        return getpass.getuser()
    return ""


def total() -> int:
    """How many exercises the course has."""
    return sum(map(len, known().values()))


def one_class(learners: dict[str, list[str]]) -> str:
    """A line for each learner and a column for each lesson: how many exercises are solved."""
    width = max(map(len, learners))
    lines = [f"{'lesson':{width}}  " + " ".join(known()) + "  all"]
    for name, done in learners.items():
        counts = [sum(exercise in done for exercise in those) for those in known().values()]
        lines.append(f"{name:{width}}  " + " ".join(f"{count or '.':>2}" for count in counts) + f"  {len(done):3}")
    return "\n".join([*lines, "", f"There are {total()} exercises."])


def progress() -> None:
    """Print what is solved. What cannot be read is told after the rest; then the exit status is 1."""
    parser = argparse.ArgumentParser(prog="python course.py progress", description=__doc__)
    parser.add_argument("folder", nargs="*", type=as_called, help="of learners; without one, this course")
    parser.add_argument("--json", action="store_true", help="for a program: name, solved, exercises")
    options = parser.parse_args()
    if not options.folder:
        done = own()
        told: Any = {"name": login_name(), "solved": done, "exercises": total()}
        print(json.dumps(told) if options.json else one_learner(done))
        return
    learners, wrong = {}, []
    for place in options.folder:
        try:
            name = place.resolve().name if place.is_dir() else place.stem
            learners[name if name not in learners else str(place)] = solved_in(place)
        except Problem as problem:
            wrong.append(str(problem))
    if options.json:
        told = [{"name": name, "solved": done, "exercises": total()} for name, done in learners.items()]
        print(json.dumps(told))
    elif learners:
        print(one_class(learners))
    if wrong:
        raise Problem("\n".join(wrong))


if __name__ == "__main__":
    run(progress, writes=False)
