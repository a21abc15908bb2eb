"""Find a server of the Prometheus project on this machine, or fetch it: a program of its own, not a Python package."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from classroom.servers.folders import TOOLS
from classroom.servers.release import in_one_sentence, this_machine, unpack, unpack_release
from titanic.problem import Problem


@dataclass
class Program:
    """Such a server. Each comes as an archive with a list of checksums beside it, and as a package of Debian.

    name: as one says it. file: of the program. setting: the variable of the environment that names another program.
    releases: where the archives are. package: Debian's; its program may have this name, too. by_hand: how to get it
    oneself.
    """

    name: str
    version: str
    file: str
    setting: str
    releases: str
    package: str
    by_hand: str

    @property
    def none_found(self) -> str:
        """What to say when there is none."""
        return (
            f"There is no {self.name} on this machine yet: call python course.py monitor, which fetches it, "
            f"or {self.by_hand}."
        )

    def find(self, program: str | None = None, tools: Path = TOOLS) -> Path | None:
        """The program on this machine: the one that the setting names, else that on the PATH, else the fetched copy.

        program: a tool that comes with it, such as "promtool". Problem: the setting names no program.
        """
        names = [program] if program else [self.file, self.package]
        chosen = os.environ.get(self.setting)
        if chosen:
            server = shutil.which(chosen)
            if server is None:
                raise Problem(f"{self.setting} is {chosen}, but there is no such program: mend it, or unset it.")
            found = shutil.which(program, path=str(Path(server).parent)) if program else server
        else:
            fetched = str(tools / f"{self.file}-{self.version}")
            found = next(filter(None, [*map(shutil.which, names), shutil.which(names[0], path=fetched)]), None)
        return Path(found).absolute() if found else None

    def find_or_fetch(self) -> Path:
        """The server on this machine; the official release if there is none; as root on Debian, at last, the package.

        Problem: none of these worked.
        """
        server = self.find()
        if server:
            return server
        try:
            return self.fetch()
        except Problem as problem:
            server = None if "COURSE_STICK" in os.environ else self.install_package()
            if server is None:
                raise Problem(f"{str(problem).rstrip('.')}. Call this again, or {self.by_hand}.") from None
            return server

    def fetch(self, base_url: str | None = None, tools: Path = TOOLS) -> Path:
        """Fetch the official release for this system and processor, check it, unpack it into tools; return the server.

        With COURSE_STICK, it is taken from that folder, which `course.py pack` has made. Problem: it could not be had,
        or it is not what was released. Then nothing is left behind.
        """
        if base_url is None and (stick := os.environ.get("COURSE_STICK")):
            return self.unpack_packed(Path(stick, "programs"), tools)
        url = f"{base_url or self.releases}/v{self.version}"
        release = self.release(*this_machine())
        with in_one_sentence(self.name, base_url or self.releases):
            name, checksum = self.released(f"{url}/sha256sums.txt", release)
            target = tools / f"{self.file}-{self.version}"
            return unpack_release(self.name, self.version, f"{url}/{name}", checksum, target, self.file)

    def unpack_packed(self, packed: Path, tools: Path) -> Path:
        """Unpack the release that lies in this folder, with the list of its checksums; return the server.

        Problem: it does not lie there, or it is not what was released.
        """
        target = tools / f"{self.file}-{self.version}"
        try:
            listed = (packed / f"{self.file}-{self.version}.sha256sums.txt").read_text(encoding="utf-8")
            name, checksum = self.listed(listed, self.release(*this_machine()))
            content = (packed / name).read_bytes()
        except OSError:
            raise Problem(f"{self.name} is not in the folder {packed}.") from None
        if hashlib.sha256(content).hexdigest() != checksum:
            raise Problem(f"{packed / name} is damaged: copy the folder again.")
        target.parent.mkdir(parents=True, exist_ok=True)
        return unpack(self.name, packed / name, target, self.file)

    def release(self, system: str, processor: str) -> str:
        """What the release for this system and processor is called, without .tar.gz or .zip."""
        return f"{self.file}-{self.version}.{system}-{processor}"

    def released(self, url: str, release: str) -> tuple[str, str]:
        """The file name of a release, which ends in .tar.gz or .zip, and its SHA-256, from the list beside it."""
        answer = requests.get(url, timeout=30)
        answer.raise_for_status()
        return self.listed(answer.text, release)

    def listed(self, checksums: str, release: str) -> tuple[str, str]:
        """The file name of a release and its SHA-256 in this list. Problem: it is not listed."""
        for line in checksums.splitlines():
            checksum, _, name = line.partition(" ")
            if name.strip(" *") in (f"{release}.tar.gz", f"{release}.zip"):
                return name.strip(" *"), checksum
        raise Problem(f"{self.name} was not fetched: there is no {release} among its releases.")

    def install_package(self) -> Path | None:
        """Install Debian's package, if this is Debian or Ubuntu and we are root; None if it is not, or that failed."""
        if sys.platform == "win32" or shutil.which("apt-get") is None or os.geteuid() != 0:
            return None
        print(f"{self.name} could not be fetched; installing Debian's package instead.", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        quiet: dict[str, Any] = {"env": environment, "stdout": subprocess.DEVNULL, "check": False}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", self.package], **quiet)
        if shutil.which("systemctl"):  # the package starts a server at once, on the port that ours needs
            subprocess.run(["systemctl", "disable", "--now", self.package], stderr=subprocess.DEVNULL, **quiet)
        return self.find()
