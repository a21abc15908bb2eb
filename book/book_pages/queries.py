"""The PromQL sheet: what the lessons, the rules and the dashboard ask of Prometheus, and what each query answers.

The queries stand where they are used, and nowhere else: this reads them there. What a query of a lesson answers stands
in book/promql.yml; what a rule or a panel answers, it says itself.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import yaml

from book_pages.places import LESSONS, ROOT, link, place, title_of
from classroom.exercise import solutions

ASKING = ("promql", "plot_promql")  # their first argument is a query
ANSWERS = ROOT / "book" / "promql.yml"
DASHBOARD = ROOT / "grafana_dashboard" / "titanic_api_simple_app_monitoring.json"
START = """# PromQL sheet

What this course asks of Prometheus. In the lessons, Prometheus scrapes each second, and the window is short: `[5s]`.
With a scrape each 15 seconds, write `[1m]`.
"""


class Rule(NamedTuple):
    """A rule of prometheus/rules: its name, its query, and what it says of itself."""

    name: str
    query: str
    about: str
    alert: bool


def in_order(notebook: Path) -> list[ast.Module]:
    """The code of a lesson's cells; where a solution is offered, it is that code."""
    stored: Any = nbformat.read(notebook, as_version=4)
    cells = [cell for cell in stored.cells if cell.cell_type == "code"]
    solved = iter(solutions(notebook.stem[:2]).values()) if notebook.parent == ROOT / "notebooks" else iter(())
    return [ast.parse(next(solved) if "solution" in cell.metadata.get("tags", []) else cell.source) for cell in cells]


def text_of(expression: ast.expr, names: dict[str, str]) -> str | None:
    """What this expression of Python says, if it is made of texts; else None."""
    try:
        value = eval(compile(ast.Expression(expression), "lesson", "eval"), {"__builtins__": {}}, dict(names))
    except Exception:
        return None
    return value if isinstance(value, str) else None


def queries_of(notebook: Path) -> list[str]:
    """All that a lesson asks of Prometheus, and the expressions of the alerts that it defines."""
    names: dict[str, str] = {}
    found: list[str | None] = []
    for cell in in_order(notebook):
        for node in ast.walk(cell):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name, text = node.targets[0].id, text_of(node.value, names)
                if text:
                    names[name] = text
                    # The answer to an exercise; lesson 16 asks its SQLite file.
                    if name in ("query", "my_query") and not text.startswith("SELECT"):
                        found.append(text)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ASKING:
                found.append(text_of(node.args[0], names))
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                found += [text_of(value, names) for key, value in pairs if getattr(key, "value", "") == "expr"]
    return sorted({query.replace("$__rate_interval", "10s") for query in found if query})


def answers() -> dict[str, str]:
    """What each query of a lesson answers."""
    return dict(yaml.safe_load(ANSWERS.read_text(encoding="utf-8")))


def rules_of(file: Path) -> Iterator[Rule]:
    """The rules of a file. What a recording rule says of itself is the comment above it."""
    comments = comments_of(file.read_text(encoding="utf-8"))
    for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            alert = "alert" in rule
            name = rule["alert" if alert else "record"]
            said = rule["annotations"]["summary"] if alert else comments[name]
            yield Rule(name, str(rule["expr"]).strip(), said, alert)


def comments_of(text: str) -> dict[str, str]:
    """The comment above each rule, by the rule's name; a rule without one has that of the rule before it."""
    found: dict[str, str] = {}
    comment: list[str] = []
    before = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("#"):
            comment = [*comment, line.lstrip("# ")] if before.startswith("#") else [line.lstrip("# ")]
        if name := re.fullmatch(r"- (?:record|alert): (\S+)", line):
            found[name[1]] = " ".join(comment)
        before = line
    return found


def panels() -> Iterator[tuple[str, str, list[str]]]:
    """The panels of the dashboard: title, description, queries."""
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        for one in [panel, *panel.get("panels", [])]:
            if asked := [target["expr"] for target in one.get("targets", []) if "expr" in target]:
                yield one["title"], one.get("description", ""), asked


def block(query: str) -> str:
    """A query on its own."""
    return f"```text\n{query}\n```"


def sheet() -> str:
    """The page of the queries."""
    page, said = "promql.md", answers()
    parts = [START, "## In the lessons"]
    for lesson in LESSONS:
        if asked := [query for query in queries_of(lesson) if query in said]:
            target = link(lesson.relative_to(ROOT).as_posix(), page)
            parts += [f"### [{title_of(lesson)}]({target})"]
            parts += [f"{said[query]}\n\n{block(query)}" for query in asked]
    files = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
    found = [(file, rule) for file in files for rule in rules_of(file)]
    for title, alert in (("Recording rules", False), ("Alerts", True)):
        parts += [f"## {title}"]
        for file, rule in found:
            if rule.alert == alert:
                source = place(file.relative_to(ROOT).as_posix())
                parts += [f"**[{rule.name}]({source})**: {as_words(rule.about)}\n\n{block(rule.query)}"]
    parts += ["## Panels of the dashboard"]
    for title, about, asked in panels():
        parts += [f"**{title}**: {about}", *map(block, asked)]
    return "\n\n".join(parts) + "\n"


def as_words(text: str) -> str:
    """What a rule says of itself, without the templates of Prometheus in it."""
    text = re.sub(r"\{\{ \$value .*?\}\}", "…", re.sub(r"\{\{ \$labels\.(\w+) \}\}", r"*\1*", text))
    return text
