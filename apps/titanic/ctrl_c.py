"""Ctrl-C, whatever a library makes of it."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

MOMENT = 0.3  # seconds; nobody presses twice within them

came: list[float] = []  # when each press came since the last interruptible() began


def is_new_press() -> bool:
    """Note that a signal has come; False if it is the same press as the one before.

    `timeout` sends one to a process and to the group of that, so it comes twice. A second KeyboardInterrupt would break
    off what tidies up after the first: for instance, it may leave a lock locked for which the rest waits for ever.
    """
    now = time.monotonic()
    if came and now - came[-1] < MOMENT:
        return False
    came.append(now)
    return True


@contextmanager
def interruptible(*signals: int) -> Iterator[None]:
    """From now on, each of these signals raises KeyboardInterrupt, and the block of this `with` then ends in that.

    A library in whose code it comes may make an error of its own of it: pandas' reader of CSV says ParserError.
    """
    came.clear()

    def interrupt(sig: int, frame: FrameType | None) -> None:
        if is_new_press():
            signal.default_int_handler(sig, frame)

    for one in signals:
        signal.signal(one, interrupt)
    try:
        yield
    except Exception:
        if came:
            raise KeyboardInterrupt from None
        raise
