"""Write a copy of the course for learners: without solutions, tests and instructor's notes.

It is the course as it was delivered, so that no answer of yours is in it. All lessons and checks work there.
"""

import argparse
from pathlib import Path

from setting_up.places import as_called, is_where_one_is

from classroom.commands._delivered import Delivered, delivered, into, new_folder
from classroom.commands._ending import run
from titanic.problem import Problem

# What holds answers, or shows them; and what only serves who works on the course.
LEFT_OUT = ("notebooks/classroom/solutions/", "tests/", "conftest.py", "INSTRUCTORS.md", ".ci/", ".github/")
PLACE_OF_NOTES = """\
# Plans and notes for instructors

This copy of the course is for learners. The instructor has these notes.
"""
IN_ITS_PLACE = {"INSTRUCTORS.md": PLACE_OF_NOTES}  # README leads there


def files_of(course: Delivered) -> dict[str, bytes]:
    """The files of the handout, by their names."""
    given = {name: content for name, content in course.content.items() if not name.startswith(LEFT_OUT)}
    return given | {name: text.encode() for name, text in IN_ITS_PLACE.items()}


def hand_out(course: Delivered, folder: Path) -> None:
    """Write the handout into this new folder, whole or not at all. Problem: that cannot be done there."""
    if is_where_one_is(folder):  # it would be replaced, and the terminal would stand in a folder that is gone
        raise Problem(f"You are in {folder}: choose a new folder in it, such as {folder / 'handout'}.")
    with into(folder), new_folder(folder, course.root) as part:
        course.write(part, files_of(course))
    print(f"The handout is in {folder.absolute()}. Whoever gets it calls python course.py lab there.")
    if changed := [name for name in course.changed() if not name.startswith(LEFT_OUT)]:
        print(f"It holds what was delivered ({course.source}), not your changes in: {', '.join(changed)}.")


def main() -> None:
    """Write a handout of this course."""
    parser = argparse.ArgumentParser(prog="python course.py handout", description=__doc__)
    parser.add_argument("folder", type=as_called, help="a new one, beside this course")
    hand_out(delivered(), parser.parse_args().folder)


if __name__ == "__main__":
    run(main)
