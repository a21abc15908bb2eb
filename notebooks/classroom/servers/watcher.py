"""Run a server, and end it when the process that started it ends, however that happens.

It is a program of its own between the two, of the standard library only, so that it starts in a moment:

    python watcher.py [--replaceable PORT NAME] [--then-delete FOLDER] --watch COMMAND ...

Its input is a pipe, whose other end the starter holds open. When that process ends, even by kill -9, the system closes
the pipe; this end of the input means: end the server. A byte means: kill it at once.

On Windows, the server and we have a console together: what is sent to a worker there reaches all of it, and so us.
"""

import argparse
import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

GRACE = 20  # seconds in which a server may end in good order

if sys.platform == "win32":
    import ctypes

    KERNEL = ctypes.WinDLL("kernel32")
    SUSPENDED = 0x4  # a flag: begin only when told to
    EXTENDED_LIMITS = 9  # the kind of these limits: a JOBOBJECT_EXTENDED_LIMIT_INFORMATION of 144 bytes
    KILL_ON_CLOSE = 0x2000  # a flag among them: all in the job die with whoever holds it

    @functools.cache
    def job() -> ctypes.c_void_p:
        """What processes die in together. Source: https://learn.microsoft.com/windows/win32/procthread/job-objects."""
        KERNEL.CreateJobObjectW.restype = ctypes.c_void_p
        made = ctypes.c_void_p(KERNEL.CreateJobObjectW(None, None))
        limits = (ctypes.c_uint32 * 36)()
        limits[4] = KILL_ON_CLOSE
        KERNEL.SetInformationJobObject(made, EXTENDED_LIMITS, limits, ctypes.sizeof(limits))
        return made


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start the server in a process group of its own: it can be killed with all that it starts, and we live on."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | SUSPENDED
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, creationflags=flags)
        handle = ctypes.c_void_p(int(server._handle))  # type: ignore[attr-defined]
        KERNEL.AssignProcessToJobObject(job(), handle)  # before it begins: what it starts will be in there too
        ctypes.WinDLL("ntdll").NtResumeProcess(handle)
        return server
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)


def end(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, and kill it if it does not."""
    limit = threading.Timer(GRACE, kill, [server])
    limit.daemon = True
    limit.start()
    if sys.platform == "win32":
        try:
            server.send_signal(signal.CTRL_BREAK_EVENT)
        except (OSError, SystemError):  # there is no console: then Windows knows no way to ask
            kill(server)
    else:
        server.terminate()


def kill(server: subprocess.Popen[bytes]) -> None:
    """Kill the server and all that it has started."""
    if sys.platform == "win32":
        KERNEL.TerminateJobObject(job(), 1)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left; macOS then says the latter
            os.killpg(server.pid, signal.SIGKILL)


def watch(command: list[str], then_delete: Path | None) -> int:
    """Run the server until it ends; return its exit status. A killed one deletes nothing, as after a power cut."""
    if sys.platform == "win32":
        for one in (signal.SIGINT, signal.SIGBREAK):
            signal.signal(one, signal.SIG_IGN)
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
