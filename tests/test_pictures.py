"""Each picture shows the course as it is now. No browser is needed to know that: what it was drawn from is compared."""

import re
import shutil
from pathlib import Path

import pytest
import sources
from canvas import Canvas
from draw import DIAGRAMS
from sources import SOURCES, fingerprint, known

import classroom.servers.app
import classroom.servers.scripts

FOLDER = Path(__file__).resolve().parents[1] / "images"
NUMBER = re.compile(r"(?<![\w#.])-?\d+(?:\.\d+)?")


def out_of_date(file):
    return f"images/{file} is out of date: draw it again with python images/draw.py {Path(file).stem}"


def same_drawing(one, other):
    """True if these are the same SVG files, but for the last digits of numbers, in which machines may differ."""
    # The names of shapes are hashes of their numbers.
    one, other = (re.sub(r"\b[a-z][0-9a-f]{10}\b", "name", text) for text in (one, other))
    if NUMBER.sub("", one) != NUMBER.sub("", other):
        return False
    return all(abs(float(a) - float(b)) < 0.01 for a, b in zip(NUMBER.findall(one), NUMBER.findall(other), strict=True))


@pytest.mark.parametrize("name", DIAGRAMS)
def test_a_diagram_is_what_its_function_draws(name):
    drawn = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert same_drawing(drawn, DIAGRAMS[name]().svg(name)), out_of_date(f"{name}.svg")


@pytest.mark.parametrize("name", SOURCES)
def test_a_screenshot_shows_what_is_there_now(name):
    assert known().get(name) == fingerprint(name), out_of_date(f"{name}.png")


def test_every_picture_can_be_drawn_again():
    files = {path.name for path in [*FOLDER.glob("*.svg"), *FOLDER.glob("*.png")]}
    assert files == {f"{name}.svg" for name in DIAGRAMS} | {f"{name}.png" for name in SOURCES}
    assert known().keys() == SOURCES.keys()


def test_pictures_are_small():
    assert [
        path.name for path in FOLDER.iterdir() if path.suffix in (".svg", ".png") and path.stat().st_size > 2e5
    ] == []


# Changes of the course, and the screenshots that each of them makes out of date.
METRICS_PAGES = {"prometheus_metrics", "promquery", "promql"}
CHANGES = [
    ("apps/titanic/passenger.py", "Passenger class (1 = 1st", "Class (1 = 1st", {"docs", "docs_predict", "redoc"}),
    ("apps/mlflow_00_train_model.py", '"dicts + gradient boosting"', '"gradient boosting"', {"mlflow_runs"}),
    ("apps/mlflow_00_train_model.py", '"auc": ', '"area": ', {"mlflow_runs"}),
    (
        "apps/prometheus_02_model_monitor_app.py",
        '"Ages of',
        '"The ages of',
        {"prometheus_metrics", "promquery", "promql"},
    ),
    ("prometheus/prometheus.yml", '"fastapi_app"', '"app"', {"prometheus_application", "prometheus_application_nav"}),
    ("prometheus/prometheus.yml", "# Whom it asks.", "# Whom does it ask?", set()),
    ("prometheus/rules/alerts.yml", "ratio > 0.05", "ratio > 0.06", {"alerts"}),
    ("grafana_dashboard/titanic_api_simple_app_monitoring.json", "Is the app up?", "Up?", {"grafana_dash"}),
    ("apps/collector/templates/drift.html", "over the last 24 hours", "over one day", {"collector_page"}),
    ("apps/alerting/templates/alerts.html", "What to do:", "To do:", {"alert_page"}),
    ("notebooks/02_fastapi_01_test_app.ipynb", "You will be able to", "You will", {"jupyterlab"}),
    ("requirements.txt", "mlflow==3", "mlflow==4", {"serving_speed"}),
]


@pytest.mark.parametrize(("file", "old", "new", "pictures"), CHANGES, ids=lambda part: part if "/" in part else "")
def test_a_change_of_the_course_is_noticed(file, old, new, pictures, tmp_path, monkeypatch):
    before = {name: fingerprint(name) for name in SOURCES}
    for part in ("apps", "notebooks", "prometheus", "grafana_dashboard"):
        shutil.copytree(FOLDER.parent / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    shutil.copy(FOLDER.parent / "requirements.txt", tmp_path)
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{file} has no {old} any more: choose another change"
    (tmp_path / file).write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    monkeypatch.setattr(sources, "DASHBOARD", tmp_path / "grafana_dashboard" / sources.DASHBOARD.name)
    for module in (classroom.servers.scripts, classroom.servers.app):
        monkeypatch.setattr(module, "APPS", tmp_path / "apps")
    changes_documentation = "docs" in pictures
    if changes_documentation:
        sources.documentation.cache_clear()
    after = {name: fingerprint(name) for name in SOURCES}
    if changes_documentation:
        sources.documentation.cache_clear()
    assert {name for name in SOURCES if after[name] != before[name]} == pictures


@pytest.mark.parametrize(
    ("x", "title", "same"), [(10, "a", True), (10.001, "a", True), (11, "a", False), (10, "b", False)]
)
def test_drawings_are_the_same_but_for_the_last_digits(x, title, same):
    def draw(x, title):
        canvas = Canvas(100)
        canvas.box(x, 10, 80, 40, title)
        return canvas.svg("name")

    assert same_drawing(draw(10, "a"), draw(x, title)) is same
