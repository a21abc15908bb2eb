"""Which packages each system needs, and fetching them: ready-made ones (wheels), also for other systems than this."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import canonicalize_name, parse_wheel_filename
from setting_up.causes import cause, last_line

from classroom.servers.folders import ROOT
from titanic.problem import Problem

# Linux from glibc 2.28 on, and macOS from 14 on: for older ones, onnxruntime has no wheel.
GLIBC, MACOS = 28, (14, 0)
# What a line of constraints.txt may ask about the system.
MARKERS = {
    "linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
    "darwin": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
}
MACHINES = {"linux-amd64": "x86_64", "linux-arm64": "aarch64", "windows-amd64": "AMD64", "darwin-arm64": "arm64"}


def needed(system: str, minor: str) -> list[str]:
    """The packages for this system ("linux-amd64") and Python ("3.13"), as name==version.

    Of a package that the lock has twice, for an early and a late 3.11, both.
    """
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    locked = [Requirement(line) for line in lines if line and not line.startswith("#")]
    python = {"platform_python_implementation": "CPython", "implementation_name": "cpython", "python_version": minor}
    machine = {**MARKERS[system.partition("-")[0]], "platform_machine": MACHINES[system]}
    found = []
    for one in locked:
        for patch in ("0", "99"):
            environment = python | machine | {"python_full_version": f"{minor}.{patch}"}
            if one.marker is None or one.marker.evaluate(environment):
                found.append(f"{one.name}{one.specifier}")
                break
    return found


def platforms(system: str) -> list[str]:
    """The platforms whose wheels this system takes, as the names of wheels have them; the best first."""
    machine = MACHINES[system].lower()
    if system.startswith("windows"):
        return [f"win_{machine}"]
    if system.startswith("darwin"):
        return list(mac_platforms(MACOS, machine))
    old = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    names = [name for minor in range(GLIBC, 4, -1) for name in (f"manylinux_2_{minor}", old.get(minor))]
    return [f"{name}_{machine}" for name in names if name]


def tags(system: str, minor: str) -> set[Tag]:
    """Which kinds of wheels fit this system and Python."""
    version = tuple(map(int, minor.split(".")))
    python, places = f"cp{minor.replace('.', '')}", platforms(system)
    return {*cpython_tags(version, [python], places), *compatible_tags(version, python, places)}


def chosen(folder: Path, system: str, minor: str) -> list[str]:
    """The names of the wheels in a folder that this system needs. Problem: one is missing."""
    fitting: dict[str, str] = {}
    for file in sorted(folder.glob("*.whl")):
        name, version, _, kinds = parse_wheel_filename(file.name)
        if kinds & tags(system, minor):
            fitting[f"{canonicalize_name(name)}=={version}"] = file.name
    wanted = needed(system, minor)
    if missing := [one for one in wanted if one not in fitting]:
        raise Problem(
            f"For {system} and Python {minor}, these packages are missing: {', '.join(missing)}. Call this again."
        )
    return [fitting[one] for one in wanted]


def fetch(folder: Path, system: str, minor: str) -> None:
    """Fetch the wheels that this system needs into a folder; what is there stays. Problem: not all could be had."""
    if importlib.util.find_spec("pip") is None:
        subprocess.run([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL, check=True)
    python = minor.replace(".", "")
    command = [
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"),
        *("--only-binary", ":all:", "--dest", str(folder), "--implementation", "cp", "--python-version", f"{minor}.99"),
        *(f"--abi={abi}" for abi in (f"cp{python}", "abi3", "none")),
        *(f"--platform={platform}" for platform in platforms(system)),
    ]
    wanted = needed(system, minor)
    names = [re.split("==", one)[0] for one in wanted]
    twice = [one for place, one in enumerate(wanted) if names[place] in names[:place]]
    for some in ([one for one in wanted if one not in twice], twice):
        done = subprocess.run([*command, *some], capture_output=True, encoding="utf-8", check=False) if some else None
        if done and done.returncode:
            said = done.stdout + done.stderr
            raise Problem(f"The packages for {system} could not be fetched. {cause(said) or last_line(said) + '.'}")
