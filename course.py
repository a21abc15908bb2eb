"""The one command of the course. It prepares this machine, then does what you ask.

    python course.py lab     opens the course
    python course.py test    runs its tests
    python course.py --help  lists the rest

It needs Python 3.11, 3.12 or 3.13 and nothing else: all packages go into the folder .venv beside this file.
"""

import os
import signal
import sys

if __name__ == "__main__":  # until main() begins there is nothing to tidy up: Ctrl-C ends imports too, and at once
    signal.signal(signal.SIGINT, lambda *_: (os.write(2, b"\nStopped.\n"), os._exit(1)))

# First of all, so that an old Python reads this sentence and not a syntax error from further down.
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    import subprocess

    def starts(command: str) -> bool:
        """True if there is such a Python, and not only its name."""
        quiet = subprocess.DEVNULL
        try:
            return subprocess.call([*command.split(), "--version"], stdout=quiet, stderr=quiet) == 0
        except OSError:
            return False

    names = ["py -3.13", "py -3.12", "py -3.11"] if os.name == "nt" else ["python3.13", "python3.12", "python3.11"]
    found = [name for name in names if starts(name)]
    sys.exit(
        f"This is Python {sys.version_info[0]}.{sys.version_info[1]}; the course needs 3.11, 3.12 or 3.13. "
        + (
            f"You have one: call {found[0]} course.py instead of python course.py."
            if found
            else "Install 3.13 from https://www.python.org/downloads/ and call it by name: "
            "python3.13 course.py lab (on Windows: py -3.13 course.py lab)."
        )
    )

import ast
import contextlib
import hashlib
import importlib.util
import re
import shutil
import subprocess
import time
import venv
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
BEFORE = TOOLS / "venv-before"  # a complete .venv, while the next one is being made
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
REQUIREMENTS = [ROOT / "requirements.txt", ROOT / "constraints.txt"]
PROJECT = ROOT / "pyproject.toml"
COMMANDS = ROOT / "notebooks" / "classroom" / "commands"
STAMP = VENV / "course-is-ready"

# What somebody has set for all Pythons, installers or servers of this machine must not steer ours. For instance:
# PYTHONDONTWRITEBYTECODE makes `import mlflow` take 5 seconds each time, PYTHONOPTIMIZE leaves out every assert, with
# PYTHONINSPECT no command ends, PIP_USER installs elsewhere, JUPYTER_PATH brings in foreign kernels.
STEERS = re.compile(
    r"PYTHON(?!UNBUFFERED|FAULTHANDLER)[A-Z0-9]+|VIRTUAL_ENV|__PYVENV_LAUNCHER__|MPLBACKEND|MATPLOTLIBRC"
    r"|WEB_CONCURRENCY|UVICORN_\w+|JUPYTER(?!HUB_|_TOKEN$)\w+|(PIP|UV)_\w+"
)
# But these settings of the installers stay: without them, some learners do not reach the internet.
REACHES = re.compile(
    r"(PIP|UV)_\w*(INDEX|FIND_LINKS|HOST|PROXY|CERT|TLS|KEYRING|CREDENTIAL|TIMEOUT|RETRIES|HTTP|CACHE|CONFIG_FILE"
    r"|LINK_MODE|CONCURRENT|OFFLINE|USE_FEATURE|DISABLE_PIP_VERSION_CHECK)\w*"
)
# Why an installation failed: what pip and uv write, and what that means for the reader.
CAUSES = {
    r"no space left|not enough space|disk quota|os error (28|112|122)\b": "The disk is full: make room.",
    r"permission denied|access is denied|read-only file system|operation not permitted": (
        f"Something in {ROOT} may not be written: copy the course into a folder of your own."
    ),
    r"certificate.verify.failed|invalid peer certificate|unknownissuer": (
        "The certificate of the package index is not trusted here; perhaps your network looks into what is fetched. "
        "Ask for its certificate, and let SSL_CERT_FILE and PIP_CERT name that file."
    ),
    r"failed to build|failed building wheel|metadata-generation-failed": (
        "A package is not ready-made for this processor or system, and could not be built here. On Windows for ARM and "
        "on old Macs, take a Python for 64-bit Intel or another machine."
    ),
    r"failed to fetch|dns error|name resolution|resolve host|lookup address|newconnection|timed? ?out|proxy|tunnel"
    r"|connection (refused|reset|broken|error|aborted)|tcp connect|unreachable|error sending request": (
        "The packages could not be fetched: most often the internet connection is missing or a proxy is in the way."
    ),
}
# Whether what was installed can be used. Its arguments: requirements.txt, and the folder of the scripts.
LOOK = r"""
import importlib, importlib.metadata, importlib.util, pathlib, re, sys

def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()

modules = {}
for module, distributions in importlib.metadata.packages_distributions().items():
    for one in distributions if module.isidentifier() else []:
        modules.setdefault(plain(one), []).append(module)
requirements = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
for name, version in re.findall(r"^([\w.-]+)(?:\[[\w,]*\])?==([^\s;#]+)", requirements, re.MULTILINE):
    found = importlib.metadata.version(name).removeprefix("v")
    assert found == version, f"{name} is {found} and not {version}"
    own = modules.get(plain(name), [])
    for module in [one for one in own if plain(one) == plain(name)] or own:
        importlib.import_module(module)
for script in pathlib.Path(sys.argv[2]).glob("*_app.py"):
    at = importlib.util.find_spec(script.stem)
    assert at and pathlib.Path(at.origin).samefile(script), f"{script.stem} is not found in {script.parent}"
"""


