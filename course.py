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

import argparse
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
STAMP = VENV / "course-is-ready"


def environment() -> dict[str, str]:
    """The environment of everything the course starts: this machine's, without what would break it."""
    # The first one makes `import mlflow` take 5 seconds or more every time; the others would mix in foreign packages.
    unwanted = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV"}
    env = {name: value for name, value in os.environ.items() if name not in unwanted}
    env["PATH"] = os.pathsep.join([str(BIN), env.get("PATH", os.defpath)])
    env["PYTHONPATH"] = os.pathsep.join(
        str(ROOT / name) for name in ("apps", "notebooks", "prometheus", "grafana_dashboard")
    )
    env["PYTHONUTF8"] = env["PYTHONNOUSERSITE"] = "1"
    # Jupyter, IPython and Matplotlib keep their files with the course; so a Jupyter set up elsewhere cannot disturb it.
    (TOOLS / "jupyter").mkdir(parents=True, exist_ok=True)
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        env[name] = str(TOOLS / "jupyter" / name.removesuffix("DIR").strip("_").lower())
    env.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # scikit-learn's threads spin while they wait for each other: on a busy machine they make it ten times slower.
    env.setdefault("OMP_NUM_THREADS", "1")
    return env


def fingerprint() -> str:
    """What .venv was made from. The path counts too: a virtual environment does not survive being moved."""
    parts = [path.read_bytes() for path in REQUIREMENTS] + [str(VENV).encode()]
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
    missing = [path.name for path in [*REQUIREMENTS, ROOT / "apps", ROOT / "notebooks"] if not path.exists()]
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
    """Install the locked packages into .venv, by uv if it can be had, else by pip; False if that failed."""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install"]
    uv = shutil.which("uv")
    print(f"[2/3] {'Using' if uv else 'Getting'} uv, which installs faster than pip", flush=True)
    if not uv and call(*pip, "--quiet", "uv", "--constraint", str(REQUIREMENTS[1])) == 0:
        uv = shutil.which("uv", path=str(BIN))
    print("[3/3] Installing the packages: about 1 GB, half a minute to a few minutes", flush=True)
    packages = ["--requirement", str(REQUIREMENTS[0])]
    if uv and call(uv, "pip", "install", "--python", str(PYTHON), "--compile-bytecode", *packages) == 0:
        return True
    print("uv did not manage it; trying pip.", flush=True)
    return call(*pip, *packages) == 0


def call(*command: str, quiet: bool = False) -> int:
    """Run a command to its end and return its exit status."""
    output = subprocess.DEVNULL if quiet else None
    child = subprocess.Popen(command, env=environment(), cwd=ROOT, stdout=output, close_fds=False)
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


