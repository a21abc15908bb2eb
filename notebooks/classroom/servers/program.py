"""Find a server of the Prometheus project on this machine, or fetch it: a program of its own, not a Python package."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from classroom.servers.folders import TOOLS
from classroom.servers.release import in_one_sentence, this_machine, unpack_release
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
            server = self.install_package()
            if server is None:
                raise Problem(f"{str(problem).rstrip('.')}. Call this again, or {self.by_hand}.") from None
            return server

    def fetch(self, base_url: str | None = None, tools: Path = TOOLS) -> Path:
        """Fetch the official release for this system and processor, check it, unpack it into tools; return the server.

        Problem: it could not be had, or it is not what was released. Then nothing is left behind.
        """
        url = f"{base_url or self.releases}/v{self.version}"
        release = f"{self.file}-{self.version}.{'-'.join(this_machine())}"
        with in_one_sentence(self.name, base_url or self.releases):
            name, checksum = self.released(f"{url}/sha256sums.txt", release)
            target = tools / f"{self.file}-{self.version}"
            return unpack_release(self.name, self.version, f"{url}/{name}", checksum, target, self.file)

    def released(self, url: str, release: str) -> tuple[str, str]:
        """The file name of a release, which ends in .tar.gz or .zip, and its SHA-256, from the list beside it."""
        answer = requests.get(url, timeout=30)
        answer.raise_for_status()
        for line in answer.text.splitlines():
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
