"""The screenshots of the lessons, taken from the running course with a model store of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import psutil
import requests
from browser import Browser, open_browser

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER.parent / "apps"), str(FOLDER.parent / "notebooks")]

from classroom import ports  # noqa: E402
from classroom.apps import start_app  # noqa: E402
from classroom.prometheus import start_prometheus, wait_for_scrape  # noqa: E402
from classroom.traffic import send_traffic  # noqa: E402
from titanic import store  # noqa: E402

APP = "fastapi_05_batch_test_app"
# For each page of the app: its address, what it is waited for (JavaScript), and the size of the window.
PAGES = {
    "docs": ("/docs", "document.querySelectorAll('.opblock').length == 4", 1024, 455),
    "docs_predict": (
        "/docs#/default/predict_survival_predict_single_post",
        "document.querySelector('.opblock.is-open .responses-table')",
        1024,
        500,
    ),
    "redoc": (
        "/redoc#operation/predict_survival_predict_single_post",
        "document.querySelector('.redoc-wrap h2')",
        1280,
        715,
    ),
}
# Which columns MLflow's table shows: a view that is shared by a link, kept in a tag of the experiment.
VIEW = {
    "selectedColumns": ["attributes.`Created`", *(f"metrics.`{name}`" for name in ("accuracy", "auc", "ms_1_row"))],
    "orderByKey": "metrics.`auc`",
}
CLICK = "[document.querySelector('[data-component-id=\"{}\"]')].filter(Boolean).map(found => found.click()).length"
# What the page Graph of Prometheus is asked, and the words in its field by which it is known to have been read.
QUERY = "sum by (predicted_class) (rate(titanic_predictions_output_total[10s]))"
SCREENSHOTS = [*PAGES, "mlflow_runs", "prometheus_application", "prometheus_metrics", "promquery"]


def shoot(names: list[str]) -> None:
    """Take these screenshots. The model is trained for them, in a temporary store; all that is started is stopped."""
    with open_browser() as browser, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{Path(folder).as_posix()}/mlflow.db"
        app = start_app(APP, ports.free_port())
        try:
            for name in names:
                if name in PAGES:
                    address, ready, width, height = PAGES[name]
                    browser.take(FOLDER / f"{name}.png", app.url + address, [ready], width, height)
        finally:
            app.stop()
        if "mlflow_runs" in names:
            shoot_runs(browser)
        if "prometheus_application" in names:
            shoot_targets(browser)
        if "prometheus_metrics" in names or "promquery" in names:
            shoot_model_metrics(browser)


def shoot_targets(browser: Browser) -> None:
    """Take Prometheus's page of its targets while it watches the app of lesson 08."""
    app = start_app("prometheus_00_simple_monitoring_app", 8000)
    prometheus = start_prometheus()
    try:
        wait_for_scrape()
        ready = "document.body.innerText.split('UP').length > 2"
        browser.take(FOLDER / "prometheus_application.png", prometheus.targets_url, [ready], 1100, 610)
    finally:
        prometheus.stop()
        app.stop()


def shoot_model_metrics(browser: Browser) -> None:
    """Take the page /metrics of the app of lesson 10, and Prometheus's page Graph after some traffic."""
    app = start_app("prometheus_02_model_monitor_app", 8000)
    prometheus = start_prometheus()
    try:
        send_traffic(app.url, "calm", 20)
        send_traffic(app.url, "shift", 20)
        # The page is long: the browser looks for the words, which brings them into view, and forgets the mark.
        found = "[window.find('HELP titanic_predictions_total'), getSelection().removeAllRanges()][0] || scrollY > 0"
        browser.take(FOLDER / "prometheus_metrics.png", f"{app.url}/metrics", [found], 1100, 520)
        page = f"{prometheus.url}/classic/graph?{urlencode({'g0.expr': QUERY, 'g0.tab': 0, 'g0.range_input': '1m'})}"
        browser.take(FOLDER / "promquery.png", page, ["document.querySelector('.legend .line')"], 1100, 850)
    finally:
        prometheus.stop()
        app.stop()


def shoot_runs(browser: Browser) -> None:
    """Take MLflow's page of the experiment's runs, without its notices."""
    import mlflow  # here and not above: it takes two seconds

    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name(store.MODEL_NAME).experiment_id
    client.set_experiment_tag(experiment, "mlflow.sharedViewState.course", json.dumps(VIEW))
    with mlflow_ui() as url:
        browser.take(
            FOLDER / "mlflow_runs.png",
            f"{url}/#/experiments/{experiment}/runs?workflowType=machine_learning&viewStateShareKey=course",
            [
                CLICK.format("mlflow.assistant.chat_panel.close"),
                CLICK.format("mlflow_header.toggle_sidebar_button"),
                CLICK.format("mlflow.experiment_page.shared_view.dismiss"),
                "document.body.innerText.includes('dicts + gradient boosting')",
            ],
            1024,
            420,
        )


@contextmanager
def mlflow_ui(seconds: float = 120) -> Iterator[str]:
    """MLflow's own pages for the current store: their address, as long as they are needed."""
    port = ports.free_port()
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", store.tracking_uri()]
    process = psutil.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + seconds
        while not answers(f"http://127.0.0.1:{port}/health"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError("mlflow ui did not start: call it in a terminal to see why.")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(psutil.NoSuchProcess):
            family = [*process.children(recursive=True), process]
            for member in family:
                with suppress(psutil.NoSuchProcess):
                    member.terminate()
            psutil.wait_procs(family, timeout=20)


def answers(url: str) -> bool:
    """True if this address answers."""
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False
