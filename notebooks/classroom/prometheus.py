"""Start Prometheus from a notebook, ask it, and plot what it answers."""

import time
from collections.abc import Sequence
from typing import Any

import pandas as pd

from classroom.rules import loadable, rule_in
from classroom.servers import ports, prometheus_server
from classroom.servers.app import watched_port
from classroom.servers.process import end_left_over, started
from classroom.servers.prometheus_configuration import Configuration
from classroom.servers.prometheus_server import PrometheusServer
from dashboard_preview.prometheus_api import Json, NoAnswer, Prometheus, in_order
from titanic.problem import Problem

# What Prometheus adds to every series. A table shows it only where the series cannot be told apart without it.
ADDED = ["__name__", "app", "instance", "job"]


def address() -> str:
    """Where the Prometheus of the lessons is, or will be."""
    return f"http://127.0.0.1:{ports.setting('COURSE_PROMETHEUS_PORT', 9090)}"


def start_prometheus(
    scrape_interval: str = "1s", rule: str | None = None, app_ports: Sequence[int] = ()
) -> PrometheusServer | None:
    """Start Prometheus with no data yet, and wait until it answers. One that a notebook started before is replaced.

    rule: the YAML of one rule more, beside those in prometheus/rules; its times are fitted to the interval like theirs.
    app_ports: where the instances of the app are, if it has several; without it, where this notebook has started its
    app. None, after one sentence, if there is no Prometheus on this machine, or the rule is none that it takes; then
    one that runs goes on. Problem: its port is taken, or it does not start.
    """
    try:
        more_rules = [loadable(rule_in(rule))] if rule is not None else []
    except Problem as problem:
        print(f"The rule is not loaded. {problem}")
        return None
    if prometheus_server.find() is None:
        print(prometheus_server.NONE_FOUND)
        return None
    port = int(address().rpartition(":")[2])
    if port not in started:
        end_left_over(port, "Stopping the {name} that another notebook started.")
    app_port, *more_app_ports = app_ports or [watched_port()]
    configuration = Configuration(scrape_interval, app_port, port, more_rules, more_app_ports)
    server = prometheus_server.start(port, keep_data=False, replaceable=True, configuration=configuration)
    print(f"Prometheus is running at {server.url}")
    return server


def promql(query: str, minutes: float | None = None) -> pd.DataFrame:
    """Ask Prometheus: a row for each series now, or with minutes, a column for each series over the last minutes.

    Now: the labels are columns, the last column is value. Over time: the index is the time (UTC). Without a
    Prometheus on this machine the table is empty. Problem: Prometheus does not understand the query, or it is not
    running.
    """
    if minutes is None:
        answer = ask("query", query=query)
        return instant_table(query, answer["resultType"], answer["result"]) if answer else pd.DataFrame()
    return over_time(query, minutes, end=time.time(), step=step_of(minutes))


def over_time(query: str, minutes: float, end: float, step: int) -> pd.DataFrame:
    """The answers of each step (seconds) in the minutes before the end (Unix time), a column for each series."""
    answer = ask("query_range", query=query, start=end - minutes * 60, end=end, step=step)
    return range_table(answer["result"]) if answer else pd.DataFrame()


def plot_promql(query: str, minutes: float = 5, title: str | None = None, ylabel: str | None = None) -> None:
    """Plot a query over the last minutes, a line for each series; where there is no data, the line is broken."""
    import matplotlib.pyplot as plt

    table = promql(query, minutes)
    if table.empty:
        print(f"There is nothing to plot for {query}")
        return
    axes = table.asfreq(f"{step_of(minutes)}s").plot(
        figsize=(9, 3), title=title or query, xlabel="time (UTC)", ylabel=ylabel or "", rot=0, legend=False
    )
    if len(table.columns) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    if not (table < 0).any(axis=None):
        axes.set_ylim(bottom=0)
    plt.show()


