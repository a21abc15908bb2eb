"""A folder that `course.py pack` has made, for instance on a USB stick: to set up from it needs no internet."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
import sysconfig
from pathlib import Path
from typing import Any

from setting_up.places import REQUIREMENTS, ROOT, as_called

CONTENTS = "contents.json"  # what is in such a folder; it is written last, so that it stands only for a whole one
VARIABLE = "COURSE_STICK"  # tells the processes that course.py starts
USED_BY = ("setup", "lab")
# The systems for which one can pack, and what the Python for each is called.
SYSTEMS = {
    "linux-amd64": "x86_64-unknown-linux-gnu",
    "linux-arm64": "aarch64-unknown-linux-gnu",
    "windows-amd64": "x86_64-pc-windows-msvc",
    "darwin-arm64": "aarch64-apple-darwin",
}
PROCESSORS = {"x86_64": "amd64", "aarch64": "arm64"}


def lock(root: Path = ROOT) -> str:
    """The packages of a course, as a checksum."""
    content = [(root / file.name).read_bytes().replace(b"\r\n", b"\n") for file in REQUIREMENTS]
    return hashlib.sha256(b"\0".join(content)).hexdigest()


def this_system() -> str:
    """The system for which this Python was made, such as "linux-amd64": it is not always that of the machine."""
    kind = sysconfig.get_platform().lower()  # linux-x86_64, win-amd64, macosx-14.0-arm64, macosx-10.13-universal2
    processor = platform.machine().lower() if "universal" in kind else kind.rpartition("-")[2]
    return f"{platform.system().lower()}-{PROCESSORS.get(processor, processor)}"


def plug_in(arguments: list[str]) -> None:
    """Remember the folder that these arguments name after --from; exit with a sentence if it cannot be used."""
    os.environ.pop(VARIABLE, None)
    if not arguments or arguments[0] not in USED_BY:
        return
    named = [value for option, value in zip(arguments, [*arguments[1:], ""]) if option == "--from"]  # noqa: B905 (3.8)
    named += [option.partition("=")[2] for option in arguments if option.startswith("--from=")]
    if not named:
        return
    if not named[0]:
        sys.exit(f"--from needs a folder: python course.py {arguments[0]} --from FOLDER")
    os.environ[VARIABLE] = str(as_called(named[0]))
    if contents()["lock"] != lock():
        sys.exit(f"{named[0]} was packed for another version of the course: take the course that is in it.")


def without(options: list[str]) -> list[str]:
    """These options without --from and its folder."""
    kept = [option for option in options if not option.startswith("--from=")]
    if "--from" in kept:
        del kept[kept.index("--from") : kept.index("--from") + 2]
    return kept


def folder() -> Path | None:
    """The folder to set up from; None if there is none."""
    return Path(os.environ[VARIABLE]) if VARIABLE in os.environ else None


def contents() -> dict[str, Any]:
    """What is in the folder. Exit with a sentence: it is none that was packed, or not the whole of it."""
    place = folder() or Path()
    if not place.is_dir():
        sys.exit(f"There is no folder {place}. Check the stick and the path.")
    try:
        found: dict[str, Any] = json.loads((place / CONTENTS).read_text(encoding="utf-8"))
        return {name: found[name] for name in ("lock", "sets", "files")}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        sys.exit(f"{place} is not whole: its {CONTENTS} is missing or broken. Pack or copy it again.")


def minors() -> list[str]:
    """The Pythons, such as 3.13, for which the folder has packages on this system; empty without a folder.

    Exit with a sentence: it has none.
    """
    if folder() is None:
        return []
    sets = contents()["sets"]
    found = [name.split()[1] for name in sets if name.split()[0] == this_system()]
    if not found:
        others = ", ".join(sorted({name.split()[0] for name in sets}))
        sys.exit(f"{folder()} has no packages for {this_system()}, only for: {others}.")
    return found


def check_packages() -> None:
    """Exit with a sentence, which names the file, unless all packages for this Python are there and undamaged."""
    place = folder()
    if place is None:
        return
    known = contents()
    for name in known["sets"]["{} {}.{}".format(this_system(), *sys.version_info[:2])]:
        check(place, name, known["files"][name])


def check(place: Path, name: str, checksum: str) -> None:
    """Exit with a sentence unless this file of the folder has this checksum."""
    try:
        found = hashlib.sha256((place / name).read_bytes()).hexdigest()
    except OSError as error:
        sys.exit(
            f"{place / name} cannot be read ({error.strerror}): copy the folder again, and let it come to its end."
        )
    if found != checksum:
        sys.exit(f"{place / name} is damaged: copy the folder again.")


def options() -> list[str]:
    """What makes pip and uv take packages from the folder and from nowhere else; nothing without a folder."""
    place = folder()
    return [] if place is None else ["--no-index", "--find-links", str(place / "wheels")]


def python_mirror() -> dict[str, str]:
    """What makes uv take Python from the folder; nothing without a folder, or where it brings none for this system."""
    place = folder()
    if place is None or not any(SYSTEMS[this_system()] in name for name in contents()["files"]):
        return {}
    return {"UV_PYTHON_INSTALL_MIRROR": (place / "python").as_uri()}
