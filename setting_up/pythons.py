"""A Python that fits the course: this one, another one of this machine, or one that is fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from setting_up.causes import cause, last_line
from setting_up.environment import run, status_of
from setting_up.installers import by_pip
from setting_up.places import REQUIREMENTS, ROOT, TOOLS

MINORS = ["3.13", "3.12", "3.11", "3.14"]  # the one that is fetched first
FETCHED = TOOLS / "python"
FITS = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))"


def fits() -> bool:
    """True if this Python is one with which the course was made and locked."""
    return (3, 11) <= sys.version_info[:2] <= (3, 14)


def starts(command: list[str]) -> bool:
    """True if there is such a Python, if it fits, and is not only a name that some tool has left there."""
    try:
        done = subprocess.run([*command, "-c", FITS], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return False
    return done.returncode == 0


def another() -> list[str]:
    """How to call another Python that fits; empty if there is none."""
    windows = os.name == "nt"
    names = sorted(FETCHED.glob("cpython-3.13*/python.exe" if windows else "cpython-3.13*/bin/python3.13"))
    commands = [[str(name)] for name in names]
    commands += [["py", "-" + minor] for minor in MINORS if windows] + [["python" + minor] for minor in MINORS]
    return next((command for command in commands if starts(command)), [])


def fetch() -> str:
    """Fetch Python 3.13 into .tools/python, by uv; return why that failed, "" if it did not."""
    uv = shutil.which("uv")
    own = TOOLS / "uv"
    if not uv:
        where = ["--target", str(own), "--upgrade", "--constraint", str(REQUIREMENTS[1])]
        status, said = by_pip("uv", *where, python=sys.executable, show=False)
        uv = shutil.which("uv", path=os.pathsep.join([str(own / "bin"), str(own / "Scripts")]))
        if status or not uv:
            return cause(said) or last_line(said) + "."
    # Only for the course: not on the PATH, and not in the registry of Windows.
    apart = {"UV_PYTHON_INSTALL_DIR": str(FETCHED), "UV_PYTHON_INSTALL_BIN": "0", "UV_PYTHON_INSTALL_REGISTRY": "0"}
    status, said = run(uv, "python", "install", MINORS[0], show=False, **apart)
    return (cause(said) or last_line(said) + ".") if status else ""


def hand_over(arguments: list[str]) -> int | str:
    """Do what the command line says by a Python that fits; return its exit status, or what to tell the reader."""
    version = "{}.{}".format(*sys.version_info[:2])
    python, reason = another(), ""
    if not python and arguments and arguments[0] not in ("-h", "--help", "doctor"):  # these fetch nothing
        print(f"This is Python {version}; the course needs 3.11 to 3.14. Fetching {MINORS[0]} for it ...", flush=True)
        reason = f" {MINORS[0]} could not be fetched: {fetch()}"
        python = another()
    if not python:
        return (
            f"This is Python {version}; the course needs 3.11, 3.12, 3.13 or 3.14.{reason} Install {MINORS[0]} from "
            "https://www.python.org/downloads/ and call it by name: "
            "python3.13 course.py lab (on Windows: py -3.13 course.py lab)."
        )
    command = [*python, str(ROOT / "course.py"), *arguments]
    sys.stdout.flush()
    if os.name != "nt":
        os.execvp(command[0], command)
    return status_of(subprocess.Popen(command))
