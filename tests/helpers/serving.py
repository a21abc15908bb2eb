"""Start an app as the lessons tell it, with uvicorn in a process of its own, for tests that need a real server."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests
from contract import values

from classroom.servers.ports import free_port


class Server:
    """An app that answers at .url; .process is uvicorn."""

    def __init__(self, url, process):
        self.url = url
        self.process = process

    def get(self, path, **options):
        """Ask on a new connection; with several workers, any of them may answer."""
        return requests.get(self.url + path, timeout=30, **options)

    def post(self, path, **options):
        return requests.post(self.url + path, timeout=30, **options)


@contextmanager
def serve(name, *options, **environment):
    """Run `uvicorn NAME:app` with these options and changes to the environment, until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", f"{name}:app", "--port", str(port), *options]
    paths = str(Path(__file__).parent)  # for the classes of models that tests have stored
    environment = os.environ | {"PYTHONPATH": paths} | {key: str(value) for key, value in environment.items()}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        server = Server(f"http://127.0.0.1:{port}", process)
        wait_until_it_answers(server)
        yield server
    finally:
        everybody = [process, *psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            for one in everybody:
                one.kill()
            process.wait()


def wait_until_it_answers(server):
    deadline = time.monotonic() + 60
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            server.get("/")
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise RuntimeError("the app did not start")


def settle(api):
    """Wait until all requests but the one that asks are over: an answer is sent a moment before it is counted."""
    deadline = time.monotonic() + 20
    while values(api, "http_requests_in_progress") != [1] and time.monotonic() < deadline:
        time.sleep(0.05)