def environment() -> dict[str, str]:
    """The environment of everything the course starts: this machine's, without what would break it."""
    said = os.environ.items()
    env = {name: value for name, value in said if not STEERS.fullmatch(name) or REACHES.fullmatch(name)}
    env["PATH"] = os.pathsep.join([str(BIN), env.get("PATH", os.defpath)])
    env["PYTHONUTF8"] = env["PYTHONNOUSERSITE"] = "1"
    spare_this_machine(env)
    # Jupyter and IPython keep their files with the course; so a Jupyter set up elsewhere cannot disturb it.
    with contextlib.suppress(OSError):  # where nothing may be written, the command says so
        (TOOLS / "jupyter").mkdir(parents=True, exist_ok=True)
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        env[name] = str(TOOLS / "jupyter" / name.removesuffix("DIR").strip("_").lower())
    # Matplotlib's list of fonts goes with the environment whose fonts it lists: an old one draws other letters.
    env["MPLCONFIGDIR"] = str(VENV / "matplotlib")
    env.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # scikit-learn's threads spin while they wait for each other: on a busy machine they make it ten times slower.
    env.setdefault("OMP_NUM_THREADS", "1")
    return env


def spare_this_machine(env: dict[str, str]) -> None:
    """Where a proxy is set, keep it from 127.0.0.1, as titanic/proxies.py does for who comes without course.py."""
    if any(value and re.fullmatch(r"(?!no_)\w+_proxy", name.lower()) for name, value in env.items()):
        said = {name: env.get(name) or env.get(name.swapcase()) or "" for name in ("NO_PROXY", "no_proxy")}
        for name, hosts in said.items():
            listed = [host.strip() for host in hosts.split(",") if host.strip()]
            missing = [host for host in ("127.0.0.1", "localhost", "::1") if not {host, "*"} & set(listed)]
            env[name] = ",".join(listed + missing)


def fingerprint() -> str:
    """What .venv was made from and, in a second line, where: a virtual environment does not survive being moved."""
    parts = [b"\0".join(path.read_bytes() for path in [*REQUIREMENTS, PROJECT]), str(VENV).encode()]
    return "\n".join(hashlib.sha256(part).hexdigest() for part in parts)


def is_ready() -> bool:
    """True if .venv was made completely, from these requirements, in this place."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == fingerprint()


def has_moved() -> bool:
    """True if .venv is complete, but the folder of the course was moved, renamed or copied afterwards."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text().split()[0] == fingerprint().split()[0]


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Wait while another set-up is at work: one in another terminal, or what is left of one that was killed."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "setup.lock").open("w") as lock:
        # The installers inherit the lock: where the system allows it, they hold it even when this process is killed.
        os.set_inheritable(lock.fileno(), True)
        waiting = False
        while not try_lock(lock.fileno()):
            if not waiting:
                print("Another set-up is still at work; waiting for it ...", flush=True)
            waiting = True
            time.sleep(0.5)
        yield


