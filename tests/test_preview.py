"""The preview: it asks what Grafana would ask, draws what it got, and says in words what it cannot draw."""

import io
import itertools
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import requests
from answering import always_answering, answering
from fastapi.testclient import TestClient
from waiting import until

from classroom import preview
from classroom.servers import ports, prometheus_release
from dashboard_preview import durations, queries
from dashboard_preview.page import create_page
from dashboard_preview.picture import draw, minutes_up_to_now
from dashboard_preview.prometheus_api import Prometheus
from dashboard_preview.values import settings_of, shown, threshold_color
from titanic.problem import Problem

ROOT = Path(__file__).resolve().parents[1]
DASHBOARD = json.loads(preview.DASHBOARD.read_text(encoding="utf-8"))
needs_server = pytest.mark.skipif(prometheus_release.find() is None, reason="there is no Prometheus here")


# The variables, as Grafana fills them in


@pytest.mark.parametrize(
    ("scrape", "points", "interval", "window"),
    [("15s", 280, 15, 60), ("1s", 240, 5, 6), ("1s", 900, 1, 4), ("15s", 12, 60, 75), ("500ms", 1800, 0.5, 2)],
)
def test_a_window_has_room_for_four_scrapes_and_for_one_point_of_the_plot(scrape, points, interval, window):
    scrape = durations.seconds(scrape)
    assert queries.calculated_interval(900, points, scrape) == interval
    assert queries.rate_interval(interval, scrape) == window


def test_variables_are_filled_in_however_they_are_written():
    variables = {"__rate_interval": "1m", "route": "/a", "__range": "15m"}
    assert queries.fill_in("rate(x[$__rate_interval]) + y[${__range}]", variables) == "rate(x[1m]) + y[15m]"
    assert queries.fill_in('x{a="[[route]]", b="$other"}', variables) == 'x{a="/a", b="$other"}'


@pytest.mark.parametrize("duration", ["", "15", "soon", "s", "1 m"])
def test_a_duration_that_is_none_is_refused(duration):
    with pytest.raises(Problem, match=f"'{duration}' is not a duration"):
        durations.seconds(duration)


NOW = datetime(2026, 11, 26, 15, 4, 5)  # a Thursday, in the time of this machine


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("now", NOW),
        ("now-6h", NOW - timedelta(hours=6)),
        ("now-1w", NOW - timedelta(weeks=1)),
        ("now-1y", NOW - timedelta(days=365)),
        ("now-1M", NOW - timedelta(days=365) / 12),
        ("now/m", datetime(2026, 11, 26, 15, 4)),
        ("now-2h/h", datetime(2026, 11, 26, 13)),
        ("now/d", datetime(2026, 11, 26)),
        ("now-1d/d", datetime(2026, 11, 25)),
        ("now/w", datetime(2026, 11, 23)),
        ("now-1M/M", datetime(2026, 10, 1)),
        ("now/y", datetime(2026, 1, 1)),
    ],
)
def test_a_moment_is_what_grafana_means_by_it(text, begin):
    # An hour more or less, where the clocks are changed in between.
    assert durations.moment(text, NOW.timestamp()) == pytest.approx(begin.timestamp(), abs=3600 if "-1" in text else 0)


@pytest.mark.parametrize(
    "text", ["", "6h", "now+1h", "now-1x", "now-99999999999y/d", "2026-01-02T03:04:05Z", "1767323045000"]
)
def test_a_moment_that_is_none_is_refused(text):
    with pytest.raises(Problem, match=f"'{text}' is no time before now".replace("+", r"\+")):
        durations.moment(text, NOW.timestamp())


@pytest.mark.parametrize(
    ("shown", "minutes"),
    [
        ({}, 15),
        ({"from": "now-1M", "to": "now"}, 43_800),
        ({"from": "now-1w", "to": "now"}, 10_080),
        ({"from": "now/d", "to": "now/d"}, 15 * 60 + 4 + 5 / 60),
        ({"from": "now-90s"}, 1.5),
    ],
)
def test_the_time_range_of_a_dashboard_goes_up_to_now(shown, minutes):
    assert minutes_up_to_now({"time": shown}, NOW.timestamp()) == pytest.approx(minutes, abs=60 if minutes > 720 else 0)


