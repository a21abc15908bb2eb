"""Without internet, /docs and /redoc of an app that the course starts are complete, and a browser draws them."""

import os
import re
import shutil
import subprocess
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from fastapi.testclient import TestClient

from classroom import start_app
from classroom.servers import launcher, ports

BROWSER = next(filter(None, map(shutil.which, ["chromium", "google-chrome", "chrome", "chromium-browser"])), None)
# No host but this machine is found, and the browser sends nothing of its own accord.
OFFLINE = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--virtual-time-budget=10000",
]


@pytest.fixture(scope="module")
def url():
    """The address of the batch app, started as a lesson starts it."""
    # With a store that is named no model is trained: none is needed for the pages.
    app = start_app("fastapi_05_batch_test_app", ports.free_port(), tracking_uri=os.environ["MLFLOW_TRACKING_URI"])
    yield app.url
    app.stop()


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


@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine")
@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_a_browser_without_internet_draws_the_page(url, page, tmp_path):
    assert "/predict_batch" not in requests.get(url + page).text, "only what the script draws may count"
    command = [BROWSER, *OFFLINE, f"--user-data-dir={tmp_path}", "--dump-dom", url + page]
    drawn = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120).stdout
    assert "/predict_batch" in drawn


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_behind_a_proxy_the_page_asks_for_its_files_below_the_proxys_path(page, monkeypatch):
    monkeypatch.setenv("COURSE_APP", "fastapi_01_test_app")
    with TestClient(launcher.create_app(), root_path="/course") as api:
        html = api.get(f"/course{page}").text
    addresses = re.findall(r"""(?:src|href|spec-url|url: )=?["']([^"']+)""", html)
    assert "/course/openapi.json" in addresses
    assert all(address.startswith("/course/") for address in addresses)