def parse_arguments() -> argparse.Namespace:
    """The command line of the course."""
    parser = argparse.ArgumentParser(
        prog="python course.py", description="Unsinkable: put a model in production and know that it still works."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    lab = commands.add_parser("lab", help="open the course in JupyterLab")
    lab.add_argument("--no-browser", action="store_true", help="only print the address")
    lab.add_argument("--port", type=int, default=8888)
    commands.add_parser("test", help="run all tests and notebooks; what follows goes to pytest")
    commands.add_parser("setup", help="only prepare this machine")
    commands.add_parser("train", help="train the model (lesson 01)")
    app = commands.add_parser("app", help="start one of the apps")
    app.add_argument("name", nargs="?", default="", help="such as fastapi_01_test_app; without it, the list")
    app.add_argument("--port", type=int, help="8000, but for the collector 8090")
    app.add_argument("--reload", action="store_true", help="start again whenever the script is saved")
    monitor = commands.add_parser("monitor", help="start Prometheus, which watches the app on port 8000, and Grafana")
    monitor.add_argument("--interval", default="15s", help="how often it reads the app's metrics")
    monitor.add_argument("--port", type=int, default=9090)
    monitor.add_argument("--grafana-port", type=int, default=3000)
    monitor.add_argument("--no-grafana", action="store_true", help="start Prometheus alone")
    show_all = "show the whole course at once: app, Prometheus, dashboard, traffic"
    round_of_demo = "The traffic changes in rounds. One round takes 2.5 to 3 minutes, then it begins again."
    demo = commands.add_parser("demo", help=show_all, description=round_of_demo)
    demo.add_argument("--minutes", type=float, help="stop after so many; without it, at Ctrl-C")
    demo.add_argument("--port", type=int, default=3000, help="of the dashboard")
    demo.add_argument("--no-browser", action="store_true", help="only print the addresses")
    commands.add_parser("doctor", help="what is ready, what is missing, what to do")
    commands.add_parser("refresh", help="run the notebooks and store their outputs").add_argument("notebook", nargs="*")
    bench = commands.add_parser("bench", help="measure how fast the apps serve (lesson 16)")
    bench.add_argument("--peers", action="store_true", help="beside BentoML and MLServer, which it installs")
    bench.add_argument("--rounds", type=int, default=7, help="how often each server has its turn")
    bench.add_argument("--seconds", type=float, default=1.0, help="how long a turn lasts")
    if sys.argv[1:2] == ["test"]:  # the rest is pytest's, its options too
        return argparse.Namespace(command="test", pytest=sys.argv[2:])
    return parser.parse_args()


def main() -> int:
    """Do what the command line says; the exit status tells whether it worked."""
    arguments = parse_arguments()
    command = arguments.command
    if command == "doctor":  # the one command that must also work before the set-up, and with a broken one
        return become("-m", "classroom.doctor") if is_ready() else call(sys.executable, "-m", "classroom.doctor")
    set_up()
    if command == "lab":
        # No update checks, no news, and no question about them: nothing is fetched while a lesson runs.
        notices = '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}'
        settings = Path(environment()["JUPYTER_CONFIG_DIR"], "labconfig", "default_setting_overrides.json")
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(notices, encoding="utf-8")
        quiet = ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
        quiet.append("--allow-root")  # the only user of some containers; the server is for this machine alone
        browser = ["--no-browser"] if arguments.no_browser else []
        # In this way the address that is printed opens lesson 00, too; a file as an argument only opens in the browser.
        lesson = "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb"
        return become("-m", "jupyterlab", lesson, f"--port={arguments.port}", "--ip=127.0.0.1",
                      f"--ServerApp.root_dir={ROOT}", *quiet, *browser)  # fmt: skip
    if command == "test":
        call(str(PYTHON), "-m", "prometheus_server")  # if that fails, what needs Prometheus is skipped
        return become("-m", "pytest", *arguments.pytest)
    if command == "train":
        return become(str(ROOT / "apps" / "mlflow_00_train_model.py"))
    if command == "refresh":
        return become("-m", "classroom.refresh", *arguments.notebook)
    if command == "app":
        reload = ["--reload"] if arguments.reload else []
        port = ["--port", str(arguments.port)] if arguments.port is not None else []
        return become("-m", "classroom.launcher", arguments.name, *port, "--train", *reload)
    if command == "monitor":
        alone = ["--no-grafana"] if arguments.no_grafana else []
        return become("-m", "classroom.monitor", "--interval", arguments.interval, "--port", str(arguments.port),
                      "--grafana-port", str(arguments.grafana_port), *alone)  # fmt: skip
    if command == "bench":
        options = ["--peers"] * arguments.peers
        options += ["--rounds", str(arguments.rounds), "--seconds", str(arguments.seconds)]
        return become("-m", "classroom.bench", *options)
    if command == "demo":
        minutes = ["--minutes", str(arguments.minutes)] if arguments.minutes else []
        browser = ["--no-browser"] if arguments.no_browser else []
        return become("-m", "classroom.demo", "--port", str(arguments.port), *minutes, *browser)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped. Call it again: what was cut off starts over.")
    except OSError as error:
        sys.exit(f"This did not work: {error}. Is the disk full, or the folder {ROOT} not yours to write to?")
