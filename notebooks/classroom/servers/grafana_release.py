"""Find Grafana on this machine, or fetch it: it is a program of its own, not a Python package."""

import os
import shutil
from pathlib import Path
from typing import NamedTuple

import requests

from classroom.servers.folders import TOOLS
from classroom.servers.release import find_executable, in_one_sentence, this_machine, unpack_release
from titanic.problem import Problem

VERSION = "13.2.3"
# The list of a version's files. Their names carry a number that cannot be guessed.
PACKAGES = "https://grafana.com/api/downloads/grafana/versions"
SYSTEMS = {"windows": ("windows", "win")}  # the list may use another name than Python does
BY_HAND = (
    "install it yourself (Windows: winget install GrafanaLabs.Grafana.OSS; macOS: brew install grafana; "
    "Linux: unpack https://grafana.com/grafana/download and set GRAFANA_HOME to the folder)"
)
# Grafana runs without its program on the PATH too: this is where installers put it.
INSTALLED = ["/usr/share/grafana", "C:/Program Files/GrafanaLabs/grafana"]


class Grafana(NamedTuple):
    """A Grafana on this machine: the beginning of its command, and the folder with its pages and settings."""

    command: list[str]
    home: Path


def in_home(home: Path) -> Grafana | None:
    """The Grafana in this folder; None if there is none. Older ones have a program that is only the server."""
    if not (home / "conf" / "defaults.ini").is_file():
        return None
    if program := find_executable(home, "bin/grafana"):
        return Grafana([str(program), "server"], home.absolute())
    program = find_executable(home, "bin/grafana-server")
    return Grafana([str(program)], home.absolute()) if program else None


def on_path() -> Grafana | None:
    """The Grafana on the PATH, if its folder can be told from there; None if not."""
    for name, more in (("grafana", ["server"]), ("grafana-server", [])):
        if found := shutil.which(name):
            above = Path(found).resolve().parents[1]
            for home in (above, above / "share" / "grafana", Path(INSTALLED[0])):
                if (home / "conf" / "defaults.ini").is_file():
                    return Grafana([found, *more], home)
    return None


def find(tools: Path = TOOLS) -> Grafana | None:
    """The one in the folder GRAFANA_HOME, else that on the PATH, else one installed, else a copy fetched before.

    Problem: there is no Grafana in the folder GRAFANA_HOME.
    """
    chosen = os.environ.get("GRAFANA_HOME")
    if chosen:
        grafana = in_home(Path(chosen))
        if grafana is None:
            raise Problem(f"GRAFANA_HOME is {chosen}, but there is no Grafana in it: mend it, or unset it.")
        return grafana
    homes = [*map(Path, INSTALLED), tools / f"grafana-{VERSION}"]
    return on_path() or next((grafana for home in homes if (grafana := in_home(home))), None)


def find_or_fetch() -> Grafana:
    """The Grafana of this machine; the official release if there is none. Problem: it cannot be had."""
    try:
        return find() or fetch()
    except Problem as problem:
        if os.environ.get("GRAFANA_HOME"):
            raise
        raise Problem(f"{str(problem).rstrip('.')}. Call this again, or {BY_HAND}.") from None


def fetch(packages: str = PACKAGES, tools: Path = TOOLS) -> Grafana:
    """Fetch the official release for this system and processor, check it, unpack it into tools.

    packages: where the lists are. Problem: it could not be had, or it is not what was released. Then nothing is left.
    """
    target = tools / f"grafana-{VERSION}"
    with in_one_sentence("Grafana", packages):
        url, checksum = released(f"{packages}/{VERSION}/packages")
        unpack_release("Grafana", VERSION, url, checksum, target, "bin/grafana")
    grafana = in_home(target)
    if grafana is None:
        shutil.rmtree(target, ignore_errors=True)
        raise Problem("Grafana was not fetched: its release lacks conf/defaults.ini.")
    return grafana


def released(address: str) -> tuple[str, str]:
    """Where the archive for this system and processor is, and its SHA-256, from the list at this address.

    The list: {"items": [{"os": …, "arch": …, "url": …, "sha256": …}, …]}.
    """
    system, processor = this_machine()
    answer = requests.get(address, timeout=30)
    answer.raise_for_status()
    try:
        for item in answer.json()["items"]:
            archive = item["url"].endswith((".tar.gz", ".zip")) and "slim" not in item["url"]
            if item["os"] in SYSTEMS.get(system, (system,)) and item["arch"] == processor and archive:
                return item["url"], item["sha256"]
    except (KeyError, TypeError, AttributeError):
        raise Problem("Grafana was not fetched: the list of its releases is not what it used to be.") from None
    raise Problem(f"Grafana was not fetched: there is no archive for {system}-{processor} among its releases.")
