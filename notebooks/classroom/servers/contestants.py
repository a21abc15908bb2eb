"""The servers that `python course.py bench` compares: how each is started, asked, and understood."""

import json
import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from classroom.servers import extras
from classroom.servers.folders import APPS, NOTEBOOKS, TOOLS
from classroom.servers.ports import free_port
from classroom.servers.process import Server
from titanic import store

PEERS = Path(__file__).parent / "compared"
# With what our own champion needs, in the versions of the course.
NEEDED = [f"{name}=={version(name)}" for name in ("scikit-learn", "skops", "pandas")]
PACKAGES = {
    "bentoml": ["bentoml==1.4.39", *NEEDED],
    # With a newer uvloop its workers do not start; Windows has none.
    "mlserver": ["mlserver==1.7.1", "uvloop==0.21.0; sys_platform != 'win32'", *NEEDED],
}


Json = dict[str, Any]
Passenger = dict[str, Any]  # as an app takes it


class Kind(NamedTuple):
    """How to start a server on a port, and how to speak with it about one passenger."""

    command: Callable[[int], list[str]]
    path: str
    body: Callable[[Passenger], Json] = lambda passenger: passenger
    prediction: Callable[[Any], int] = lambda answer: answer["prediction"]
    ready_page: str = "/health"
    settings: Callable[[int], dict[str, str]] = lambda port: {}
    predicts: bool = True


def course_app(name: str) -> Kind:
    """One of the course's apps, as a terminal would start it."""
    return Kind(
        lambda port: [sys.executable, "-m", "uvicorn", f"{name}:app", "--port", str(port), "--log-level", "warning"],
        "/predict_single",
    )


def tensor(name: str, value: str | float) -> Json:
    """A column with one row, as MLServer's protocol wants it."""
    if isinstance(value, str):
        return {"name": name, "shape": [1], "datatype": "BYTES", "data": [value], "parameters": {"content_type": "str"}}
    return {"name": name, "shape": [1], "datatype": "INT64" if isinstance(value, int) else "FP64", "data": [value]}


def program(peer: str) -> str:
    """The path of the program of a peer, in its virtual environment."""
    return str(extras.program(TOOLS / "peers" / peer, peer))


def bento(service: str) -> Callable[[int], list[str]]:
    """The command of a service of BentoML."""
    command = [program("bentoml"), "serve", f"bentoml_service:{service}", "--host", "127.0.0.1", "--port"]
    return lambda port: [*command, str(port)]


COURSE = {
    "fastapi_05 (def)": course_app("fastapi_05_batch_test_app"),
    "prometheus_03 (monitoring and log)": course_app("prometheus_03_logging_app"),
    "prometheus_03 without these": course_app("classroom.servers.compared.unwatched_app"),
    "fastapi_06 (micro-batch)": course_app("fastapi_06_micro_batch_app"),
    "fastapi_07 (ONNX)": course_app("fastapi_07_onnx_app"),
    # The same FastAPI, which reads and checks the same passenger: no app written like ours can be faster.
    "the limit (nothing predicted)": course_app("classroom.servers.compared.limit_app")._replace(predicts=False),
    "mlflow models serve": Kind(
        lambda port: [
            *(sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", store.CHAMPION),
            *("--env-manager", "local", "--port", str(port)),
        ],
        "/invocations",
        lambda passenger: {"dataframe_records": [passenger]},
        lambda answer: answer["predictions"][0],
        "/ping",
        # A registry that somebody has set for other work would be asked for this champion.
        lambda port: {"MLFLOW_REGISTRY_URI": store.tracking_uri()},
    ),
}
OTHERS = {
    "BentoML": Kind(
        bento("Plain"), "/predict_single", lambda one: {"passenger": one}, lambda answer: answer, "/readyz"
    ),
    "BentoML batchable": Kind(
        bento("Batchable"), "/predict_many", lambda one: {"passengers": [one]}, lambda answer: answer[0], "/readyz"
    ),
    "MLServer adaptive batching": Kind(
        lambda port: [program("mlserver"), "start", str(PEERS / "mlserver")],
        "/v2/models/champion/infer",
        lambda one: {"parameters": {"content_type": "pd"}, "inputs": [tensor(*column) for column in one.items()]},
        lambda answer: answer["outputs"][0]["data"][0],
        "/v2/models/champion/ready",
        lambda port: {
            "MLSERVER_HOST": "127.0.0.1",
            "MLSERVER_HTTP_PORT": str(port),
            "MLSERVER_GRPC_PORT": str(free_port()),
            "MLSERVER_METRICS_PORT": str(free_port()),
        },
    ),
}


class Contestant(Server):
    """A server of one of these kinds, on a free port."""

    def __init__(self, name: str, kind: Kind, settings: dict[str, str] | None = None) -> None:
        port = free_port()
        self.name = "".join(letter if letter.isalnum() else "_" for letter in name)
        self.kind = kind
        self.ready_page = kind.ready_page
        environment = kind.settings(port) | (settings or {})
        # The other servers must find the files in peers/, and the schema of a passenger.
        environment["PYTHONPATH"] = os.pathsep.join(str(folder) for folder in (NOTEBOOKS, PEERS, APPS))
        # `mlflow models serve` looks for uvicorn by its name.
        environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        super().__init__(port, kind.command(port), environment)
        self.url_of_prediction = self.url + kind.path

    def bodies(self, passengers: list[Passenger]) -> list[bytes]:
        """A request for each of these passengers."""
        return [json.dumps(self.kind.body(passenger)).encode() for passenger in passengers]


def champion_file() -> str:
    """The file of the champion, for servers that load it without MLflow."""
    import mlflow

    mlflow.set_tracking_uri(store.tracking_uri())
    return str(next(Path(mlflow.artifacts.download_artifacts(store.CHAMPION)).glob("*.skops")))


def install(name: str, cause: Callable[[str], str]) -> None:
    """Install a peer, unless it is there already. cause: as in extras.install. Problem: it cannot be installed."""
    extras.install(f"peers/{name}", PACKAGES[name], "\n".join(PACKAGES[name]), cause, "Leave out --peers to go on.")
