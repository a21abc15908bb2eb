"""Where things lie in the folder of the course."""

import contextlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
BEFORE = TOOLS / "venv-before"  # a complete .venv, while the next one is being made
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
REQUIREMENTS = [ROOT / "requirements.txt", ROOT / "constraints.txt"]
PROJECT = ROOT / "pyproject.toml"
COMMANDS = ROOT / "notebooks" / "classroom" / "commands"
SOURCES = ("apps", "notebooks", "grafana_dashboard", "book")  # what is imported from here, as in pyproject.toml
STAMP = VENV / "course-is-ready"
CALLED_FROM = "COURSE_CALLED_FROM"  # tells the processes that course.py starts


def remember_where() -> None:
    """Remember the folder in which course.py was called: all that it starts runs in ROOT."""
    os.environ.pop(CALLED_FROM, None)
    with contextlib.suppress(OSError):  # somebody has deleted that folder
        os.environ[CALLED_FROM] = os.getcwd()


def as_called(path: str) -> Path:
    """What a path on the command line means: a relative one begins where course.py was called.

    Exit with a sentence: that folder was deleted.
    """
    if not os.path.isabs(path) and CALLED_FROM not in os.environ:
        sys.exit("The folder that you are in was deleted: go into another one (cd), then call this again.")
    return Path(os.environ.get(CALLED_FROM, ""), path).absolute()


def is_where_one_is(folder: Path) -> bool:
    """True if course.py was called in this folder."""
    here = os.environ.get(CALLED_FROM)
    return here is not None and os.path.realpath(folder) == os.path.realpath(here)
