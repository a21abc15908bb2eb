"""A cell that is run out of order says in one sentence which other one to run, and then it works."""

import asyncio
import builtins
import os
import symtable
import sys
from pathlib import Path
from unittest.mock import Mock

import nbformat
import pytest
import requests
from prometheus_client import CollectorRegistry, Counter
from reading import Reader
from scouter import HttpConfig, ScouterClient

from classroom.advice import advice, cells_of, explain, load_ipython_extension
from titanic.problem import Problem

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSON = ROOT / "notebooks" / "04_fastapi_03_health_app.ipynb"
CELLS = [
    "import requests\nfrom time import sleep as wait",
    'app = start_app("one")',
    "def ask(name):\n    inside = name\n    return inside",
    "for row in ask(1):\n    print(row)",
    "print(1",
    'app = start_app("two")\nprint(app)',
    "first, (second, *rest) = 1, (2, 3)\nwith open('x') as file:\n    text = file.read()",
]


@pytest.mark.parametrize(
    ("name", "place", "line"),
    [
        ("requests", 3, "import requests"),
        ("wait", 3, "from time import sleep as wait"),
        ("app", 3, 'app = start_app("one")'),  # the nearest above
        ("app", 6, 'app = start_app("two")'),
        ("ask", 3, "def ask(name):"),
        ("row", 5, "for row in ask(1):"),
        ("ask", 1, "def ask(name):"),  # there is none above, but one below
        ("rest", 5, "first, (second, *rest) = 1, (2, 3)"),
        ("text", 5, "with open('x') as file:"),
    ],
)
def test_a_name_that_another_cell_makes(name, place, line):
    said = advice(NameError(name=name), CELLS, ["", CELLS[place]])
    assert said == f"Python does not know `{name}` yet: run the cell with `{line}` first, then this one again."


@pytest.mark.parametrize(
    ("history", "line"),
    [
        ([CELLS[4], "app  # not saved"], CELLS[1]),
        ([CELLS[6], "app"], 'app = start_app("two")'),
        (["app"], CELLS[1]),
    ],
)
def test_a_cell_that_is_not_saved_is_taken_to_stand_below_the_one_before_it(history, line):
    assert f"`{line}`" in advice(NameError(name="app"), CELLS, ["", *history])


@pytest.mark.parametrize("error", [NameError(name="inside"), NameError(name="reqeusts"), NameError("x"), ValueError()])
def test_other_errors_are_shown_as_always(error):
    assert advice(error, CELLS, ["", CELLS[3]]) is None


@pytest.mark.parametrize("cells", [CELLS, []], ids=["known", "unknown"])
def test_an_app_that_is_stopped(cells):
    with pytest.raises(requests.ConnectionError) as error:
        requests.get("http://127.0.0.1:9/guests", timeout=5)
    cell = 'the cell with `app = start_app("one")`' if cells else "the cell that starts it"
    said = advice(error.value, cells, ["", CELLS[3]])
    assert said.startswith("Nothing answers at http://127.0.0.1:9: it is stopped")
    assert said.endswith(f" Run {cell} again, then this one.")


@pytest.mark.parametrize(
    ("failed", "line"),
    [
        ('requests.get(f"{app.url}/health")', 'app = start_app("one")'),
        ('requests.get(f"{collector.url}/")', "collector = start_scouter()"),
        ("ask()", "collector = start_scouter()"),  # nobody can know: the nearest above
    ],
)
def test_the_app_that_the_cell_asks_is_named(failed, line):
    cells = ['app = start_app("one")', "if True:\n    collector = start_scouter()", failed]
    with pytest.raises(requests.ConnectionError) as error:
        requests.get("http://127.0.0.1:9/guests", timeout=5)
    assert f" Run the cell with `{line}` again" in advice(error.value, cells, ["", failed])


@pytest.mark.parametrize("start", ["collector = start_scouter()", "collector = start_app(COLLECTOR)"])
def test_scouters_client_without_a_collector(start):
    with pytest.raises(RuntimeError) as error:
        ScouterClient(HttpConfig("http://127.0.0.1:9", "admin", "admin"))
    cells = [start, 'app = start_app("one")', "ScouterClient(http)"]
    said = advice(error.value, cells, ["", cells[2]])
    assert said.startswith("Nothing answers at http://127.0.0.1:9: it is stopped")
    assert said.endswith(f" Run the cell with `{start}` again, then this one.")


