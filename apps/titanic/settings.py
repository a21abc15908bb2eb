"""All settings that come from the environment (lesson 05), each under the name of the tool that it belongs to."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ByteSize, Field, SecretStr

from titanic.from_environment import IN_HEADER, FromEnvironment
from titanic.links import behind_links


class Settings(FromEnvironment):
    """What the environment says at the moment when this is called; an empty variable counts as none.

    The variables are called as the fields, in capital letters: MLFLOW_TRACKING_URI, PREDICTION_LOG_PATH ...
    Problem: one of them holds what it cannot hold.
    """

    mlflow_tracking_uri: str | None = None  # where models are kept; None: the folder mlruns/ of the course
    # Where predictions are logged; None: a new file in logs/ (lesson 11)
    prediction_log_path: Annotated[Path, AfterValidator(behind_links)] | None = None
    prediction_log_max_size: Annotated[ByteSize, Field(gt=0)] | None = None  # then a new file begins; such as 100MB
    prediction_log_daily: bool = False  # true: each day, in UTC, has a file of its own
    prediction_log_keep_days: Annotated[float, Field(gt=0)] | None = None  # how long old files stay; None: for ever
    outcome_database: Path | None = None  # where predictions wait for outcomes; None: logs/outcomes.sqlite3 (lesson 20)
    outcome_keep_predictions: Annotated[int, Field(gt=0, le=10**9)] = 1_000_000  # of older ones, outcomes are unknown
    model_poll_seconds: Annotated[float, Field(gt=0, le=86_400)] = 1  # between two looks at the aliases (lesson 22)
    canary_share: Annotated[float, Field(ge=0, le=1)] = 0  # of the requests, answered by the challenger (lesson 22)
    login_secret: SecretStr | None = None  # signs the tokens; at least 32 letters (lesson 24)
    login_trace_key: SecretStr | None = None  # makes pseudonyms of names; at least 32 letters
    login_accounts: Path | None = None  # the file with the accounts; None: logs/login/accounts.json
    login_rate: str = "600/minute"  # how often one account may ask
    machine_name: str | None = None  # what a copy of the app calls the machine that it runs on (lesson 25)
    prometheus_multiproc_dir: Path | None = None  # the folder that several workers share (lesson 12)
    scouter_server_uri: str = "http://127.0.0.1:8090"  # not the client's own default 8000, where our app is (lesson 15)
    scouter_username: Annotated[str, IN_HEADER] = "admin"
    scouter_password: Annotated[SecretStr, IN_HEADER] = SecretStr("admin")
    scouter_shutdown_seconds: Annotated[float, Field(ge=0)] = 10  # how long an end waits for the newest passengers
    kafka_brokers: str | None = None  # where records travel instead of by HTTP (lesson 16)
    rabbitmq_addr: str | None = None
    rabbitmq_queue: str = "scouter_monitoring"
    redis_addr: str | None = None


def metrics_folder() -> Path | None:
    """The folder that several workers share (lesson 12), if one is named. Read by itself: no other setting matters."""
    named = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(named) if named else None
