"""The one command of the course. It prepares this machine, then does what you ask.

    python course.py lab     opens the course
    python course.py test    runs its tests
    python course.py --help  lists the rest

It needs Python 3.11, 3.12 or 3.13 and nothing else: all packages go into the folder .venv beside this file.
"""

import sys

# First of all, so that an old Python reads this sentence and not a syntax error from further down.
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    import shutil

    found = [name for name in ("python3.13", "python3.12", "python3.11") if shutil.which(name)]
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
import os
import shutil
import subprocess
import time
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
REQUIREMENTS = [ROOT / "requirements.txt", ROOT / "constraints.txt"]
PROJECT = ROOT / "pyproject.toml"
COMMANDS = ROOT / "notebooks" / "classroom" / "commands"
STAMP = VENV / "course-is-ready"


def environment() -> dict[str, str]:
    """The environment of everything the course starts: this machine's, without what would break it."""
    # The first one makes `import mlflow` take 5 seconds or more every time; the others would mix in foreign packages.
    unwanted = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV"}
    env = {name: value for name, value in os.environ.items() if name not in unwanted}
    env["PATH"] = os.pathsep.join([str(BIN), env.get("PATH", os.defpath)])
    env["PYTHONUTF8"] = env["PYTHONNOUSERSITE"] = "1"
    # Jupyter and IPython keep their files with the course; so a Jupyter set up elsewhere cannot disturb it.
    (TOOLS / "jupyter").mkdir(parents=True, exist_ok=True)
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        env[name] = str(TOOLS / "jupyter" / name.removesuffix("DIR").strip("_").lower())
    # Matplotlib's list of fonts goes with the environment whose fonts it lists: an old one draws other letters.
    env["MPLCONFIGDIR"] = str(VENV / "matplotlib")
    env.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # scikit-learn's threads spin while they wait for each other: on a busy machine they make it ten times slower.
    env.setdefault("OMP_NUM_THREADS", "1")
    return env


def fingerprint() -> str:
    """What .venv was made from. The path counts too: a virtual environment does not survive being moved."""
    parts = [path.read_bytes() for path in [*REQUIREMENTS, PROJECT]] + [str(VENV).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_ready() -> bool:
    """True if .venv was made completely, from these requirements, in this place."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == fingerprint()


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
        print(f"Setting up the course in {ROOT}. This is done once.", flush=True)
        print("[1/3] Making the folder .venv", flush=True)
        # From empty: an installation that was cut off cannot be mended by installing over it.
        venv.EnvBuilder(clear=True).create(VENV)
        if call(str(PYTHON), "-m", "ensurepip", "--upgrade", "--default-pip", quiet=True) != 0 or not install():
            sys.exit("The packages could not be installed; the lines above say why. Most often the internet connection "
                     "is missing or a proxy is in the way: mend it, then call this again.")  # fmt: skip
        STAMP.write_text(fingerprint())  # last, so that it stands only for a complete .venv
        print("The course is ready.", flush=True)


def install() -> bool:
    """Install the locked packages and the course itself, by uv if it can be had, else by pip; False if that failed."""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install"]
    uv = shutil.which("uv")
    print(f"[2/3] {'Using' if uv else 'Getting'} uv, which installs faster than pip", flush=True)
    if not uv and call(*pip, "--quiet", "uv", "--constraint", str(REQUIREMENTS[1])) == 0:
        uv = shutil.which("uv", path=str(BIN))
    print("[3/3] Installing the packages: about 1 GB, half a minute to a few minutes", flush=True)
    packages = ["--requirement", str(REQUIREMENTS[0])]
    # Editable: what a learner changes in apps/ is what runs. What builds it is among the packages.
    course = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    if uv:
        by_uv = [uv, "pip", "install", "--python", str(PYTHON)]
        if call(*by_uv, "--compile-bytecode", *packages) == 0 and call(*by_uv, "--quiet", *course) == 0:
            return True
    print("uv did not manage it; trying pip.", flush=True)
    return call(*pip, *packages) == 0 and call(*pip, "--quiet", *course) == 0


def call(*command: str, quiet: bool = False, **variables: str) -> int:
    """Run a command to its end, with these variables of the environment too, and return its exit status."""
    output = subprocess.DEVNULL if quiet else None
    child = subprocess.Popen(command, env=environment() | variables, cwd=ROOT, stdout=output, close_fds=False)
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.wait()  # Ctrl-C has reached it too, and it stops in its own way
        raise


def become(*arguments: str) -> int:
    """Run Python of .venv with these arguments instead of this process, so that nothing is left when it is stopped."""
    command = [str(PYTHON), *arguments]
    if os.name == "nt":
        return call(*command)
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(command[0], command, environment())


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
    if command == "setup" and options:
        sys.exit("python course.py setup has no options: it only prepares this machine.")
    if command == "doctor" and not is_ready():  # it must also speak before the set-up, and with a broken one
        sources = os.pathsep.join(str(ROOT / name) for name in ("apps", "notebooks"))
        return call(sys.executable, "-m", "classroom.commands.doctor", *options, PYTHONPATH=sources)
    set_up()
    return 0 if command == "setup" else become("-m", f"classroom.commands.{command}", *options)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped. Call it again: what was cut off starts over.")
    except OSError as error:
        sys.exit(f"This did not work: {error}. Is the disk full, or the folder {ROOT} not yours to write to?")
