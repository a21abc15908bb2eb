"""Fetch the official release of a program: download it, check it, unpack it."""

import errno
import platform
import shutil
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click
import pooch
import requests

from classroom.servers import disk
from titanic.problem import Problem
from titanic.renaming import IN_USE, PAUSES, rename

PROCESSORS = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
# A virus scanner reads hundreds of megabytes; until it has, Windows gives the folder that holds them no other name.
PATIENT = [*PAUSES, *[1.0] * 60]
NO_CONNECTION = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class Bar:
    """A progress bar of click with the methods that pooch calls; pooch sets total, the size in bytes, first."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.total = 0
        self._bar: Any = None

    def update(self, size: int) -> None:
        """Show that so many more bytes are here."""
        if self._bar is None:
            self._bar = click.progressbar(length=self.total, label=f"{self.label} ({self.total / 1e6:.0f} MB)")
        self._bar.update(size)

    def reset(self) -> None:
        """Do nothing: pooch counts all of it once more at the end, and a bar that is full stays full."""

    def close(self) -> None:
        """End the line of the bar."""
        self._bar.render_finish()


def this_machine() -> tuple[str, str]:
    """The system and the processor as releases name them, such as ("linux", "amd64").

    On Windows it is the processor for which this Python was made: a machine with ARM runs one for Intel, and says ARM.
    """
    made_for = sysconfig.get_platform()  # such as win-amd64
    processor = made_for.rpartition("-")[2] if made_for.startswith("win-") else platform.machine().lower()
    return platform.system().lower(), PROCESSORS.get(processor, processor)


@contextmanager
def in_one_sentence(program: str, where: str) -> Iterator[None]:
    """Turn what can go wrong while fetching into a Problem: what the disk refuses is not the fault of the address."""
    try:
        yield
    except OSError as error:  # the errors of requests are OSErrors too, but have no number
        if error.filename2 and getattr(error, "winerror", None) in IN_USE:
            raise Problem(
                f"{program} was not fetched: another program, perhaps a virus scanner, has its files open. Call this "
                "again later."
            ) from error
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise Problem(f"{program} was not fetched. {disk.reason(error)}") from error
        if isinstance(error, requests.exceptions.SSLError) and "certificate" in str(error).lower():
            raise Problem(
                f"{program} was not fetched: the certificate of {where} is not trusted here; perhaps your network "
                "looks into what is fetched. Ask for its certificate, and let REQUESTS_CA_BUNDLE name that file."
            ) from error
        if "CA certificate bundle" in str(error):
            file = str(error).rpartition("invalid path: ")[2]
            raise Problem(
                f"{program} was not fetched: {file} is not there. Set REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE to a file "
                "of certificates, or to nothing."
            ) from error
        raise Problem(f"{program} was not fetched: {in_words(error)} at {where}.") from error
    except (tarfile.TarError, zipfile.BadZipFile) as error:
        raise Problem(f"{program} was not fetched: {type(error).__name__} at {where}.") from error


def in_words(error: OSError) -> str:
    """What went wrong on the way, and what Python calls it."""
    name = type(error).__name__
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the answer was {error.response.status_code} ({name})"
    return f"no connection ({name})" if isinstance(error, NO_CONNECTION) else name


def unpack_release(program: str, version: str, url: str, checksum: str, target: Path, executable: str) -> Path:
    """Download a .tar.gz or .zip, check it, and make the one folder in it the folder target; return the executable.

    program: its name, as in "Prometheus". checksum: its SHA-256. executable: where it is in that folder. Problem: it is
    not what was released. Whatever goes wrong, nothing is left behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=target.parent, ignore_cleanup_errors=True) as folder:
        return unpack(program, download(f"{program} {version}", url, checksum, Path(folder)), target, executable)


def download(what: str, url: str, checksum: str | None, folder: Path) -> Path:
    """Download a file into a folder, under its own name, and check it. checksum: its SHA-256, where it is known.

    Problem: it is not what was released.
    """
    pooch.get_logger().setLevel("WARNING")  # else it says in its own words where from and where to
    try:
        name = unquote(url.rpartition("/")[2])
        return Path(pooch.retrieve(url, checksum, name, folder, progressbar=Bar(f"Fetching {what}")))
    except ValueError:
        raise Problem(f"{what.partition(' ')[0]} was not fetched: its checksum is not that of the release.") from None


def unpack(program: str, archive: Path, target: Path, executable: str) -> Path:
    """Make the one folder in this archive the folder target; return the executable. Problem: it holds no such program.

    program: its name, as in "Prometheus". Whatever goes wrong, nothing is left behind.
    """
    with tempfile.TemporaryDirectory(prefix="unpacking-", dir=target.parent, ignore_cleanup_errors=True) as folder:
        unpacked = Path(folder, "unpacked")
        safely: dict[str, Any] = {}
        if ".tar" in archive.name:  # zip files never leave the folder
            if hasattr(tarfile, "data_filter"):
                safely = {"filter": "data"}
            else:
                refuse_what_leaves(unpacked, archive)
        shutil.unpack_archive(archive, unpacked, **safely)
        release = next((path for path in unpacked.iterdir() if path.is_dir()), unpacked)
        found = find_executable(release, executable)
        if found is None:
            raise Problem(f"{program} was not fetched: there is no such program in its release.")
        shutil.rmtree(target, ignore_errors=True)
        rename(release, target, PATIENT)
    return target.absolute() / found.relative_to(release.absolute())


class OutsideDestinationError(tarfile.TarError):
    """As Python's own of this name, which 3.10 and 3.11 have only since a later patch: Debian 12 has not."""


def refuse_what_leaves(folder: Path, archive: Path) -> None:
    """Do what the filter "data" does, where Python has none. OutsideDestinationError: something is for elsewhere."""
    inside = folder.resolve()
    with tarfile.open(archive) as tar:
        for member in tar:
            place = inside / member.name
            leads_to = (place.parent if member.issym() else inside) / member.linkname
            if not all(path.resolve().is_relative_to(inside) for path in (place, leads_to)):
                raise OutsideDestinationError(member.name)


def find_executable(folder: Path, executable: str) -> Path | None:
    """The program of this name in a folder, such as "bin/grafana" (on Windows with .exe); None if there is none."""
    path = folder / executable
    found = shutil.which(path.name, path=str(path.parent))
    return Path(found).absolute() if found else None
