"""What the tests share: a store of their own, a trained model in it, and apps that are started and stopped."""

import importlib
import os
import shutil
import subprocess
import sys
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import ModuleType, SimpleNamespace

import guests
import pytest
from answering import answering
from fastapi.testclient import TestClient
from ill_model import IllModel, IllWithBabies
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase
from waiting import end

from classroom import prometheus, start_app
from classroom.servers import direct, ports, process
from classroom.servers.brokers import Broker, BrokerServer, find
from titanic import store
from titanic.passenger import EXAMPLES

ROOT = Path(__file__).resolve().parents[1]
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)
WITH_METRICS = {
    *(
        "titanic.api",
        "titanic.app_frame",
        "titanic.following",
        "titanic.golden_signals",
        "titanic.model_metrics",
        "titanic.overload",
        "titanic.pending",
        "titanic.prediction_log",
        "titanic.shadow",
        "titanic.tally",
    ),
    "titanic.logged_routes",
    "titanic.outcome_route",
}
OF_APPS = {"follower", "shadow", "consumer", "timetable"}  # the names of their threads
START_ANEW = ("prometheus_0", "scouter_0", "fastapi_06", "fastapi_08", "fastapi_09", "collector", "login")


def store_uri(folder: Path) -> str:
    """The address of a store of MLflow in this folder."""
    return f"sqlite:///{(folder / 'mlflow.db').as_posix()}"


def import_anew(name: str) -> ModuleType:
    """Import this script; one with metrics as if it were the first, because a metric may be defined only once."""
    for other in [name for name in sys.modules if name.startswith(START_ANEW) or name in WITH_METRICS]:
        package, _, module = other.rpartition(".")
        if package in sys.modules:
            delattr(sys.modules[package], module)  # "from titanic import ..." would find the old one there
        del sys.modules[other]
    for collector in list(REGISTRY._collector_to_names):
        if isinstance(collector, MetricWrapperBase):
            REGISTRY.unregister(collector)
    return importlib.import_module(name)


@pytest.fixture(autouse=True)
def store_stays():
    """No test leaves another store to the next: MLflow writes what it is told into the environment too."""
    before = os.environ["MLFLOW_TRACKING_URI"]
    yield
    assert os.environ["MLFLOW_TRACKING_URI"] == before, "this test leaves another store of MLflow behind"


