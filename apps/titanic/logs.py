"""Where the course's own loggers write to."""

import logging

from uvicorn.logging import DefaultFormatter


def configure_logging() -> None:
    """Let the loggers titanic and collector write to stderr, from INFO on, in uvicorn's form. Once is enough."""
    for name in ("titanic", "collector"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            handler = logging.StreamHandler()
            handler.setFormatter(DefaultFormatter("%(levelprefix)s %(message)s"))
            logger.addHandler(handler)
            logger.setLevel(logging.INFO)
