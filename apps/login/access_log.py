"""The log of the login app tells no secret (lesson 24)."""

import logging

log = logging.getLogger("uvicorn.access")


def without_query(record: logging.LogRecord) -> bool:
    """Let uvicorn log each request without what stands behind a "?": some clients send their token there."""
    if isinstance(record.args, tuple) and len(record.args) == 5:
        address, method, path, *rest = record.args
        record.args = (address, method, str(path).partition("?")[0], *rest)
    return True


def hide_queries() -> None:
    """Do so from now on."""
    log.addFilter(without_query)  # the same filter is added only once