def try_lock(file: int) -> bool:
    """Take the lock on this open file; False if somebody has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def set_up() -> None:
    """Make .venv and install the locked packages, unless that is done already."""
    missing = [path.name for path in [*REQUIREMENTS, PROJECT, ROOT / "apps", COMMANDS] if not path.exists()]
    if missing:
        sys.exit(f"{ROOT} is not the whole course: {', '.join(missing)} is missing. Download the course again.")
    if is_ready():
        return
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "This Python comes without its venv module. On Debian and Ubuntu: "
            f"sudo apt install python3.{sys.version_info.minor}-venv. Then call this again."
        )
    if Path(sys.prefix) == VENV:
        sys.exit("The packages of the course have changed. Leave its .venv (type deactivate), then call this again.")
    with only_one():
        if is_ready():
            return
        if not (has_moved() and fit_to_this_place()):
            print(f"Setting up the course in {ROOT}. This is done once.", flush=True)
            with old_one_kept():
                make()
                STAMP.write_text(fingerprint())  # last, so that it stands only for a complete .venv
        print("The course is ready.", flush=True)


def fit_to_this_place() -> bool:
    """Correct the paths in a .venv that has moved; this needs no internet. False if that does not make it whole."""
    print("The folder of the course has moved: fitting its packages to the new place.", flush=True)
    status, base = run(str(PYTHON), "-I", "-c", "import sys; print(sys._base_executable)", show=False)
    if status or run(base.strip(), "-I", "-m", "venv", "--without-pip", str(VENV), show=False)[0]:
        return False
    for script in BIN.iterdir() if os.name != "nt" else []:  # on Windows they are programs, and stay as they are
        content = script.read_bytes()
        head = re.match(rb"#!(/bin/sh\n'''exec' .*\n' '''|.*python[\d.]*)\n", content)
        if head:
            script.write_bytes(shebang() + content[head.end() :])
    if by_pip("--no-index", "--quiet", *itself(), show=False)[0] or not_usable():
        return False
    STAMP.write_text(fingerprint())
    return True


def shebang() -> bytes:
    """The beginning of a script for our Python, as pip and uv write it: #! takes no space and few letters."""
    python = os.fsencode(PYTHON)
    if b" " in python or len(python) > 120:
        return b"#!/bin/sh\n'''exec' \"%s\" \"$0\" \"$@\"\n' '''\n" % python
    return b"#!%s\n" % python


@contextlib.contextmanager
def old_one_kept() -> Iterator[None]:
    """Put a complete .venv aside while the next one is made. If that fails, it comes back: it may be all one has."""
    if STAMP.exists():
        shutil.rmtree(BEFORE, ignore_errors=True)
        VENV.rename(BEFORE)
    # From empty: an installation that was cut off cannot be mended by installing over it.
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(VENV, ignore_errors=True)
        if BEFORE.exists():
            BEFORE.rename(VENV)
        raise
    shutil.rmtree(BEFORE, ignore_errors=True)


def make() -> None:
    """Make a whole .venv; exit with the true reason if that fails."""
    if shutil.disk_usage(ROOT).free < 1e9:
        sys.exit(f"The disk is full: the set-up needs 2 GB where {ROOT} is. Make room, then call this again.")
    print("[1/3] Making the folder .venv", flush=True)
    # Links to this Python, which may need a library that lies beside it; Windows does not let everybody make them.
    venv.EnvBuilder(symlinks=os.name != "nt").create(VENV)
    status, said = run(str(PYTHON), "-I", "-c", "pass", show=False)
    if status:
        sys.exit(f"This Python, {sys.executable}, does not start in a virtual environment: {last_line(said)}. "
                 "Call this again with one from https://www.python.org/downloads/.")  # fmt: skip
    status, said = run(str(PYTHON), "-m", "ensurepip", "--upgrade", "--default-pip", show=False)
    if status:
        sys.exit(f"{cause(said) or f'pip could not be installed: {last_line(said)}.'} Then call this again.")
    reason = install()
    if reason:
        sys.exit(f"{reason} Then call this again.")


def install() -> str:
    """Install the locked packages and the course itself, by uv if it can be had, else by pip.

    Return why that failed; "" if it did not, and all of it can be imported.
    """
    uv = shutil.which("uv")
    print(f"[2/3] {'Using' if uv else 'Getting'} uv, which installs faster than pip", flush=True)
    if not uv:
        status, said = by_pip("--quiet", "uv", "--constraint", str(REQUIREMENTS[1]))
        if status and cause(said):
            return cause(said)
        uv = shutil.which("uv", path=str(BIN))
    print("[3/3] Installing the packages: about 1 GB, half a minute to a few minutes", flush=True)
    reason = ""
    if uv:
        reason = failure(partial(run, uv, "pip", "install", "--compile-bytecode", "--python", str(PYTHON)))
        if reason in ("", cause("no space left")):
            return reason
    print(f"{reason} Now trying pip.".strip(), flush=True)
    unknown = reason if reason in CAUSES.values() else "The packages could not be installed; the lines above say why."
    return failure(by_pip, unknown)


def failure(install: Callable[..., tuple[int, str]], unknown: str = "uv did not manage it.") -> str:
    """Install the packages and the course by this installer; say why that failed, "" if all of it can be used now."""
    for what in (["--requirement", str(REQUIREMENTS[0])], ["--quiet", *itself()]):
        status, said = install(*what)
        if status:
            return cause(said) or unknown
    return not_usable()