@pytest.mark.parametrize(
    ("begin", "end"),
    [("2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"), ("now-2d", "now-1d"), (1767225600000, "now")],
)
def test_another_time_than_that_up_to_now_is_said_in_the_picture(begin, end):
    with TestClient(create_page(make_dashboard() | {"time": {"from": begin, "to": end}}, "http://127.0.0.1:9")) as page:
        assert page.get("/dashboard.png").status_code == 200
    figure = draw(make_dashboard() | {"time": {"from": begin, "to": end}}, "http://127.0.0.1:9")
    said = " ".join(texts(figure, "problem"))
    assert f"The dashboard shows the time from {begin} to {end}, but the preview draws only up to now" in said
    assert said.endswith("such as --minutes 15.")


@pytest.mark.parametrize(("refresh", "said"), [("10s", 10), ("auto", 5), ("", 5), (False, 5)])
def test_the_page_is_drawn_anew_as_often_as_the_dashboard_says(refresh, said):
    with TestClient(create_page(make_dashboard() | {"refresh": refresh}, "http://127.0.0.1:9")) as page:
        assert f"setTimeout(refresh, {said} * 1000)" in page.get("/").text


def test_a_series_is_named_by_its_labels():
    labels = {"__name__": "up", "job": "app", "le": "10"}
    assert queries.legend({"expr": "up", "legendFormat": "{{job}}: {{ le }}{{none}}"}, labels) == "app: 10"
    assert queries.legend({"expr": "up"}, labels) == 'up{job="app", le="10"}'
    assert queries.legend({"expr": "sum(up)", "legendFormat": "__auto"}, {}) == "sum(up)"


# Numbers and colours


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (0.01234, "s", None, "12.3 ms"),
        (0, "s", None, "0 s"),
        (90, "s", None, "1.50 min"),
        (0.0004, "s", None, "400 µs"),
        (0.051, "percentunit", 1, "5.1%"),
        (93.4, "percent", 0, "93%"),
        (238 * 2**20, "bytes", None, "238 MiB"),
        (12_345, "short", 1, "12.3 K"),
        (12_345.4, "none", 0, "12345"),
        (9.456, "reqps", 1, "9.5 req/s"),
        (3, "suffix: boats", None, "3 boats"),
    ],
)
def test_a_number_is_written_with_its_unit(value, unit, decimals, text):
    assert shown(value, unit, decimals) == text


def test_a_threshold_colours_from_its_value_on():
    steps = [{"value": None, "color": "green"}, {"value": 1, "color": "orange"}, {"value": 5, "color": "red"}]
    colors = [threshold_color(value, steps) for value in (0, 0.99, 1, 4.9, 5, 100)]
    assert [colors.count(color) for color in dict.fromkeys(colors)] == [2, 2, 2]


def test_an_override_is_for_the_series_it_names():
    def override(matcher, options, color):
        return {"matcher": {"id": matcher, "options": options}, "properties": [{"id": "color", "value": color}]}

    overrides = [
        override("byName", "one", 1), override("byNames", {"names": ["two"]}, 2), override("byRegexp", "/^thr/", 3),
    ]  # fmt: skip
    panel = {"fieldConfig": {"defaults": {"color": 0, "unit": "s"}, "overrides": overrides}}
    assert [settings_of(panel, name)["color"] for name in ("none", "one", "two", "three")] == [0, 1, 2, 3]
    assert settings_of(panel, "two")["unit"] == "s"


# A dashboard of each kind of panel, drawn from a Prometheus that has read its own metrics


def make_panel(kind, expr, x=0, y=0, w=12, h=8, **changes):
    """A panel as Grafana would store it."""
    return {
        "type": kind,
        "title": f"A {kind}",
        "gridPos": {"x": x, "y": y, "w": w, "h": h},
        "targets": [{"expr": expr, "refId": "A", **changes.pop("query", {})}],
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}, **changes.pop("options", {})},
        "fieldConfig": {"defaults": {"unit": "none", **changes.pop("defaults", {})}, "overrides": []},
        **changes,
    }


def make_dashboard(*panels):
    """A dashboard of these panels."""
    return {"title": "A test", "time": {"from": "now-1m", "to": "now"}, "panels": list(panels)}


def texts(figure, name=None):
    """The texts on the sheet with this name, or all texts."""
    return [text.get_text() for text in figure.axes[0].texts if name is None or text.get_gid() == name]


