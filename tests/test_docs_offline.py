"""Without internet, /docs and /redoc of an app that the course starts are complete. test_browser.py draws them."""

import re
import subprocess
import sys
import time
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from classroom.servers import ports


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The address of the batch app, started as a lesson starts it."""
    port = ports.free_port()
    log = tmp_path_factory.mktemp("docs") / "log"
    command = [
        "-m",
        "classroom.servers.launcher",
        "fastapi_05_batch_test_app",
        "--port",
        str(port),
    ]
    with log.open("w") as output:
        app = subprocess.Popen([sys.executable, *command], stdin=subprocess.PIPE, stdout=output, stderr=output)
    for _ in range(600):
        if app.poll() is not None or ports.is_taken(port):
            break
        time.sleep(0.1)
    assert ports.is_taken(port), log.read_text()
    yield f"http://127.0.0.1:{port}"
    app.stdin.close()
    app.wait(timeout=30)


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_the_page_names_only_files_that_the_app_itself_serves(url, page):
    html = requests.get(url + page).text
    hosts = {urlsplit(address).hostname for address in re.findall(r"(?:https?:)?//[^\s\"'<>]+", html)}
    assert hosts <= {"127.0.0.1"}
    files = re.findall(r"""(?:src|href)=["']([^"']+)""", html)
    assert len(files) >= 2
    for file in files:
        answer = requests.get(urljoin(url + page, file))
        assert (answer.status_code, len(answer.content) > 0) == (200, True), file
