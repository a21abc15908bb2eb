"""What the parts of the collector raise. They know nothing of HTTP: api.py says what a client is answered."""

from pydantic import ValidationError


class NotFoundError(LookupError):
    """There is no such profile or alert; the text says so."""


class RefusedError(ValueError):
    """What was sent cannot be kept; the text says why."""


def reason(error: Exception) -> str:
    """What is wrong, and where, such as config.alert_config.threshold: Field required; of several faults, the first."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}".removeprefix(": ")
