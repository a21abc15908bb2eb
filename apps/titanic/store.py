"""Where MLflow keeps the course's runs and models (lesson 01)."""

import logging
import os
import sqlite3
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from titanic.file_lock import lock
from titanic.problem import Problem
from titanic.proxies import spare_this_machine
from titanic.read_only import read_only
from titanic.settings import Settings
from titanic.store_errors import NO_SUCH_KIND, THE_CHAMPION, explain, is_of_a_kind, without_password
from titanic.store_repair import follow_move, restore_experiment

log = logging.getLogger("titanic.store")
STORE = Path(__file__).resolve().parents[2] / "mlruns"
MODEL_NAME = "titanic"
ONNX_NAME = "titanic_onnx"  # the same model in another form (lesson 19)
CHAMPION = f"models:/{MODEL_NAME}@champion"
NO_CHAMPION = "There is no trained model with the alias champion."
NO_MODEL = f"{NO_CHAMPION} Run lesson 01, or python course.py train, then start this app again."
# MLflow would ask a server that does not answer for four minutes. Who has set these variables knows why.
PATIENCE = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",  # seconds
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",
}
# Left in a terminal by other work, these would send our runs and models elsewhere, or end the training.
STRAY = ("MLFLOW_RUN_ID", "MLFLOW_REGISTRY_URI", "MLFLOW_ACTIVE_MODEL_ID", "_MLFLOW_ACTIVE_MODEL_ID")


def tracking_uri() -> str:
    """The address of the store: MLFLOW_TRACKING_URI if it is set, else the folder mlruns/ of the course."""
    return Settings().mlflow_tracking_uri or own_uri()


def own_uri() -> str:
    """The address of the course's own store."""
    return f"sqlite:///{(STORE / 'mlflow.db').as_posix()}"


def database() -> Path | None:
    """The store's database file; None if the store is not a file but a server. Problem: MLflow has no such store."""
    if not is_of_a_kind(tracking_uri()):
        raise Problem(f"{NO_SUCH_KIND.format(at=without_password(tracking_uri()), other=without_it())}.")
    kind, _, path = tracking_uri().partition(":///")
    return Path(path) if kind == "sqlite" else None


@contextmanager
def alone_with(file: Path) -> Iterator[None]:
    """Let one process at a time work with this file: MLflow fails if two make its tables at once.

    Problem: another one has kept it for two minutes.
    """
    with file.with_name(f"{file.name}.lock").open("ab", buffering=0) as own:
        for _ in range(1200):
            if lock(own):
                break
            time.sleep(0.1)
        else:
            raise Problem(
                f"Another program keeps {file} for itself: stop that one, or wait for its end, and try again."
            )
        yield


def without_it() -> str:
    """How to do without this store, if it cannot be mended."""
    # MLflow writes the address that it uses into the variable: that it is set says nothing.
    so = "delete the folder mlruns" if tracking_uri() == own_uri() else "unset MLFLOW_TRACKING_URI"
    return f"{so}, and use the course's own store (python course.py train)"


@contextmanager
def problems(
    otherwise: str = "", then: str = "start again what needs it", wanted: tuple[str, str] = THE_CHAMPION
) -> Iterator[None]:
    """What is wrong with the store becomes a Problem that names the cause and the address.

    otherwise: how to begin the sentence about any other error; without it, such an error is raised as it is. then: what
    follows when that is mended. wanted: the version that is wanted here, and how to get one that can be loaded.
    """
    try:
        yield
    except Problem:
        raise
    except Exception as error:
        if sentence := explain(error, tracking_uri(), without_it(), otherwise, then, wanted):
            raise Problem(sentence) from error
        raise


def has_champion(name: str = MODEL_NAME) -> bool:
    """True if there is a champion of this name to load. Problem: the file is no database.

    A server is not asked, and True is returned: loading shows what it has.
    """
    file = database()
    return file is None or "champion" in aliases_in(file, name)


def aliases_in(file: Path, name: str = MODEL_NAME) -> dict[str, int]:
    """The version that each alias of this name points to; none, if there is no such file. Problem: it is no database.

    Asks without MLflow, which would create an empty store and takes seconds.
    """
    with problems("MLflow's store cannot be read"):
        if not file.exists():
            return {}
        with read_only(file) as connection:
            try:
                found = connection.execute("SELECT alias, version FROM registered_model_aliases WHERE name = ?", [name])
                return dict(found.fetchall())
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):  # MLflow has not yet made its tables
                    return {}
                raise


def connect() -> None:
    """Let MLflow use this store and nothing else, also after the folder of the course was moved."""
    spare_this_machine()
    # MLflow 3 reports its use to its makers; a course does not.
    for name, value in {"MLFLOW_DISABLE_TELEMETRY": "true", **PATIENCE}.items():
        os.environ.setdefault(name, value)
    for name in STRAY:
        if os.environ.pop(name, None):
            log.warning("%s is set in this terminal. The course does without it.", name)
    import mlflow  # here and not above: it takes two seconds
    from mlflow.telemetry import set_telemetry_client

    set_telemetry_client()  # reads that variable once more: somebody may have imported MLflow before
    if database() == STORE / "mlflow.db":
        follow_move(STORE, MODEL_NAME)
    mlflow.set_tracking_uri(tracking_uri())
    restore_experiment(MODEL_NAME)


def open_store() -> None:
    """Make the store if there is none, connect to it, and turn MLflow's messages down to errors.

    Problem: that cannot be done, and why.
    """
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="mlflow")
    file = database()
    with problems("MLflow's store cannot be used"):
        if file is None:
            make_experiment(None)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        with alone_with(file):
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("BEGIN IMMEDIATE")  # fails at once, where MLflow would try for minutes
            # MLflow's own choice would be the folder in which the script happens to be started.
            make_experiment((file.parent.resolve() / "artifacts").as_uri())


def make_experiment(artifacts: str | None) -> None:
    """Connect to the store, and make the course's experiment there, with its files at this address, if there is none.

    artifacts: None leaves the address to MLflow.
    """
    connect()
    import mlflow

    if mlflow.get_experiment_by_name(MODEL_NAME) is None:
        mlflow.create_experiment(MODEL_NAME, artifact_location=artifacts)
    mlflow.set_experiment(MODEL_NAME)
