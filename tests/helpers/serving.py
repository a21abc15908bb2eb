"""Start an app as the lessons tell it, with uvicorn in a process of its own, for tests that need a real server."""

import sys
import tempfile
from contextlib import contextmanager
from functools import partialmethod
from pathlib import Path

import requests
from conftest import ROOT
from contract import values
from waiting import until

from classroom.servers import direct
from classroom.servers.app import PATIENT
from classroom.servers.ports import free_port
from classroom.servers.process import Server


class App(Server):
    """The app of a script, by `uvicorn NAME:app` with these options; its log is in this folder."""

    def __init__(self, name, folder, *options, port=None, **settings):
        self.name = name
        port = port or free_port()
        command = [sys.executable, "-m", "uvicorn", f"{name}:app", "--port", str(port), *PATIENT, *options]
        settings = {key: str(value) for key, value in settings.items()}
        settings["PYTHONPATH"] = str(ROOT / "tests" / "helpers")  # for the classes of models that tests have stored
        super().__init__(port, command, settings, log=Path(folder) / f"{name}_{port}.log")

    def is_ready(self):
        """True if it answers, whatever it answers."""
        try:
            return self.get("/") is not None
        except requests.ConnectionError:
            return False

    def ask(self, method, path, **options):
        """Ask on a new connection; with several workers, any of them may answer."""
        with direct.session() as session:
            return session.request(method, self.url + path, timeout=30, **options)

    get, post = partialmethod(ask, "GET"), partialmethod(ask, "POST")


@contextmanager
def serve(name, *options, **settings):
    """Run `uvicorn NAME:app` with these options and variables of its environment, until the block ends."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        app = App(name, folder, *options, **settings)
        try:
            app.wait_until_ready(120)  # as long as until() waits: other tests keep the machine busy
            yield app
        finally:
            app.stop()


def settle(api):
    """Wait until all requests but the one that asks are over: an answer is sent a moment before it is counted."""
    until(lambda: values(api, "http_requests_in_progress") == [1])
