"""What each screenshot and measurement shows, and how to tell that it has changed since the picture was made.

A diagram needs none of this: drawn anew, it must be the file that is there. A screenshot or a measurement differs each
time, so draw.py keeps the fingerprint of its source in sources.json.
"""

import hashlib
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat
import yaml

from classroom.commands._bench_picture import SHOWN
from classroom.preview import DASHBOARD
from classroom.servers.app import own_api
from classroom.servers.contestants import COURSE, OTHERS, PACKAGES
from classroom.servers.scripts import read
from classroom.source import cut

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
FILE = FOLDER / "sources.json"

# What is shown: apps, a lesson, a part of it, columns of MLflow's table, questions to Prometheus.
DOCUMENTED_APP = "fastapi_05_batch_test_app"
METRICS_APP = "prometheus_02_model_monitor_app"
METRICS = {
    "titanic/golden_signals": ["http_errors_total", "http_requests_in_progress", "cpu_usage_percent",
                               "memory_usage_bytes"],
    METRICS_APP: ["titanic_predictions_total", "titanic_predictions_output_total", "prediction_type_total",
                  "passenger_age_distribution", "model_inference_seconds"],
}  # fmt: skip
LESSON = "02_fastapi_01_test_app.ipynb"
SECTION = "Run it"
COLUMNS = ["accuracy", "auc", "ms_1_row"]
GRAPH_QUERY = "sum by (predicted_class) (rate(titanic_predictions_output_total[5s]))"
TABLE_QUERY = "titanic_predictions_total"


@cache
def documentation() -> str:
    """The OpenAPI document, from which the pages /docs and /redoc are made."""
    return as_text(own_api(DOCUMENTED_APP))


def experiment() -> str:
    """The candidates and how they are measured, in the script that trains them; which columns the table shows."""
    script = "mlflow_00_train_model"
    return "\n".join([cut(read(script), name, script) for name in ("candidates", "measure")] + COLUMNS)


def targets() -> str:
    """Whom Prometheus asks, from its configuration; the comments there are not shown, nor whom it tells of alerts."""
    settings = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    settings.pop("alerting")
    return as_text(settings)


def alerts() -> str:
    """The alerts, from their rules."""
    return as_text(yaml.safe_load((ROOT / "prometheus" / "rules" / "alerts.yml").read_text(encoding="utf-8")))


def metrics() -> str:
    """The metrics that the page /metrics of the app of lesson 10 shows: their names, labels and descriptions."""
    return "\n".join(cut(read(script), name, script) for script, names in METRICS.items() for name in names)


def dashboard() -> str:
    """The dashboard, from its JSON file."""
    return as_text(json.loads(DASHBOARD.read_text(encoding="utf-8")))


def lesson() -> str:
    """The text and the code of the lesson, and the names of all lessons, which stand beside it."""
    folder = ROOT / "notebooks"
    cells = nbformat.read(folder / LESSON, as_version=4).cells
    return "\n".join([cell.source for cell in cells] + sorted(file.name for file in folder.glob("*.ipynb")))


def servers() -> str:
    """The servers that are measured, and the versions of all of them."""
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = [line.split()[0] for line in requirements.splitlines() if re.split(r"\[|==", line)[0] in SHOWN]
    return as_text([[*COURSE, *OTHERS], pinned, PACKAGES])


def collector_page() -> str:
    """The collector's page, from its template and the code that fills it."""
    template = ROOT / "apps" / "collector" / "templates" / "drift.html"
    return read("collector/page") + template.read_text(encoding="utf-8")


def alert_page() -> str:
    """The page of alerts, from its template and the code that fills it."""
    template = ROOT / "apps" / "alerting" / "templates" / "alerts.html"
    return read("alerting/page") + template.read_text(encoding="utf-8")


def as_text(content: object) -> str:
    """The same text for the same content, however its file is written."""
    return json.dumps(content, sort_keys=True, indent=1)


SOURCES: dict[str, Callable[[], str]] = {
    "docs": documentation,
    "docs_predict": documentation,
    "redoc": documentation,
    "mlflow_runs": experiment,
    "jupyterlab": lesson,
    "prometheus_application": targets,
    "prometheus_application_nav": targets,
    "prometheus_metrics": metrics,
    "promquery": lambda: f"{GRAPH_QUERY}\n{metrics()}",
    "promql": lambda: f"{TABLE_QUERY}\n{metrics()}",
    "alerts": alerts,
    "grafana_dash": dashboard,
    "serving_speed": servers,
    "collector_page": collector_page,
    "alert_page": alert_page,
}


def fingerprint(name: str) -> str:
    """What the picture with this name shows, as a SHA-256."""
    return hashlib.sha256(SOURCES[name]().encode()).hexdigest()


def known() -> dict[str, str]:
    """For each picture, the fingerprint of what it showed when it was made."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def remember(name: str) -> None:
    """Keep the fingerprint of a picture that was just made."""
    fingerprints = known() | {name: fingerprint(name)}
    FILE.write_text(json.dumps(fingerprints, indent=1, sort_keys=True) + "\n", encoding="utf-8")
