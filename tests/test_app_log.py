"""What an app logs about itself: with its level and the time, and where uvicorn's --log-config says."""

import json
import re

from serving import App

from titanic.passenger import EXAMPLES

OWN = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"own": {"format": "OWN %(name)s %(message)s"}},
    "handlers": {"own": {"class": "logging.StreamHandler", "formatter": "own"}},
    "root": {"handlers": ["own"], "level": "INFO"},
}


def fail_once(folder, store, *options):
    """Let `uvicorn fastapi_05_batch_test_app:app` fail at a prediction; give its reference, and what it wrote."""
    app = App("fastapi_05_batch_test_app", folder, *options, MLFLOW_TRACKING_URI=store)
    try:
        app.wait_until_ready()
        answer = app.post("/predict_single", json=EXAMPLES[0])
    finally:
        app.stop()
    return answer.json()["detail"].removeprefix("Prediction failed: "), app.log.read_text(encoding="utf-8")


def test_plain_uvicorn_shows_the_reason_with_level_and_time(ill_store, tmp_path):
    reference, written = fail_once(tmp_path, ill_store)
    (line,) = [line for line in written.splitlines() if reference in line]
    assert re.fullmatch(rf"ERROR: +\d{{4}}-\d\d-\d\d [\d:,]+ Prediction failed: {reference}: the model is ill", line)
    assert written.count("Traceback (most recent call last)") == 2  # of the model's error, and of ours that wraps it
    assert "INFO:     Application startup complete." in written, "uvicorn's own lines are as they were"


def test_who_configures_the_logs_for_uvicorn_gets_ours_too_and_only_once(ill_store, tmp_path):
    (tmp_path / "log.json").write_text(json.dumps(OWN))
    reference, written = fail_once(tmp_path, ill_store, "--log-config", str(tmp_path / "log.json"))
    lines = [line for line in written.splitlines() if reference in line]
    assert lines == [f"OWN titanic.prediction Prediction failed: {reference}: the model is ill"]
    assert "OWN uvicorn.error Application startup complete." in written
