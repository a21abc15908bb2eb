"""In each lesson, the starter of an exercise is not yet accepted, and its solution is."""

import copy
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_starter_is_not_yet_right_and_the_solution_is(path):
    notebook = with_second_checks(nbformat.read(path, as_version=4))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": path.parent}}).execute()
    checks = [cell for cell in notebook.cells if "check" in cell.metadata.get("tags", [])]
    assert checks
    for starter, solution in zip(checks[::2], checks[1::2], strict=True):
        assert said(starter).startswith("Not yet, because "), starter.source
        assert said(solution) == "Well done!\n", solution.source
