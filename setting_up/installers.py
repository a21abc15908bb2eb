"""Installing packages, by uv or by pip."""

from __future__ import annotations

import ast
import os
import re
import shutil
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from setting_up import stick
from setting_up.causes import CAUSES, cause, last_line
from setting_up.environment import REACHES, run
from setting_up.places import BIN, PYTHON, REQUIREMENTS, ROOT, SOURCES, VENV

if TYPE_CHECKING:
    from collections.abc import Callable

# Whether what was installed can be used. Its arguments: requirements.txt, and the folder of the scripts.
LOOK = r"""
import importlib, importlib.metadata, importlib.util, pathlib, re, sys

def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()

modules = {}
for module, distributions in importlib.metadata.packages_distributions().items():
    for one in distributions if module.isidentifier() else []:
        modules.setdefault(plain(one), []).append(module)
requirements = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
for name, version, some in re.findall(r"^([\w.-]+)(?:\[[\w,]*\])?==([^\s;#]+)( ;)?", requirements, re.MULTILINE):
    try:
        found = importlib.metadata.version(name).removeprefix("v")
    except importlib.metadata.PackageNotFoundError:
        if some:
            continue  # it is for some systems only, and the installer has found that this is none of them
        raise
    assert found == version, f"{name} is {found} and not {version}"
    own = modules.get(plain(name), [])
    for module in [one for one in own if plain(one) == plain(name)] or own:
        importlib.import_module(module)
for script in pathlib.Path(sys.argv[2]).glob("*_app.py"):
    at = importlib.util.find_spec(script.stem)
    assert at and pathlib.Path(at.origin).samefile(script), f"{script.stem} is not found in {script.parent}"
"""


def install() -> str:
    """Install the locked packages and the course itself, by uv if it can be had, else by pip.

    Return why that failed; "" if it did not, and all of it can be imported.
    """
    uv = shutil.which("uv")
    print(f"[2/3] {'Using' if uv else 'Getting'} uv, which installs faster than pip", flush=True)
    if not uv:
        if reason := get_pip():
            return reason
        status, said = by_pip("--quiet", "uv", "--constraint", str(REQUIREMENTS[1]))
        if status and cause(said):
            return cause(said)
        uv = shutil.which("uv", path=str(BIN))
    print("[3/3] Installing the packages: about 1 GB, half a minute to a few minutes", flush=True)
    reason = ""
    if uv:
        here = ["--compile-bytecode", "--python", str(PYTHON), *stick.options()]
        reason = failure(partial(run, uv, "pip", "install", *here))
        if reason in ("", cause("no space left")):
            return reason
    print(f"{reason} Now trying pip.".strip(), flush=True)
    if why_not := get_pip():
        return why_not
    unknown = reason if reason in CAUSES.values() else "The packages could not be installed; the lines above say why."
    return failure(by_pip, unknown)


def failure(install: Callable[..., tuple[int, str]], unknown: str = "uv did not manage it.") -> str:
    """Install the packages and the course by this installer; say why that failed, "" if all of it can be used now."""
    for what in (["--requirement", str(REQUIREMENTS[0])], ["--quiet", *itself()]):
        status, said = install(*what)
        if status:
            return cause(said) or unknown
    point_to_sources()
    return not_usable()


def itself() -> list[str]:
    """What installs the course: editable, so that what a learner changes in apps/ is what runs."""
    return ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]  # what builds it is among the packages


def point_to_sources() -> None:
    """Say to the Python of .venv where apps/ and the others are, seen from there.

    The installer has said it too, but with the whole path, and Python 3.11 and 3.12 on Windows read its letters in the
    code page of the machine: in the folder of somebody called Jürgen they would find nothing.
    """
    for packages in site_packages():
        lines = [Path(os.path.relpath(ROOT / name, packages)).as_posix() for name in SOURCES]
        (packages / "course.pth").write_text("\n".join(lines) + "\n", encoding="ascii")


def site_packages() -> list[Path]:
    """Where the packages of .venv are."""
    return list(VENV.glob("Lib/site-packages" if os.name == "nt" else "lib/python3*/site-packages"))


def get_pip() -> str:
    """Put the pip that comes with Python into .venv, if there is none; return why that failed, "" if it did not."""
    if any((packages / "pip" / "__main__.py").exists() for packages in site_packages()):
        return ""
    status, said = run(str(PYTHON), "-m", "ensurepip", "--upgrade", "--default-pip", show=False)
    return (cause(said) or f"pip could not be installed: {last_line(said)}.") if status else ""


def by_pip(*arguments: str, python: str = str(PYTHON), show: bool = True) -> tuple[int, str]:
    """Install by the pip of this Python, as run does."""
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    return run(*pip, "install", *stick.options(), *arguments, show=show, **settings_of_pip(python))


@lru_cache(maxsize=None)  # noqa: UP033 (an older Python has no cache)
def settings_of_pip(python: str) -> dict[str, str]:
    """As variables, those settings from pip's files and the environment without which it may not reach the internet."""
    all_files = dict.fromkeys(["PIP_USER", "PIP_SITE", "PIP_GLOBAL"], "0")  # else `user = yes` would mean: only yours
    said = run(python, "-m", "pip", "config", "list", show=False, **all_files)[1]
    found = re.findall(r"^(global|install|:env:)\.([\w-]+)=(['\"].*['\"])$", said, re.MULTILINE)
    found.sort(key=lambda one: ["global", "install", ":env:"].index(one[0]))  # the later ones win
    said_all = [(f"PIP_{name.upper().replace('-', '_')}", ast.literal_eval(value)) for _, name, value in found]
    reaches = {name: value for name, value in said_all if value and REACHES.fullmatch(name)}
    return {**reaches, "PIP_CONFIG_FILE": os.devnull}  # which means: read no file


def not_usable() -> str:
    """What in .venv cannot be used, in a sentence; "" if nothing."""
    status, said = run(str(PYTHON), "-I", "-c", LOOK, str(REQUIREMENTS[0]), str(ROOT / "apps"), show=False)
    return f"What was installed cannot be used: {last_line(said)}." if status else ""
