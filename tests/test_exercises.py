"""In each lesson, the starter of an exercise is not yet accepted, and its solution is.

nbval runs the lessons: it compares what the check says of the starter with the committed output, and conftest.py lets
the check run once more after the solution.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def tagged(path, tag):
    """The code cells of a lesson that have this tag."""
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_check_says_of_the_starter_that_it_is_not_yet_right_and_why(path):
    checks = tagged(path, "check")
    assert checks
    for check in checks:
        assert "".join(output.text for output in check.outputs).startswith("Not yet, because "), check.source


@pytest.mark.parametrize(("solution", "outcome"), [("answer = 42", "4 passed"), ("answer = 41", "1 failed, 3 passed")])
def test_a_solution_that_the_check_does_not_accept_is_found(tmp_path, solution, outcome):
    shutil.copy(ROOT / "conftest.py", tmp_path)
    check = "print('Well done!' if answer == 42 else 'Not yet, because it is another number.')"
    said = new_output("stream", text="Not yet, because it is another number.\n")
    cells = [
        new_code_cell("answer = ...", metadata={"tags": ["exercise"]}),
        new_code_cell(check, metadata={"tags": ["check"]}, outputs=[said], execution_count=1),
        new_code_cell(solution, metadata={"tags": ["solution"]}),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "lesson.ipynb")
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", tmp_path / "lesson.ipynb"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert f"{outcome} in" in run.stdout, run.stdout + run.stderr
    assert ("Cell 1 again" in run.stdout) == ("failed" in outcome)
