"""The screenshots of Prometheus 3's own pages and of the dashboard's preview, taken while an app is watched."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode

import requests
from browser import make_small, screenshot
from playwright.sync_api import Browser
from sources import FOLDER, GRAPH_QUERY, METRICS_APP, TABLE_QUERY

from classroom.preview import preview
from classroom.prometheus import promql, start_prometheus, wait_for_alert, wait_for_scrape
from classroom.servers.app import App, start_app
from classroom.servers.prometheus_server import PrometheusServer
from classroom.traffic import send_traffic
from classroom.wrong_model import store_with_wrong_model
from titanic.passenger import EXAMPLES
from titanic.problem import Problem

# The traffic in the picture of the dashboard: shapes and seconds, four minutes in all.
TRAFFIC = [("calm", 75), ("rush", 40), ("bad client", 45), ("shift", 80)]


@contextmanager
def watched(name: str, tracking_uri: str | None = None, pages: bool = True) -> Iterator[tuple[App, PrometheusServer]]:
    """An app and the Prometheus that watches it, as long as they are needed. Problem: there is no Prometheus.

    pages: whether that Prometheus must have the pages of Prometheus 3.
    """
    app = start_app(name, tracking_uri=tracking_uri)
    try:
        prometheus = start_prometheus()
        if prometheus is None:
            raise Problem("These pictures show Prometheus: install it, then call this again.")
        try:
            wait_for_scrape()
            if pages and not requests.get(f"{prometheus.url}/query", timeout=5).ok:
                raise Problem("These pictures show the pages of Prometheus 3, which this Prometheus does not have.")
            yield app, prometheus
        finally:
            prometheus.stop()
    finally:
        app.stop()


def shoot_targets(browser: Browser, names: list[str]) -> None:
    """Take Prometheus's page of its targets while it watches the app of lesson 08, and the menu that leads there."""
    with watched("prometheus_00_simple_monitoring_app") as (_, prometheus):
        if "prometheus_application" in names:
            while len(promql("up")) < 3:  # until all three are known to be up or down
                time.sleep(0.1)
            file = FOLDER / "prometheus_application.png"
            with screenshot(browser, file, f"{prometheus.url}/targets", 1100, 800) as page:
                page.get_by_text("up", exact=True).nth(1).wait_for()
        if "prometheus_application_nav" in names:
            file = FOLDER / "prometheus_application_nav.png"
            with screenshot(browser, file, f"{prometheus.url}/query", 900, 420) as page:
                page.get_by_role("button", name="Status").first.click()
                # The frame is ours: it marks the entry that leads to the targets.
                entry = page.locator('[role=menuitem][href="/targets"]')
                entry.evaluate("entry => entry.style.outline = '3px solid #9c5700'")


def shoot_model_metrics(browser: Browser, names: list[str]) -> None:
    """Take the page /metrics of the app of lesson 10, and Prometheus's page Query, after some traffic."""
    with watched(METRICS_APP) as (app, prometheus):
        send_traffic(app.url, "calm", 100)
        send_traffic(app.url, "shift", 100)
        if "prometheus_metrics" in names:
            with screenshot(browser, FOLDER / "prometheus_metrics.png", f"{app.url}/metrics", 1100, 520) as page:
                # The page is long: the browser looks for the words, which brings them into view, and forgets the mark.
                page.wait_for_function("window.find('HELP titanic_predictions_total')")
                page.evaluate("getSelection().removeAllRanges()")
        ask = f"{prometheus.url}/query?"
        if "promquery" in names:
            question = urlencode({"g0.expr": GRAPH_QUERY, "g0.tab": "graph", "g0.range_input": "5m"})
            with screenshot(browser, FOLDER / "promquery.png", ask + question, 1100, 930) as page:
                page.locator(".uplot canvas").first.wait_for()
                page.get_by_text("{predicted_class=").first.wait_for()
        if "promql" in names:
            question = urlencode({"g0.expr": TABLE_QUERY, "g0.tab": "table"})
            with screenshot(browser, FOLDER / "promql.png", ask + question, 900, 480) as page:
                page.get_by_text(f"{TABLE_QUERY}{{").first.wait_for()


def shoot_alerts(browser: Browser, names: list[str]) -> None:
    """Take Prometheus's page Alerts while the champion cannot predict, and most requests fail."""
    with watched(METRICS_APP, store_with_wrong_model()) as (app, prometheus), ThreadPoolExecutor() as pool:
        traffic = pool.submit(send_traffic, app.url, "calm", 20)
        wait_for_alert("HighErrorRatio")
        with screenshot(browser, FOLDER / "alerts.png", f"{prometheus.url}/alerts", 1000, 830) as page:
            page.locator("button[aria-expanded=false]", has_text="HighErrorRatio").click()
            # Before that stands a temporary folder, another one each time.
            file = page.get_by_text("/rules/alerts.yml").first
            file.evaluate("file => file.textContent = 'rules/alerts.yml'")
        traffic.result()


def shoot_dashboard(browser: Browser, names: list[str]) -> None:
    """Draw the preview of the dashboard after four minutes of traffic, simulations and batches among it."""
    with watched("prometheus_04_multi_execute_app", pages=False) as (app, _):
        for shape, seconds in TRAFFIC:
            requests.post(f"{app.url}/simulate_predictions", params={"num_executions": 25}, timeout=30)
            requests.post(f"{app.url}/predict_batch", json=EXAMPLES, timeout=30)
            send_traffic(app.url, shape, seconds)
        wait_for_scrape()
        minutes = round(sum(seconds for _, seconds in TRAFFIC) / 60)
        file = FOLDER / "grafana_dash.png"
        picture = preview(minutes)
        picture.savefig(file, dpi=1.25 * picture.dpi)
        make_small(file)


GROUPS = {
    ("prometheus_application", "prometheus_application_nav"): shoot_targets,
    ("prometheus_metrics", "promquery", "promql"): shoot_model_metrics,
    ("alerts",): shoot_alerts,
    ("grafana_dash",): shoot_dashboard,
}