def step_of(minutes: float) -> int:
    """The time between two points of a chart over so many minutes, in seconds: some 300 points fill it."""
    return max(1, round(minutes * 60 / 300))


def wait_for_scrape(seconds: float = 30) -> None:
    """Return when Prometheus has asked the app for its metrics once more, and each other target at least once.

    Problem: it has not, for so many seconds.
    """
    called = time.time()
    # The time of the last scrape, as it is stored, so that a query after this call sees all of that scrape.
    while (answer := ask("query", query="timestamp(up)")) and (targets := ask("targets")):
        asked = {series["metric"]["job"]: float(series["value"][1]) for series in answer["result"]}
        jobs = {target["labels"]["job"] for target in targets["activeTargets"]}
        if asked.get("fastapi_app", 0) > called and jobs <= asked.keys():
            return
        if time.time() > called + seconds:
            raise Problem(f"Prometheus has not asked the app for its metrics for {seconds:.0f} seconds.")
        time.sleep(0.1)


def wait_for_alert(name: str, seconds: float = 60) -> list[str]:
    """Return when this alert fires: the states that it went through, such as ["pending", "firing"].

    Without a Prometheus on this machine, none. Problem: it does not fire within so many seconds.
    """
    states: list[str] = []
    deadline = time.time() + seconds
    while "firing" not in states and (answer := ask("alerts")):
        for alert in answer["alerts"]:
            if alert["labels"]["alertname"] == name and alert["state"] not in states:
                states.append(alert["state"])
        if time.time() > deadline:
            raise Problem(f"The alert {name} has not fired for {seconds:.0f} seconds.")
        time.sleep(0.1)
    return states


def ask(question: str, **parameters: str | float) -> Json | None:
    """The data in the answer of Prometheus's HTTP API; None, after one sentence, if this machine has no Prometheus.

    Problem: it does not answer, or it does not understand the question.
    """
    if "$__" in str(parameters.get("query")):
        raise Problem("Only Grafana fills in $__rate_interval and $__range. For Prometheus, write a time there: [1m].")
    try:
        return Prometheus(address()).ask(question, **parameters)
    except NoAnswer:
        if prometheus_server.find() is None:
            print("no Prometheus here: this cell would ask it")
            return None
        raise Problem(f"No Prometheus answers at {address()}. Start it first: start_prometheus()") from None


def shown_labels(result: list[Json]) -> list[str]:
    """The labels that a table of these series needs, in alphabetical order."""
    names = sorted({name for series in result for name in series["metric"]})
    needed = [name for name in names if name not in ADDED]
    different = {tuple(series["metric"].get(name) for name in needed) for series in result}
    return needed if needed and len(different) == len(result) else names


def instant_table(query: str, kind: str, result: list[Any]) -> pd.DataFrame:
    """The table of an answer to a question about now."""
    if kind == "scalar":  # a plain number
        result = [{"metric": {}, "value": result}]
    elif kind != "vector":
        raise Problem("Each series has many values here: put it into a function such as rate(), or leave out [...].")
    labels = shown_labels(result)
    series_in_order = in_order(query, result)
    rows = [[*(one["metric"].get(name, "") for name in labels), float(one["value"][1])] for one in series_in_order]
    return pd.DataFrame(rows, columns=[*labels, "value"]).astype({"value": float})


def range_table(result: list[Json]) -> pd.DataFrame:
    """The table of an answer to a question about a time."""
    labels = shown_labels(result)
    columns = {}
    for series in result:
        metric = {label: series["metric"][label] for label in labels if label in series["metric"]}
        full_name = metric.pop("__name__", "")
        name = ", ".join(f'{label}="{value}"' for label, value in metric.items())
        name = f"{full_name}{{{name}}}" if full_name else name
        columns[name or "value"] = pd.Series({moment: float(value) for moment, value in series["values"]})
    table = pd.DataFrame(columns).sort_index()
    table.index = pd.to_datetime(table.index, unit="s", utc=True).round("ms").rename("time")
    return table