def wait_for_series(url, expr, number):
    """Wait until Prometheus has had so many series for two seconds; return that moment."""
    until(lambda: len(Prometheus(url).ask("query", query=expr, time=time.time() - 2)["result"]) >= number)
    return time.time() - 1


def plot(figure, title):
    """The plot in the panel of this title."""
    return next(axes for axes in figure.axes if axes.get_label() == title)


@needs_server
def test_the_values_drawn_are_those_that_prometheus_has(watched):
    expr, url = 'sum by (endpoint) (http_requests_total{endpoint!="/metrics"})', watched.prometheus.url
    now = wait_for_series(url, expr, 3)
    panels = [
        make_panel("timeseries", expr, query={"legendFormat": "{{endpoint}}"}),
        make_panel("stat", f"sum({expr})", x=12, query={"instant": True}, defaults={"decimals": 0}),
        make_panel("bargauge", expr, y=8, query={"instant": True, "legendFormat": "{{endpoint}}"}),
        make_panel("table", expr, x=12, y=8, query={"instant": True, "format": "table"}),
    ]
    figure = draw(make_dashboard(*panels), url, 1, 1280, now)

    prometheus = Prometheus(url)
    step, start, end = 0.5, math.floor((now - 60) / 0.5) * 0.5, math.floor(now / 0.5) * 0.5
    asked = prometheus.ask("query_range", query=expr, start=start, end=end, step=step)["result"]
    lines = {line.get_label(): line for line in plot(figure, "A timeseries").lines}
    for series in asked:
        line = lines[series["metric"]["endpoint"]]
        drawn = {round(x, 2): y for x, y in line.get_xydata() if not math.isnan(y)}
        assert drawn == {round(float(moment), 2): float(value) for moment, value in series["values"]}
    asked_now = {
        one["metric"]["endpoint"]: float(one["value"][1])
        for one in prometheus.ask("query", query=expr, time=now)["result"]
    }
    total, *bars = texts(figure, "value")
    assert float(total) == sum(asked_now.values())
    assert sorted(map(float, bars)) == sorted(asked_now.values())
    assert texts(figure, "column") == ["endpoint", "Value"]
    cells = texts(figure, "cell")
    assert dict(zip(cells[: len(cells) // 2], map(float, cells[len(cells) // 2 :]), strict=True)) == asked_now
    assert set(texts(figure, "legend")) == set(asked_now)


@needs_server
def test_the_cells_of_a_heatmap_are_what_is_in_each_bucket_alone(watched):
    expr, url = "sum by (le) (passenger_age_distribution_bucket)", watched.prometheus.url
    now = wait_for_series(url, expr, 10)
    panel = make_panel("heatmap", expr, query={"legendFormat": "{{le}}", "format": "heatmap"}, maxDataPoints=60)
    axes = plot(draw(make_dashboard(panel), url, 1, 1280, now), "A heatmap")
    drawn = np.ma.filled(axes.images[0].get_array(), 0)[:, -1]
    end = math.floor(now)
    asked = Prometheus(url).ask("query", query=expr, time=end)["result"]
    up_to = sorted((float(one["metric"]["le"]), float(one["value"][1])) for one in asked)
    assert drawn.tolist() == np.diff([value for _, value in up_to], prepend=0).tolist()
    assert [label.get_text() for label in axes.get_yticklabels()] == [*map(str, range(10, 100, 10)), "more"]


@needs_server
def test_stacked_lines_stand_on_each_other_and_shares_fill_the_plot(watched):
    expr = "sum by (predicted_class) (titanic_predictions_output_total)"
    url = watched.prometheus.url
    now = wait_for_series(url, f"{expr} > 0", 2)
    edges = {}
    for mode in ("none", "normal", "percent"):
        custom = {"stacking": {"mode": mode}}
        panel = make_panel(
            "timeseries", expr, query={"legendFormat": "{{predicted_class}}"}, defaults={"custom": custom}
        )
        lines = plot(draw(make_dashboard(panel), url, 1, 1280, now), "A timeseries").lines
        edges[mode] = {line.get_label(): line.get_ydata()[-1] for line in lines if len(line.get_ydata())}
    zero, one = edges["none"]["0"], edges["none"]["1"]
    assert edges["normal"]["1"] == zero + one
    assert edges["normal"]["0"] == zero
    assert edges["percent"]["1"] == 1
    assert edges["percent"]["0"] == pytest.approx(zero / (zero + one))


@needs_server
def test_a_line_is_broken_where_there_is_nothing(watched):
    panel = make_panel("timeseries", "vector(time() % 20) < 10", query={"legendFormat": "now and then"})
    lines = plot(draw(make_dashboard(panel), watched.prometheus.url, 1), "A timeseries").lines
    values = next(line.get_ydata() for line in lines if line.get_label() == "now and then")
    assert 0.3 < np.isnan(values).mean() < 0.7


@needs_server
def test_what_cannot_be_drawn_is_said_in_its_panel(watched):
    panels = [
        make_panel("pie chart of the future", "up", w=8),
        make_panel("stat", "no_such_metric", x=8, w=8, query={"instant": True}, defaults={"noValue": "nobody came"}),
        make_panel("stat", "no_such_metric", x=16, w=8),
        make_panel("timeseries", "sum(", y=8),
        make_panel("stat", "up", x=12, y=8, interval="soon"),
        make_panel("text", "", y=16, options={"content": "# Read *this* first"}, targets=[]),
        {"type": "row", "title": "A row", "gridPos": {"x": 0, "y": 24, "w": 24, "h": 1}, "collapsed": True},
    ]
    figure = draw(make_dashboard(*panels), watched.prometheus.url, 1)
    said = " ".join(texts(figure))
    assert "The preview cannot draw a panel of type pie chart of the future. Grafana can." in said
    assert "nobody came" in said
    assert "No data" in said
    assert "parse error: unclosed left parenthesis" in said
    assert "'soon' is not a duration" in said
    assert "Read this first" in said
    assert texts(figure, "row") == ["A row"]
    assert len(texts(figure, "title")) == 6


@needs_server
@pytest.mark.parametrize("width", [1280, 1920])
def test_no_text_covers_another_and_none_leaves_the_sheet(watched, width):
    url = watched.prometheus.url
    until(lambda: len(texts(draw(DASHBOARD, url, 1, width), "legend")) >= 12)
    figure = draw(DASHBOARD, url, 1, width)
    figure.canvas.draw()
    everything = [*figure.axes[0].texts]
    for axes in figure.axes[1:]:
        everything += [*axes.get_xticklabels(), *axes.get_yticklabels()]
    boxes = [(text.get_text(), text.get_window_extent().padded(-1)) for text in everything if text.get_text()]
    assert len(boxes) > 100
    assert [text for text, box in boxes if box.x0 < 0 or box.x1 > width or box.y0 < 0] == []
    pairs = itertools.combinations(boxes, 2)
    assert [(first, second) for (first, box), (second, other) in pairs if box.overlaps(other)] == []


@needs_server
def test_the_dashboard_of_the_course_has_no_panel_that_the_preview_cannot_draw(watched):
    figure = draw(DASHBOARD, watched.prometheus.url, 1)
    assert texts(figure, "unknown") == []
    titles = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] != "row"]
    assert texts(figure, "title") == titles


# Without a Prometheus


def test_bars_and_rows_are_in_the_order_of_their_labels(monkeypatch):
    came = [
        {"metric": {"endpoint": name}, "value": [0, value]} for name, value in (("/c", "1"), ("/a", "2"), ("/b", "3"))
    ]
    answers = {
        "status/config": {"yaml": "global: {scrape_interval: 1s}"},
        "query": {"resultType": "vector", "result": came},
    }
    monkeypatch.setattr(queries.Prometheus, "ask", lambda self, question, **_: answers[question])
    bars = make_panel("bargauge", "x", query={"instant": True, "legendFormat": "{{endpoint}}"})
    table = make_panel("table", "x", x=12, query={"instant": True, "format": "table"})
    figure = draw(make_dashboard(bars, table), "http://127.0.0.1:9", 1)
    assert texts(figure, "value") == ["2", "3", "1"]
    assert texts(figure, "cell") == ["/a", "/b", "/c", "2", "3", "1"]


def test_of_two_instances_each_is_named_and_no_name_is_wider_than_its_tile(monkeypatch):
    instances = ["127.0.0.1:8000", "a-machine-with-a-very-long-name.example.org:8000"]
    came = [{"metric": {"instance": one, "job": "fastapi_app"}, "value": [0, "1"]} for one in instances]
    answers = {
        "status/config": {"yaml": "global: {scrape_interval: 1s}"},
        "query": {"resultType": "vector", "result": came},
    }
    monkeypatch.setattr(queries.Prometheus, "ask", lambda self, question, **_: answers[question])
    (panel,) = (one for one in DASHBOARD["panels"] if one["title"] == "Is the app up?")
    figure = draw(make_dashboard(panel), "http://127.0.0.1:9", 1)
    figure.canvas.draw()
    assert texts(figure, "value") == ["UP", "UP"]
    first, second = (text for text in figure.axes[0].texts if text.get_gid() == "series")
    assert first.get_text() == instances[0]
    assert instances[1].startswith(second.get_text().rstrip("…"))
    tile = figure.bbox.width * panel["gridPos"]["w"] / 24
    assert second.get_window_extent().x1 < tile
    assert first.get_window_extent().x1 < second.get_window_extent().x0


def test_a_prometheus_that_is_gone_is_said_in_the_picture():
    url = f"http://127.0.0.1:{ports.free_port()}"
    figure = draw(DASHBOARD, url)
    assert texts(figure, "problem") == [f"No Prometheus answers at {url}. Start it: python course.py monitor"]
    assert len(figure.axes) == 1


@pytest.mark.parametrize("said", [b"[]", b"{}", b"1", b'"pizza"', b'{"status": "success"}', b'{"status": "error"}'])
def test_something_else_that_answers_in_json_is_no_prometheus(said):
    with (
        always_answering(said) as server,
        pytest.raises(Problem, match=f"What answers at {server.url} is not Prometheus"),
    ):
        Prometheus(server.url).ask("query", query="up")


def test_something_else_that_answers_is_no_prometheus(serve):
    url = serve({"/api/v1/status/config": b"hello"})
    assert texts(draw(DASHBOARD, url), "problem") == [f"What answers at {url} is not Prometheus."]


# In a notebook, and as a page


def test_in_a_notebook_it_is_a_picture(monkeypatch):
    monkeypatch.setenv("COURSE_PROMETHEUS_PORT", str(ports.free_port()))
    figure = preview.preview(minutes=5, width=1000)
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert repr(figure) == "<the dashboard as a picture>"


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "cannot be read"), ("{", "is no JSON"), ('{"title": "a"}', "is no dashboard"), ("[]", "no")],
)
def test_a_file_that_is_no_dashboard_is_said(tmp_path, content, why):
    file = tmp_path / "dashboard.json"
    if content:
        file.write_text(content)
    with pytest.raises(Problem, match=why):
        preview.preview(dashboard=file)


