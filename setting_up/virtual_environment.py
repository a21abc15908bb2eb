"""The folder .venv: making it, whole or not at all, and fitting it to another place."""

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

from setting_up import stick
from setting_up.causes import last_line
from setting_up.environment import run
from setting_up.installers import by_pip, get_pip, install, itself, not_usable
from setting_up.path import refuse_long_path, refuse_wrong_path
from setting_up.places import BEFORE, BIN, COMMANDS, PROJECT, PYTHON, REQUIREMENTS, ROOT, STAMP, TOOLS, VENV

# Make the programs of all packages in this folder, for the Python that runs this.
MAKE_SCRIPTS = """
import importlib.metadata, sys
from pip._vendor.distlib.scripts import ScriptMaker

maker = ScriptMaker(None, sys.argv[1])
maker.clobber, maker.variants = True, {""}
for one in importlib.metadata.entry_points(group="console_scripts"):
    maker.make(f"{one.name} = {one.value}")
"""


def fingerprint() -> str:
    """What .venv was made from and, in a second line, where: a virtual environment does not survive being moved."""
    parts = [b"\0".join(path.read_bytes() for path in [*REQUIREMENTS, PROJECT]), os.fsencode(VENV)]
    return "\n".join(hashlib.sha256(part).hexdigest() for part in parts)


def stamp() -> str:
    """What .venv was made from, as the file in it says; "" if there is none, or nobody can read it."""
    with contextlib.suppress(OSError, UnicodeError):
        return STAMP.read_text(encoding="ascii")
    return ""


def write_stamp() -> None:
    """Say that .venv is complete: as the last thing, whole or not at all."""
    part = STAMP.with_suffix(".part")
    part.write_text(fingerprint(), encoding="ascii")
    for pause in (0.01, 0.1, 0.3, 0.6, 2):  # in seconds; as titanic/renaming.py says
        try:
            part.replace(STAMP)
            return
        except PermissionError as error:
            if not hasattr(error, "winerror"):
                raise
            time.sleep(pause)
    part.replace(STAMP)


def is_ready() -> bool:
    """True if .venv was made completely, from these requirements, in this place."""
    return has_python() and stamp() == fingerprint()


def has_python() -> bool:
    """True if the link to the Python of .venv leads to one; not if that lies in a folder of somebody else."""
    return os.path.exists(PYTHON)  # PYTHON.exists() would raise PermissionError there


def has_moved() -> bool:
    """True if .venv is complete, but the folder of the course was moved, renamed or copied afterwards."""
    return stamp().partition("\n")[0] == fingerprint().partition("\n")[0]


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Wait while another set-up is at work: one in another terminal, or what is left of one that was killed."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "setup.lock").open("wb") as lock:
        # The installers inherit the lock: where the system allows it, they hold it even when this process is killed.
        os.set_inheritable(lock.fileno(), True)
        waiting = False
        while not try_lock(lock.fileno()):
            if not waiting:
                print("Another set-up is still at work; waiting for it ...", flush=True)
            waiting = True
            time.sleep(0.5)
        yield


