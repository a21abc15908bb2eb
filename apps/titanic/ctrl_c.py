"""Ctrl-C, whatever a library makes of it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible(*signals: int) -> Iterator[None]:
    """From now on, each of these signals raises KeyboardInterrupt, and the block of this `with` then ends in that.

    A library in whose code it comes may make an error of its own of it: pandas' reader of CSV says ParserError.
    """
    came: list[int] = []

    def interrupt(sig: int, frame: FrameType | None) -> None:
        came.append(sig)
        signal.default_int_handler(sig, frame)

    for one in signals:
        signal.signal(one, interrupt)
    try:
        yield
    except Exception:
        if came:
            raise KeyboardInterrupt from None
        raise
