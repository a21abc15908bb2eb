"""Start the other end of the drift queue from a notebook."""

import os

from classroom.servers.app import App, start_app, usual_port
from titanic.problem import Problem

COLLECTOR = "scouter_01_collector_app"

# Scouter's client writes into the notebook whenever a queue stops, unless this is set before it is imported.
os.environ.setdefault("LOG_LEVEL", "ERROR")


def start_scouter() -> App | None:
    """Start the collector, and let the lesson and its app use it; None if SCOUTER_SERVER_URI names another server.

    Problem: the port of the collector is taken, or the other server does not answer or does not let us in.
    """
    own = f"http://127.0.0.1:{usual_port(COLLECTOR)}"
    other = os.environ.get("SCOUTER_SERVER_URI") or own
    if other != own:
        # Here and not above: LOG_LEVEL must be set before the client is imported.
        from scouter import ScouterClient

        from titanic import drift

        try:
            ScouterClient(drift.http_config())
        except RuntimeError as error:
            raise Problem(
                f"The Scouter server at {other} could not be used: {error}. "
                "Check SCOUTER_SERVER_URI, SCOUTER_USERNAME and SCOUTER_PASSWORD."
            ) from None
        print(f"This lesson uses the Scouter server at {other}")
        return None
    collector = start_app(COLLECTOR)
    os.environ["SCOUTER_SERVER_URI"] = own
    return collector
