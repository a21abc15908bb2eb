"""The course as it was delivered: which files belong to it, and a copy of them for a folder without git.

`course.py reset` gives that back, `handout` and `pack` hand it on.
"""

import contextlib
import hashlib
import os
import shutil
import zipfile
from pathlib import Path

from setting_up.places import ROOT, TOOLS

COPY = TOOLS / "original.zip"
# What no learner changes: if it has changed, this is another version of the course.
OF_THE_VERSION = ["README.md", "constraints.txt", "setting_up", "notebooks/classroom", "tests"]


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


def version(root: Path = ROOT) -> str:
    """Which version of the course this is, as a checksum."""
    digest = hashlib.sha256()
    for name in files(root):
        if any(f"{name}/".startswith(f"{part}/") for part in OF_THE_VERSION):
            digest.update(name.encode() + b"\0" + (root / name).read_bytes())
    return digest.hexdigest()


def keep(root: Path = ROOT, copy: Path = COPY) -> None:
    """Copy the course into a ZIP file before anybody writes into it, once for each version; not where git does that."""
    if known_to_git(root):
        return
    with contextlib.suppress(OSError):  # where nothing may be written, the command says so
        now = version(root).encode()
        with contextlib.suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(copy) as kept:
            if kept.comment == now:
                return
        copy.parent.mkdir(exist_ok=True)
        part = copy.with_suffix(".part")
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as new:
            for name in files(root):
                new.write(root / name, name)
            new.comment = now
        part.replace(copy)  # whole, or not there
