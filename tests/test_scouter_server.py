"""Lessons 14 to 16 use a real Scouter server where there is one, also at the address of our collector.

The real one cannot be had here: what answers in its place says no more than what tells the two apart.
"""

import os
from http.server import BaseHTTPRequestHandler

import pytest
from answering import answering

from classroom.drift import start_scouter
from classroom.servers.app import App
from classroom.servers.ports import free_port
from titanic.problem import Problem


@pytest.fixture
def real(monkeypatch):
    """The port of a server that is alive, knows the password "violin", and does not describe itself."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            known = {"/scouter/healthcheck": b'{"alive": true}', "/scouter/auth/login": b'{"token": "x"}'}
            refused = self.path == "/scouter/auth/login" and self.headers["Password"] != "violin"
            self.send_response(401 if refused else 200 if self.path in known else 404)
            self.end_headers()
            self.wfile.write(known.get(self.path, b""))

    monkeypatch.setenv("SCOUTER_PASSWORD", "violin")
    monkeypatch.setenv("SCOUTER_SERVER_URI", "")
    with answering(Handler) as server:
        yield server.port


@pytest.mark.parametrize("named", [True, False])
def test_a_real_server_at_the_collectors_address_is_used(real, monkeypatch, capsys, named):
    address = f"http://127.0.0.1:{real}"
    monkeypatch.setenv("COURSE_COLLECTOR_PORT", str(real))
    if named:
        monkeypatch.setenv("SCOUTER_SERVER_URI", address)
    assert start_scouter() is None
    assert f"This lesson uses the Scouter server at {address}" in capsys.readouterr().out
    assert os.environ["SCOUTER_SERVER_URI"] == address


def test_a_real_server_elsewhere_is_used_or_the_reason_is_told(real, monkeypatch):
    monkeypatch.setenv("SCOUTER_SERVER_URI", f"http://127.0.0.1:{real}/")
    assert start_scouter() is None
    monkeypatch.setenv("SCOUTER_PASSWORD", "viola")
    with pytest.raises(Problem, match="refuses SCOUTER_USERNAME and SCOUTER_PASSWORD"):
        start_scouter()
    monkeypatch.setenv("SCOUTER_SERVER_URI", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Problem, match="does not answer"):
        start_scouter()


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (404, b"{}", r"What answers in the place of Scouter's server is another program \(status 404\)\."),
        (200, b'{"order": "pizza"}', r"is another program \(status 200\)\."),
        (200, b"<html>", r"is another program \(status 200\)\."),
        (503, b"{}", r"Scouter's server is there, but cannot work \(status 503\)\. Its log says why\."),
    ],
)
def test_what_answers_and_is_no_well_server_is_told(monkeypatch, status, body, told):
    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

    with answering(Stranger) as server:
        monkeypatch.setenv("SCOUTER_SERVER_URI", server.url)
        with pytest.raises(Problem, match=told):
            start_scouter()


def test_without_one_the_collector_is_started_and_a_second_call_replaces_it(monkeypatch, tmp_path):
    port = free_port()
    monkeypatch.setenv("COURSE_COLLECTOR_PORT", str(port))
    monkeypatch.setenv("COLLECTOR_DATABASE", str(tmp_path / "collector.sqlite3"))
    monkeypatch.setenv("SCOUTER_SERVER_URI", "")
    for _ in range(2):
        collector = start_scouter()
        assert isinstance(collector, App)
    collector.stop()
