"""An app that cannot begin says why in one sentence to bare uvicorn too; uvicorn prints what the app tells it."""

import asyncio
import re
import sys

import pytest
from conftest import ROOT, import_anew
from fastapi.testclient import TestClient

from titanic.problem import Problem

NO_NUMBER = "is not right: Input should be a valid "
CANNOT = [
    ("prometheus_03_logging_app", "PREDICTION_LOG_MAX_SIZE", "much", "is not right: could not parse"),
    ("prometheus_04_multi_execute_app", "PREDICTION_LOG_KEEP_DAYS", "a week", NO_NUMBER),
    ("prometheus_05_outcome_app", "OUTCOME_KEEP_PREDICTIONS", "all", NO_NUMBER),
    ("prometheus_06_alert_app", "ALERT_DATABASE", str(ROOT), "cannot be the alert page's file"),
    ("scouter_00_queue_app", "SCOUTER_SHUTDOWN_SECONDS", "soon", NO_NUMBER),
    ("scouter_01_collector_app", "COLLECTOR_DATABASE", str(ROOT), "cannot be the collector's file"),
    ("fastapi_08_shadow_app", "MODEL_POLL_SECONDS", "often", NO_NUMBER),
    ("fastapi_09_login_app", "LOGIN_SECRET", "short", "is too short"),
]
WITH_A_MODEL = [
    file.stem for file in sorted((ROOT / "apps").glob("*_app.py"))
    if re.search(r"titanic\.(api|app_frame)|def load_model", file.read_text(encoding="utf-8"))
]  # fmt: skip


async def begin(app):
    """Start the app as a server does. Its error, and what it has told."""
    told = []

    async def receive():
        return {"type": "lifespan.startup"}

    async def send(message):
        told.append(message)

    try:
        await app({"type": "lifespan", "state": {}}, receive, send)
    except Exception as error:
        return error, told
    return None, told


@pytest.mark.parametrize(("name", "setting", "value", "why"), CANNOT)
def test_a_start_that_fails_is_told_in_one_sentence(name, setting, value, why, log_file, monkeypatch):
    monkeypatch.setenv(setting, value)
    error, told = asyncio.run(begin(import_anew(name).app))
    assert isinstance(error, Problem)
    assert told == [{"type": "lifespan.startup.failed", "message": str(error)}]
    assert why in str(error)
    assert setting in str(error) or value in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("name", WITH_A_MODEL)
def test_an_app_that_has_not_begun_has_no_model(name, log_file, monkeypatch):
    monkeypatch.delitem(sys.modules, name, raising=False)  # an earlier test may have begun the one that is there
    answer = TestClient(import_anew(name).app).get("/health")  # without `with`, nothing starts
    assert (answer.status_code, answer.json()["status"]) == (503, "model not loaded")


def test_what_is_no_problem_but_a_fault_keeps_its_traceback(log_file, monkeypatch):
    app = import_anew("prometheus_03_logging_app").app
    monkeypatch.setattr("titanic.overload.share_the_processor", lambda: 1 / 0)
    error, (told,) = asyncio.run(begin(app))
    assert isinstance(error, ZeroDivisionError)
    assert told["message"].startswith("Traceback")
