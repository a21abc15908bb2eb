"""The environment of all that the course starts, and starting it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from typing import TYPE_CHECKING

from setting_up.causes import cause
from setting_up.places import BIN, ROOT, TOOLS, VENV

if TYPE_CHECKING:
    from pathlib import Path

# What somebody has set for all Pythons, installers or servers of this machine must not steer ours. For instance:
# PYTHONDONTWRITEBYTECODE makes `import mlflow` take 5 seconds each time, PYTHONOPTIMIZE leaves out every assert, with
# PYTHONINSPECT no command ends, PIP_USER installs elsewhere, JUPYTER_PATH brings in foreign kernels.
STEERS = re.compile(
    r"PYTHON(?!UNBUFFERED|FAULTHANDLER|_KEYRING)[A-Z0-9_]+|VIRTUAL_ENV|__PYVENV_LAUNCHER__|MPLBACKEND|MATPLOTLIBRC"
    r"|PYTEST_\w+|WEB_CONCURRENCY|UVICORN_\w+|JUPYTER(?!HUB_|_TOKEN$|_ALLOW_INSECURE_WRITES$)\w+|(PIP|UV)_\w+"
)
# But these settings of the installers stay: without them, some learners do not reach the internet.
REACHES = re.compile(
    r"(PIP|UV)_\w*(INDEX|FIND_LINKS|HOST|PROXY|CERT|TLS|KEYRING|CREDENTIAL|TIMEOUT|RETRIES|HTTP|CACHE|CONFIG_FILE"
    r"|LINK_MODE|CONCURRENT|OFFLINE|USE_FEATURE|DISABLE_PIP_VERSION_CHECK|INSTALL_MIRROR|DOWNLOADS_JSON_URL)\w*"
)


def environment() -> dict[str, str]:
    """The environment of everything the course starts: this machine's, without what would break it."""
    said = os.environ.items()
    env = {name: value for name, value in said if not STEERS.fullmatch(name) or REACHES.fullmatch(name)}
    env["PATH"] = os.pathsep.join([str(BIN), env.get("PATH", os.defpath)])
    env["PYTHONUTF8"] = env["PYTHONNOUSERSITE"] = "1"
    spare_this_machine(env)
    # requests fetches the servers, and reads only a variable of its own.
    if os.path.isfile(env.get("SSL_CERT_FILE", "")) and not env.get("CURL_CA_BUNDLE"):
        env.setdefault("REQUESTS_CA_BUNDLE", env["SSL_CERT_FILE"])
    # Jupyter and IPython keep their files with the course; so a Jupyter set up elsewhere cannot disturb it.
    with contextlib.suppress(OSError):  # where nothing may be written, the command says so
        (TOOLS / "jupyter").mkdir(parents=True, exist_ok=True)
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        env[name] = str(TOOLS / "jupyter" / name.removesuffix("DIR").strip("_").lower())
    if not closes_files(TOOLS / "jupyter"):  # else Jupyter would refuse to write its own there
        env.setdefault("JUPYTER_ALLOW_INSECURE_WRITES", "1")
    # Matplotlib's list of fonts goes with the environment whose fonts it lists: an old one draws other letters.
    env["MPLCONFIGDIR"] = str(VENV / "matplotlib")
    env.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # scikit-learn's threads spin while they wait for each other: on a busy machine they make it ten times slower.
    env.setdefault("OMP_NUM_THREADS", "1")
    return env


def closes_files(folder: Path) -> bool:
    """False if others may read or write each file in this folder, as on a drive of Windows in Linux, or a USB stick."""
    # Python closes this one to others, as Jupyter does its own. Where nothing may be written, the command says so.
    with contextlib.suppress(OSError), tempfile.NamedTemporaryFile(dir=folder) as probe:
        return os.name == "nt" or os.stat(probe.name).st_mode & 0o077 == 0
    return True


def spare_this_machine(env: dict[str, str]) -> None:
    """Where there is a proxy, keep it from 127.0.0.1, as titanic/proxies.py does for who comes without course.py."""
    named, found = any(value and re.fullmatch(r"(?!no_)\w+_proxy", name.lower()) for name, value in env.items()), {}
    if not named:  # those in the settings of macOS or Windows, whose usual exceptions leave out 127.0.0.1
        of_settings = urllib.request.getproxies()
        found = {f"{kind}_proxy": of_settings[kind] for kind in ("http", "https") if kind in of_settings}
        env.update(found)
    if named or found:
        said = {name: env.get(name) or env.get(name.swapcase()) or "" for name in ("NO_PROXY", "no_proxy")}
        for name, hosts in said.items():
            listed = [host.strip() for host in hosts.split(",") if host.strip()]
            missing = [host for host in ("127.0.0.1", "localhost", "::1") if not {host, "*"} & set(listed)]
            env[name] = ",".join(listed + missing)


def let_all_streams_be_there() -> None:
    """Let a stream that was closed (`course.py app >&-`) lead to nowhere: else the next file would get its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = open(os.devnull, mode)  # noqa: SIM115 (it gets the lowest free number: that of the stream)
            os.set_inheritable(nowhere.fileno(), True)
            setattr(sys, name, nowhere)


def let_all_letters_be_written() -> None:
    """What the code page of the terminal or of a file does not have becomes a question mark, and no error.

    On Windows that may be an old one, with few letters, while a folder or an installer may use any.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def run(*command: str, show: bool = True, **variables: str) -> tuple[int, str]:
    """Run a command to its end, with these variables too; return its exit status and all that it has written."""
    child = subprocess.Popen(
        command, env={**environment(), **variables}, cwd=ROOT, close_fds=False, encoding="utf-8", errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = ""
    with child:  # after Ctrl-C too this waits for its end: it has come to it as well, and it stops in its own way
        for line in child.stdout or []:
            said += line
            # Without internet, pip goes on to speak of a conflict between packages; there is none.
            show = show and not (line.startswith("ERROR: Cannot install") and cause(said))
            if show:
                print(line, end="", flush=True)
    return child.returncode, said


def call(*command: str, **variables: str) -> int:
    """Run a command that has the terminal, with these variables too, and return its exit status."""
    return status_of(subprocess.Popen(command, env={**environment(), **variables}, cwd=ROOT, close_fds=False))


def status_of(child: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a command that has the terminal; its exit status.

    Ctrl-C reaches both of us. The command ends in its own way, and has its own words for that.
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return child.wait()
    finally:
        signal.signal(signal.SIGINT, before)
