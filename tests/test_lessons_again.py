"""Each lesson can be run a second time in one kernel, and from its middle, with only the cells that its messages name.

That takes some minutes, so it must be asked for: python course.py test --again tests/test_lessons_again.py
"""

import sys
from pathlib import Path

import pytest
from reading import Reader, is_tagged

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
pytestmark = [
    pytest.mark.again,
    pytest.mark.skipif(
        not (Path(sys.prefix) / "etc" / "ipython" / "ipython_config.json").is_file(), reason="the course is not set up"
    ),
]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_twice_in_one_kernel_and_from_its_middle_in_a_new_one(lesson, champion, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", str(lesson))  # as Jupyter's server does
    reader = Reader(lesson)
    with reader.new_kernel():
        for cell in [*reader.cells, *reader.cells]:
            failed = [output for output in reader.run(cell.source) if output.output_type == "error"]
            assert bool(failed) == is_tagged(cell, "raises-exception"), f"{cell.source}\n\n{failed}"
    with reader.new_kernel():
        for cell in reader.second_half:
            reader.run_as_told(cell)
