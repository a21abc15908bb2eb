"""How a command ends: with an exit status that tells the truth, and in one sentence where something went wrong."""

import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from titanic.problem import Problem


def run(command: Callable[[], object]) -> NoReturn:
    """Run a command. A Problem is told and ends with 1; Ctrl-C is the way to stop most of them, and no fault."""
    try:
        command()
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
    except BrokenPipeError:  # `python course.py doctor | head`: the reader has seen enough
        sys.exit(1)
    sys.exit(0)


def let_signals_interrupt() -> None:
    """Take Ctrl-C and the request to end alike: whoever ends us, what the command has started is stopped first."""
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
