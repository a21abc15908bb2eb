"""A Python that fits the course: this one, another one of this machine, or one that is fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig

from setting_up import stick
from setting_up.causes import cause, last_line
from setting_up.environment import run, status_of
from setting_up.installers import by_pip
from setting_up.places import REQUIREMENTS, ROOT, TOOLS

MINORS = ["3.13", "3.12", "3.11", "3.14"]  # the one that is fetched first
FETCHED = TOOLS / "python"
INTEL_MAC = (
    "This Python is for Macs with an Intel processor, and for these some packages of the course are not made. If your "
    "Mac has an Apple processor (M1 or newer), install 3.13 from https://www.python.org/downloads/ and call it by "
    "name: python3.13 course.py lab. Else take another machine."
)


def minors() -> list[str]:
    """The Pythons with which the course was made and locked; from a stick, those for which it has packages."""
    return stick.minors() or MINORS


def needs() -> str:
    """Which Pythons these are, in words."""
    listed = " or ".join(stick.minors())
    needed = f"the packages in {stick.folder()} are for {listed}" if listed else "the course needs 3.11 to 3.14"
    return needed + (" in its usual kind, CPython of 64 bits" if kind() else "")


def kind() -> str:
    """In words, what else than its version keeps ready-made packages from this Python; "" if nothing does."""
    if sys.implementation.name != "cpython":
        return f" ({sys.implementation.name})"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return " (free-threaded)"
    if sys.maxsize < 2**32:
        return " (32 bits)"
    return " (for Intel Macs)" if stick.this_system() == "darwin-amd64" else ""


def fits() -> bool:
    """True if this Python is one of them."""
    return "{}.{}".format(*sys.version_info[:2]) in minors() and not kind()


def starts(command: list[str]) -> bool:
    """True if there is such a Python, if it fits, and is not only a name that some tool has left there."""
    ask = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from setting_up import pythons; sys.exit(not pythons.fits())"
    try:
        done = subprocess.run([*command, "-c", ask], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return False
    return done.returncode == 0


def another() -> list[str]:
    """How to call another Python that fits; empty if there is none."""
    windows = os.name == "nt"
    fetched = f"cpython-{minors()[0]}*"
    names = sorted(FETCHED.glob(f"{fetched}/python.exe" if windows else f"{fetched}/bin/python{minors()[0]}"))
    commands = [[str(name)] for name in names]
    commands += [["py", "-" + minor] for minor in minors() if windows]
    # Windows adds .exe only to a name without a dot.
    commands += [["python" + minor + (".exe" if windows else "")] for minor in minors()]
    return next((command for command in commands if starts(command)), [])


def fetch() -> str:
    """Fetch Python into .tools/python, by uv; return why that failed, "" if it did not.

    On a stick lies the one that the uv beside it knows.
    """
    uv = None if stick.folder() else shutil.which("uv")
    if stick.folder() and not stick.python_mirror():
        return f"{stick.folder()} brings no Python for {stick.this_system()}."
    own = TOOLS / "uv"
    if not uv:
        where = ["--target", str(own), "--upgrade", "--constraint", str(REQUIREMENTS[1])]
        status, said = by_pip("uv", *where, python=sys.executable, show=False)
        uv = shutil.which("uv", path=os.pathsep.join([str(own / "bin"), str(own / "Scripts")]))
        if status or not uv:
            return cause(said) or last_line(said) + "."
    # Only for the course: not on the PATH, and not in the registry of Windows.
    apart = {"UV_PYTHON_INSTALL_DIR": str(FETCHED), "UV_PYTHON_INSTALL_BIN": "0", "UV_PYTHON_INSTALL_REGISTRY": "0"}
    status, said = run(uv, "python", "install", minors()[0], show=False, **apart, **stick.python_mirror())
    return (cause(said) or last_line(said) + ".") if status else ""


def hand_over(arguments: list[str]) -> int | str:
    """Do what the command line says by a Python that fits; return its exit status, or what to tell the reader."""
    version = "{}.{}{}".format(*sys.version_info[:2], kind())
    python, reason = another(), ""
    asks = not arguments or arguments[0] == "doctor" or {"-h", "--help"} & {*arguments}
    if not python and stick.this_system() == "darwin-amd64":
        return INTEL_MAC
    if not python and not asks:  # who only asks something does not wait for a Python
        print(f"This is Python {version}; {needs()}. Fetching {minors()[0]} for it ...", flush=True)
        reason = f" {minors()[0]} could not be fetched: {fetch() or 'what was fetched does not fit.'}"
        python = another()
    if not python:
        first = minors()[0]
        return (
            f"This is Python {version}; {needs()}.{reason} Install {first} from "
            "https://www.python.org/downloads/ and call it by name: "
            f"python{first} course.py lab (on Windows: py -{first} course.py lab)."
        )
    command = [*python, str(ROOT / "course.py"), *arguments]
    sys.stdout.flush()
    if os.name != "nt":
        os.execvp(command[0], command)
    return status_of(subprocess.Popen(command))
