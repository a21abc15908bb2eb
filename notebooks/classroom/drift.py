"""Start the other end of the drift queue from a notebook."""

import os

from classroom.servers.app import App, start_app, usual_port
from classroom.servers.holder import served_api
from titanic import drift
from titanic.problem import Problem

COLLECTOR = "scouter_01_collector_app"


def start_scouter() -> App | None:
    """Start the collector, and let the lesson and its app use it; None if there is a real Scouter server to use.

    That is one at the address in SCOUTER_SERVER_URI, or at the collector's own. Problem: the port of the collector is
    taken, or the other server does not answer or does not let us in.
    """
    port = usual_port(COLLECTOR)
    own = f"http://127.0.0.1:{port}"
    os.environ["SCOUTER_SERVER_URI"] = os.environ.get("SCOUTER_SERVER_URI") or own
    if drift.server_uri() != own or (drift.server_is_up() and served_api(port) is None):  # a real one describes nothing
        state = drift.connection()
        if state != "up":
            raise Problem(
                f"The Scouter server at {drift.server_uri()} could not be used. {drift.reason(state)} "
                "Check SCOUTER_SERVER_URI, SCOUTER_USERNAME and SCOUTER_PASSWORD."
            )
        print(f"This lesson uses the Scouter server at {drift.server_uri()}")
        return None
    return start_app(COLLECTOR)
