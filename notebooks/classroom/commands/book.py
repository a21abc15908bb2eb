"""Make a website of the course, to read and to search."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from setting_up.causes import cause

from classroom.commands._ending import run
from classroom.servers import extras
from classroom.servers.folders import BOOK, ROOT, SITE, SOLUTIONS, TOOLS
from classroom.servers.temporary import temporary_folder
from titanic.problem import Problem

NAME = "website"  # of its environment in .tools
LOCK = [BOOK / "requirements.txt", BOOK / "constraints.txt"]


def wanted() -> str:
    """What the environment of the website was made from."""
    return "\n".join(file.read_text(encoding="utf-8") for file in LOCK)


def do(*command: str) -> None:
    """Run this program. Problem: it has found a fault in a page, and says which."""
    if subprocess.run(command, check=False).returncode:
        raise Problem("The website is not complete: the lines above say which page is not right.")


def write(pages: Path) -> None:
    """Write the pages into this folder. What does so is a program: its room stands above the commands."""
    do(sys.executable, "-m", "book_pages.write", str(pages))


def build(site: Path) -> None:
    """Build the website in this folder, from the lessons as they are stored. Problem: a page is not right."""
    extras.install(NAME, ["-r", str(LOCK[0])], wanted(), cause, "Then call this again.")
    python = str(extras.program(TOOLS / NAME, "python"))
    with temporary_folder() as folder:
        pages, made = Path(folder, "pages"), Path(folder, "made", "site")  # its neighbours there are left behind
        write(pages)
        options = ["--quiet", "--fail-on-warning", "--jobs=auto", f"--conf-dir={BOOK}", f"--doctree-dir={folder}/trees"]
        do(python, "-m", "sphinx", *options, str(pages), str(made))
        shutil.rmtree(site, ignore_errors=True)
        shutil.move(made, site)


def book() -> None:
    """Do what the command line says."""
    argparse.ArgumentParser(prog="python course.py book", description=__doc__).parse_args()
    if not SOLUTIONS.is_dir():
        raise Problem("This copy of the course is for learners: make the website from the one it was made from.")
    build(SITE)
    print(f"The website is in the folder {SITE.relative_to(ROOT)}. Open {SITE / 'index.html'} in a browser.")


if __name__ == "__main__":
    run(book)
