"""Find the Prometheus server on this machine, or fetch it: it is a program of its own, not a Python package."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import requests

from classroom.servers.folders import TOOLS
from classroom.servers.release import in_one_sentence, this_machine, unpack_release
from titanic.problem import Problem

VERSION = "3.5.0"  # of the line with long-term support
RELEASES = "https://github.com/prometheus/prometheus/releases/download"
BY_HAND = (
    "install it yourself (Windows: choco install prometheus; macOS: brew install prometheus; "
    "Debian, Ubuntu: sudo apt install prometheus; other Linux: unpack https://prometheus.io/download "
    "and set PROMETHEUS_BIN to the program in it)"
)


def find(program: str = "prometheus", tools: Path = TOOLS) -> Path | None:
    """The server on this machine: the one PROMETHEUS_BIN names, else that on the PATH, else a copy fetched before.

    program: "promtool" finds the tool that comes with it. Problem: PROMETHEUS_BIN names no program.
    """
    chosen = os.environ.get("PROMETHEUS_BIN")
    if chosen:
        server = shutil.which(chosen)
        if server is None:
            raise Problem(f"PROMETHEUS_BIN is {chosen}, but there is no such program: mend it, or unset it.")
        found = shutil.which(program, path=str(Path(server).parent)) if program != "prometheus" else server
    else:
        found = shutil.which(program) or shutil.which(program, path=str(tools / f"prometheus-{VERSION}"))
    return Path(found).absolute() if found else None


def find_or_fetch() -> Path:
    """The server on this machine; the official release if there is none; as root on Debian, at last, the package.

    Problem: none of these worked.
    """
    server = find()
    if server:
        return server
    try:
        return fetch()
    except Problem as problem:
        server = install_package()
        if server is None:
            raise Problem(f"{str(problem).rstrip('.')}. Call this again, or {BY_HAND}.") from None
        return server


def fetch(base_url: str = RELEASES, tools: Path = TOOLS) -> Path:
    """Fetch the official release for this system and processor, check it, unpack it into tools; return the server.

    Problem: it could not be had, or it is not what was released. Then nothing is left behind.
    """
    release = f"prometheus-{VERSION}.{'-'.join(this_machine())}"
    with in_one_sentence("Prometheus", base_url):
        name, checksum = released(f"{base_url}/v{VERSION}/sha256sums.txt", release)
        url, target = f"{base_url}/v{VERSION}/{name}", tools / f"prometheus-{VERSION}"
        return unpack_release("Prometheus", VERSION, url, checksum, target, "prometheus")


def released(url: str, release: str) -> tuple[str, str]:
    """The file name of a release, which ends in .tar.gz or .zip, and its SHA-256, from the list beside it."""
    answer = requests.get(url, timeout=30)
    answer.raise_for_status()
    for line in answer.text.splitlines():
        checksum, _, name = line.partition(" ")
        if name.strip(" *") in (f"{release}.tar.gz", f"{release}.zip"):
            return name.strip(" *"), checksum
    raise Problem(f"Prometheus was not fetched: there is no {release} among its releases.")


def install_package() -> Path | None:
    """Install Debian's package, if this is Debian or Ubuntu and we are root; None if it is not, or that failed."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return None
    print("Prometheus could not be fetched; installing Debian's package instead.", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    quiet: dict[str, Any] = {"env": environment, "stdout": subprocess.DEVNULL, "check": False}
    subprocess.run(["apt-get", "update", "-qq"], **quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "prometheus"], **quiet)
    if shutil.which("systemctl"):  # the package starts a server at once, on the port that ours needs
        subprocess.run(["systemctl", "disable", "--now", "prometheus"], stderr=subprocess.DEVNULL, **quiet)
    return find()
