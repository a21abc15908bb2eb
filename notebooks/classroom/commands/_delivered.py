"""The course as it was delivered, beside the course as it is now."""

import errno
import io
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from setting_up.original import COPY, VERSION, files, known_to_git

from classroom.servers.child import last_line
from classroom.servers.folders import ROOT
from titanic.problem import Problem
from titanic.renaming import rename


@dataclass
class Delivered:
    """The files that were delivered, by their names, and where that is known from. root: the folder of the course."""

    content: dict[str, bytes]
    source: str
    root: Path

    def changed(self) -> list[str]:
        """The files that are gone, or hold something else now. Into VERSION, git itself writes when it hands it out."""
        given = {name: lines_of(content) for name, content in self.content.items() if name != VERSION}
        return [name for name, content in given.items() if content_of(self.root / name) != content]

    def new(self) -> list[str]:
        """The files that were not delivered. Hidden ones are those of an editor or of the system."""
        here = [name for name in files(self.root) if name not in self.content]
        return [name for name in here if not any(part.startswith(".") for part in Path(name).parts)]

    def write(self, folder: Path, names: dict[str, bytes] | None = None) -> None:
        """Write these files, or all, into a folder."""
        for name, content in (self.content if names is None else names).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)


def delivered(root: Path = ROOT, copy: Path = COPY) -> Delivered:
    """What was delivered: the last commit; in a folder without git, what was there at the first call.

    Problem: neither can be had.
    """
    if known_to_git(root):
        command = ["git", "archive", "--format=zip", "HEAD"]
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)
        if done.returncode:
            raise Problem(f"git does not tell what was delivered: {last_line(done.stderr)}.")
        return Delivered(unpacked(io.BytesIO(done.stdout)), "the last commit of git", root)
    try:
        return Delivered(unpacked(copy), "as it was at the first call of course.py", root)
    except (OSError, zipfile.BadZipFile, zlib.error):
        raise Problem(f"The copy of the course in {copy} cannot be read: download the course again.") from None


@contextmanager
def into(folder: Path) -> Iterator[None]:
    """What the system has against writing into this folder becomes a Problem; a full disk has a sentence of its own."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # the second one where links lead in a circle, before Python 3.13
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        why = getattr(error, "strerror", "") or error
        raise Problem(f"{folder} cannot be written ({why}): choose another folder.") from None


@contextmanager
def new_folder(folder: Path, root: Path = ROOT) -> Iterator[Path]:
    """A folder to write into, which at the end becomes this one; if something goes wrong, nothing is left of it.

    Problem: this one is not empty, or it is inside of the course.
    """
    if folder.resolve().is_relative_to(root.resolve()):
        raise Problem(f"{folder} is inside of the course: choose a folder beside it.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Problem(f"{folder} is there already: choose a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}-", dir=folder.parent) as new:
        part = Path(new, folder.name)
        part.mkdir()
        yield part
        if folder.exists():
            folder.rmdir()  # it is empty
        rename(part, folder)


def unpacked(archive: Path | io.BytesIO) -> dict[str, bytes]:
    """The files in a ZIP file, by their names."""
    with zipfile.ZipFile(archive) as kept:
        return {name: kept.read(name) for name in kept.namelist() if not name.endswith("/")}


def content_of(file: Path) -> bytes | None:
    """What a file holds; None if there is none."""
    return lines_of(file.read_bytes()) if file.is_file() else None


def lines_of(content: bytes) -> bytes:
    """The content with the line ends of Linux: an editor of Windows may have changed nothing else."""
    return content.replace(b"\r\n", b"\n")