def start_page(port, *arguments):
    """The page, as its own process."""
    command = [sys.executable, "-m", "classroom.preview", "--serve", str(port), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@needs_server
@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_the_page_shows_the_dashboard_and_ends_when_it_is_told_to(watched):
    port = ports.free_port()
    page = start_page(port, "--prometheus", watched.prometheus.url, "--minutes", "1")
    try:
        assert page.stdout.readline() == f"The preview is at http://127.0.0.1:{port}  Stop it with Ctrl-C.\n"
        until(lambda: ports.is_taken(port))
        answer = requests.get(f"http://127.0.0.1:{port}/", timeout=30)
        assert answer.ok
        assert DASHBOARD["title"] in answer.text
        assert not re.search(r"(src|href)=\"https?:", answer.text)
        for width, sharpness in ((1280, 1), (1920, 1), (1280, 2)):
            address = f"http://127.0.0.1:{port}/dashboard.png?width={width}&sharpness={sharpness}"
            picture = requests.get(address, timeout=30)
            assert picture.headers["Content-Type"] == "image/png"
            assert matplotlib.image.imread(io.BytesIO(picture.content)).shape[1] == width * sharpness
        page.send_signal(signal.SIGINT)
        assert "Traceback" not in page.communicate(timeout=120)[0]
    finally:
        page.kill()
        page.communicate()
    assert not ports.is_taken(port)


def test_a_taken_port_says_who_has_it():
    with answering(BaseHTTPRequestHandler) as other:
        page = start_page(other.port)
        said = page.communicate(timeout=120)[0]
    assert page.returncode == 1
    assert said.startswith(f"Port {other.port} is taken by ")
    assert len(said.splitlines()) == 1
