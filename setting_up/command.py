"""Doing what the command line says."""

import ast
import os
import signal
import sys

from setting_up import stick
from setting_up.causes import cause
from setting_up.environment import call, environment
from setting_up.original import keep
from setting_up.places import COMMANDS, PYTHON, ROOT, SOURCES
from setting_up.virtual_environment import is_ready, set_up

SETUP = (
    "python course.py setup only prepares this machine. Its options are --all: it also fetches Prometheus and Grafana "
    "and trains the model, so that nothing is left to fetch; and --from FOLDER: it takes all of that from a folder "
    "which python course.py pack has made."
)


def become(command: str, *options: str) -> int:
    """Run this command by the Python of .venv instead of this process, so that nothing is left when it is stopped."""
    arguments = [str(PYTHON), "-m", "classroom.commands._start", command, *options]
    if sys.platform == "win32":
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
    if command in stick.USED_BY:
        options = stick.without(options)
    asks = not {"-h", "--help"}.isdisjoint(options)
    if command == "setup" and asks:
        print(SETUP)
        return 0
    if command == "setup" and options not in ([], ["--all"]):
        sys.exit(SETUP)
    if command == "doctor" and not is_ready():  # it must also speak before the set-up, and with a broken one
        sources = os.pathsep.join(str(ROOT / name) for name in SOURCES)
        return call(sys.executable, "-m", "classroom.commands.doctor", *options, PYTHONPATH=sources)
    if asks and not is_ready():  # who asks wants an answer, and not to wait for 1 GB of packages
        print(f"{commands()[command]}\n\nIts options are known after the set-up: python course.py setup")
        return 0
    set_up()
    keep()
    if command == "setup":
        return become("_prepare") if options or stick.folder() else 0
    if stick.folder():  # what is not in it is told, and keeps nobody from the lessons
        call(str(PYTHON), "-m", "classroom.commands._start", "_prepare")
    return become(command, *options)


def begin() -> None:
    """Do it, and end with an exit status that tells the truth; what fails is said in a sentence."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped. Call it again: what was cut off starts over.")
    except OSError as error:
        sys.exit(f"This did not work: {error}. {cause(str(error))}")
