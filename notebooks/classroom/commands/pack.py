"""Pack the course into one folder, for a USB stick: with it, a laptop needs no internet.

In it are the course, the packages for each system, Python, Prometheus and Alertmanager. On the laptop, `python
course.py setup --from FOLDER` takes all from there. What has been fetched before stays, so an interrupted call goes on.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

from setting_up.places import as_called
from setting_up.stick import CONTENTS, SYSTEMS, lock

from classroom.commands import _wheels
from classroom.commands._delivered import Delivered, delivered, into
from classroom.commands._ending import run
from classroom.commands.handout import files_of
from classroom.servers.alertmanager_release import ALERTMANAGER
from classroom.servers.disk import size
from classroom.servers.folders import ROOT
from classroom.servers.program import Program
from classroom.servers.prometheus_release import PROMETHEUS
from classroom.servers.release import download, in_one_sentence
from titanic.problem import Problem
from titanic.renaming import rename

COURSE = "unsinkable"  # the folder of the course in the packed one
HALF = f"{COURSE}.unfinished"  # while it is being written
README = """\
The course, and all that a laptop needs for it, without internet.

1. Copy the folder {course} from here to the laptop.
2. In a terminal, go into the copy.
3. Call, with the path of this folder in place of STICK:

   Windows:        py course.py setup --from STICK
   macOS, Linux:   python3 course.py setup --from STICK

   Then, each day: py course.py lab, or python3 course.py lab

It is packed for {systems}, with Python {minors}.

A laptop without Python: unpack the archive for its system in the folder python with
   tar -xf ARCHIVE
and call the Python in it: python\\python.exe on Windows, python/bin/python3 on macOS and Linux.
"""


def pack(course: Delivered, folder: Path, systems: list[str], minors: list[str], learners: bool = False) -> None:
    """Fill the folder; the list of what is in it comes last. Problem, at the end: what could not be had.

    learners: without solutions, as a handout.
    """
    with into(folder):
        begin(folder)
        write_course(course, folder, learners)
        text = README.format(course=COURSE, systems=", ".join(systems), minors=", ".join(minors))
        (folder / "README.txt").write_text(text, encoding="utf-8")
    sets = {}
    for system in systems:
        for minor in minors:
            print(f"Packages for {system} and Python {minor} ...", flush=True)
            _wheels.fetch(folder / "wheels", system, minor)
            sets[f"{system} {minor}"] = [f"wheels/{name}" for name in _wheels.chosen(folder / "wheels", system, minor)]
    missing = [why for system in systems for why in fetch_python(folder, system, minors[0])]
    missing += [why for program in (PROMETHEUS, ALERTMANAGER) for why in fetch_program(folder, program, systems)]
    write_contents(folder, sets)
    print(f"{folder} is packed: {size(folder) / 1e9:.1f} GB. Its README.txt says how to use it.", flush=True)
    if missing:
        raise Problem(
            "\n".join([*dict.fromkeys(missing), "The folder works without these. To add them, call this again."])
        )


def begin(folder: Path) -> None:
    """Make the folder, or go on with what is in it. Problem: it is something else, or something would be lost in it."""
    begun = (folder / "wheels").is_dir()
    if folder.exists() and not begun and (not folder.is_dir() or any(folder.iterdir())):
        raise Problem(f"{folder} is there already, and is no packed course: choose a new folder.")
    if any(place.resolve().is_relative_to(ROOT) for place in (folder, folder / COURSE)):
        raise Problem(f"{folder} is inside of the course: choose a folder outside.")
    if holds(folder, ROOT) or holds(folder / COURSE, ROOT):  # what is in its place is deleted
        raise Problem(f"{folder} holds the course that packs it: choose another folder, or call this in another copy.")
    if (folder / COURSE).exists() and not (folder / COURSE / "course.py").is_file():
        raise Problem(f"{folder / COURSE} is no course, and would be deleted: choose a new folder.")
    (folder / "wheels").mkdir(parents=True, exist_ok=True)
    (folder / CONTENTS).unlink(missing_ok=True)


def write_course(course: Delivered, folder: Path, learners: bool) -> None:
    """Write the course in place of the one that is there: when this is cut off, there is always a whole one, or none.

    Problem: its packages are others than those of the course that packs it.
    """
    new, before = folder / HALF / "new", folder / HALF / "before"
    shutil.rmtree(folder / HALF, ignore_errors=True)  # of a call that was cut off
    course.write(new, files_of(course) if learners else None)
    if lock(new) != lock():
        raise Problem(f"The list of packages is not what was delivered ({course.source}): commit it, or take it back.")
    if (folder / COURSE).exists():
        rename(folder / COURSE, before)
    rename(new, folder / COURSE)
    shutil.rmtree(folder / HALF, ignore_errors=True)


def holds(folder: Path, root: Path) -> bool:
    """True if this folder is the root, or is above it, by whatever name or link."""
    return folder.exists() and any(one.samefile(folder) for one in (root, *root.parents))


def fetch_python(folder: Path, system: str, minor: str) -> list[str]:
    """Fetch the Python that the course's own uv would fetch on this system; return why that failed, if it did."""
    place = folder / "python"
    try:
        address = address_of_python(system, minor)
        target = place / address.split("/")[-2]  # where uv looks for it
        if (target / unquote(address.rpartition("/")[2])).exists():
            return []
        with in_one_sentence("Python", address):
            target.mkdir(parents=True, exist_ok=True)
            download(f"Python {minor} for {system}", address, None, target)
    except Problem as problem:
        return [str(problem)]
    return []


