"""Run a command of this folder, as course.py asks for it: python -m classroom.commands._start demo --minutes 3.

While a command is imported, which takes seconds, Ctrl-C ends it at once: nothing has been started that must be stopped.
"""

import os
import runpy
import signal
import sys

from classroom.commands._paths import from_where_one_is


def end_at_once(*_: object) -> None:
    """End this process, without the exit handlers of what is half imported."""
    os.write(2, b"\nStopped.\n")
    os._exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, end_at_once)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # course.py has blocked it while Python started
    del sys.argv[0]
    from_where_one_is()
    try:
        runpy.run_module(f"classroom.commands.{sys.argv[0]}", run_name="__main__", alter_sys=True)
    except ImportError:
        from classroom.commands.doctor import packages_line  # it needs no package

        _, state, to_do, must = packages_line()
        if not must:  # it is no package of the course that cannot be found
            raise
        sys.exit(f"The packages of the course are not whole: {state}. What to do: {to_do}. Then call this again.")