def try_lock(file: int) -> bool:
    """Take the lock on this open file; False if somebody has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # Windows says the second
        return False
    except OSError:  # a disk that knows no locks, as some on a network: to wait for one would never end
        return True
    return True


def set_up() -> None:
    """Make .venv and install the locked packages, unless that is done already."""
    missing = [path.name for path in [*REQUIREMENTS, PROJECT, ROOT / "apps", COMMANDS] if not path.exists()]
    if missing:
        sys.exit(f"{ROOT} is not the whole course: {', '.join(missing)} is missing. Download the course again.")
    if is_ready():
        return
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "This Python comes without its venv module. On Debian and Ubuntu: "
            f"sudo apt install python3.{sys.version_info.minor}-venv. Then call this again."
        )
    if Path(sys.prefix) == VENV:
        sys.exit("The packages of the course have changed. Leave its .venv (type deactivate), then call this again.")
    refuse_wrong_path()
    with only_one():
        refuse_long_path()
        if is_ready():
            return
        if not (has_moved() and fit_to_this_place()):
            stick.check_packages()
            print(f"Setting up the course in {ROOT}. This is done once.", flush=True)
            with old_one_kept():
                make()
                write_stamp()
        print("The course is ready.", flush=True)


def fit_to_this_place() -> bool:
    """Correct the paths in a .venv that has moved; this needs no internet. False if that does not make it whole."""
    print("The folder of the course has moved: fitting its packages to the new place.", flush=True)
    base = python_below()
    if not base or run(base, "-I", "-m", "venv", "--without-pip", str(VENV), show=False)[0]:
        return False
    if get_pip() or by_pip("--no-index", "--quiet", *itself(), show=False)[0]:
        return False
    fit_scripts()
    if not_usable():
        return False
    write_stamp()
    return True


def fit_scripts() -> None:
    """Let the programs in .venv, such as uvicorn, call the Python that is beside them now."""
    if os.name == "nt":  # there they are .exe files, which pip can make anew
        run(str(PYTHON), "-I", "-c", MAKE_SCRIPTS, str(BIN), show=False)
        return
    for script in BIN.iterdir():
        content = script.read_bytes()
        head = re.match(rb"#!(/bin/sh\n'''exec' .*\n' '''|.*python[\d.]*)\n", content)
        if head:
            script.write_bytes(shebang() + content[head.end() :])


def python_below() -> str:
    """The Python on which .venv stands; "" if there is none.

    One that was fetched into .tools has moved with the course; then it is the one that reads this.
    """
    if has_python():
        status, base = run(str(PYTHON), "-I", "-c", "import sys; print(sys._base_executable)", show=False)
        return "" if status else base.strip()
    if not (VENV / "lib" / f"python3.{sys.version_info.minor}").is_dir():  # its packages are for another Python
        return ""
    for name in BIN.glob("python*"):  # links that lead nowhere for us
        name.unlink()
    return sys.executable


def shebang() -> bytes:
    """The beginning of a script for our Python, as pip and uv write it: #! takes no space and few letters."""
    python = os.fsencode(PYTHON)
    if b" " in python or len(python) > 120:
        return b"#!/bin/sh\n'''exec' \"%s\" \"$0\" \"$@\"\n' '''\n" % python
    return b"#!%s\n" % python


@contextlib.contextmanager
def old_one_kept() -> Iterator[None]:
    """Put a complete .venv aside while the next one is made. If that fails, it comes back: it may be all one has."""
    if STAMP.exists():
        shutil.rmtree(BEFORE, ignore_errors=True)
        try:
            VENV.rename(BEFORE)
        except PermissionError as error:
            if not hasattr(error, "winerror"):
                raise
            # Only Windows says this, when somebody has a file in there open. Nothing is lost: the old .venv stays.
            sys.exit("The packages of the course have changed, but it is still open: end JupyterLab, its apps and all "
                     "terminals that use .venv, then call this again.")  # fmt: skip
    # From empty: an installation that was cut off cannot be mended by installing over it.
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(VENV, ignore_errors=True)
        if BEFORE.exists():
            BEFORE.rename(VENV)
        raise
    shutil.rmtree(BEFORE, ignore_errors=True)


def make() -> None:
    """Make a whole .venv; exit with the true reason if that fails."""
    if shutil.disk_usage(ROOT).free < 1e9:
        sys.exit(f"The disk is full: the set-up needs 2 GB where {ROOT} is. Make room, then call this again.")
    print("[1/3] Making the folder .venv", flush=True)
    # Links to this Python, which may need a library that lies beside it; Windows does not let everybody make them.
    venv.EnvBuilder(symlinks=os.name != "nt").create(VENV)
    status, said = run(str(PYTHON), "-I", "-c", "pass", show=False)
    if status:
        sys.exit(f"This Python, {sys.executable}, does not start in a virtual environment: {last_line(said)}. "
                 "Call this again with one from https://www.python.org/downloads/.")  # fmt: skip
    reason = install()
    if reason:
        sys.exit(f"{reason} Then call this again.")