def itself() -> list[str]:
    """What installs the course: editable, so that what a learner changes in apps/ is what runs."""
    return ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]  # what builds it is among the packages


def by_pip(*arguments: str, show: bool = True) -> tuple[int, str]:
    """Install by pip, as run does."""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    return run(*pip, "install", *arguments, show=show, **settings_of_pip())


@cache
def settings_of_pip() -> dict[str, str]:
    """As variables, those settings from pip's files and the environment without which it may not reach the internet."""
    all_files = dict.fromkeys(["PIP_USER", "PIP_SITE", "PIP_GLOBAL"], "0")  # else `user = yes` would mean: only yours
    said = run(str(PYTHON), "-m", "pip", "config", "list", show=False, **all_files)[1]
    found = re.findall(r"^(global|install|:env:)\.([\w-]+)=(['\"].*['\"])$", said, re.MULTILINE)
    found.sort(key=lambda one: ["global", "install", ":env:"].index(one[0]))  # the later ones win
    said_all = [(f"PIP_{name.upper().replace('-', '_')}", ast.literal_eval(value)) for _, name, value in found]
    return {name: value for name, value in said_all if value and REACHES.fullmatch(name)} | {
        "PIP_CONFIG_FILE": os.devnull  # which means: read no file
    }


def not_usable() -> str:
    """What in .venv cannot be used, in a sentence; "" if nothing."""
    status, said = run(str(PYTHON), "-I", "-c", LOOK, str(REQUIREMENTS[0]), str(ROOT / "apps"), show=False)
    return f"What was installed cannot be used: {last_line(said)}." if status else ""


def cause(said: str) -> str:
    """What this message of an installer means for the reader, and what to do; "" if that is not known."""
    return next((meaning for words, meaning in CAUSES.items() if re.search(words, said, re.IGNORECASE)), "")


def last_line(said: str) -> str:
    """The last line of what a program has said; of an error of Python, that is what went wrong."""
    return (said.strip().splitlines() or ["it says nothing"])[-1].strip().rstrip(".")


def run(*command: str, show: bool = True, **variables: str) -> tuple[int, str]:
    """Run a command to its end, with these variables too; return its exit status and all that it has written."""
    child = subprocess.Popen(
        command, env=environment() | variables, cwd=ROOT, close_fds=False, encoding="utf-8", errors="replace",
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
    child = subprocess.Popen(command, env=environment() | variables, cwd=ROOT, close_fds=False)
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.wait()
        raise


def become(command: str, *options: str) -> int:
    """Run this command by the Python of .venv instead of this process, so that nothing is left when it is stopped."""
    arguments = [str(PYTHON), "-m", "classroom.commands._start", command, *options]
    if os.name == "nt":
        return call(*arguments)
    sys.stdout.flush()
    os.chdir(ROOT)
    # While that Python starts, Ctrl-C would end in a traceback: it waits until _start.py lets it come.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    os.execve(arguments[0], arguments, environment())


def commands() -> dict[str, str]:
    """The commands and what each does: the first line of its file in notebooks/classroom/commands."""
    files = sorted(file for file in COMMANDS.glob("[!_]*.py"))
    docs = {file.stem: ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "" for file in files}
    return {"setup": "Only prepare this machine."} | {name: doc.partition("\n")[0] for name, doc in docs.items()}


def main() -> int:
    """Do what the command line says; the exit status tells whether it worked."""
    command, *options = sys.argv[1:] or ["--help"]
    if command in ("-h", "--help"):
        listed = "".join(f"\n  {name:8} {what}" for name, what in commands().items())
        print(f"usage: python course.py COMMAND ...\n{listed}\n\nEach has options: python course.py COMMAND --help")
        return 0
    if command not in commands():
        sys.exit(f"There is no command '{command}'. There are: {', '.join(commands())}.")
    if command == "setup" and options not in ([], ["--all"]):
        sys.exit("python course.py setup only prepares this machine. Its one option is --all: it also fetches "
                 "Prometheus and Grafana and trains the model, so that nothing is left to fetch.")  # fmt: skip
    if command == "doctor" and not is_ready():  # it must also speak before the set-up, and with a broken one
        sources = os.pathsep.join(str(ROOT / name) for name in ("apps", "notebooks"))
        return call(sys.executable, "-m", "classroom.commands.doctor", *options, PYTHONPATH=sources)
    set_up()
    if command == "setup":
        return become("_prepare") if options else 0
    return become(command, *options)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped. Call it again: what was cut off starts over.")
    except OSError as error:
        sys.exit(f"This did not work: {error}. {cause(str(error))}")