@pytest.fixture(autouse=True)
def apps_are_stopped():
    """No test leaves an app's threads to the next: they would go on in its store, and write into its log."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread.name in OF_APPS and thread not in before]
    assert not left, f"this test has not stopped an app: {left}"


@pytest.fixture(autouse=True, scope="module")
def servers_are_stopped():
    """No file of tests leaves a server to the next, whose Prometheus would watch it. Brokers are there for all."""
    before = set(process.started)
    yield
    new = [server for port, server in process.started.items() if port not in before and server.is_running()]
    assert not [server.name for server in new if not isinstance(server, BrokerServer)], "these are not stopped"


@pytest.fixture(scope="session")
def door(tmp_path_factory):
    """The settings that open the doors of the login app to the accounts of tests/helpers/guests.py."""
    return guests.settings(tmp_path_factory.mktemp("accounts") / "accounts.json")


@pytest.fixture
def log_file(tmp_path, monkeypatch, door):
    """The file that an app started by this test logs its predictions to; beside it they wait for their outcomes."""
    for name, value in door.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OUTCOME_DATABASE", str(tmp_path / "log" / "outcomes.sqlite3"))
    monkeypatch.setenv("PREDICTION_LOG_PATH", str(tmp_path / "log" / "predictions.jsonl"))
    return tmp_path / "log" / "predictions.jsonl"


@pytest.fixture
def client(log_file):
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


@pytest.fixture
def copied_store(champion, tmp_path, monkeypatch):
    """The store is a copy of a trained one, to be spoilt: its database, for the files of the models are not copied."""
    import mlflow

    before = store.tracking_uri()
    file = Path(shutil.copy(store.database(), tmp_path / "mlflow.db"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{file.as_posix()}")
    yield file
    mlflow.set_tracking_uri(before)  # what MLflow itself remembers


def store_with(model, folder: Path) -> str:
    """The address of a new store, in this folder, whose champion is this model of ill_model.py."""
    import mlflow

    before = os.environ["MLFLOW_TRACKING_URI"]  # MLflow itself may still remember the store of an earlier test
    mlflow.set_tracking_uri(store_uri(folder))
    experiment = mlflow.create_experiment("ill", artifact_location=(folder / "artifacts").as_uri())
    with mlflow.start_run(experiment_id=experiment):
        mlflow.sklearn.log_model(
            model, name="model", registered_model_name=store.MODEL_NAME,
            skops_trusted_types=[f"ill_model.{type(model).__name__}"], pip_requirements=["scikit-learn"],
        )  # fmt: skip
    mlflow.MlflowClient().set_registered_model_alias(store.MODEL_NAME, "champion", "1")
    mlflow.set_tracking_uri(before)
    return store_uri(folder)


@pytest.fixture(scope="session")
def ill_store(tmp_path_factory):
    """The address of a store whose champion raises an error at each prediction."""
    return store_with(IllModel(), tmp_path_factory.mktemp("ill"))


@pytest.fixture(scope="session")
def store_ill_with_babies(tmp_path_factory):
    """The address of a store whose champion raises an error for passengers younger than one year."""
    return store_with(IllWithBabies(), tmp_path_factory.mktemp("ill_with_babies"))


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


@pytest.fixture
def serve(monkeypatch):
    """serve(files, cut_off=...) serves these bytes on this machine, the last part of one path missing."""
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    servers = ExitStack()

    def serve(files, cut_off=None):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                content = files.get(self.path)
                self.send_response(200 if content else 404)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write((content or b"")[: -9 if self.path == cut_off else None])

        return servers.enter_context(answering(Handler)).url

    with servers:
        yield serve


@pytest.fixture(scope="module")
def watched(champion):
    """The last app under traffic, and the Prometheus that watches it, on ports of their own: .app, .prometheus."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PORT", str(ports.free_port()))
        patch.setenv("COURSE_PROMETHEUS_PORT", str(ports.free_port()))
        app, server = start_app("prometheus_04_multi_execute_app"), prometheus.start_prometheus("500ms")
        stop = threading.Event()
        client = threading.Thread(target=ask_for_predictions, args=[app.url, stop])
        client.start()
        yield SimpleNamespace(app=app, prometheus=server)
        stop.set()
        client.join()
        app.stop()
        server.stop()


def ask_for_predictions(url, stop):
    """Ask an app for predictions of each kind, about a third of them 1 as in training, until told to stop."""
    with direct.session() as session:
        while not stop.is_set():
            session.post(f"{url}/predict_single", json=EXAMPLES[1])
            session.post(f"{url}/predict_batch", json=[EXAMPLES[0], EXAMPLES[1], EXAMPLES[1]])
            session.post(f"{url}/simulate_predictions?num_executions=5")
            stop.wait(0.02)


@pytest.fixture
def course():
    """course("app", ...) starts this command of course.py, as a terminal does; it is killed at the end of the test."""
    with ExitStack() as running:

        def start(*arguments, program=(BASE_PYTHON, "course.py"), **changes):
            # A group of its own, as in a terminal: what Ctrl-C reaches.
            process = subprocess.Popen(
                [*program, *arguments], cwd=ROOT, env=os.environ | changes, start_new_session=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            running.callback(end, process)
            return process

        yield start


@pytest.fixture
def notebook():
    """notebook(code) runs this code in another process, as the kernel of a notebook; it is killed at the end."""
    # A kernel listens to SIGINT, even where the tests themselves were started in the background and ignore it.
    listen = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    with ExitStack() as running:

        def run(code):
            command, pipe = [sys.executable, "-u", "-c", listen + code], subprocess.PIPE
            process = subprocess.Popen(command, cwd=ROOT / "notebooks", stdin=pipe, stdout=pipe, text=True)
            running.callback(end, process)
            return process

        yield run
