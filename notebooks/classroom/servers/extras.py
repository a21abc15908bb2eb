"""Programs with packages of their own, which few need: each in a virtual environment under .tools, made when asked for.

They don't go into .venv: they would bring other versions of the packages there.
"""

import os
import shutil
import subprocess
import sys
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


def install(name: str, packages: list[str], wanted: str, otherwise: str) -> None:
    """Make the environment .tools/NAME, unless it is there already.

    packages: what follows `uv pip install`. wanted: all that says what is in it; when it changes, it is made anew.
    otherwise: what to do if that does not work. Problem: it did not.
    """
    folder = TOOLS / name
    if is_installed(folder, wanted):
        return
    print(f"Installing {Path(name).name}: once, about a minute ...", flush=True)
    for command in install_commands(folder, packages):
        if subprocess.run(command, check=False).returncode:
            raise Problem(f"{Path(name).name} could not be installed; the lines above say why. {otherwise}")
    (folder / "is-ready").write_text(wanted, encoding="utf-8")
