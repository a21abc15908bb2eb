"""What the tests share: a store of their own, a trained model in it, and apps that are started and stopped."""

import importlib
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from titanic import store

ROOT = Path(__file__).resolve().parents[1]
OTHERS = ("prometheus_0", "fastapi_06")  # scripts with metrics of their own
WITH_METRICS = {"titanic.golden_signals", "titanic.model_metrics", "titanic.prediction_log", "titanic.logged_routes"}


def store_uri(folder: Path) -> str:
    """The address of a store of MLflow in this folder."""
    return f"sqlite:///{(folder / 'mlflow.db').as_posix()}"


@pytest.fixture(scope="session")
def champion():
    """A trained model in the store of this session."""
    if not store.has_champion():
        subprocess.run([sys.executable, ROOT / "apps" / "mlflow_00_train_model.py"], check=True, capture_output=True)


def import_anew(name: str) -> ModuleType:
    """Import this script; one with metrics as if it were the first, because a metric may be defined only once."""
    for other in [other for other in sys.modules if other.startswith(OTHERS) or other in WITH_METRICS]:
        package, _, module = other.rpartition(".")
        if package:
            delattr(sys.modules[package], module)  # "from titanic import ..." would find the old one there
        del sys.modules[other]
    for collector in list(REGISTRY._collector_to_names):
        if isinstance(collector, MetricWrapperBase):
            REGISTRY.unregister(collector)
    return importlib.import_module(name)


@pytest.fixture
def client():
    """client("fastapi_01_test_app") starts this app and returns a client for it; after the test, the app is stopped."""
    with ExitStack() as started:

        def start(name: str) -> TestClient:
            app = import_anew(name).app
            return started.enter_context(TestClient(app, raise_server_exceptions=False))

        yield start


@pytest.fixture
def empty_store(tmp_path, monkeypatch):
    """The store is a file that does not exist; no app may create it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store_uri(tmp_path))
    yield
    assert list(tmp_path.iterdir()) == [], "an app without a store has created one"


@pytest.fixture(scope="session")
def ill_store(tmp_path_factory):
    """The address of a store whose champion raises an error at each prediction."""
    import mlflow
    from ill_model import IllModel

    folder = tmp_path_factory.mktemp("ill")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(store_uri(folder))
    experiment = mlflow.create_experiment("ill", artifact_location=(folder / "artifacts").as_uri())
    with mlflow.start_run(experiment_id=experiment):
        mlflow.sklearn.log_model(
            IllModel(), name="model", registered_model_name=store.MODEL_NAME,
            skops_trusted_types=["ill_model.IllModel"], pip_requirements=["scikit-learn"],
        )  # fmt: skip
    mlflow.MlflowClient().set_registered_model_alias(store.MODEL_NAME, "champion", "1")
    mlflow.set_tracking_uri(before)
    return store_uri(folder)


@pytest.fixture
def raising_store(ill_store, monkeypatch):
    """The store is one whose champion raises ValueError("the model is ill") at each prediction."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", ill_store)
