"""The log of the app itself: what went wrong, when, and how bad it is (lesson 05)."""

import logging

from uvicorn.logging import DefaultFormatter


def configure() -> None:
    """Show what the loggers named titanic..., collector... and alerting... write, in uvicorn's way and with the time.

    Not if somebody has said already where it goes, for instance in a file given to uvicorn's --log-config.
    """
    for name in ("titanic", "collector", "alerting"):
        log = logging.getLogger(name)
        if log.hasHandlers():
            continue
        handler = logging.StreamHandler()
        handler.setFormatter(DefaultFormatter("%(levelprefix)s %(asctime)s %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
