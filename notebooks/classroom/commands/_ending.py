"""How a command ends: with nothing left, an exit status that tells the truth, and one sentence if something went wrong.

Importing this needs the standard library only: `course.py doctor` speaks before anything is installed.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from classroom.servers import process
from classroom.servers.disk import NOT_YOURS, not_writable, reason
from titanic.ctrl_c import interruptible, is_new_press
from titanic.problem import Problem
from titanic.proxies import spare_this_machine


def run(command: Callable[[], object], writes: bool = True) -> NoReturn:
    """Run a command, and stop what it has started. A Problem is printed, and the exit status is 1.

    Ctrl-C, or a request to end, raises KeyboardInterrupt in it: that is the way to stop most commands, and no fault.
    writes: it cannot do its work in a folder that is not ours to write.
    """
    spare_this_machine()
    status: str | int = 0
    try:
        try:
            with interruptible(signal.SIGINT, signal.SIGTERM):
                if writes and (folder := not_writable()):
                    raise Problem(NOT_YOURS.format(folder))
                command()
        finally:
            # Whoever cannot wait until all is stopped presses Ctrl-C once more: then all of it ends a little later.
            signal.signal(signal.SIGINT, end_at_once)
            process.stop_all()
            write_the_rest()
    except SystemExit:
        raise
    except Problem as problem:
        status = str(problem)
    except KeyboardInterrupt:
        status = "\nStopped."
    except BrokenPipeError:  # `python course.py doctor | head`: the reader has seen enough
        status = 1
    except OSError as error:
        # Windows calls that an invalid argument: https://github.com/python/cpython/issues/79935
        closed = sys.platform == "win32" and error.errno == errno.EINVAL and not error.filename
        status = 1 if closed else reason(error)
    sys.exit(status)


def end_at_once(*_: object) -> None:
    """End this process without what is left to do, unless it is still the same press of Ctrl-C."""
    if is_new_press():
        os._exit(1)


def write_the_rest() -> None:
    """Write what print has kept back. OSError: that fails; Python would try it again at its end, and say so in its way.

    Source: https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise
