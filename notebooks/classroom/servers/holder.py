"""Whose program listens on a port: what the system tells about its process, and the app about itself."""

import contextlib
import json
import os
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.servers.folders import APPS, ROOT
from titanic.proxies import spare_this_machine

if TYPE_CHECKING:
    import psutil

# Who listens there gets what is sent to 127.0.0.1; of several on one port, the one whose address comes first here.
# Who listens at :: may want the other kind of addresses only, and gets nothing of it.
HERE = ("127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "::")


def holder(port: int) -> str:
    """Who holds this port, such as "python (process 4711) with main.py of the folder pizza"."""
    process, said = process_on(port), "another program"
    if process:
        with contextlib.suppress(Exception):  # it has just ended, or it is another user's
            said = f"{process.name()} (process {process.pid})"
            if process.username() != type(process)().username():
                said += f" of the user {process.username()}"
            if script := script_of(process):
                said += f" with {script.name} of the folder {script.parent}"
    title = (served_api(port) or {}).get("info", {}).get("title", "")
    return said + (f', which calls itself "{title}"' if title not in ("", "FastAPI") else "")


def is_of_this_course(port: int, name: str) -> bool:
    """True if what listens on this port serves this script of our apps/, as far as the system tells."""
    process = process_on(port)
    if process is None:
        return False
    with contextlib.suppress(Exception):
        if script := script_of(process):
            return script.samefile(APPS / f"{name}.py")
        # Our .venv finds the scripts from anywhere: then the Python or the folder tells.
        return any(Path(place).is_relative_to(ROOT) for place in (process.cwd(), process.cmdline()[0]))
    return False


def process_on(port: int) -> "psutil.Process | None":
    """The process that answers on this port of 127.0.0.1; None if the system does not tell.

    Before the set-up there is no psutil; Linux tells only of one's own processes, but root of all.
    """
    try:
        import psutil
    except ImportError:
        return None

    def listens(connection: Any) -> bool:
        at = connection.laddr
        return bool(connection.status == psutil.CONN_LISTEN and at and at.port == port and at.ip in HERE)

    every: list[tuple[Any, int | None]]
    try:
        every = [(one, one.pid) for one in psutil.net_connections(kind="tcp")]
    except (psutil.Error, OSError):  # macOS tells of all processes at once only to administrators
        every = [(one, process.pid) for process in psutil.process_iter() for one in connections_of(process)]
    found = [(HERE.index(one.laddr.ip), pid) for one, pid in every if listens(one)]
    _, pid = min(found, key=lambda one: one[0], default=(0, None))
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid) if pid else None
    return None


def connections_of(process: "psutil.Process") -> list[Any]:
    """The connections of a process; none if it is not ours."""
    with contextlib.suppress(Exception):
        return list(process.net_connections(kind="tcp"))
    return []


def script_of(process: "psutil.Process") -> Path | None:
    """The file of the app that a process serves; None if it cannot be told.

    Its command names it, as in `uvicorn main:app` or `course.py app main`, or COURSE_APP does; for a worker, those of
    the process that started it.
    """
    for one in [process, *process.parents()[:2]]:
        try:
            command, variables, folder = one.cmdline(), one.environ(), Path(one.cwd())
        except Exception:  # what stands above it may be another user's, and may be closed to us
            continue
        folders = [folder, *(Path(part) for part in variables.get("PYTHONPATH", "").split(os.pathsep) if part)]
        if "--app-dir" in command[:-1]:
            folders.insert(0, folders[0] / command[command.index("--app-dir") + 1])
        names = [part.partition(":")[0].rpartition(".")[2] if ":" in part else Path(part).stem for part in command]
        for name in [variables.get("COURSE_APP", ""), *names[1:]]:
            for folder in folders:
                for file in (folder / f"{name}.py", folder / "apps" / f"{name}.py"):
                    if name and file.is_file():
                        return file
    return None


def served_api(port: int, seconds: float = 5) -> dict[str, Any] | None:
    """The description (OpenAPI) of the app that answers on this port within so many seconds; None if none does."""
    spare_this_machine()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json", timeout=seconds) as answer:
            said = json.load(answer)
    except (OSError, ValueError, RecursionError, HTTPException):  # nothing answers, or something that is no app
        return None
    return said if isinstance(said, dict) and isinstance(said.get("info"), dict) else None


def running_of_this_course(root: Path = ROOT) -> list[str]:
    """What runs with the Python or the tools of the course in this folder, besides this process and its parents."""
    import psutil

    places, ours = (str(root / ".venv") + os.sep, str(root / ".tools") + os.sep), psutil.Process()
    above, found = {one.pid for one in [ours, *ours.parents()]}, []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError, IndexError):
            command = process.cmdline()
            if (
                process.pid in above
                or not (command[0].startswith(places) or called_python(process).startswith(places))
                or any("watcher.py" in part for part in command)
            ):
                continue  # a watcher ends with what it watches
            found.append(f"{what_runs(process)} (process {process.pid})")
    return found


def called_python(process: "psutil.Process") -> str:
    """The Python that was called to start this process, where macOS has put its Python.app in its place; else ""."""
    with contextlib.suppress(Exception):  # it is another user's, or has just ended
        return process.environ().get("__PYVENV_LAUNCHER__", "")
    return ""


def what_runs(process: "psutil.Process") -> str:
    """What a process of the course is, in a word or two."""
    command = process.cmdline()
    if "ipykernel_launcher" in command:
        return "a notebook"
    if "classroom.commands._start" in command[:-1]:
        return f"course.py {command[command.index('classroom.commands._start') + 1]}"
    script = script_of(process)
    return script.stem if script and script.parent == APPS else process.name()