def address_of_python(system: str, minor: str) -> str:
    """Where the newest Python of this minor version is that uv knows for this system. Problem: it knows none."""
    uv = str(Path(sys.executable).with_name("uv"))
    command = [uv, "python", "list", minor, "--all-platforms", "--all-arches", "--only-downloads"]
    command += ["--output-format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    known = json.loads(done.stdout) if done.returncode == 0 else []
    for one in known:  # the newest first
        url = str(one.get("url") or "")
        if f"-{SYSTEMS[system]}-install_only" in unquote(url) and one.get("variant") == "default":
            return url
    raise Problem(f"uv knows no Python {minor} for {system}.")


def fetch_program(folder: Path, program: Program, systems: list[str], base_url: str | None = None) -> list[str]:
    """Fetch the releases of a server for these systems, and the list of their checksums; return why one failed."""
    place, url = folder / "programs", f"{base_url or program.releases}/v{program.version}"
    place.mkdir(exist_ok=True)
    failed, listed = [], []
    for system in systems:
        try:
            with in_one_sentence(program.name, url):
                name, checksum = program.released(f"{url}/sha256sums.txt", program.release(*system.split("-")))
                download(f"{program.name} {program.version} for {system}", f"{url}/{name}", checksum, place)
                listed.append(f"{checksum}  {name}\n")
        except Problem as problem:
            failed.append(str(problem))
    if listed:
        (place / f"{program.file}-{program.version}.sha256sums.txt").write_text("".join(listed), encoding="utf-8")
    return sorted({*failed})


def write_contents(folder: Path, sets: dict[str, list[str]]) -> None:
    """Write down what is in the folder: for which lock it is, the packages of each system, and all checksums."""
    files = [file for place in ("wheels", "python") for file in sorted((folder / place).rglob("*")) if file.is_file()]
    sums = {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    told = {"lock": lock(), "sets": sets, "files": sums}
    (folder / CONTENTS).write_text(json.dumps(told, indent=1), encoding="utf-8")


def main() -> None:
    """Pack what was asked for."""
    parser = argparse.ArgumentParser(prog="python course.py pack", description=__doc__)
    parser.add_argument("folder", type=as_called, help="a new one, or one that was packed before")
    for option, values, what in [
        ("--system", [*SYSTEMS], "only for this one"),
        ("--python", ["3.11", "3.12", "3.13", "3.14"], "for this one and not 3.13; the first is brought along"),
    ]:
        told = f"{what}; may be repeated: {', '.join(values)}"
        parser.add_argument(option, action="append", choices=values, metavar=option.strip("-").upper(), help=told)
    parser.add_argument("--handout", action="store_true", help="without solutions, like python course.py handout")
    options = parser.parse_args()
    systems, minors = options.system or list(SYSTEMS), options.python or ["3.13"]
    pack(delivered(), options.folder, systems, minors, options.handout)


if __name__ == "__main__":
    run(main)
