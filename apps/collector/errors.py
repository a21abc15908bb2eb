"""What the parts of the collector raise. They know nothing of HTTP: api.py says what a client is answered."""


class NotFoundError(LookupError):
    """There is no such profile or alert; the text says so."""


class RefusedError(ValueError):
    """What was sent cannot be kept; the text says why."""
