"""The screenshots of the apps, of MLflow and of JupyterLab, taken from the running course.

The model is trained for them, in a store of its own; all that is started is stopped.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import requests
import screenshots_alerts
import screenshots_drift
import screenshots_monitoring
from browser import open_browser, screenshot
from playwright.sync_api import Browser
from sources import COLUMNS, DOCUMENTED_APP, FOLDER, LESSON, ROOT, SECTION, remember

from classroom.servers import ports
from classroom.servers.app import start_app
from titanic import store

# For each page of the app: its address, the element that is waited for, and the size of the window.
PAGES = {
    "docs": ("/docs", ".opblock >> nth=3", 1024, 455),
    "docs_predict": (
        "/docs#/default/predict_survival_predict_single_post",
        ".opblock.is-open .responses-table",
        1024,
        500,
    ),
    "redoc": (
        "/redoc#operation/predict_survival_predict_single_post",
        ".redoc-wrap h2 >> nth=0",
        1280,
        715,
    ),
}
# Which columns MLflow's table shows: a view that is shared by a link, kept in a tag of the experiment.
VIEW = {
    "selectedColumns": ["attributes.`Created`", *(f"metrics.`{name}`" for name in COLUMNS)],
    "orderByKey": "metrics.`auc`",
}
# What is in the way there: the assistant, the menu at the side, the note that the view was shared.
IN_THE_WAY = [
    "mlflow.assistant.chat_panel.close",
    "mlflow_header.toggle_sidebar_button",
    "mlflow.experiment_page.shared_view.dismiss",
]
# Scrolls until the heading stays where it is: the cells above it get their height only when they are seen.
SCROLL = """name => {
    const heading = document.querySelector(`[data-jupyter-id="${name}"]`);
    heading?.scrollIntoView();
    return heading && window.last === (last = heading.getBoundingClientRect().top);
}"""


def shoot(names: list[str]) -> None:
    """Take these screenshots, and keep the fingerprint of what each of them shows."""
    with open_browser() as browser, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{Path(folder).as_posix()}/mlflow.db"
        for group, shoot_group in GROUPS.items():
            if wanted := [name for name in group if name in names]:
                shoot_group(browser, wanted)
                for name in wanted:
                    remember(name)


def shoot_pages(browser: Browser, names: list[str]) -> None:
    """Take pages of the app of lesson 07."""
    app = start_app(DOCUMENTED_APP, ports.free_port())
    try:
        for name in names:
            address, ready, width, height = PAGES[name]
            with screenshot(browser, FOLDER / f"{name}.png", app.url + address, width, height) as page:
                page.locator(ready).wait_for()
    finally:
        app.stop()


def shoot_runs(browser: Browser, names: list[str]) -> None:
    """Take MLflow's page of the experiment's runs, without its notices."""
    import mlflow  # here and not above: it takes two seconds

    start_app(DOCUMENTED_APP, ports.free_port()).stop()  # which trains the model, if that has not been done
    client = mlflow.MlflowClient()
    experiment = mlflow.set_experiment(store.MODEL_NAME).experiment_id
    client.set_experiment_tag(experiment, "mlflow.sharedViewState.course", json.dumps(VIEW))
    port = ports.free_port()
    command = ["mlflow", "ui", "--backend-store-uri", store.tracking_uri(), "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    view = f"{url}/#/experiments/{experiment}/runs?workflowType=machine_learning&viewStateShareKey=course"
    with (
        running(command, f"{url}/health"),
        screenshot(browser, FOLDER / "mlflow_runs.png", view, 1024, 420) as page,
    ):
        for part in IN_THE_WAY:
            page.locator(f'[data-component-id="{part}"]').click()
        page.get_by_text("dicts + gradient boosting").wait_for()


def shoot_lesson(browser: Browser, names: list[str]) -> None:
    """Take a lesson in JupyterLab. It gets a copy, so that no file of the course is changed."""
    port = ports.free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for part in ("notebooks", "images"):
            shutil.copytree(ROOT / part, Path(folder) / part, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        own = {f"JUPYTER_{name}_DIR": f"{folder}/.{name.lower()}" for name in ("CONFIG", "DATA", "RUNTIME")}
        command = ["jupyterlab", "--no-browser", "--allow-root", f"--port={port}", f"--ServerApp.root_dir={folder}",
                   "--IdentityProvider.token=", "--LabApp.news_url=None",
                   "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        with (
            running(command, f"{url}/api", own),
            screenshot(browser, FOLDER / "jupyterlab.png", f"{url}/lab/tree/notebooks/{LESSON}", 1280, 760) as page,
        ):
            page.locator(".jp-NotebookPanel h1").wait_for()
            page.locator(".jp-DirListing-item").first.wait_for()
            page.get_by_role("button", name="No", exact=True).click()
            page.wait_for_function(SCROLL, arg=SECTION.replace(" ", "-"), polling=200)


@contextmanager
def running(command: list[str], address: str, settings: dict[str, str] | None = None) -> Iterator[None]:
    """Run a program of the course's Python as long as it is needed. TimeoutError: it does not answer."""
    process = psutil.Popen(
        [sys.executable, "-m", *command], env=os.environ | (settings or {}),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 120
        while not answers(address):
            if process.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError(f"{command[0]} did not start: call it in a terminal to see why.")
            time.sleep(0.2)
        yield
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


# Pictures that are taken together, and the function that takes those of them that are wanted.
GROUPS = (
    {
        tuple(PAGES): shoot_pages,
        ("mlflow_runs",): shoot_runs,
        ("jupyterlab",): shoot_lesson,
    }
    | screenshots_monitoring.GROUPS
    | screenshots_drift.GROUPS
    | screenshots_alerts.GROUPS
)
