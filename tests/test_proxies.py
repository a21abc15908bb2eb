"""127.0.0.1 never goes through a proxy, whatever the environment says; test_monitor and test_demo run with one too."""

import os
import subprocess
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler

import pytest
from answering import answering
from conftest import ROOT
from serving import serve
from setting_up import environment as set_up_environment

from classroom.servers import direct
from titanic.proxies import spare_this_machine

HERE = "127.0.0.1,localhost,::1"
NOWHERE = {name: "http://127.0.0.1:9" for name in ("http_proxy", "https_proxy", "ALL_PROXY")}


def by_course_py():
    """What course.py gives to all that it starts."""
    return set_up_environment.environment()


def by_titanic():
    spare_this_machine()
    return os.environ


@pytest.mark.parametrize("environment", [by_course_py, by_titanic])
@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"http_proxy": "http://p:1"}, (HERE, HERE)),
        ({"HTTPS_PROXY": "http://p:1"}, (HERE, HERE)),
        ({"all_proxy": "socks5://p:1"}, (HERE, HERE)),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "intra.net"}, (f"intra.net,{HERE}", f"intra.net,{HERE}")),
        ({"HTTP_PROXY": "http://p:1", "no_proxy": ".org, localhost"}, (".org,localhost,127.0.0.1,::1",) * 2),
        ({"http_proxy": "http://p:1", "NO_PROXY": "a", "no_proxy": "b"}, (f"a,{HERE}", f"b,{HERE}")),
        ({"http_proxy": "http://p:1", "NO_PROXY": "*"}, ("*", "*")),
        ({"http_proxy": "", "NO_PROXY": "a"}, ("a", None)),
        ({}, (None, None)),  # alone it would hide the proxy that macOS and Windows have in their settings
    ],
)
def test_where_a_proxy_is_set_this_machine_is_spared(monkeypatch, environment, said, wanted):
    only(monkeypatch, said)
    env = environment()
    assert (env.get("NO_PROXY"), env.get("no_proxy")) == wanted


def only(monkeypatch, said):
    """Of proxies, the environment says this and nothing else; what the function sets is gone after the test."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name in ("NO_PROXY", "no_proxy", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, said.get(name, ""))
        if name not in said:
            monkeypatch.delenv(name)
    for name, value in said.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("environment", [by_course_py, by_titanic])
def test_the_proxies_in_the_settings_of_macos_or_windows_do_not_get_what_is_for_this_machine(monkeypatch, environment):
    """With no variable, urllib and requests take those; the exceptions that are usual there do not name 127.0.0.1."""
    found = {"http": "http://p:1", "https": "http://p:2", "ftp": "http://p:3"}
    monkeypatch.setattr(urllib.request, "getproxies", lambda: found)
    only(monkeypatch, {})
    env = environment()
    assert (env["http_proxy"], env["https_proxy"]) == ("http://p:1", "http://p:2")  # the internet is still reached
    assert (env["NO_PROXY"], env["no_proxy"]) == (HERE, HERE)
    monkeypatch.undo()
    only(monkeypatch, {"NO_PROXY": "intra.net"})  # then Python does not look into the settings
    env = environment()
    assert (env["NO_PROXY"], env.get("http_proxy")) == ("intra.net", None)


def test_scouters_client_and_the_app_with_a_queue_find_the_collector(champion, tmp_path):
    """The client is written in Rust, and reads the environment by itself."""
    with serve("scouter_01_collector_app", COLLECTOR_DATABASE=tmp_path / "collector.sqlite3") as collector:
        settings = NOWHERE | {"SCOUTER_SERVER_URI": collector.url, "no_proxy": "", "NO_PROXY": ""}
        done = subprocess.run(
            [sys.executable, "-m", "titanic.drift"],
            cwd=ROOT / "apps", env=os.environ | settings, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        with serve("scouter_00_queue_app", **settings) as app:
            assert app.get("/health").json()["scouter"] == "up"


@pytest.fixture
def echo():
    """The address of a server that answers with the headers it was sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(str(self.headers).encode())

    with answering(Handler) as server:
        yield server.url


def test_clients_of_the_course_go_straight_and_send_no_password_of_somebody(echo, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("default login anna password secret", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name, value in (NOWHERE | {"NO_PROXY": "", "no_proxy": ""}).items():
        monkeypatch.setenv(name, value)
    with direct.session() as session:
        assert "Authorization" not in session.get(echo, timeout=30).text
