"""Whether the course can be set up where it lies: not each path is one with which the packages work."""

import errno
import os
import re
import shutil
import sys
from pathlib import Path

from setting_up.places import ROOT, TOOLS

LONGEST = 172  # letters, of a file in .venv: Windows allows 260 with all folders above it, unless it was told otherwise
NAME = 40  # letters that a name may have on each disk


def refuse_wrong_path() -> None:
    """Exit with a sentence if the path of the course has something in it with which the packages do not work."""
    if wrong := wrong_in_path():
        sys.exit(
            f"The path {ROOT} has {wrong} in it, with which the packages of the course do not work: "
            "rename that folder, then call this again."
        )


def refuse_long_path() -> None:
    """Exit with a sentence if the path of the course is too long."""
    if path_is_too_long():
        sys.exit(
            f"The path {ROOT} is too long: files of the packages would get names that this system cannot open. "
            r"Move the course into a folder with a short path, such as C:\unsinkable, then call this again."
        )


def wrong_in_path() -> str:
    """What the path of the course must not have in it, in words; "" if it has nothing of the kind."""
    try:
        str(ROOT).encode()
    except UnicodeEncodeError:
        return "letters that are not UTF-8"
    # The first stands between two folders in the PATH; behind the second, the address of MLflow's store would end, and
    # with the third, MLflow cannot make its tables there. With the others, Prometheus does not find its rules.
    wrong = (os.pathsep, "?", "%", "*") + (("\\",) if os.name != "nt" else ())
    return next((letter for letter in wrong if letter in str(ROOT)), "")


def longest_path() -> Path:
    """A path like the longest one of a file in .venv: each name in it is short, as some disks want it."""
    letters = "a" * (LONGEST - len(TOOLS.name) - 1)
    names = re.findall(f".{{1,{NAME}}}", letters)
    return TOOLS.joinpath(*[name[:-1] for name in names[:-1]], names[-1])


def path_is_too_long() -> bool:
    """True if there is no room for the longest path of a file in .venv."""
    probe = longest_path()
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.touch()
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.ENAMETOOLONG)  # Windows says that there is no such folder
    finally:
        shutil.rmtree(TOOLS / probe.relative_to(TOOLS).parts[0], ignore_errors=True)
    return False
