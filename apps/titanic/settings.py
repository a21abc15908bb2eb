"""All settings that come from the environment (lesson 05), each under the name of the tool that it belongs to."""

import sys
from pathlib import Path
from tempfile import TemporaryFile

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the environment says at the moment when this is called; an empty variable counts as none.

    The variables are called as the fields, in capital letters: MLFLOW_TRACKING_URI, PREDICTION_LOG_PATH ...
    """

    model_config = SettingsConfigDict(env_ignore_empty=True)

    mlflow_tracking_uri: str | None = None  # where models are kept; None: the folder mlruns/ of the course
    prediction_log_path: Path | None = None  # where predictions are logged; None: a new file in logs/ (lesson 11)
    prometheus_multiproc_dir: Path | None = None  # the folder that several workers share (lesson 12)
    scouter_server_uri: str = "http://127.0.0.1:8090"  # not the client's own default 8000, where our app is (lesson 14)
    scouter_username: str = "admin"
    scouter_password: SecretStr = SecretStr("admin")


def metrics_folder() -> None:
    """Make the folder that several workers share (lesson 12), if one is named and missing.

    SystemExit with a sentence: it cannot be made or written to. Without it, no metric could be defined.
    """
    folder = Settings().prometheus_multiproc_dir
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()  # a folder of somebody else is found out now
    except OSError as error:
        sys.exit(f"PROMETHEUS_MULTIPROC_DIR must name a folder, and this one cannot be made or written to: {error}")
