"""The course as it was delivered: which files belong to it, and a copy of them for a folder without git.

`course.py reset` gives that back, `handout` and `pack` hand it on.
"""

import contextlib
import os
import shutil
import zipfile
import zlib
from pathlib import Path

from setting_up.places import ROOT, TOOLS

COPY = TOOLS / "original.zip"
VERSION = "setting_up/version.txt"  # holds the commit, wherever the course was downloaded or handed out: .gitattributes


def known_to_git(root: Path = ROOT) -> bool:
    """True if git knows what was delivered. A folder that was downloaded as a ZIP file has no git."""
    return (root / ".git").exists() and shutil.which("git") is not None


def files(root: Path = ROOT) -> list[str]:
    """The files of the course as they are now, with / between their folders; without what .gitignore names."""
    lines = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    ignored = {line.rstrip("/") for line in lines if line and not line.startswith("#")} | {".git"}
    found = []
    for folder, folders, names in os.walk(root):
        at = Path(folder).relative_to(root)
        folders[:] = sorted(name for name in folders if name not in ignored)
        inside = [(at / name).as_posix() for name in names if name not in ignored]
        found += [name for name in sorted(inside) if name not in ignored]
    return found


def is_of_version(root: Path, copy: Path) -> bool:
    """True if this ZIP file holds what was delivered with this version of the course.

    VERSION alone tells: any other file somebody may have changed, and then the folder is not what was delivered. In a
    copy of git's own folder without git, no commit stands in it: there, the first copy stays for good.
    """
    try:
        with zipfile.ZipFile(copy) as kept:
            # Without white space: an editor or a system may have changed the line ends.
            return not (root / VERSION).is_file() or (root / VERSION).read_bytes().split() == kept.read(VERSION).split()
    except (FileNotFoundError, KeyError, zipfile.BadZipFile, zlib.error):
        return False


def keep(root: Path = ROOT, copy: Path = COPY) -> None:
    """Copy the course into a ZIP file before anybody writes into it, once for each version; not where git does that."""
    if known_to_git(root):
        return
    with contextlib.suppress(OSError):  # where nothing may be written, the command says so
        if is_of_version(root, copy):
            return
        copy.parent.mkdir(exist_ok=True)
        part = copy.with_suffix(".part")
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as new:
            for name in files(root):
                new.write(root / name, name)
        part.replace(copy)  # whole, or not there
