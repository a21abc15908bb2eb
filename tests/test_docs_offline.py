"""Without internet, /docs and /redoc of an app that the course starts are complete. test_browser.py draws them."""

import os
import re
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from fastapi.testclient import TestClient

from classroom import start_app
from classroom.servers import launcher, ports


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


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_behind_a_proxy_the_page_asks_for_its_files_below_the_proxys_path(page, monkeypatch):
    monkeypatch.setenv("COURSE_APP", "fastapi_01_test_app")
    with TestClient(launcher.create_app(), root_path="/course") as api:
        html = api.get(f"/course{page}").text
    addresses = re.findall(r"""(?:src|href|spec-url|url: )=?["']([^"']+)""", html)
    assert "/course/openapi.json" in addresses
    assert all(address.startswith("/course/") for address in addresses)
