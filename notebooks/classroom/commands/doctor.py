"""Look at this machine: what is ready for the course, what is missing, what to do.

It needs the standard library only, so that it can speak before anything is installed.
"""

import argparse
import contextlib
import importlib.metadata
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from classroom.commands._ending import run
from classroom.servers import ports
from classroom.servers.disk import NOT_YOURS, not_writable
from classroom.servers.folders import ROOT
from classroom.servers.holder import holder
from titanic.problem import Problem

# Who uses a port: the variable that names it, and which it is without that.
PORTS = {
    "the apps": ("COURSE_PORT", 8000),
    "the page of alerts": ("COURSE_ALERT_PORT", 8010),
    "the collector": ("COURSE_COLLECTOR_PORT", 8090),
    "JupyterLab": ("", 8888),
    "Prometheus": ("COURSE_PROMETHEUS_PORT", 9090),
    "Alertmanager": ("COURSE_ALERTMANAGER_PORT", 9093),
    "Grafana": ("COURSE_GRAFANA_PORT", 3000),
}
WATCHED = "lessons 08, 09, 10, 12, 13, 20 and 23"
LOCKED = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)

# What is looked at, its state, and what to do: nothing if it is ready. Only what is marked must stops the lessons.
Line = tuple[str, str, str, bool]


def locked_versions(file: str) -> list[tuple[str, str]]:
    """The pairs of name and version in requirements.txt or constraints.txt."""
    return LOCKED.findall((ROOT / file).read_text(encoding="utf-8"))


def python_line() -> Line:
    """The version of Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    fit = (3, 11) <= sys.version_info[:2] <= (3, 14)
    return "Python", version, "" if fit else "install Python 3.13 from https://www.python.org/downloads/", not fit


def installed_versions() -> Iterator[tuple[str, str]]:
    """The pairs of name and version of the packages. One whose installation was cut off may have neither."""
    for one in importlib.metadata.distributions():
        with contextlib.suppress(Exception):  # some Pythons tell it by an error, others by nothing
            yield one.name.lower().replace("_", "-"), one.version.removeprefix("v")  # some write v1.2 for 1.2


def lost_packages() -> list[str]:
    """The packages that are listed as installed, and of which a file or folder beside the others is gone."""
    lost = []
    for one in importlib.metadata.distributions():
        with contextlib.suppress(Exception):  # as above
            written = {line.partition(",")[0].partition("/")[0] for line in (one.read_text("RECORD") or "").split("\n")}
            if not all(Path(str(one.locate_file(name))).exists() for name in written - {"", "__pycache__"}):
                lost.append(one.name)
    return sorted(lost)


def packages_line() -> Line:
    """The installed packages against the locked versions."""
    # A package may be locked twice, with different versions for different Pythons.
    allowed: dict[str, set[str]] = {}
    for name, version in locked_versions("constraints.txt"):
        allowed.setdefault(name.lower(), set()).add(version)
    installed = dict(installed_versions())
    missing = [name for name, _ in locked_versions("requirements.txt") if name.lower() not in installed]
    other = [name for name, version in installed.items() if version not in allowed.get(name, {version})]
    # A .venv that was made completely once is taken as it is.
    to_do = (
        "delete the folder .venv, then python course.py setup"
        if (ROOT / ".venv").exists()
        else "python course.py setup"
    )
    if missing:
        return "Packages", f"{len(missing)} missing", to_do, True
    if lost := lost_packages():
        return "Packages", f"without their files: {', '.join(lost[:5])}", to_do, True
    if other:
        return "Packages", f"other versions than locked: {', '.join(sorted(other)[:5])}", to_do, True
    return "Packages", f"{len(installed)}, as locked", "", False


def model_line() -> Line:
    """The trained model. Where it lies is a setting, and reading settings needs a package."""
    try:
        from titanic import store
        from titanic.store_errors import without_password
    except ImportError:
        return "Model", "not known before the set-up", "python course.py setup", False
    try:
        if store.database() is None:
            return "Model", f"in the store at {without_password(store.tracking_uri())}; not asked here", "", False
        if store.has_champion():
            ask_mlflow()
            in_onnx = store.has_champion(store.ONNX_NAME)
            hint = "" if in_onnx else "python course.py train, before lesson 19"
            return "Model", "trained" if in_onnx else "trained, but not in ONNX", hint, False
    except Problem as problem:
        return "Model", "not readable", str(problem), False
    return "Model", "not trained yet", "nothing: lesson 01 trains it, or the first app that needs it", False


def ask_mlflow() -> None:
    """Let MLflow itself look up the champion, as an app does. Problem: it cannot use this store."""
    from mlflow import MlflowClient  # here and not above: it takes two seconds

    from titanic import store

    with store.problems("MLflow's store cannot be used"):
        uri = store.tracking_uri()
        MlflowClient(uri, uri).get_model_version_by_alias(store.MODEL_NAME, "champion")


def port_line(user: str) -> Line:
    """The port that one of the course's servers uses."""
    try:
        port = ports.setting(*PORTS[user])
    except Problem as problem:
        return f"Port of {user}", "none", str(problem).rstrip("."), True
    what = f"Port {port} ({user})"
    if ports.is_kept(port):
        setting = PORTS[user][0]
        return what, "kept by the system", f"set {setting}" if setting else "python course.py lab --port N", False
    if not ports.is_taken(port):
        return what, "free", "", False
    return what, f"taken by {holder(port)}", "nothing, if that is the course itself; if not, stop it", False


