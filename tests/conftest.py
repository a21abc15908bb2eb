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

from classroom.brokers import Broker, find
from titanic import store

ROOT = Path(__file__).resolve().parents[1]
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
    for other in list(sys.modules):
        if other.startswith(("prometheus_0", "scouter_0", "collector")) or other in WITH_METRICS:
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


@pytest.fixture(scope="session")
def brokers():
    """brokers("redis") is a running Redis; each broker is started once. The test is skipped if there is none here."""
    started: dict[str, Broker] = {}

    def start(name: str) -> Broker:
        if find(name) is None:
            pytest.skip(f"there is no {name} broker on this machine")
        if name not in started:
            started[name] = Broker(name)
        return started[name]

    yield start
    for broker in started.values():
        broker.stop()


@pytest.fixture
def collector_with(brokers, tmp_path):
    """collector_with("redis") is a running collector that listens to a Redis; collector_with("http") to none."""
    from collecting import Collector  # here and not above: it imports Scouter's client and scikit-learn

    started = []

    def start(transport: str = "http") -> Collector:
        settings = {} if transport == "http" else brokers(transport).settings
        started.append(Collector(tmp_path, settings))
        return started[-1]

    yield start
    for collector in started:
        collector.kill()


@pytest.fixture
def raising_store(ill_store, monkeypatch):
    """The store is one whose champion raises ValueError("the model is ill") at each prediction."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", ill_store)