def test_an_app_that_is_asked_without_http():
    with pytest.raises(ConnectionRefusedError) as error:
        asyncio.run(asyncio.open_connection("127.0.0.1", 9))
    said = advice(error.value, CELLS, ["", CELLS[3]])
    assert said.startswith("Nothing answers at http://127.0.0.1:9: it is stopped")
    assert advice(ConnectionRefusedError(111, "refused"), CELLS, ["", CELLS[3]]) is None


@pytest.mark.parametrize("name", ["Prometheus", "Alertmanager"])
def test_a_prometheus_or_an_alertmanager_that_is_stopped(name):
    start = f"start_{name.lower()}"
    error = Problem(f"No {name} answers at http://127.0.0.1:9090. Start it first: {start}()")
    cells = [*CELLS, f"server = {start}()\nwait_for_scrape()"]
    assert advice(error, cells, ["", CELLS[3]]) == (
        f"No {name} answers at http://127.0.0.1:9090: it is stopped, or was never started. "
        f"Run the cell with `server = {start}()` again, then this one."
    )
    assert advice(error, CELLS, ["", CELLS[3]]) is None  # its own sentence says what to type


@pytest.mark.parametrize(
    "text", ["", '{"cells": [', "no JSON", "[]", '{"nbformat": 9}', '{"nbformat": 4, "cells": [1]}']
)
def test_a_notebook_that_cannot_be_read_has_no_cells_and_the_error_is_shown_all_the_same(tmp_path, monkeypatch, text):
    """As while it is being saved: what is raised here would end the help for the rest of the kernel's life."""
    file = tmp_path / "lesson.ipynb"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("JPY_SESSION_NAME", str(file))
    shell, error = Mock(user_ns={"In": ["", CELLS[3]]}), NameError(name="row")
    explain(shell, NameError, error, None)
    shell.showtraceback.assert_called_once_with((NameError, error, None), tb_offset=None)
    assert cells_of(file) == []


def test_another_host_is_not_our_business():
    request = requests.Request("GET", "http://10.0.0.1:9/").prepare()
    assert advice(requests.ConnectionError("no", request=request), CELLS, ["", CELLS[3]]) is None


def test_a_metric_that_is_made_twice():
    registry = CollectorRegistry()
    Counter("boats", "Boats.", registry=registry)
    with pytest.raises(ValueError, match="Duplicated") as error:
        Counter("boats", "Boats.", registry=registry)
    assert "Restart Kernel" in advice(error.value, CELLS, ["", CELLS[3]])


@pytest.mark.parametrize(("own", "level"), [(None, "ERROR"), ("INFO", "INFO")])
def test_scouters_client_writes_nothing_into_a_lesson_unless_the_learner_wants_it(monkeypatch, own, level):
    monkeypatch.setenv("LOG_LEVEL", "a value of before")
    monkeypatch.delenv("LOG_LEVEL") if own is None else monkeypatch.setenv("LOG_LEVEL", own)
    load_ipython_extension(Mock())
    assert os.environ["LOG_LEVEL"] == level


def needed(source):
    """The names that a cell wants to find in the notebook."""

    def of(table):
        for symbol in table.get_symbols():
            made = table.get_type() == "module" and (symbol.is_assigned() or symbol.is_imported())
            if symbol.is_referenced() and symbol.is_global() and not made:
                yield symbol.get_name()
        for inner in table.get_children():
            yield from of(inner)

    top = symtable.symtable(source.replace("await ", ""), "cell", "exec")
    own = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    return set(of(top)) - own - set(dir(builtins)) - {"__file__"}


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_each_cell_of_a_lesson_is_told_where_its_names_come_from(path):
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    wanted = {(name, cell) for cell in cells for name in needed(cell)}
    assert len(wanted) >= len(cells) / 2
    assert [pair for pair in wanted if advice(NameError(name=pair[0]), cells, ["", pair[1]]) is None] == []


@pytest.mark.skipif(
    not (Path(sys.prefix) / "etc" / "ipython" / "ipython_config.json").is_file(), reason="the course is not installed"
)
def test_a_lesson_from_its_middle_needs_only_the_cells_that_are_named(monkeypatch):
    """As after a restart of the kernel, and once more after app.stop()."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(LESSON))  # as Jupyter's server does
    reader = Reader(LESSON)
    health = next(cell for cell in reader.cells if "components" in cell.source)

    def printed():
        return "".join(output.get("text", "") for output in reader.run_as_told(health))

    with reader.new_kernel():
        assert "lifeboats" not in printed()
        assert reader.named == ["import requests", 'app = start_app("fastapi_03_health_app")']
        reader.run("app.stop()")
        assert printed().startswith("status")
        assert reader.named[2:] == ['app = start_app("fastapi_03_health_app")']
        reader.run("app.stop()")
