"""Every lesson keeps to the same grammar; nbval, in the same run, proves that its outputs are true."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SECTIONS = ["The idea", "The code", "Run it", "Break it on purpose", "Your turn", "What you have learnt"]
NO_SCRIPT = {"start_here", "grafana_dashboard", "drift_profile", "scouter_records", "onto_a_server"}
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def tagged(path, tag):
    return [cell for cell in cells(path, "code") if tag in cell.metadata.get("tags", [])]


def script_of(path):
    return ROOT / "apps" / f"{path.stem[3:]}.py"


@each_notebook
def test_a_lesson_has_its_sections_in_order(path):
    text = "\n".join(cell.source for cell in cells(path, "markdown"))
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert sections == SECTIONS, "what is only reference stands in notebooks/appendix"


@each_notebook
def test_a_lesson_begins_with_what_it_teaches_how_long_it_takes_and_what_comes_before(path):
    first = cells(path, "markdown")[0].source
    assert re.match(rf"# {path.stem[:2]} · .+\n\n\*\*You will be able to\*\*\n\n- ", first)
    assert re.search(r"\*\*\d+ minutes\*\* · Before this: ", first)


@each_notebook
def test_a_lesson_has_a_picture_in_its_idea(path):
    idea = next(cell.source for cell in cells(path, "markdown") if cell.source.startswith("## The idea"))
    assert re.search(r"!\[[^\]]{20,}\]\(\.\./images/", idea), "a picture, with words for those who cannot see it"


@each_notebook
def test_a_lesson_ends_with_a_link_to_the_next(path):
    last = nbformat.read(path, as_version=4).cells[-1]
    following = NOTEBOOKS[(NOTEBOOKS.index(path) + 1) % len(NOTEBOOKS)]
    assert last.cell_type == "markdown"
    assert last.source.startswith("Next: ")
    assert f"({following.name})" in last.source


@each_notebook
def test_code_cells_are_short(path):
    assert [cell.source for cell in cells(path, "code") if len(cell.source.splitlines()) > 20] == []


@each_notebook
def test_no_line_of_code_breaks_on_a_screen(path):
    assert [line for cell in cells(path, "code") for line in cell.source.splitlines() if len(line) > 90] == []


@each_notebook
def test_a_lesson_is_no_longer_than_one_can_learn_at_once(path):
    """All its text counts; of an exercise only the text, and not the three cells to work in."""
    lesson = nbformat.read(path, as_version=4).cells
    to_work_in = {"exercise", "check", "solution"}
    assert len([cell for cell in lesson if not to_work_in & {*cell.metadata.get("tags", [])}]) <= 45
    assert sum(len(cell.source.split()) for cell in cells(path, "markdown")) <= 1500


@each_notebook
def test_outputs_are_committed_and_hold_no_path_of_a_machine(path):
    code = cells(path, "code")
    assert sum(bool(cell.outputs) for cell in code) > len(code) / 2
    assert not re.search(r"/(home|Users|tmp|root|work)/|[A-Z]:\\\\", str([cell.outputs for cell in code]))


@each_notebook
def test_what_is_broken_on_purpose_shows_how_it_looks(path):
    section, shown = "", []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            section = cell.source.splitlines()[0]
        if cell.cell_type == "code" and section == "## Break it on purpose":
            shown.append("".join(str(output) for output in cell.outputs))
    assert shown
    assert all(shown)


@each_notebook
def test_an_error_in_the_output_is_meant(path):
    for cell in cells(path, "code"):
        failed = any(output.output_type == "error" for output in cell.outputs)
        assert failed == ("raises-exception" in cell.metadata.get("tags", []))


@each_notebook
def test_few_outputs_are_left_uncompared(path):
    assert len(tagged(path, "nbval-ignore-output")) <= len(cells(path, "code")) / 4


@each_notebook
def test_exercises_come_as_starter_check_and_folded_solution(path):
    tags = [tag for cell in cells(path, "code") for tag in cell.metadata.get("tags", [])]
    exercises = [tag for tag in tags if tag in ("exercise", "check", "solution")]
    count = exercises.count("exercise")
    assert exercises == ["exercise", "check", "solution"] * count
    assert count >= (2 if path.stem[:2] >= "02" else 1)


@each_notebook
def test_a_notebook_stops_what_it_starts(path):
    code = [cell.source for cell in cells(path, "code")]
    for name in ("app", "judge", "collector"):
        starts = [number for number, source in enumerate(code) if re.search(rf"^{name} = start_", source, re.MULTILINE)]
        if starts:
            assert any(f"{name}.stop()" in source for source in code[starts[-1] :])


@each_notebook
def test_the_cells_have_ids_that_stay_and_no_times(path):
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells, start=1):
        assert cell.id == f"lesson-{path.stem[:2]}-cell-{number:02d}"
        assert "execution" not in cell.metadata


def test_lesson_script_and_test_belong_together():
    lessons = {path.stem[3:] for path in NOTEBOOKS} - NO_SCRIPT
    scripts = {path.stem for path in (ROOT / "apps").glob("*.py")}
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "apps").glob("test_*.py")}
    assert lessons == scripts == tests


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if script_of(path).exists()], ids=lambda path: path.stem)
def test_a_script_names_its_lesson_and_the_lesson_shows_the_script(path):
    assert f"notebooks/{path.name}" in script_of(path).read_text(encoding="utf-8")

    shown = "\n".join(cell.source for cell in cells(path, "code"))
    assert re.search(rf'show\(\s*"{script_of(path).stem}"', shown)
