"""Ask Prometheus what the panels of a dashboard ask it, as Grafana would."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import yaml

from titanic.problem import Problem

from .durations import seconds, written
from .prometheus_api import Json, Prometheus, in_order

# An interval below the first number is rounded to the second (in seconds). Source: roundInterval in Grafana's
# packages/grafana-data/src/datetime/rangeutil.ts
ROUNDED = [
    (0.01, 0.001), (0.015, 0.01), (0.035, 0.02), (0.075, 0.05), (0.15, 0.1), (0.35, 0.2), (0.75, 0.5), (1.5, 1),
    (3.5, 2), (7.5, 5), (12.5, 10), (17.5, 15), (25, 20), (45, 30), (90, 60), (210, 120), (450, 300), (750, 600),
    (1050, 900), (1500, 1200), (2700, 1800), (5400, 3600), (9000, 7200), (16200, 10800), (32400, 21600), (86400, 43200),
]  # fmt: skip
POINTS_AT_MOST = 11000  # of one series in one answer; Prometheus refuses more


@dataclass
class Series:
    """One series of an answer: its name in the legend, its labels, and its values at these times (Unix seconds)."""

    name: str
    labels: dict[str, str]
    times: np.ndarray
    values: np.ndarray


@dataclass
class Answer:
    """What a panel got: its series, or the sentence that says why there are none; its time range and its step."""

    series: list[Series] = field(default_factory=list)
    problem: str = ""
    start: float = 0
    end: float = 0
    step: float = 15


def calculated_interval(length: float, points: int, least: float) -> float:
    """The $__interval of a panel, in seconds: so long that the time range gives about so many points, or the least."""
    exact = length / points
    rounded = next((value for limit, value in ROUNDED if exact < limit), 86400)
    return max(rounded, least)


def rate_interval(interval: float, scrape: float) -> float:
    """The $__rate_interval, in seconds. Source: calculateRateInterval in Grafana's pkg/promlib/models/query.go."""
    return max(interval + scrape, 4 * scrape)


def fill_in(expr: str, variables: dict[str, str]) -> str:
    """The expression with its variables filled in: $name, ${name} or [[name]]."""

    def value(match: re.Match[str]) -> str:
        return variables.get(match[1] or match[2] or match[3], match[0])

    return re.sub(r"\$(\w+)|\$\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\]", value, expr)


def dashboard_variables(dashboard: Json) -> dict[str, str]:
    """The chosen values of the dashboard's own variables."""
    chosen = {}
    for variable in dashboard.get("templating", {}).get("list", []):
        value = variable.get("current", {}).get("value", variable.get("query", ""))
        chosen[variable["name"]] = "|".join(value) if isinstance(value, list) else str(value)
    return chosen


def legend(query: Json, labels: dict[str, str]) -> str:
    """The name of a series in the legend: by the query's own pattern, else its labels, else the query."""
    pattern = query.get("legendFormat") or "__auto"
    if pattern != "__auto":
        return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: labels.get(match[1], ""), pattern)
    rest = ", ".join(f'{name}="{value}"' for name, value in labels.items() if name != "__name__")
    return labels.get("__name__", "") + (f"{{{rest}}}" if rest else "") or query["expr"]


class DataSource(Prometheus):
    """A Prometheus as Grafana uses it. Problem: nothing answers at its address, or it is something else."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        settings = yaml.safe_load(self.ask("status/config")["yaml"])
        self.scrape_interval = seconds(settings["global"]["scrape_interval"])

    def ask_panel(self, panel: Json, variables: dict[str, str], end: float, length: float, points: int) -> Answer:
        """The answer to all queries of a panel, over so many seconds before end, with about so many points."""
        least = self.scrape_interval
        answer = Answer(start=end - length, end=end)
        try:
            interval = calculated_interval(
                length, panel.get("maxDataPoints") or points, seconds(panel.get("interval") or written(least))
            )
            for query in panel.get("targets", []):
                if not query.get("hide"):
                    scrape = seconds(query.get("interval") or written(least))
                    answer.step = max(interval, scrape, length / POINTS_AT_MOST)
                    macros = {
                        "__interval": written(answer.step),
                        "__interval_ms": f"{answer.step * 1000:.0f}",
                        "__range": f"{length:.0f}s",
                        "__range_s": f"{length:.0f}",
                        "__range_ms": f"{length * 1000:.0f}",
                        "__rate_interval": written(rate_interval(interval, scrape)),
                    }
                    answer.series += self.ask_query(query, variables | macros, answer)
        except Problem as problem:
            answer.problem = str(problem)
        return answer

    def ask_query(self, query: Json, variables: dict[str, str], span: Answer) -> list[Series]:
        """The series of one query: a value each if it asks about now, else one for each step of this time span."""
        expr = fill_in(query["expr"], variables)
        if query.get("instant"):
            result = self.ask("query", query=expr, time=span.end)
            found = result["result"]
            found = [{"metric": {}, "value": found}] if result["resultType"] == "scalar" else in_order(expr, found)
            found = [{"metric": one["metric"], "values": [one["value"]]} for one in found]
        else:  # Grafana, too, begins and ends at multiples of the step, so that old points do not move
            start, end = (moment // span.step * span.step for moment in (span.start, span.end))
            found = self.ask("query_range", query=expr, start=start, end=end, step=span.step)["result"]
        series = []
        for one in found:
            moments, values = zip(*one["values"], strict=True)
            name = legend(query, one["metric"])
            series.append(Series(name, one["metric"], np.array(moments, float), np.array(values, float)))
        return series


def ask_all(
    dashboard: Json, url: str, minutes: float, widths: dict[int, int], now: float | None = None
) -> dict[int, Answer]:
    """The answers to all panels, by the place of each in the dashboard's list.

    widths: how wide each panel is drawn, in pixels; so many points are asked for. Problem: no Prometheus answers.
    """
    source = DataSource(url)
    variables = dashboard_variables(dashboard)
    end = now or time.time()
    asked = {place: dashboard["panels"][place] for place in widths if dashboard["panels"][place].get("targets")}
    with ThreadPoolExecutor(8) as pool:
        answers = {
            place: pool.submit(source.ask_panel, panel, variables, end, minutes * 60, widths[place])
            for place, panel in asked.items()
        }
        return {place: answer.result() for place, answer in answers.items()}