def folder_line() -> Line:
    """Whether the course may write where it keeps models, logs and settings."""
    folder = not_writable()
    if folder is None:
        return "Folder", "yours", "", False
    return "Folder", "not yours", NOT_YOURS.format(folder).rstrip("."), True


def program_line(name: str, hint: str) -> Line:
    """A server that later lessons use and that is not a Python package. How it is found or fetched needs packages."""
    try:
        from classroom.servers import alertmanager_release, grafana_release, prometheus_release
    except ImportError:
        return name, "not known before the set-up", "python course.py setup", False
    releases: dict[str, Any] = {
        "Prometheus": prometheus_release, "Alertmanager": alertmanager_release, "Grafana": grafana_release,
    }  # fmt: skip
    try:
        found = releases[name].find()
    except Problem as problem:
        return name, "not found", str(problem).rstrip("."), False
    return (name, "found", "", False) if found else (name, "not found", hint, False)


def disk_line() -> Line:
    """The free space where the course is."""
    free = shutil.disk_usage(ROOT).free / 1e9
    return (
        "Free disk",
        f"{free:.0f} GB",
        "" if free >= 2 else "make room: the course needs 2 GB",
        free < 1,
    )


def examine() -> list[Line]:
    """All lines of the table."""
    return [
        python_line(),
        packages_line(),
        model_line(),
        *(port_line(user) for user in PORTS),
        program_line("Prometheus", f"python course.py setup --all fetches it, for {WATCHED}"),
        program_line("Alertmanager", "python course.py setup --all fetches it, for lesson 23"),
        program_line("Grafana", "python course.py setup --all fetches it, for lesson 13"),
        disk_line(),
        folder_line(),
    ]


def doctor() -> bool:
    """Examine this machine and print the table; True if the lessons can run (lesson 00 asks)."""
    return print_table(examine())


def print_table(lines: list[Line]) -> bool:
    """Print the table; True if the lessons can run."""
    width = max(len(what) for what, *_ in lines)
    for what, state, to_do, must in lines:
        mark = "MISSING" if must else "hint" if to_do else "ready"
        print(f"{mark:8} {what:{width}}  {state}" + (f"  ->  {to_do}" if to_do else ""))
    must_do = [what for what, _, _, must in lines if must]
    print(f"\nNot ready yet: {', '.join(must_do)}." if must_do else "\nThe lessons can run.")
    return not must_do


def main() -> None:
    """Print the table; the exit status says whether the lessons can run."""
    argparse.ArgumentParser(prog="python course.py doctor", description=__doc__).parse_args()
    try:
        lines = examine()
    except (OSError, sqlite3.Error) as error:
        raise Problem(f"This folder is not in order: {error}. Download the course again.") from None
    sys.exit(0 if print_table(lines) else 1)


if __name__ == "__main__":
    run(main, writes=False)
