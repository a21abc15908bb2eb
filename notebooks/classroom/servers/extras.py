"""Programs with packages of their own, which few need: each in a virtual environment under .tools, made when asked for.

They don't go into .venv: they would bring other versions of the packages there.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from classroom.servers.folders import TOOLS
from titanic.problem import Problem


def program(folder: Path, name: str) -> Path:
    """A program in the virtual environment of this folder, such as its python."""
    return folder / ("Scripts" if os.name == "nt" else "bin") / name


def install_commands(folder: Path, packages: list[str]) -> list[list[str]]:
    """The commands that make a virtual environment in this folder, with these packages."""
    uv = shutil.which("uv") or "uv"
    return [
        [uv, "venv", "--clear", "--quiet", "--python", sys.executable, str(folder)],
        [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(program(folder, "python")), *packages],
    ]


def is_installed(folder: Path, wanted: str) -> bool:
    """True if the virtual environment in this folder was made completely, from what is wanted now."""
    stamp = folder / "is-ready"
    return stamp.exists() and stamp.read_text(encoding="utf-8") == wanted


def install(name: str, packages: list[str], wanted: str, cause: Callable[[str], str], otherwise: str) -> None:
    """Make the environment .tools/NAME, unless it is there already.

    packages: what follows `uv pip install`. wanted: all that says what is in it; when it changes, it is made anew.
    cause: puts what uv has said into words; "" if it does not know it. otherwise: what to do if it does not work.
    Problem: it did not.
    """
    folder = TOOLS / name
    if is_installed(folder, wanted):
        return
    print(f"Installing {Path(name).name}: once, about a minute ...", flush=True)
    for command in install_commands(folder, packages):
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False
        )
        print(done.stdout, end="", flush=True)  # with --quiet, that is only what went wrong
        if done.returncode:
            what_to_do = f"{cause(done.stdout)} {otherwise}".strip()
            raise Problem(f"{Path(name).name} could not be installed; the lines above say why. {what_to_do}")
    (folder / "is-ready").write_text(wanted, encoding="utf-8")
