"""Run a server, and end it when the process that started it ends, however that happens.

It is a program of its own between the two, of the standard library only, so that it starts in a moment:

    python watcher.py [--replaceable PORT NAME] [--then-delete FOLDER] --watch COMMAND ...

Its input is a pipe, whose other end the starter holds open. When that process ends, even by kill -9, the system closes
the pipe; this end of the input means: end the server. A byte means: kill it at once.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

WINDOWS = os.name == "nt"
GRACE = 20  # seconds in which a server may end in good order


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start the server in a process group of its own: it can be killed with all that it starts, and we live on."""
    if sys.platform == "win32":
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, creationflags=subprocess.CREATE_NEW_PROCESS_GROUP)
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)


def end(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, and kill it if it does not."""
    if sys.platform == "win32":
        server.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        server.terminate()
    limit = threading.Timer(GRACE, kill, [server])
    limit.daemon = True
    limit.start()


def kill(server: subprocess.Popen[bytes]) -> None:
    """Kill the server and all that it has started."""
    if sys.platform == "win32":
        command = ["taskkill", "/F", "/T", "/PID", str(server.pid)]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left; macOS then says the latter
            os.killpg(server.pid, signal.SIGKILL)


def watch(command: list[str], then_delete: Path | None) -> int:
    """Run the server until it ends; return its exit status. A killed one deletes nothing, as after a power cut."""
    server = start(command)
    signal.signal(signal.SIGTERM, lambda *_: end(server))
    killed = threading.Event()

    def listen() -> None:
        if os.read(0, 1):
            killed.set()
            kill(server)
        else:
            end(server)

    threading.Thread(target=listen, daemon=True).start()
    status = server.wait()
    if not WINDOWS:
        kill(server)  # workers that it has left behind
    if then_delete and not killed.is_set():
        shutil.rmtree(then_delete, ignore_errors=True)
    return status


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--replaceable", nargs=2, help="only to be read in the list of processes")
    parser.add_argument("--then-delete", type=Path)
    parser.add_argument("--watch", nargs=argparse.REMAINDER, required=True)
    options = parser.parse_args()
    sys.exit(watch(options.watch, options.then_delete))
