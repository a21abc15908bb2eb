"""In each lesson, the starter of an exercise is not yet accepted, and its solution is."""

import copy
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from classroom.ports import free_port

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


def with_second_checks(notebook):
    """The same notebook, in which each check runs once more after the solution: one kernel proves both."""
    cells, check = [], None
    for number, cell in enumerate(notebook.cells):
        cells.append(cell)
        tags = cell.metadata.get("tags", [])
        if "check" in tags:
            check = cell
        if "solution" in tags:
            again = copy.deepcopy(check)
            again.id = f"again-{number}"
            cells.append(again)
    notebook.cells = cells
    return notebook


def said(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def run(path):
    """The lesson, run from top to bottom with its second checks, on ports of its own."""
    notebook = with_second_checks(nbformat.read(path, as_version=4))
    names = ("COURSE_PORT", "COURSE_PROMETHEUS_PORT", "COURSE_COLLECTOR_PORT")
    own = {name: str(free_port()) for name in names}
    own["COLLECTOR_DATABASE"] = f"{os.environ['COLLECTOR_DATABASE']}.{path.stem}"
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": path.parent}})
    client.execute(env=os.environ | own)
    return notebook


@pytest.fixture(scope="module")
def lessons(request, champion):
    """The lessons that are asked for, by path. Three run at a time: they mostly wait for their own traffic."""
    ours = [item for item in request.session.items if item.path == request.path and not item.get_closest_marker("skip")]
    paths = [item.callspec.params["path"] for item in ours]
    with ThreadPoolExecutor(3) as pool:
        yield {path: pool.submit(run, path) for path in paths}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_starter_is_not_yet_right_and_the_solution_is(lessons, path):
    notebook = lessons[path].result()
    checks = [cell for cell in notebook.cells if "check" in cell.metadata.get("tags", [])]
    assert checks
    for starter, solution in zip(checks[::2], checks[1::2], strict=True):
        assert said(starter).startswith("Not yet, because "), starter.source
        assert said(solution) == "Well done!\n", solution.source
